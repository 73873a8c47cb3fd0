"""What crosses the wire of tasks."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from vigilancia.core.bodies import OneOf
from vigilancia.law.model import Citation

State = Literal["open", "done", "cancelled"]
STATES: tuple[State, ...] = ("open", "done", "cancelled")

_Code = Annotated[str, OneOf("task")]
_Title = Annotated[str, Meta(min_length=1, max_length=300)]


class TaskIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something your own organisation has to do until a day.

    Attributes:
        code: Of the list `task`: what a message calls it.
        title: Own words, for those who read the case; they never stand in a message.
        due_on: Last day, at your organisation's place.
        contact_id: Who does it: a contact your organisation keeps of itself; none: its desk.
        proceeding_id: The procedure it belongs to.
        deadline_id: The deadline it prepares for; its procedure goes without saying.
    """

    code: _Code
    due_on: date
    title: _Title | None = None
    contact_id: UUID | None = None
    proceeding_id: UUID | None = None
    deadline_id: UUID | None = None


class TaskPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of an open task to change."""

    code: _Code | UnsetType = UNSET
    due_on: date | UnsetType = UNSET
    title: _Title | UnsetType | None = UNSET
    contact_id: UUID | UnsetType | None = UNSET


class Task(Struct, frozen=True, kw_only=True):
    """A task of an organisation in a case.

    Attributes:
        organization_id: Whose it is.
        contact_id: Who does it; none: the organisation's desk.
        code: Of the list `task`.
        label: Its words.
        title: Own words; they never stand in a message.
        due_on: Last day, in `zone`.
        revision: Rises when the day moves, or when a task that was ended is open again.
    """

    id: UUID
    complaint_id: UUID
    organization_id: UUID
    contact_id: UUID | None
    proceeding_id: UUID | None
    deadline_id: UUID | None
    mechanism: str | None
    code: str
    label: str
    title: str | None
    due_on: date
    zone: str
    state: State
    ended_at: datetime | None
    revision: int
    version: int
    created_at: datetime
    updated_at: datetime


class Offer(Struct, frozen=True, kw_only=True):
    """A task that fits where a procedure stands; taken by recording it.

    Attributes:
        due_on: A day that leaves time for it.
        why: Why it is offered, in words.
        rule: Of the deadline it prepares for; none: it follows an event.
        event: The type of event it follows.
        citation: Where the law fixes that deadline.
    """

    code: str
    label: str
    due_on: date
    why: str
    mechanism: str
    proceeding_id: UUID
    deadline_id: UUID | None
    rule: str | None
    event: str | None
    citation: list[Citation]


class TaskOffers(Struct, frozen=True, kw_only=True):
    """What the procedures of a case call for now, the next due first."""

    offers: list[Offer]


class TaskFilters(Struct, frozen=True, kw_only=True):
    """What lists of tasks are asked for.

    Attributes:
        state: One or several with commas.
        contact_id: Of whom; one or several.
        due_on_before: Due earlier than this day.
        due_on_after: Due later than this day.
    """

    state: str | None = None
    contact_id: str | None = None
    due_on_before: date | None = None
    due_on_after: date | None = None
