"""What crosses the wire: a complaint, as it comes in, as it changes and as it is shown."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from vigilancia.access.policy import View
from vigilancia.complaints.consents.override import ConsentOverride
from vigilancia.core.bodies import OneOf

Status = Literal["intake", "open", "closed"]
Confidentiality = Literal["restricted", "partners", "public"]

Title = Annotated[str, Meta(min_length=1, max_length=300)]
Summary = Annotated[str, Meta(min_length=1, max_length=10_000)]
Narrative = Annotated[str, Meta(min_length=1, max_length=200_000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Url = Annotated[str, Meta(max_length=2000, pattern=r"^https?://\S+$")]
Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
People = Annotated[int, Meta(ge=0, le=10_000_000)]
Language = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
Tag = Annotated[str, Meta(min_length=1, max_length=60)]
Channel = Annotated[str, OneOf("channel")]
RiskLevel = Annotated[str, OneOf("risk_level")]

Allegations = Annotated[list[Annotated[str, OneOf("allegation")]], Meta(max_length=50)]
Groups = Annotated[list[Annotated[str, OneOf("group")]], Meta(max_length=50)]
Languages = Annotated[list[Language], Meta(max_length=50)]
Tags = Annotated[list[Tag], Meta(max_length=100)]
Urls = Annotated[list[Url], Meta(max_length=100)]
Facilities = Annotated[list[UUID], Meta(max_length=100)]


class Incident(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that was done to workers, as precisely as it is known.

    Attributes:
        allegation: What, from the list of allegations.
        on: The day, or the first day known; with `month` or `year` the day within it says nothing.
        until: Last day of what went on for some time.
        precision: How much of `on` and `until` is known.
    """

    allegation: Annotated[str, OneOf("allegation")]
    on: date | None = None
    until: date | None = None
    precision: Literal["day", "month", "year"] = "day"


class AffectedWorkers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many workers it concerns: a range, for nobody should need a roster to complain."""

    min: People | None = None
    max: People | None = None


class Relation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another case and what this one has to do with it; `born_of` says that this one came out of the other."""

    complaint_id: UUID
    kind: Annotated[str, OneOf("relation")]


class ExternalId(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name of the case in somebody else's files; kept as given."""

    system: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^:\s]+$")]
    id: Name


class Finding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The result of a review as somebody states it; two governments may state different ones.

    Attributes:
        by: Who states it: a country's code such as `MX`, or a name; analysts are shown codes only.
        result: From the list of findings.
        on: When it was stated.
        source_url: Where.
    """

    by: Name
    result: Annotated[str, OneOf("finding")]
    on: date | None = None
    source_url: Url | None = None


class Outcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of it, and whether it was offered, ordered, done or verified.

    Attributes:
        outcome: From the list of outcomes.
        stage: How far it went.
        by: Who says or does so.
        count: Of workers, votes or whatever is counted.
        amount: Money as decimal text, never rounded by us.
        currency: ISO 4217; wanted with an amount.
        on: When.
        source_url: Where it is told.
    """

    outcome: Annotated[str, OneOf("outcome")]
    stage: Annotated[str, OneOf("outcome_stage")]
    by: Name | None = None
    count: People | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    on: date | None = None
    source_url: Url | None = None


Incidents = Annotated[list[Incident], Meta(max_length=200)]
Relations = Annotated[list[Relation], Meta(max_length=100)]
ExternalIds = Annotated[list[ExternalId], Meta(max_length=50)]
Findings = Annotated[list[Finding], Meta(max_length=100)]
Outcomes = Annotated[list[Outcome], Meta(max_length=200)]


class ComplaintIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A complaint to be logged; a title and the day it was received are enough."""

    title: Title
    received_on: date
    summary: Summary | None = None
    narrative: Narrative | None = None
    facility_id: UUID | None = None
    facility_ids: Facilities = field(default_factory=list)
    handler_id: UUID | None = None
    status: Status = "intake"
    channel: Channel | None = None
    incidents: Incidents = field(default_factory=list)
    allegations: Allegations = field(default_factory=list)
    affected_workers: AffectedWorkers | None = None
    groups: Groups = field(default_factory=list)
    languages: Languages = field(default_factory=list)
    interpreter_needed: bool | None = None
    risk_level: RiskLevel | None = None
    confidentiality: Confidentiality = "restricted"
    related: Relations = field(default_factory=list)
    external_ids: ExternalIds = field(default_factory=list)
    tags: Tags = field(default_factory=list)
    source_urls: Urls = field(default_factory=list)
    findings: Findings = field(default_factory=list)
    outcomes: Outcomes = field(default_factory=list)
    consent_override: ConsentOverride | None = None


class ComplaintPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a complaint to change; a list is replaced whole."""

    title: Title | UnsetType = UNSET
    received_on: date | UnsetType = UNSET
    summary: Summary | UnsetType | None = UNSET
    narrative: Narrative | UnsetType | None = UNSET
    facility_id: UUID | UnsetType | None = UNSET
    facility_ids: Facilities | UnsetType = UNSET
    handler_id: UUID | UnsetType | None = UNSET
    status: Status | UnsetType = UNSET
    channel: Channel | UnsetType | None = UNSET
    incidents: Incidents | UnsetType = UNSET
    allegations: Allegations | UnsetType = UNSET
    affected_workers: AffectedWorkers | UnsetType | None = UNSET
    groups: Groups | UnsetType = UNSET
    languages: Languages | UnsetType = UNSET
    interpreter_needed: bool | UnsetType | None = UNSET
    risk_level: RiskLevel | UnsetType | None = UNSET
    confidentiality: Confidentiality | UnsetType = UNSET
    related: Relations | UnsetType = UNSET
    external_ids: ExternalIds | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    source_urls: Urls | UnsetType = UNSET
    findings: Findings | UnsetType = UNSET
    outcomes: Outcomes | UnsetType = UNSET
    consent_override: ConsentOverride | UnsetType | None = UNSET


class ShownFinding(Struct, frozen=True, kw_only=True):
    """A finding as far as the reader is shown it."""

    by: str | None
    result: str
    on: date | None
    source_url: str | None


class Complaint(Struct, frozen=True, kw_only=True):
    """A complaint as far as the reader is shown it; `view` says how far, and what it hides is null.

    The narrative is shown only where one complaint is read alone, never in a list. `merged_into` is the case that goes
    on for it, where the reader sees that one too.
    """

    id: UUID
    reference: str
    view: View
    status: Status
    confidentiality: Confidentiality
    owner_id: UUID | None
    handler_id: UUID | None
    title: str | None
    summary: str | None
    narrative: str | None
    facility_id: UUID | None
    facility_ids: list[UUID] | None
    channel: str | None
    received_on: date | None
    incidents: list[Incident] | None
    allegations: list[str] | None
    affected_workers: AffectedWorkers | None
    groups: list[str] | None
    languages: list[str] | None
    interpreter_needed: bool | None
    risk_level: str | None
    related: list[Relation] | None
    external_ids: list[ExternalId] | None
    tags: list[str] | None
    source_urls: list[str] | None
    findings: list[ShownFinding] | None
    outcomes: list[Outcome] | None
    merged_into: UUID | None
    version: int
    created_at: datetime | None
    updated_at: datetime


class Tombstone(Struct, frozen=True, kw_only=True):
    """A case that you saw and that was erased: forget your copy. Analysts are told the month only."""

    id: UUID
    erased_at: datetime


class ComplaintPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of a list of complaints; `next` is the cursor of the page after it, null on the last.

    Attributes:
        items: Those that are there.
        next: The next page's cursor.
        tombstones: With `tombstones=true` those erased within the time this page covers.
    """

    items: list[Complaint]
    next: str | None
    tombstones: list[Tombstone] | UnsetType = UNSET
