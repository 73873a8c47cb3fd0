"""The frozen calendars: against an independent table, at their edges, and day by day where the law changed."""

from datetime import date

import holidays
import pytest
from holidays.constants import GOVERNMENT, PUBLIC

from vigilancia.law import calendars as calendars_ready
from vigilancia.law.calendars import WorkingDays
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.loader import calendars
from vigilancia.law.model import Closure

YEARS = range(2017, 2036)
# Election days are days off by article 74, IX; the library has none. They fall on Sundays.
KNOWN_DIFFERENCES = {"mx-lft": {date(2018, 7, 1), date(2021, 6, 6), date(2024, 6, 2)}}


def working_days(name: str, *closures: Closure) -> WorkingDays:
    return calendars_ready.working_days(calendars()[name], calendars(), closures)


def days_of(name: str) -> set[date]:
    calendar = calendars()[name]
    return set(calendar.days) | (days_of(calendar.extends) if calendar.extends else set())


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("us-federal", holidays.country_holidays("US", years=range(2017, 2037))),
        ("us-federal-offices", holidays.country_holidays("US", years=range(2017, 2037), categories=(GOVERNMENT,))),
        ("mx-lft", holidays.country_holidays("MX", years=YEARS)),
        ("ca-federal", holidays.country_holidays("CA", years=YEARS, categories=(PUBLIC, GOVERNMENT))),
    ],
    ids=["us-federal", "us-federal-offices", "mx-lft", "ca-federal"],
)
def test_calendar_agrees_with_an_independent_table(name: str, table: dict[date, str]) -> None:
    theirs = {day for day in table if day.year in YEARS}
    assert days_of(name) ^ theirs == KNOWN_DIFFERENCES.get(name, set())


@pytest.mark.parametrize(
    ("name", "day", "why"),
    [
        ("us-federal", date(2021, 6, 18), "us-federal:juneteenth-observed"),
        ("us-federal", date(2021, 12, 31), "us-federal:new-year-observed"),
        ("us-federal", date(2020, 6, 19), None),
        ("us-federal", date(2024, 12, 24), None),
        ("us-federal-offices", date(2024, 12, 24), "us-federal-offices:christmas-eve"),
        ("us-federal-offices", date(2023, 9, 4), "us-federal:labor-day"),
        ("us-federal-offices", date(2025, 1, 9), "us-federal-offices:mourning-carter"),
        ("mx-lft", date(2024, 10, 1), "mx-lft:change-of-government"),
        ("mx-lft", date(2018, 12, 1), "mx-lft:change-of-government"),
        ("mx-lft", date(2018, 10, 1), None),
        ("mx-lft", date(2025, 10, 1), None),
        ("mx-lft", date(2030, 10, 1), "mx-lft:change-of-government"),
        ("mx-lft", date(2023, 4, 7), None),
        ("mx-lft", date(2023, 2, 6), "mx-lft:constitution-day"),
        ("ca-federal", date(2020, 9, 30), None),
        ("ca-federal", date(2021, 9, 30), "ca-federal:truth-and-reconciliation"),
        ("ca-federal", date(2023, 4, 10), None),
        ("ca-federal", date(2022, 1, 3), "ca-federal:new-year-observed"),
        ("mx-lft", date(2026, 11, 21), "weekend"),
        ("mx-lft", date(2026, 11, 20), None),
    ],
)
def test_day_is_off_for_the_reason_the_law_gives(name: str, day: date, why: str | None) -> None:
    off = working_days(name).day_off(day)
    assert (off.why if off else None) == why


@pytest.mark.parametrize("day", [date(2016, 12, 31), date(2036, 1, 1)])
def test_day_past_either_end_of_a_calendar_is_refused(day: date) -> None:
    with pytest.raises(CalendarHorizonError) as refusal:
        working_days("us-federal").day_off(day)
    assert refusal.value.code == "calendar-horizon"
    assert refusal.value.facts["covers_until"] == "2035-12-31"


def test_first_and_last_day_covered_are_answered() -> None:
    calendar = working_days("us-federal")
    assert calendar.day_off(date(2017, 1, 1)) is not None
    assert calendar.day_off(date(2035, 12, 31)) is None


def test_every_holiday_of_a_calendar_rests_on_a_source() -> None:
    for name in calendars():
        found = working_days(name)
        assert all(off.source for day in calendars()[name].days if (off := found.day_off(day)))


def test_closure_of_one_day_ends_with_it() -> None:
    storm = Closure(calendar="mx-lft", starts_on=date(2026, 3, 4), id="storm", source="DOF")
    calendar = working_days("mx-lft", storm)
    assert [calendar.day_off(date(2026, 3, day)) is not None for day in (3, 4, 5)] == [False, True, False]


def test_closure_of_another_calendar_changes_nothing() -> None:
    storm = Closure(calendar="us-federal-offices", starts_on=date(2026, 3, 4))
    assert working_days("us-federal", storm).day_off(date(2026, 3, 4)) is None


def test_working_day_before_a_long_weekend_is_the_friday() -> None:
    assert working_days("us-federal").working_day_before(date(2024, 5, 28)) == date(2024, 5, 24)
