"""What crosses the wire of ladders and their runs."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from vigilancia.escalation.ladder import Audience
from vigilancia.notices import rungs

_Name = Annotated[str, Meta(min_length=1, max_length=200)]
_Code = Annotated[str, Meta(min_length=1, max_length=100)]


class RungIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of a ladder.

    Attributes:
        at: Days from the last day: `-10d`, `0`, `+1d`.
        audiences: Whom it speaks to.
        always: Speaks although the recipient acknowledged; the last day and after always do.
    """

    at: Annotated[str, Meta(pattern=rungs.PATTERN)]
    audiences: Annotated[list[Audience], Meta(min_length=1, max_length=3)]
    always: bool | None = None


class PolicyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ladder of one's own.

    Attributes:
        mechanism: For deadlines of this one; none: of every one.
        rule: For deadlines of this rule of the mechanism; none: of every rule.
    """

    name: _Name
    rungs: Annotated[list[RungIn], Meta(min_length=1, max_length=30)]
    mechanism: _Code | None = None
    rule: _Code | None = None
    active: bool = True


class PolicyPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a ladder to change; rungs are replaced whole."""

    name: _Name | UnsetType = UNSET
    rungs: Annotated[list[RungIn], Meta(min_length=1, max_length=30)] | UnsetType = UNSET
    mechanism: _Code | UnsetType | None = UNSET
    rule: _Code | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


class PolicyRung(Struct, frozen=True, kw_only=True):
    """A step of a ladder, as kept."""

    at: str
    audiences: list[Audience]
    always: bool


class Policy(Struct, frozen=True, kw_only=True):
    """A ladder of an organisation; of its active ones the one that names most of a deadline is climbed."""

    id: UUID
    owner_id: UUID
    name: str
    mechanism: str | None
    rule: str | None
    rungs: list[PolicyRung]
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class Rung(Struct, frozen=True, kw_only=True):
    """A rung of a run, done or to come.

    Attributes:
        at: Days from the last day.
        on: Its day, at the authority's seat.
        due_at: The instant it falls due.
        state: `to_come`, or what became of it; `silent`: it will not speak; `muted`: somebody asked that it does not.
        climbed_at: When it was dealt with; none: it is still to come.
        revision: Of the deadline, then.
        reason: Why it is muted; only for those who read the case.
    """

    at: str
    on: date
    due_at: datetime
    state: Literal["to_come", "silent", "spoke", "passed_over", "unreachable", "muted"]
    audiences: list[Audience]
    always: bool
    climbed_at: datetime | None
    revision: int
    reason: str | None


class NextRung(Struct, frozen=True, kw_only=True):
    """What comes next."""

    at: str
    due_at: datetime


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """Somebody of an organisation said: we have it."""

    organization_id: UUID
    at: datetime
    until: datetime


class Escalation(Struct, frozen=True, kw_only=True):
    """The run of the ladder of one deadline, or of one task.

    Attributes:
        deadline_id: None: it is a task's.
        task_id: None: it is a deadline's.
        policy_id: The ladder it was frozen from; none: the default one.
        revision: Of the deadline the plan was made for.
        next: What speaks next, if anything; none: it is silent, and `silent_reason` says why.
        silent_reason: `met`, `void`, `history`, `done`, `merged`: the case is merged into another; or `muted`: all that
            is to come is muted.
        rungs: All of them, in the order of time; those of earlier days of the deadline too, where they spoke.
        acknowledgements: Newest first; of others only for those who may read the case.
    """

    id: UUID
    complaint_id: UUID
    deadline_id: UUID | None
    task_id: UUID | None
    policy_id: UUID | None
    revision: int
    due_on: date
    next: NextRung | None
    silent_reason: str | None
    rungs: list[Rung]
    acknowledgements: list[Acknowledgement]
    started_at: datetime
    updated_at: datetime


class AcknowledgementIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """We have it. Without a field it lasts as long as the ladder says: 24 hours by default."""

    hours: Annotated[int, Meta(ge=1)] | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None


class MuteIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rung to come that need not speak.

    Attributes:
        rung: Its name in the ladder, such as `-3d`.
        reason: Why; told to those who read the case, and to nobody else.
    """

    rung: Annotated[str, Meta(pattern=rungs.PATTERN)]
    reason: Annotated[str, Meta(min_length=3, max_length=500)]


class UnmuteIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A muted rung that shall speak after all."""

    rung: Annotated[str, Meta(pattern=rungs.PATTERN)]
