"""What crosses the wire of ladders and their runs."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from vigilancia.escalation.ladder import Audience
from vigilancia.notices import rungs

_Name = Annotated[str, Meta(min_length=1, max_length=200)]
PolicyNature = Literal["mandatory", "soft", "indicative", "not_before", "task"]
_Code = Annotated[str, Meta(min_length=1, max_length=100)]


class RungIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of a ladder.

    Attributes:
        at: Days or working days from the last day: `-10d`, `-3bd`, `0`, `+1d`.
        audiences: Whom it speaks to.
        always: Speaks although the recipient acknowledged; the last day and after always do.
        at_once: Does not wait for the recipient's working hours, quiet hours or digest; none: the last day does not.
    """

    at: Annotated[str, Meta(pattern=rungs.PATTERN)]
    audiences: Annotated[list[Audience], Meta(min_length=1, max_length=10)]
    always: bool | None = None
    at_once: bool | None = None


class PolicyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ladder of one's own.

    Attributes:
        mechanism: For deadlines of this one; none: of every one.
        rule: For deadlines of this rule of the mechanism; none: of every rule.
        actor: For deadlines of this actor of the mechanism; none: of every actor.
        nature: For deadlines of this nature, or for tasks (`task`), which no ladder without it is climbed by.
    """

    name: _Name
    rungs: Annotated[list[RungIn], Meta(min_length=1, max_length=30)]
    mechanism: _Code | None = None
    rule: _Code | None = None
    actor: _Code | None = None
    nature: PolicyNature | None = None
    active: bool = True


class PolicyPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a ladder to change; rungs are replaced whole."""

    name: _Name | UnsetType = UNSET
    rungs: Annotated[list[RungIn], Meta(min_length=1, max_length=30)] | UnsetType = UNSET
    mechanism: _Code | UnsetType | None = UNSET
    rule: _Code | UnsetType | None = UNSET
    actor: _Code | UnsetType | None = UNSET
    nature: PolicyNature | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET


class PolicyRung(Struct, frozen=True, kw_only=True):
    """A step of a ladder, as kept."""

    at: str
    audiences: list[Audience]
    always: bool
    at_once: bool = False


class Policy(Struct, frozen=True, kw_only=True):
    """A ladder of an organisation; of its active ones the one that names most of a deadline is climbed.

    Attributes:
        open_runs: Runs with something to come that climb it, or would if they began today; none: lists do not count.
        runs_behind: Those of them whose frozen ladder is another than they would get today; they can be moved.
    """

    id: UUID
    owner_id: UUID
    name: str
    mechanism: str | None
    rule: str | None
    actor: str | None
    nature: str | None
    rungs: list[PolicyRung]
    active: bool
    open_runs: int | None
    runs_behind: int | None
    version: int
    created_at: datetime
    updated_at: datetime


class MoveIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Move open runs to the ladder they would get today.

    Attributes:
        dry_run: Only say how many there are.
    """

    dry_run: bool = False


class Move(Struct, frozen=True, kw_only=True):
    """What moving did.

    Attributes:
        open_runs: As on the policy, before.
        moved: How many froze another ladder; with `dry_run` how many would.
    """

    policy_id: UUID
    dry_run: bool
    open_runs: int
    moved: int


class Rung(Struct, frozen=True, kw_only=True):
    """A rung of a run, done or to come.

    Attributes:
        at: Days or working days from the last day.
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
    at_once: bool
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
        calendars: Whose days off were left out where rungs count working days; empty: no rung does, or weekends only.
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
    calendars: list[str]
    silent_reason: str | None
    rungs: list[Rung]
    acknowledgements: list[Acknowledgement]
    started_at: datetime
    updated_at: datetime


class Reach(Struct, frozen=True, kw_only=True):
    """A contact a rung would speak to if it fell due now, and how.

    Attributes:
        channel: `email`, `webhook` or `apprise`.
        rests: Its organisation acknowledged, and the rung keeps quiet for it until that ends.
    """

    organization_id: UUID
    contact_id: UUID
    channel: str
    rests: bool


class PlannedRung(Struct, frozen=True, kw_only=True):
    """A rung to come.

    Attributes:
        at: Days or working days from the last day.
        due_at: The instant it falls due.
        muted: Somebody asked that it does not speak.
        reaches: Whom it would speak to today; of rungs with one instant one message is sent to all of them.
        unreachable: Organisations it should speak to and cannot; the owner's desk hears it instead.
        webhooks: How many endpoints would be told of it.
    """

    at: str
    due_at: datetime
    audiences: list[Audience]
    always: bool
    at_once: bool
    muted: bool
    reaches: list[Reach]
    unreachable: list[UUID]
    webhooks: int


class EscalationPlan(Struct, frozen=True, kw_only=True):
    """What a run will do if nothing changes, for those who may record in the case."""

    escalation_id: UUID
    complaint_id: UUID
    due_on: date
    silent_reason: str | None
    rungs: list[PlannedRung]


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
