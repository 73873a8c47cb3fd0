"""What crosses the wire of the case report."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from vigilancia.core.settings import Locale
from vigilancia.law.model import Citation
from vigilancia.reports.columns import Profile


class Coded(Struct, frozen=True, kw_only=True):
    """A code and its words in the report's language."""

    code: str
    label: str


class ReportIncident(Struct, frozen=True, kw_only=True):
    """What was done to workers, as precisely as it is known."""

    allegation: Coded
    on: date | None
    until: date | None
    precision: str


class Head(Struct, frozen=True, kw_only=True):
    """The case itself; what the profile or the caller's view hides is null."""

    id: UUID | None
    reference: str | None
    pseudonym: str | None
    title: str | None
    summary: str | None
    status: Coded
    confidentiality: Coded
    owner: str | None
    received_on: date | None
    channel: Coded | None
    risk_level: Coded | None
    allegations: list[Coded]
    incidents: list[ReportIncident]
    affected_min: int | None
    affected_max: int | None
    groups: list[Coded]
    languages: list[Coded]
    interpreter_needed: bool | None
    source_urls: list[str]


class Place(Struct, frozen=True, kw_only=True):
    """A place of work; de-identified, no more than its state."""

    name: str | None
    company: str | None
    municipality: str | None
    subdivision: Coded | None
    country: Coded
    sector: Coded | None


class Party(Struct, frozen=True, kw_only=True):
    """Who has to do with the case, and in which role; no kind and no name where the reader does not see the record."""

    role: Coded
    kind: Coded | None
    name: str | None
    adverse: bool


class ReportEvent(Struct, frozen=True, kw_only=True):
    """A dated act, how its date is meant, and who states it on what grounds."""

    type: str
    label: str
    on: date
    kind: Coded
    due_on: date | None
    stated_by: str | None
    note: str | None
    sources: list[str]


class Earlier(Struct, frozen=True, kw_only=True):
    """A deadline as the rules had fixed it before."""

    revision: int
    replaced_at: datetime
    due_on: date
    latest_due_on: date


class ReportDeadline(Struct, frozen=True, kw_only=True):
    """A day that a rule fixes, how it was counted, and how sure it is."""

    id: UUID | None
    rule: str
    title: str
    actor: Coded
    ours: bool
    nature: Coded
    due_on: date
    latest_due_on: date
    practice_on: date | None
    status: Coded
    met_on: date | None
    overridden: bool
    effect: str | None
    confidence: Coded
    citation: list[Citation]
    explanation: list[str]
    warnings: list[str]
    revision: int
    earlier: list[Earlier]


class ReportProceeding(Struct, frozen=True, kw_only=True):
    """One procedure: where it stands, what happened, what is due."""

    id: UUID | None
    mechanism: str
    title: str
    stage: Coded
    closed: bool
    next_events: list[Coded]
    warnings: list[str]
    events: list[ReportEvent]
    deadlines: list[ReportDeadline]
    overridden: int  # of these, days set by somebody with authority in place of computed ones


class ReportFinding(Struct, frozen=True, kw_only=True):
    """A result as one government or body states it."""

    by: str | None
    result: Coded
    on: date | None
    source_url: str | None


class ReportOutcome(Struct, frozen=True, kw_only=True):
    """What came of it for the workers."""

    outcome: Coded
    stage: Coded
    by: str | None
    count: int | None
    amount: str | None
    currency: str | None
    on: date | None
    source_url: str | None


class Report(Struct, frozen=True, kw_only=True):
    """The case report; with `months_only` every day of the case is the first of its month."""

    locale: Locale
    profile: Profile
    view: str
    months_only: bool
    generated_at: datetime
    case: Head
    places: list[Place]
    parties: list[Party]
    proceedings: list[ReportProceeding]
    findings: list[ReportFinding]
    findings_differ: bool
    outcomes: list[ReportOutcome]
    notices: dict[str, int] | None
    unknown: list[Coded]
