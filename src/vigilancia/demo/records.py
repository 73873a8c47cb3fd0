"""What one record of the public cases holds: frozen values that refuse a field they do not know.

In the files a day is called `date`, because `on` is a boolean to many readers of YAML; here it is `on`, as in the rest
of the product. An absent field means "not known", never "no" and never nought.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec

Key = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s]+$")]
Count = Annotated[int, msgspec.Meta(ge=1)]
SourceConfidence = Literal["official", "press", "secondary", "memory"]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every record of the data set is: a frozen value that refuses fields it does not know."""


class StatedDue(Record, frozen=True, kw_only=True):
    """A last day as a source printed it, or as it was computed when the facts were collected; never what we compute."""

    about: str  # a deadline rule of the mechanism, or another act
    on: date = msgspec.field(name="date")
    basis: Literal["source", "computed"]


class CaseEvent(Record, frozen=True, kw_only=True):
    """One dated act of the procedure, in the event types of the case's mechanism."""

    type: str
    on: date = msgspec.field(name="date")
    kind: Literal["happened", "notified", "announced", "published", "deemed"]
    due_on: date | None = None  # the agreed day, of a remediation plan
    stated_by: str | None = None  # an organisation, where the source is its own page
    confidence: SourceConfidence
    stated_due: tuple[StatedDue, ...] = ()
    sources: tuple[Url, ...] = ()  # empty: the day stands in the case's sources as a whole
    note: str | None = None
    note_en: str | None = None


class Happening(Record, frozen=True, kw_only=True):
    """A dated fact that no event type of the mechanism names."""

    code: str
    on: date = msgspec.field(name="date")
    confidence: SourceConfidence
    stated_due: tuple[StatedDue, ...] = ()
    sources: tuple[Url, ...] = ()
    note: str | None = None
    note_en: str | None = None


class Incident(Record, frozen=True, kw_only=True):
    """What was done to workers, as alleged, with its day as far as it is known."""

    allegation: str
    on: date = msgspec.field(name="date")  # of a month or a year: its first day
    precision: Literal["day", "month", "year"]
    count: Count | None = None  # people it was done to
    confidence: SourceConfidence
    sources: tuple[Url, ...] = ()
    note: str | None = None
    note_en: str | None = None


class ExternalId(Record, frozen=True, kw_only=True):
    """A number somebody else gave the case."""

    system: str
    id: str
    inferred: bool = False  # concluded from neighbours, stated by no source


class AffectedWorkers(Record, frozen=True, kw_only=True):
    """How many people, and whom the figure counts."""

    min: Count | None = None
    max: Count | None = None
    basis: Literal["workforce", "voters", "union_eligible", "dismissals_alleged", "paid"]


class IndividualPetitioners(Record, frozen=True, kw_only=True):
    """People who petitioned in their own name; they are never named here."""

    count: Count | None = None
    note: str
    note_en: str


class CaseLink(Record, frozen=True, kw_only=True):
    """An organisation's place in the case."""

    organization: Key
    role: str
    adverse: bool  # on the other side, or itself accused: also possible for a petitioner


class Related(Record, frozen=True, kw_only=True):
    """Another case of the set, and how the two belong together."""

    case: Key
    kind: Literal["same_facility", "born_of", "same_question"]


class Finding(Record, frozen=True, kw_only=True):
    """A result as one government or panel gave it; two may differ and both stand."""

    by: Key
    result: str
    on: date | None = msgspec.field(name="date", default=None)
    basis: Literal["stated", "read"]  # read: our reading of an act, such as a success announced
    source_url: Url | None = None


class CaseOutcome(Record, frozen=True, kw_only=True):
    """What came of the case for workers, or how it ended."""

    outcome: str
    stage: Literal["offered", "ordered", "done", "verified"]
    by: Key | None = None
    count: Count | None = None
    at_least: bool = False  # count and amount are lower bounds
    amount: str | None = None  # a decimal number
    currency: str | None = None  # ISO 4217
    source_url: Url | None = None


