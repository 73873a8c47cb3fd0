"""The frozen calendars: at their edges, day by day where the law changed, and with closures declared since."""

from datetime import date

import pytest

from vigilancia.law import calendars as calendars_ready
from vigilancia.law.calendars import WorkingDays, together
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.loader import calendars
from vigilancia.law.model import Closure

WHOLE_SPAN = sorted(set(calendars()) - {"eu-commission"})


def working_days(name: str, *closures: Closure) -> WorkingDays:
    return calendars_ready.working_days(calendars()[name], calendars(), closures)


def why_off(name: str, day: date) -> str | None:
    off = working_days(name).day_off(day)
    return off.why if off else None


@pytest.mark.parametrize(
    ("name", "day", "why"),
    [
        ("us-federal", date(2021, 6, 18), "us-federal:juneteenth-observed"),
        ("us-federal", date(2021, 12, 31), "us-federal:new-year-observed"),
        ("us-federal", date(2020, 6, 19), None),
        ("us-federal", date(2024, 12, 24), None),
        ("us-federal-offices", date(2024, 12, 24), "us-federal-offices:christmas-eve-2024"),
        ("us-federal-offices", date(2023, 9, 4), "us-federal:labor-day"),
        ("us-federal-offices", date(2025, 1, 9), "us-federal-offices:mourning-carter"),
        ("mx-lft", date(2024, 10, 1), "mx-lft:change-of-government"),
        ("mx-lft", date(2018, 12, 1), "mx-lft:change-of-government-december"),
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
        ("us-federal-washington", date(2021, 1, 20), "us-federal-washington:inauguration-day"),
        ("us-federal", date(2021, 1, 20), None),
        ("us-federal-washington", date(2013, 1, 21), "us-federal-washington:inauguration-day-observed"),
        ("us-federal", date(2013, 1, 21), "us-federal:martin-luther-king"),
        ("us-federal-washington", date(2001, 1, 19), None),
        ("us-federal-washington", date(2029, 1, 19), None),
        ("us-federal-washington", date(2023, 1, 20), None),
        ("us-federal-offices", date(2021, 1, 20), "us-federal-washington:inauguration-day"),
        ("us-federal-offices", date(2009, 12, 24), None),
        ("us-federal-offices", date(2004, 6, 11), "us-federal-offices:mourning-reagan"),
        ("mx-lft", date(2021, 6, 6), "mx-elections:federal-election-june"),
        ("mx-elections", date(2012, 7, 1), "mx-elections:federal-election-july"),
        ("mx-elections", date(2018, 7, 1), "mx-elections:federal-election-2018"),
        ("mx-elections", date(2018, 6, 3), "weekend"),
        ("mx-elections", date(2022, 4, 10), "weekend"),  # revoking a mandate is no election
        ("mx-elections", date(2025, 6, 1), "weekend"),  # judicial, and extraordinary
        ("ca-interpretation-act", date(2026, 11, 21), None),  # a Saturday
        ("ca-interpretation-act", date(2026, 11, 22), "weekend"),
        ("ca-interpretation-act", date(2023, 4, 10), "ca-interpretation-act:easter-monday"),
        ("ca-interpretation-act", date(2023, 12, 26), None),
        ("ca-interpretation-act", date(2018, 7, 2), "ca-interpretation-act:canada-day-2-july"),
        ("ca-interpretation-act", date(2017, 7, 3), None),
        ("ca-interpretation-act", date(2023, 10, 2), None),  # the Federal Court counted it
        ("ca-federal", date(2023, 10, 2), "ca-federal:truth-and-reconciliation-observed"),
        ("ca-interpretation-act", date(2023, 10, 9), "ca-interpretation-act:thanksgiving"),
        ("ca-interpretation-act", date(2022, 9, 19), None),
        ("eu-commission", date(2023, 4, 6), "eu-commission:maundy-thursday"),
        ("eu-commission", date(2023, 12, 29), "eu-commission:end-of-year"),
        ("eu-commission", date(2023, 6, 23), None),  # Luxembourg only
    ],
)
def test_day_is_off_for_the_reason_the_law_gives(name: str, day: date, why: str | None) -> None:
    assert why_off(name, day) == why


