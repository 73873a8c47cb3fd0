"""The shape of the rule files: what may stand in them, and nothing else.

A key these shapes do not name is refused when the files are read, so a misplaced number cannot be ignored in silence.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from msgspec import Struct, field

from vigilancia.law.model import Confidence, Labels, Nature

Unit = Literal["calendar_days", "business_days", "calendar_months", "next_session", "agreed_date"]
Direction = Literal["after", "before"]
RollPolicy = Literal["none", "next", "previous"]
Need = Literal["required", "recommended", "optional"]
PetitionFact = Literal[
    "petitioner",
    "contact",
    "confidentiality_wish",
    "filer_of_party",
    "facility_name",
    "facility_address",
    "facility_owner",
    "sector",
    "goods",
    "trade",
    "workers_concerned",
    "acts_with_dates",
    "persons_involved",
    "law_breached",
    "obligation_breached",
    "union_and_contract",
    "evidence_list",
    "domestic_steps",
    "international_steps",
    "outcome_wanted",
]
FacilityFact = Literal["traded", "competing", "enforced_order"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Shape(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, and closed to keys it does not name."""


class Source(_Shape, frozen=True, kw_only=True):
    """A text that rules and calendars rest on."""

    title: str
    publisher: str
    url: str | None = None
    note: str | None = None  # what of it was read, and how


class Cite(_Shape, frozen=True, kw_only=True):
    """A place in a source."""

    source: str  # an id of sources.yaml
    locator: str
    quote: str | None = None  # words that were seen, never words remembered


class Weekend(_Shape, frozen=True, kw_only=True):
    """The days of the week that are off."""

    days: list[Weekday]
    labels: Labels


class Holiday(_Shape, frozen=True, kw_only=True):
    """A day off by name."""

    labels: Labels
    cites: list[Cite] = field(default_factory=list)


class Calendar(_Shape, frozen=True, kw_only=True, eq=False):
    """Days off, frozen as data; past its ends nothing is known. Compared by identity: tables are kept for it."""

    id: str
    titles: Labels
    about: Labels
    last_verified_on: date
    covers_from: date
    covers_until: date
    cites: list[Cite]
    weekend: Weekend
    holidays: dict[str, Holiday]
    days: dict[date, str]  # day off: id of the holiday
    extends: str | None = None  # another calendar, whose days off count here too


class Session(_Shape, frozen=True, kw_only=True):
    """One meeting of a body that meets a few times a year."""

    opens_on: date
    closes_on: date | None = None
    labels: Labels = field(default_factory=dict)
    cites: list[Cite] = field(default_factory=list)


class SessionTable(_Shape, frozen=True, kw_only=True):
    """The meetings of a body, frozen as data; past its ends nothing is known."""

    id: str
    titles: Labels
    about: Labels
    last_verified_on: date
    covers_from: date
    covers_until: date
    cites: list[Cite]
    sessions: list[Session]


class InForce(_Shape, frozen=True, kw_only=True, rename={"from_": "from"}):
    """First and last day on which a trigger is governed by a version."""

    from_: date
    until: date | None = None


class Term(_Shape, frozen=True, kw_only=True):
    """How much time, in which unit, to which side of day zero; business days need the calendars that may be meant."""

    unit: Unit
    count: int | None = None
    calendars: list[str] = field(default_factory=list)
    direction: Direction = "after"  # before: the last day on which the act still comes that much time ahead
    month_end: Literal["clamp"] | None = None  # of months: a day the last month lacks becomes its last day
    sessions: str | None = None  # of the next session: the table; `count` is the days that must lie in between


class AtMost(_Shape, frozen=True, kw_only=True):
    """How long a stop may last."""

    count: int
    unit: Literal["calendar_days"]


