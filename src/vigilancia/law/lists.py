"""What a mechanism says beside its deadlines: gates, prior findings, mechanisms that run beside it, petitions."""

from datetime import date
from typing import Literal

from msgspec import field

from vigilancia.law.model import Confidence, Labels
from vigilancia.law.shapes import Cite, InForce, Shape

FacilityFact = Literal["traded", "competing", "enforced_order"]
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


class Beside(Shape, frozen=True, kw_only=True):
    """Another mechanism, whose clock runs on while this one goes on: to be proposed where a fact is alleged."""

    mechanism: str
    event: str  # of the other mechanism: what sets its clock going
    allegations: list[str]  # codes of the vocabulary `allegation` that say it happened
    labels: Labels  # the fact, as in "if … was on that day"
    why: Labels
    confidence: Confidence
    cites: list[Cite]


class Gate(Shape, frozen=True, kw_only=True):
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


class Tier(Shape, frozen=True, kw_only=True):
    """Remedies that are open once so many earlier determinations count."""

    labels: Labels
    prior: int  # 0: from the first finding on
    confidence: Confidence
    cites: list[Cite]


class SameGoods(Shape, frozen=True, kw_only=True):
    """From how many leading digits in common two codes of the Harmonized System are taken for the same goods."""

    hs_digits: int
    confidence: Confidence


class WiderRemedies(Shape, frozen=True, kw_only=True):
    """Which earlier findings widen the remedies, and how far; `law.occasions` counts them."""

    counts: list[str]  # event types that are determinations
    contradicted_by: list[str]  # results that cannot have come before one and leave it standing
    not_counted: dict[str, Labels]  # other ends and results, the most telling first: why they do not count
    same_goods: SameGoods
    tiers: dict[str, Tier]
    last_verified_on: date
    confidence: Confidence
    cites: list[Cite]


class PetitionItem(Shape, frozen=True, kw_only=True):
    """One thing a petition says, and whether it must."""

    id: str
    labels: Labels  # what to write
    need: Need
    fact: PetitionFact  # what of a case's records tells it
    cites: list[Cite]
    confidence: Confidence
    last_verified_on: date


class PetitionLanguages(Shape, frozen=True, kw_only=True):
    """The languages in which the authority takes a petition."""

    accepted: list[str]
    confidence: Confidence


class PetitionVersion(Shape, frozen=True, kw_only=True):
    """What a petition says under one text, in the order in which it says it."""

    in_force: InForce
    confidence: Confidence  # of the version as such: that this text held on these days
    cites: list[Cite]
    items: list[PetitionItem]
    languages: PetitionLanguages | None = None


class PetitionFile(Shape, frozen=True, kw_only=True):
    """`petition.yaml`: the content lists of the petition with which a procedure begins."""

    trigger: str  # the event type that says that the petition was received
    version_chosen_by: Literal["trigger_date"]
    authority: str  # the actor that receives it; before that, today at its seat picks the version
    versions: list[PetitionVersion]