@pytest.mark.parametrize(
    ("name", "before", "first", "holiday"),
    [
        ("us-federal", date(2020, 6, 19), date(2021, 6, 18), "us-federal:juneteenth-observed"),
        ("ca-federal", date(2020, 9, 30), date(2021, 9, 30), "ca-federal:truth-and-reconciliation"),
        (
            "ca-interpretation-act",
            date(2020, 9, 30),
            date(2021, 9, 30),
            "ca-interpretation-act:truth-and-reconciliation",
        ),
        ("mx-lft", date(2018, 10, 1), date(2024, 10, 1), "mx-lft:change-of-government"),
        ("mx-lft", date(2005, 2, 7), date(2006, 2, 6), "mx-lft:constitution-day"),
        ("mx-lft", date(2006, 3, 20), date(2007, 3, 19), "mx-lft:juarez"),
        ("mx-lft", date(2005, 11, 21), date(2006, 11, 20), "mx-lft:revolution-day"),
    ],
)
def test_holiday_begins_in_its_year_and_not_before(name: str, before: date, first: date, holiday: str) -> None:
    assert (why_off(name, before), why_off(name, first)) == (None, holiday)
    assert min(day for day, each in calendars()[name].days.items() if f"{name}:{each}" == holiday) == first


@pytest.mark.parametrize(
    ("last", "after", "holiday"),
    [
        (date(2005, 2, 5), date(2007, 2, 5), "constitution-day-5-february"),
        (date(2006, 3, 21), date(2007, 3, 21), "juarez-21-march"),
        (date(2005, 11, 20), date(2007, 11, 20), "revolution-day-20-november"),
        (date(2018, 12, 1), date(2024, 12, 1), "change-of-government-december"),
    ],
)
def test_fixed_day_of_mexico_ends_where_the_reform_begins(last: date, after: date, holiday: str) -> None:
    days = calendars()["mx-lft"].days
    assert max(day for day, each in days.items() if each == holiday) == last
    assert days.get(after) in (None, "constitution-day")  # 5 February 2007 was the first Monday itself


def test_election_days_are_first_sundays_every_third_year() -> None:
    days = sorted(calendars()["mx-elections"].days)
    assert [day.year for day in days] == list(range(2000, 2041, 3))
    assert all(day.weekday() == 6 and day.day <= 7 for day in days)
    assert {day.year for day in days if day.month == 7} == {2000, 2003, 2006, 2009, 2012, 2018}


def test_each_closure_by_executive_order_cites_its_own_order() -> None:
    calendar = calendars()["us-federal-offices"]
    orders = {day: calendar.holidays[name].cites[0].source for day, name in calendar.days.items()}
    first_days = {source: min(day for day, cited in orders.items() if cited == source) for source in orders.values()}
    assert {source: f"us-eo-closing-{day}" for source, day in first_days.items()} == {name: name for name in first_days}


@pytest.mark.parametrize("name", WHOLE_SPAN)
@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2041, 1, 1)])
def test_day_past_either_end_of_a_calendar_is_refused(name: str, day: date) -> None:
    with pytest.raises(CalendarHorizonError) as refusal:
        working_days(name).day_off(day)
    assert refusal.value.code == "calendar-horizon"
    assert refusal.value.facts["covers_until"] == "2040-12-31"


@pytest.mark.parametrize("name", WHOLE_SPAN)
def test_first_and_last_day_covered_are_answered(name: str) -> None:
    calendar = working_days(name)
    first = calendar.day_off(date(2000, 1, 1))
    assert first is not None
    assert calendar.day_off(date(2040, 12, 31)) is None


@pytest.mark.parametrize("day", [date(2022, 12, 30), date(2024, 1, 2)])
def test_commission_is_known_for_the_one_year_whose_decision_was_read(day: date) -> None:
    with pytest.raises(CalendarHorizonError):
        working_days("eu-commission").day_off(day)


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


def test_count_reaches_the_last_working_day_covered_and_no_further() -> None:
    days = together((working_days("us-federal"),))
    assert days.working_day_after(date(2040, 12, 28), 1) == date(2040, 12, 31)
    with pytest.raises(CalendarHorizonError):
        days.working_day_after(date(2040, 12, 28), 2)


@pytest.mark.parametrize("day", [date(2022, 12, 31), date(2024, 1, 1)])
def test_count_from_a_day_that_one_of_several_calendars_does_not_reach_is_refused(day: date) -> None:
    """The other calendar has that day off, which says nothing about this one."""
    days = together((working_days("us-federal"), working_days("eu-commission")))
    with pytest.raises(CalendarHorizonError) as refusal:
        days.working_day_after(day, 1)
    assert refusal.value.facts["calendar"] == "eu-commission"


def test_closure_without_end_is_known_as_far_as_its_calendar_is() -> None:
    closed = working_days("mx-lft", Closure(calendar="mx-lft", starts_on=date(2040, 12, 1), ends_on=date.max))
    days = together((closed,))
    assert days.working_day_after(date(2040, 11, 29), 1) == date(2040, 11, 30)
    with pytest.raises(CalendarHorizonError):
        days.working_day_after(date(2040, 11, 29), 2)
