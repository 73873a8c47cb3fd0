"""What crosses the wire: calendars as published, and the closures an installation adds to them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from vigilancia.law.shapes import Calendar
from vigilancia.proceedings.schemas import Reason

_Label = Annotated[str, Meta(min_length=1, max_length=200)]
_Source = Annotated[str, Meta(min_length=1, max_length=500)]
_Url = Annotated[str, Meta(max_length=2000, pattern=r"^https?://\S+$")]


class ClosureLabels(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a closure is called, in each language."""

    es: _Label
    en: _Label
    fr: _Label


class ClosureIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which the offices of a calendar were or will be closed, and where that is said.

    Attributes:
        starts_on: First day closed.
        ends_on: Last day closed; none: that one day.
        labels: What people read in explanations.
        source: Where it is declared; it stands in every explanation of a day that the closure moved.
        source_url: The same as an address.
    """

    starts_on: date
    labels: ClosureLabels
    source: _Source
    ends_on: date | None = None
    source_url: _Url | None = None


class ClosureWithdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a closure is taken back; like the closure itself, everybody on this installation reads it."""

    reason: Reason


class Closure(Struct, frozen=True, kw_only=True):
    """A closure as recorded; `recorded_by` is a token, and shown to administrators only."""

    id: UUID
    calendar: str
    starts_on: date
    ends_on: date
    label: str
    labels: ClosureLabels
    source: str
    source_url: str | None
    recorded_by: UUID | None
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class CalendarSummary(Struct, frozen=True, kw_only=True):
    """A calendar whose days off this installation knows; `closures` counts those that stand."""

    id: str
    title: str
    covers_from: date
    covers_until: date
    last_verified_on: date
    closures: int


class CalendarWhole(CalendarSummary, frozen=True, kw_only=True):
    """A calendar with all its days as published, and the closures recorded here that stand."""

    published: Calendar
    standing: list[Closure]
