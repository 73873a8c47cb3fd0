"""What one procedure is worth as an earlier occasion, and what so many of them open."""

from datetime import date

import pytest

from vigilancia.law.lists import WiderRemedies
from vigilancia.law.loader import mechanism
from vigilancia.law.model import Event, EventKind
from vigilancia.law.occasions import Goods, Occasion, likeness, occasion, open_tiers


@pytest.fixture
def wider() -> WiderRemedies:
    """What our mechanism says of wider remedies."""
    found = mechanism("usmca-31a-us-mx").wider_remedies
    assert found is not None
    return found


def judged(wider: WiderRemedies, *events: tuple[str, str, EventKind]) -> Occasion:
    given = [
        Event(id=str(number), type=type_, on=date.fromisoformat(on), kind=kind)
        for number, (type_, on, kind) in enumerate(events)
    ]
    return occasion(wider, given)


@pytest.mark.parametrize("kind", ["happened", "notified", "deemed"])
def test_a_determination_counts_from_the_earliest_day_stated(wider: WiderRemedies, kind: EventKind) -> None:
    found = judged(
        wider,
        ("panel_found_denial", "2025-05-13", "published"),
        ("panel_found_denial", "2025-05-12", kind),
        ("panel_found_denial", "2025-05-11", kind),
        ("resolved", "2025-09-01", "happened"),
    )
    assert (found.counts, found.event and found.event.on) == (True, date(2025, 5, 11))


@pytest.mark.parametrize("kind", ["announced", "published"])
def test_what_was_only_announced_does_not_count(wider: WiderRemedies, kind: EventKind) -> None:
    found = judged(wider, ("panel_found_denial", "2025-05-13", kind))
    assert (found.verdict, found.counts) == ("only_reported", False)


@pytest.mark.parametrize(
    ("on", "kind", "verdict"),
    [
        ("2025-05-12", "happened", "contradicted"),
        ("2025-05-13", "happened", "contradicted"),
        ("2025-05-14", "happened", "determination"),
        ("2025-05-13", "announced", "determination"),
    ],
)
def test_no_denial_on_the_same_day_or_before_contradicts_and_later_it_tells_of_something_else(
    wider: WiderRemedies, on: str, kind: EventKind, verdict: str
) -> None:
    found = judged(wider, ("panel_found_denial", "2025-05-13", "happened"), ("panel_found_no_denial", on, kind))
    assert found.verdict == verdict


def test_the_most_telling_other_result_is_named_with_its_newest_day(wider: WiderRemedies) -> None:
    found = judged(
        wider,
        ("resolved", "2025-09-01", "happened"),
        ("remediation_agreed", "2025-06-01", "happened"),
        ("remediation_agreed", "2025-07-01", "happened"),
    )
    assert found.event
    assert (found.verdict, found.event.type, found.event.on) == (
        "other_result",
        "remediation_agreed",
        date(2025, 7, 1),
    )


def test_without_any_result_there_is_no_determination(wider: WiderRemedies) -> None:
    assert judged(wider, ("review_requested", "2025-02-01", "happened")).verdict == "no_determination"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (([], ["8544.30"]), ([], ["854442"]), "same"),
        (([], ["8544"]), ([], ["8545"]), "different"),
        (([], ["85"]), ([], ["85"]), "different"),
        ((["arnes"], []), (["arnes", "cable"], []), "same"),
        ((["arnes"], []), (["cable"], []), "different"),
        ((["arnes"], []), ([], ["8544"]), "not_recorded"),
        (([], []), ([], ["8544"]), "not_recorded"),
        ((["arnes"], ["8544"]), (["cable"], ["8544.30"]), "same"),
    ],
)
def test_goods_are_the_same_by_heading_or_by_name(
    wider: WiderRemedies, one: tuple[list[str], list[str]], other: tuple[list[str], list[str]], expected: str
) -> None:
    goods = [Goods(products=frozenset(products), hs_codes=frozenset(codes)) for products, codes in (one, other)]
    assert likeness(wider, *goods) == likeness(wider, *reversed(goods)) == expected


@pytest.mark.parametrize(
    ("prior", "tiers"),
    [
        (0, ["first_finding"]),
        (1, ["first_finding", "same_owner"]),
        (2, ["first_finding", "same_owner", "denial_of_entry"]),
        (3, ["first_finding", "same_owner", "denial_of_entry"]),
    ],
)
def test_tiers_open_with_the_number_of_determinations(wider: WiderRemedies, prior: int, tiers: list[str]) -> None:
    assert list(open_tiers(wider, prior)) == tiers