class Stop(_Shape, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Something recorded as events while which a clock stands still: from the day of one to the day of another."""

    from_: str
    until: list[str]
    labels: Labels
    confidence: Confidence
    cites: list[Cite]
    at_most: AtMost | None = None


class Roll(_Shape, frozen=True, kw_only=True):
    """What becomes of a last day that is a day off in one of the calendars; none at all where nobody's matter."""

    policy: RollPolicy
    calendars: list[str]


class Elements(_Shape, frozen=True, kw_only=True):
    """How sure each element of a date is."""

    term: Confidence
    unit: Confidence
    anchor: Confidence
    roll: Confidence
    calendars: Confidence | None = None  # whose holidays; only where a holiday or their choice matters


class Version(_Shape, frozen=True, kw_only=True):
    """A rule as one text fixed it for a span of trigger days."""

    in_force: InForce
    term: Term
    roll: Roll
    confidence: Elements
    cites: list[Cite]
    variant: str | None = None


class When(_Shape, frozen=True, kw_only=True):
    """A condition on what came before the trigger, on its day at the latest."""

    earlier: str | None = None
    no_earlier: str | None = None


class Variant(_Shape, frozen=True, kw_only=True):
    """The same rule with another trigger, or under a condition."""

    trigger: str | None = None  # none: the rule's own
    when: When | None = None
    gives_way_to: list[str] = field(default_factory=list)  # after one of these another clock, or none, runs instead


class OnExpiry(_Shape, frozen=True, kw_only=True):
    """What the text attaches to a last day gone by."""

    effect: str
    labels: Labels
    confidence: Confidence
    emits: str | None = None  # the event silence counts as; once the day is over the engine states it, as `deemed`


class Practice(_Shape, frozen=True, kw_only=True):
    """The day on which an actor was seen to act, where the last day is a day off."""

    on_day_off: Literal["previous_working_day"]
    calendars: list[str]
    cites: list[Cite]


class Rule(_Shape, frozen=True, kw_only=True):
    """One deadline rule."""

    id: str
    titles: Labels
    version_chosen_by: Literal["trigger_date"]
    last_verified_on: date
    actor: str
    nature: Nature
    versions: list[Version]
    trigger: str | list[str] | None = None  # an event type; of several whichever comes first
    hangs_on: str | None = None  # instead of a trigger: another rule, whose last day is day zero here
    counts_from: Literal["on", "due_on"] = "on"  # day zero: the trigger's day, or the agreed day it carries
    repeat: Literal["first", "latest", "each"] = "first"  # which of several events of the trigger's type counts
    variants: dict[str, Variant] = field(default_factory=dict)
    satisfied_by: list[str] = field(default_factory=list)
    implied_by: list[str] = field(default_factory=list)  # show that it was met, not when
    void_by: list[str] = field(default_factory=list)  # end it unmet, whenever they come
    ended_by: list[str] = field(default_factory=list)  # end it unmet, while it still runs
    runs_only_if: str | None = None  # an event without which the day may not bind
    follows: str | None = None  # another rule, whose extensions move this day too
    on_expiry: OnExpiry | None = None
    practice: Practice | None = None
    stopped_by: list[Stop] = field(default_factory=list)


class Actor(_Shape, frozen=True, kw_only=True):
    """Who must act, and where their day ends."""

    labels: Labels
    side: Literal["government", "panel", "workers", "company"]
    zones: list[str]  # several: the one that closes first


class EventType(_Shape, frozen=True, kw_only=True):
    """A kind of fact the procedure knows."""

    labels: Labels
    stage: str | None = None  # the stage it leads into
    closes: bool = False  # ends the procedure, and every clock still running
    repeats: bool = False  # may happen several times without contradiction
    carries: list[Literal["due_on", "rule"]] = field(default_factory=list)
    after: list[str] = field(default_factory=list)  # one of these usually came before
    contradicts: list[str] = field(default_factory=list)  # results that cannot both be so
    reopened_by: list[str] = field(default_factory=list)  # after one of these, a new round begins


class Stage(_Shape, frozen=True, kw_only=True):
    """Where a procedure stands."""

    labels: Labels
    closed: bool = False
    next: list[str] = field(default_factory=list)  # events that usually follow


class Extensions(_Shape, frozen=True, kw_only=True):
    """How the parties move a day by agreement."""

    event: str
    confidence: Confidence
    cites: list[Cite]


class Beside(_Shape, frozen=True, kw_only=True):
    """Another mechanism, whose clock runs on while this one goes on: to be proposed where a fact is alleged."""

    mechanism: str
    event: str  # of the other mechanism: what sets its clock going
    allegations: list[str]  # codes of the vocabulary `allegation` that say it happened
    labels: Labels  # the fact, as in "if … was on that day"
    why: Labels
    confidence: Confidence
    cites: list[Cite]


class Gate(_Shape, frozen=True, kw_only=True):
    """A condition on a facility, without which the mechanism does not reach it; `law.coverage` puts the test."""

    labels: Labels
    test: Literal["located_in", "sector_limb", "any_fact", "unrecorded"]
    last_verified_on: date
    confidence: Confidence
    cites: list[Cite]
    party: str | None = None  # whose country is meant: a part of `parties`
    limbs: list[str] = field(default_factory=list)  # of `sector_limb`: the branches that are in
    sectors_out: list[str] = field(default_factory=list)  # sectors known to be in none of them
    facts: list[FacilityFact] = field(default_factory=list)  # of `any_fact`: one that holds is enough
    remark: Labels | None = None  # what the gate is not, or what is told apart from it


class Tier(_Shape, frozen=True, kw_only=True):
    """Remedies that are open once so many earlier determinations count."""

    labels: Labels
    prior: int  # 0: from the first finding on
    confidence: Confidence
    cites: list[Cite]


class SameGoods(_Shape, frozen=True, kw_only=True):
    """From how many leading digits in common two codes of the Harmonized System are taken for the same goods."""

    hs_digits: int
    confidence: Confidence


class WiderRemedies(_Shape, frozen=True, kw_only=True):
    """Which earlier findings widen the remedies, and how far; `law.occasions` counts them."""

    counts: list[str]  # event types that are determinations
    contradicted_by: list[str]  # results that cannot have come before one and leave it standing
    not_counted: dict[str, Labels]  # other ends and results, the most telling first: why they do not count
    same_goods: SameGoods
    tiers: dict[str, Tier]
    last_verified_on: date
    confidence: Confidence
    cites: list[Cite]


class MechanismFile(_Shape, frozen=True, kw_only=True):
    """`mechanism.yaml`: everything of a mechanism but its rules."""

    id: str
    labels: Labels
    about: Labels
    in_force: InForce
    last_verified_on: date
    parties: dict[str, str]  # part in the procedure: ISO 3166 country
    zone: str  # of dates that no authority owns
    actors: dict[str, Actor]
    stages: dict[str, Stage]  # in the procedure's order; the first is where it begins
    events: dict[str, EventType]
    cites: list[Cite]
    extensions: Extensions | None = None
    active: bool = True  # no: published and answered with a warning, but nothing is opened under it
    beside: list[Beside] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)
    wider_remedies: WiderRemedies | None = None


