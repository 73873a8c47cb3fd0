"""Which earlier findings count toward wider remedies: determinations, and neither settlements nor admissions.

Pure, like the engine: events of one procedure go in, what it is worth as an occasion comes out. Which types of event
are determinations, what else is listed with the reason why not, and what so many of them open is data.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from vigilancia.law.facts import DRIVING
from vigilancia.law.lists import Tier, WiderRemedies
from vigilancia.law.model import Event

Verdict = Literal["determination", "only_reported", "contradicted", "other_result", "no_determination"]
Likeness = Literal["same", "different", "not_recorded"]


class Occasion(Struct, frozen=True, kw_only=True):
    """What one procedure is worth, and the event that says so; `other_result` has its words in the rule files."""

    verdict: Verdict
    event: Event | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a determination."""
        return self.verdict == "determination"


class Goods(Struct, frozen=True, kw_only=True):
    """What is recorded of what a facility makes or does."""

    products: frozenset[str]  # already spelled in one way
    hs_codes: frozenset[str]


def occasion(wider: WiderRemedies, events: Sequence[Event]) -> Occasion:
    """Say what one procedure is worth as an earlier occasion; several statements of a finding are one.

    Args:
        wider: What counts.
        events: All that stand, of one procedure.
    """
    found = sorted((event for event in events if event.type in wider.counts), key=lambda event: (event.on, event.id))
    acts = [event for event in found if event.kind in DRIVING]
    if acts:
        first = acts[0]
        against = [each for each in events if each.type in wider.contradicted_by and each.kind in DRIVING]
        disputed = any(each.on <= first.on for each in against)  # later, it tells of something else
        return Occasion(verdict="contradicted" if disputed else "determination", event=first)
    if found:
        return Occasion(verdict="only_reported", event=found[0])
    for name in wider.not_counted:
        other = [event for event in events if event.type == name]
        if other:
            newest = max(other, key=lambda event: (event.on, event.id))
            return Occasion(verdict="other_result", event=newest)
    return Occasion(verdict="no_determination")


def likeness(wider: WiderRemedies, one: Goods, other: Goods) -> Likeness:
    """Say whether two facilities make the same or related goods, as far as that is recorded.

    Codes that begin with the same digits, or a product called the same, are taken for the same. Where both are
    recorded and share neither, that is `different`; whether such goods are still related is for a person to judge.
    """
    digits = wider.same_goods.hs_digits
    if one.products & other.products or _headings(one, digits) & _headings(other, digits):
        return "same"
    comparable = (one.products and other.products) or (one.hs_codes and other.hs_codes)
    return "different" if comparable else "not_recorded"


def open_tiers(wider: WiderRemedies, prior: int) -> dict[str, Tier]:
    """Return what a further determination would open, with so many before it."""
    return {name: tier for name, tier in wider.tiers.items() if tier.prior <= prior}


def _headings(goods: Goods, digits: int) -> frozenset[str]:
    codes = {code.replace(".", "") for code in goods.hs_codes}
    return frozenset(code[:digits] for code in codes if len(code) >= digits)
