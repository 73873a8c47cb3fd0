"""What crosses the wire: deadlines, the mechanisms as published, and what-if questions."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from vigilancia.law.model import Citation, Computation, Confidence, EventKind, Labels, Nature, Status
from vigilancia.law.shapes import InForce
from vigilancia.proceedings.schemas import Code, NextEvent, Remark


class DeadlineFacts(Struct, frozen=True, kw_only=True):
    """A day that a rule fixed: stored, or only computed for a question.

    `due_on` is the earliest reading and the one to act on; `latest_due_on` takes the days off of every calendar that
    may be meant. `closes_at` is UTC: the end of `due_on` in `zone`, at the actor's authority. Readers of de-identified
    rows get days cut to the first of their month, and neither `closes_at` nor `computation` nor `explanation`.
    """

    rule: str
    title: str
    actor: str
    actor_label: str
    ours: bool
    nature: Nature
    due_on: date
    latest_due_on: date
    raw_due_on: date
    practice_on: date | None
    closes_at: datetime | None
    zone: str
    status: Status
    met_on: date | None
    void_reason: str | None
    overridden: bool
    effect_on_expiry: str | None
    effect_label: str | None
    rule_version: str
    computation: Computation | None
    explanation: list[str]
    citation: list[Citation]
    confidence: Confidence
    warnings: list[Remark]


class Deadline(DeadlineFacts, frozen=True, kw_only=True):
    """A deadline of a proceeding; its id stays the same for (proceeding, rule, trigger event)."""

    id: UUID
    proceeding_id: UUID
    complaint_id: UUID
    reference: str | None
    mechanism: str
    trigger_event_id: UUID
    revision: int
    created_at: datetime
    updated_at: datetime


class DeadlineFilters(Struct, frozen=True, kw_only=True):
    """What a list of deadlines may be narrowed by; several values of one field with commas."""

    proceeding_id: str | None = None
    complaint_id: str | None = None
    status: str | None = None
    mechanism: str | None = None
    rule: str | None = None
    actor: str | None = None
    nature: str | None = None
    confidence: str | None = None
    overridden: bool | None = None
    due_on_before: date | None = None
    due_on_after: date | None = None


class DeadlineState(Struct, frozen=True, kw_only=True):
    """What the rules had fixed before."""

    nature: Nature
    due_on: date
    latest_due_on: date
    raw_due_on: date
    practice_on: date | None
    closes_at: datetime | None
    met: bool
    met_on: date | None
    void: bool
    void_reason: str | None
    confidence: Confidence
    rule_version: str
    computation: Computation | None


class DeadlineRevision(Struct, frozen=True, kw_only=True):
    """An earlier state of a deadline."""

    id: UUID
    revision: int
    replaced_at: datetime
    was: DeadlineState


class MechanismSummary(Struct, frozen=True, kw_only=True):
    """A mechanism whose rules this installation knows."""

    id: str
    title: str
    labels: Labels
    about: str
    in_force: InForce
    last_verified_on: date
    parties: dict[str, str]
    rules: list[str]
    active: bool
    digest: str


class PreviewEvent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event supposed for the question; it may lie in the future."""

    type: Code
    on: date
    kind: EventKind = "happened"
    due_on: date | None = None
    rule: Code | None = None


class PreviewIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Supposed events, and the day on which to look; without one, today."""

    events: Annotated[list[PreviewEvent], Meta(max_length=200)]
    as_of: date | None = None


class PreviewDeadline(DeadlineFacts, frozen=True, kw_only=True):
    """A deadline that would follow; `trigger` points at the supposed event that sets it going."""

    trigger: str


class SupposedSilence(Struct, frozen=True, kw_only=True):
    """A last day that would have passed without the act, where that counts as an event."""

    rule: str
    type: str
    label: str
    on: date


class Preview(Struct, frozen=True, kw_only=True):
    """What the supposed events would amount to; nothing was written."""

    mechanism: str
    rules_digest: str
    as_of: date
    stage: str
    stage_label: str
    closed: bool
    next_events: list[NextEvent]
    silences: list[SupposedSilence]
    deadlines: list[PreviewDeadline]
    warnings: list[Remark]
