"""What crosses the wire: a facility's gates and earlier findings under one mechanism."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from vigilancia.law.coverage import State
from vigilancia.law.model import Citation, Confidence, EventKind
from vigilancia.registry.coverage_facts import CoverageFact


class CoverageGround(Struct, frozen=True, kw_only=True):
    """What was recorded and looked at: a field of the facility with its value, or one of its `coverage_facts`."""

    field: Literal["country", "sector", "coverage_facts"]
    value: str | None
    label: str | None
    fact: CoverageFact | None


class CoverageGate(Struct, frozen=True, kw_only=True):
    """One condition on the facility, and how it stands to it; `unknown` says what is missing or disputed."""

    gate: str
    label: str
    state: State
    code: str
    why: str
    rests_on: list[CoverageGround]
    remark: str | None
    citation: list[Citation]
    confidence: Confidence
    last_verified_on: date


class Coverage(Struct, frozen=True, kw_only=True):
    """Every gate of a mechanism by itself; there is no verdict on the whole, and none may be read into it."""

    facility_id: UUID
    mechanism: str
    title: str
    note: str
    gates: list[CoverageGate]


class FindingOccasion(Struct, frozen=True, kw_only=True):
    """One procedure, or one case without such a procedure: what it is worth, and why.

    Attributes:
        facility_id: At which it was.
        relation: `same_facility`, or `same_owner` by what the registry records of companies.
        on: Of the event that decides; de-identified rows have the first of its month.
        code: Stable code of the reason; `other_result` goes with the event's type.
    """

    complaint_id: UUID
    reference: str | None
    proceeding_id: UUID | None
    facility_id: UUID
    facility_name: str
    relation: Literal["same_facility", "same_owner"]
    event: str | None
    event_label: str | None
    kind: EventKind | None
    on: date | None
    code: str
    why: str


class OpenRemedy(Struct, frozen=True, kw_only=True):
    """Remedies a further determination would open, and how many earlier ones they take."""

    tier: str
    label: str
    needs_prior: int
    citation: list[Citation]
    confidence: Confidence


class PriorFindings(Struct, frozen=True, kw_only=True):
    """The occasions that count toward wider remedies and those that do not, among the cases the caller may see.

    `prior_determinations` is null where the mechanism knows no wider remedies.
    """

    facility_id: UUID
    mechanism: str
    title: str
    note: str
    prior_determinations: int | None
    counted: list[FindingOccasion]
    not_counted: list[FindingOccasion]
    remedies: list[OpenRemedy]
    citation: list[Citation]
    confidence: Confidence | None
    last_verified_on: date | None