class StatedValue(Record, frozen=True, kw_only=True):
    """One of the values on which sources differ: a date, a code or a sum, and who gives it."""

    value: str
    by: str


class Disagreement(Record, frozen=True, kw_only=True):
    """A point on which sources differ, what each says, and which one this set takes, if it takes any."""

    about: str
    values: tuple[StatedValue, ...]
    taken: str | None = None
    note: str
    note_en: str


class Difference(Record, frozen=True, kw_only=True):
    """How far an act lay from the computed last day, and what a source says about why."""

    rule: str
    days: int  # calendar days after the computed day; negative: before it
    why: Literal["early", "announcement", "source_doubtful", "sources_differ", "unexplained"]
    source_url: Url | None = None
    note: str | None = None
    note_en: str | None = None


class Gap(Record, frozen=True, kw_only=True):
    """Something that is not known, with the days between which it lies where these are known."""

    about: str
    not_before: date | None = None
    not_after: date | None = None
    note: str
    note_en: str


class Case(Record, frozen=True, kw_only=True):
    """One public case: a complaint with its procedure, as the public record shows it."""

    key: Key
    mechanism: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    status: Literal["intake", "open", "closed"]
    confidentiality: Literal["public"]
    channel: Literal["import"]
    received_on: date
    received_on_basis: Literal["petition", "request", "first_record"]
    self_initiated: bool | None = None
    external_ids: tuple[ExternalId, ...] = ()
    facilities: Annotated[tuple[Key, ...], msgspec.Meta(min_length=1)]  # the main one first
    allegations: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    affected_workers: AffectedWorkers | None = None
    individual_petitioners: IndividualPetitioners | None = None
    links: Annotated[tuple[CaseLink, ...], msgspec.Meta(min_length=1)]
    related: tuple[Related, ...] = ()
    events: Annotated[tuple[CaseEvent, ...], msgspec.Meta(min_length=1)]
    happenings: tuple[Happening, ...] = ()
    findings: tuple[Finding, ...] = ()
    outcomes: tuple[CaseOutcome, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    differences: tuple[Difference, ...] = ()
    gaps: tuple[Gap, ...] = ()
    confidence: Annotated[tuple[SourceConfidence, ...], msgspec.Meta(min_length=1)]
    from_memory: tuple[str, ...] = ()  # fields that rest on no source in hand
    sources: Annotated[tuple[Url, ...], msgspec.Meta(min_length=1)]


class CaseOrganization(Record, frozen=True, kw_only=True):
    """A union, company, authority or other body that has a place in some case."""

    key: Key
    kind: str
    name: str
    aliases: tuple[str, ...] = ()
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")] | None = None
    parent: Key | None = None
    named_by_sources: bool = True  # false: the sources only describe it, the name is ours
    note: str | None = None
    note_en: str | None = None


class CaseFacility(Record, frozen=True, kw_only=True):
    """A place of work that some case is about."""

    key: Key
    name: str
    aliases: tuple[str, ...] = ()
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
    subdivision: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
    municipality: str | None = None
    municipality_code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{5}$")] | None = None  # INEGI
    sector: str
    products: tuple[str, ...] = ()
    products_en: tuple[str, ...] = ()
    company: Key
    parent_company: Key | None = None
    workforce: Count | None = None  # about


class Note(Record, frozen=True, kw_only=True):
    """A remark in both languages of the set."""

    note: str
    note_en: str


class Coverage(Note, frozen=True, kw_only=True):
    """Which span of time the set covers, and how much of what is known it holds."""

    from_: date = msgspec.field(name="from")
    until: date
    cases: int
    matters_known: int


class About(Record, frozen=True, kw_only=True):
    """The head of the publication: version, licence, how to cite it, what it covers and what is not known."""

    id: str
    title: str
    title_en: str
    version: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
    on: date = msgspec.field(name="date")
    license: str
    license_url: Url
    languages: tuple[str, ...]
    cite_as: str
    description: str
    description_en: str
    coverage: Coverage
    not_known: tuple[Note, ...]