class PetitionItem(_Shape, frozen=True, kw_only=True):
    """One thing a petition says, and whether it must."""

    id: str
    labels: Labels  # what to write
    need: Need
    fact: PetitionFact  # what of a case's records tells it
    cites: list[Cite]
    confidence: Confidence
    last_verified_on: date


class PetitionLanguages(_Shape, frozen=True, kw_only=True):
    """The languages in which the authority takes a petition."""

    accepted: list[str]
    confidence: Confidence


class PetitionVersion(_Shape, frozen=True, kw_only=True):
    """What a petition says under one text, in the order in which it says it."""

    in_force: InForce
    confidence: Confidence  # of the version as such: that this text held on these days
    cites: list[Cite]
    items: list[PetitionItem]
    languages: PetitionLanguages | None = None


class PetitionFile(_Shape, frozen=True, kw_only=True):
    """`petition.yaml`: the content lists of the petition with which a procedure begins."""

    trigger: str  # the event type that says that the petition was received
    version_chosen_by: Literal["trigger_date"]
    authority: str  # the actor that receives it; before that, today at its seat picks the version
    versions: list[PetitionVersion]


class Mechanism(Struct, frozen=True, kw_only=True):
    """A mechanism, read whole and checked, with all it rests on."""

    id: str
    labels: Labels
    about: Labels
    in_force: InForce
    last_verified_on: date
    parties: dict[str, str]
    zone: str
    zones: list[str]  # every zone in which one of its days ends
    actors: dict[str, Actor]
    stages: dict[str, Stage]
    events: dict[str, EventType]
    cites: list[Cite]
    extensions: Extensions | None
    rules: dict[str, Rule]
    versions: dict[str, list[str]]  # rule: names of its versions, as stored on deadlines
    calendars: dict[str, Calendar]
    sources: dict[str, Source]
    active: bool = True
    sessions: dict[str, SessionTable] = field(default_factory=dict)
    petition: PetitionFile | None = None  # none: no content list is known
    digest: str  # sha256 of all the files say of it; a comment or another mechanism's source changes nothing
    beside: list[Beside] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)
    wider_remedies: WiderRemedies | None = None


def version_name(version: Version) -> str:
    """Name a version as deadlines store it: its first day, behind its variant where it has one."""
    start = version.in_force.from_.isoformat()
    return f"{version.variant}/{start}" if version.variant else start


def triggers(rule: Rule) -> list[str]:
    """Return the event types that set a rule going; none for one that hangs on another."""
    return [rule.trigger] if isinstance(rule.trigger, str) else list(rule.trigger or [])


def in_order(rules: Mapping[str, Rule]) -> list[Rule]:
    """Return rules so that one that hangs on another comes after it; the files were checked for circles."""

    def depth(rule: Rule) -> int:
        return 0 if rule.hangs_on is None else 1 + depth(rules[rule.hangs_on])

    return sorted(rules.values(), key=depth)
