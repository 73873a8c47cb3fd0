"""What crosses the wire: what stops a clock, and what takes the place of a computed day."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from vigilancia.core.bodies import OneOf
from vigilancia.law.model import Confidence
from vigilancia.proceedings.schemas import Code, Name, Reason

Basis = Annotated[str, OneOf("suspension_basis")]
Locator = Annotated[str, Meta(min_length=1, max_length=500)]
Address = Annotated[str, Meta(min_length=1, max_length=2000)]
Codes = Annotated[list[Code], Meta(max_length=50)]


class SuspensionIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which time did not run, as somebody with a legal basis says.

    Attributes:
        starts_on: First day.
        ends_on: Last day; none: it is still going on.
        basis: Why, as a code of `suspension_basis`.
        citation: Where that is written: the order, the notice, the agreement.
        source_url: Where it can be read.
        actors: Whose clocks stand still, as codes of the mechanism; empty: everybody's.
        rules: Which deadlines' clocks, as codes of the mechanism; empty: all of those actors'.
    """

    starts_on: date
    basis: Basis
    citation: Locator
    ends_on: date | None = None
    source_url: Address | None = None
    actors: Codes = field(default_factory=list)
    rules: Codes = field(default_factory=list)


class SuspensionPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction, such as the day it ended: the fields to change, and why."""

    reason: Reason
    starts_on: date | UnsetType = UNSET
    ends_on: date | UnsetType | None = UNSET
    basis: Basis | UnsetType = UNSET
    citation: Locator | UnsetType = UNSET
    source_url: Address | UnsetType | None = UNSET
    actors: Codes | UnsetType = UNSET
    rules: Codes | UnsetType = UNSET


class Suspension(Struct, frozen=True, kw_only=True):
    """A suspension; `citation` and `source_url` are empty for those who see steps and dates only."""

    id: UUID
    proceeding_id: UUID
    starts_on: date
    ends_on: date | None
    basis: str
    basis_label: str
    citation: str | None
    source_url: str | None
    actors: list[str]
    rules: list[str]
    withdrawn_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class DeadlineOverrideIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another day for one deadline.

    Attributes:
        due_on: The day that holds.
        authority: Who set it, and where that is written.
        reason: Why.
        confidence: How sure the day is: `primary` for who holds the order in hand.
    """

    due_on: date
    authority: Name
    reason: Reason
    confidence: Confidence = "unverified"


class DeadlineOverride(Struct, frozen=True, kw_only=True):
    """A day set in place of a computed one; its words are empty for those who see steps and dates only."""

    id: UUID
    deadline_id: UUID
    due_on: date
    authority: str | None
    reason: str | None
    confidence: Confidence
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    created_at: datetime
