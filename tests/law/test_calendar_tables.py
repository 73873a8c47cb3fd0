"""The calendars against the tables of an independent package: every difference is listed, with its reason."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from typing import Literal

import holidays
import pytest
from holidays.constants import BANK, GOVERNMENT, PUBLIC
from msgspec import Struct

from tests.law.case_files import HERE
from vigilancia.law.loader import calendars
from vigilancia.law.yamlfile import read_yaml

PAGE = HERE.parents[1] / "docs" / "calendars.md"
YEARS = range(2000, 2042)  # one more: a New Year's Day may be kept on the last day of the year before
CANADA = holidays.country_holidays("CA", years=YEARS, categories=(PUBLIC, GOVERNMENT))
TABLES: dict[str, Collection[date]] = {
    "ca-federal": CANADA,
    "ca-interpretation-act": CANADA,
    "eu-commission": holidays.country_holidays("BE", years=YEARS, categories=(PUBLIC, BANK)),
    "mx-elections": [],  # the package has none
    "mx-lft": holidays.country_holidays("MX", years=YEARS),
    "us-federal": holidays.country_holidays("US", years=YEARS),
    "us-federal-offices": holidays.country_holidays("US", subdiv="DC", years=YEARS, categories=(PUBLIC, GOVERNMENT)),
    "us-federal-washington": holidays.country_holidays("US", subdiv="DC", years=YEARS),
}


class Difference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which a calendar and its table differ for one reason."""

    calendar: str
    held_by: Literal["us", "library"]
    reason: str
    days: list[date]


LISTED = read_yaml(HERE / "calendar_differences.yaml", "calendar_differences.yaml").shaped(list[Difference])


def days_of(name: str) -> set[date]:
    calendar = calendars()[name]
    return set(calendar.days) | (days_of(calendar.extends) if calendar.extends else set())


def said(days: Iterable[tuple[str, date]]) -> str:
    return ", ".join(f"{day} (held by {side})" for side, day in sorted(days))


def test_every_calendar_is_compared() -> None:
    assert set(TABLES) == set(calendars())


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_difference_has_a_reason_and_every_reason_a_difference(name: str) -> None:
    calendar, ours = calendars()[name], days_of(name)
    theirs = {day for day in TABLES[name] if calendar.covers_from <= day <= calendar.covers_until}
    found = {("us", day) for day in ours - theirs} | {("library", day) for day in theirs - ours}
    listed = Counter((each.held_by, day) for each in LISTED if each.calendar == name for day in each.days)
    unexplained, vain = found - set(listed), set(listed) - found
    assert not unexplained, f"differ, and calendar_differences.yaml gives no reason: {said(unexplained)}"
    assert not vain, f"have a reason in calendar_differences.yaml, and do not differ: {said(vain)}"
    assert [day for day, times in listed.items() if times > 1] == []


def test_differences_name_calendars_that_exist() -> None:
    assert {each.calendar for each in LISTED} <= set(calendars())


def test_page_on_calendars_shows_every_difference() -> None:
    shown = [line for line in PAGE.read_text("utf-8").splitlines() if line.split(" | ")[1:2] in (["us"], ["library"])]
    assert shown == [
        f"| `{each.calendar}` | {each.held_by} | {len(each.days)} | {each.reason.strip()} |" for each in LISTED
    ]
