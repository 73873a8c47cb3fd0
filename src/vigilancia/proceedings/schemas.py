"""What crosses the wire: proceedings and their events. Deadlines are in `schemas_deadlines`."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from vigilancia.law.model import EventKind
from vigilancia.proceedings.clock.schemas_beside import Suggestion

Code = Annotated[str, Meta(min_length=1, max_length=100)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Reason = Annotated[str, Meta(min_length=1, max_length=1000)]
Note = Annotated[str, Meta(min_length=1, max_length=10_000)]
Sources = Annotated[list[Annotated[str, Meta(min_length=1, max_length=2000)]], Meta(max_length=50)]


class ProceedingIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A procedure to be opened."""

    mechanism: Code


class NextEvent(Struct, frozen=True, kw_only=True):
    """An event that usually comes next; any other may be recorded too."""

    type: str
    label: str


class Remark(Struct, frozen=True, kw_only=True):
    """Something odd that a person should see; nothing was refused for it."""

    code: str
    text: str


class DeadlineCounts(Struct, frozen=True, kw_only=True):
    """How many deadlines a proceeding has of each status, and where to read them."""

    url: str
    total: int
    by_status: dict[str, int]


class Proceeding(Struct, frozen=True, kw_only=True):
    """A procedure under one mechanism and where it stands, in the caller's language."""

    id: UUID
    complaint_id: UUID
    reference: str | None
    mechanism: str
    title: str
    stage: str
    stage_label: str
    closed: bool
    next_events: list[NextEvent]
    warnings: list[Remark]
    deadlines: DeadlineCounts
    rules_digest: str
    version: int
    created_at: datetime
    updated_at: datetime
    suggestions: list[Suggestion]  # mechanisms that should be opened beside it; for those who see the case itself


class EventIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dated act or fact, as somebody stated it."""

    type: Code
    on: date
    kind: EventKind = "happened"
    due_on: date | None = None
    rule: Code | None = None
    stated_by: Name | None = None
    note: Note | None = None
    sources: Sources = field(default_factory=list)


class EventPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction: the fields to change, and why."""

    reason: Reason
    type: Code | UnsetType = UNSET
    on: date | UnsetType = UNSET
    kind: EventKind | UnsetType = UNSET
    due_on: date | UnsetType | None = UNSET
    rule: Code | UnsetType | None = UNSET
    stated_by: Name | UnsetType | None = UNSET
    note: Note | UnsetType | None = UNSET
    sources: Sources | UnsetType = UNSET


class Withdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an event is taken back."""

    reason: Reason


class Event(Struct, frozen=True, kw_only=True):
    """An event of a proceeding; `note`, `sources` and `stated_by` are empty for those who see dates only.

    `silence_rule` names the deadline rule past whose last day nobody acted, where that silence counts as this event:
    nobody stated it, and it goes when the act is recorded after all.
    """

    id: UUID
    proceeding_id: UUID
    type: str
    label: str
    on: date
    kind: EventKind
    due_on: date | None
    rule: str | None
    stated_by: str | None
    note: str | None
    sources: list[str]
    silence_rule: str | None
    withdrawn_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class DeadlineChange(Struct, frozen=True, kw_only=True):
    """What a change of an event did to one deadline; `before` and `after` hold what differs."""

    deadline_id: UUID
    rule: str
    title: str
    change: str  # set, moved, met, voided, reopened
    before: dict[str, str | bool | None]
    after: dict[str, str | bool | None]


class EventRecorded(Event, frozen=True, kw_only=True):
    """An event with what it brought about: oddities, and deadlines made, moved, met or ended."""

    warnings: list[Remark]
    changes: list[DeadlineChange]


class EventState(Struct, frozen=True, kw_only=True):
    """What an event said before it was corrected or taken back."""

    type: str
    on: date
    kind: EventKind
    due_on: date | None
    rule: str | None
    stated_by: str | None
    note: str | None
    sources: list[str]


class EventRevision(Struct, frozen=True, kw_only=True):
    """An earlier state of an event, and why it was replaced."""

    id: UUID
    version: int
    replaced_at: datetime
    reason: str | None
    was: EventState


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """One dated thing at a facility: a complaint received, or an event of one of its proceedings."""

    id: UUID
    on: date
    type: str
    label: str
    kind: EventKind | None
    complaint_id: UUID
    reference: str | None
    proceeding_id: UUID | None
    mechanism: str | None
