"""What crosses the wire: the clock of a complaint, every open procedure with what may come next and by when."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from vigilancia.law.model import Confidence, Nature, Status
from vigilancia.proceedings.clock.schemas_beside import Suggestion
from vigilancia.proceedings.schemas import NextEvent


class DueBy(Struct, frozen=True, kw_only=True):
    """The days of a step: the one to act on, the other end where calendars differ, and the day practice acts on."""

    due_on: date
    latest_due_on: date
    practice_on: date | None


class NextStep(Struct, frozen=True, kw_only=True):
    """What may happen next: a deadline that is open, overdue or a floor; or an event for which no day is fixed.

    Attributes:
        rule: The rule that fixed the day; none: no day is fixed.
        deadline_id: The deadline, to be read with its reasons.
        title: What is to be done.
        events: The events that would be recorded for it.
        ours: Whether it is for the workers' side to do: such steps come first.
        actor: Whose act it is, as a code; none: the rules do not say.
        who: The same in words.
        by: Until when, for a floor from when; analysts are shown the first of the month.
        status: As of now.
        nature: What kind of day it is.
        confidence: How sure the day is.
        sentence: All of this in plain words, with what to do now.
    """

    rule: str | None
    deadline_id: UUID | None
    title: str
    events: list[NextEvent]
    ours: bool
    actor: str | None
    who: str | None
    by: DueBy | None
    status: Status | None
    nature: Nature | None
    confidence: Confidence | None
    sentence: str


class MostUrgent(NextStep, frozen=True, kw_only=True):
    """The step that comes first across all procedures of the complaint."""

    proceeding_id: UUID
    mechanism: str


class OpenProceeding(Struct, frozen=True, kw_only=True):
    """A procedure that goes on: where it stands and what may come next, the most urgent first."""

    id: UUID
    mechanism: str
    title: str
    stage: str
    stage_label: str
    sentence: str
    next: list[NextStep]


class ClosedProceeding(Struct, frozen=True, kw_only=True):
    """A procedure that has ended, and how."""

    id: UUID
    mechanism: str
    title: str
    stage: str
    stage_label: str
    sentence: str


class ComplaintClock(Struct, frozen=True, kw_only=True):
    """Every procedure of a complaint side by side, each with its own state.

    Attributes:
        complaint_id: Of the case.
        reference: Its name for people; none for analysts.
        as_of: The civil date on which it was read, where it is earliest among the authorities.
        most_urgent: What comes first; none: no day is open.
        suggestions: Mechanisms that should be opened beside these, because a clock runs that nobody watches.
        proceedings: Those that go on, the one with the most urgent step first.
        closed: Those that have ended.
    """

    complaint_id: UUID
    reference: str | None
    as_of: date
    most_urgent: MostUrgent | None
    suggestions: list[Suggestion]
    proceedings: list[OpenProceeding]
    closed: list[ClosedProceeding]
