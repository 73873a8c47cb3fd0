"""Counting by itself: backwards, past suspensions, on several calendars, and to their very ends."""

from datetime import date

import pytest
from msgspec.structs import replace

from vigilancia.law.arithmetic import clock_start, read, readings, suspended
from vigilancia.law.calendars import FIRST_DAY, LAST_DAY, ONE_DAY, Days, WorkingDays, together
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.model import Suspension
from vigilancia.law.rules import Term
from vigilancia.law.shapes import Calendar, Weekend

IN_THREE = {"es": "x", "en": "x", "fr": "x"}


def plain(name: str, first: date, last: date) -> Calendar:
    """A calendar with weekends and no holidays."""
    weekend = Weekend(days=["saturday", "sunday"], labels=IN_THREE)
    return Calendar(
        id=name,
        titles=IN_THREE,
        about=IN_THREE,
        last_verified_on=first,
        covers_from=first,
        covers_until=last,
        cites=[],
        weekend=weekend,
        holidays={},
        days={},
    )


def calendar(name: str, first: date, last: date) -> WorkingDays:
    return WorkingDays((plain(name, first, last),))


JANUARY = calendar("january", date(2026, 1, 1), date(2026, 1, 30))  # from a Thursday to a Friday
THIS_YEAR = (date(2026, 1, 1), date(2026, 12, 31))
YEAR = calendar("year", date(2025, 1, 1), date(2026, 12, 31))


YEAR_BOTH = calendar("both", date(2024, 1, 1), date(2026, 12, 31))


class TestCounting:
    """Counts on one calendar and on several."""

    @pytest.mark.parametrize(("start", "due"), [("2026-03-31", "2026-02-28"), ("2024-03-30", "2024-02-29")])
    def test_a_month_before_is_as_long_as_that_month(self, start: str, due: str) -> None:
        term = Term(unit="calendar_months", count=1, month_end="clamp", direction="before")
        found = read(date.fromisoformat(start), term=term, roll="none", days=together((YEAR_BOTH,)))
        assert found.due.isoformat() == due

    def test_a_suspension_without_an_end_covers_no_day_yet(self) -> None:
        going_on = Suspension(starts_on=date(2026, 1, 1), basis="a pause")
        assert suspended(date(2026, 2, 1), [going_on]) is None
        assert clock_start(date(2026, 2, 1), [going_on]) == date(2026, 2, 1)

    def test_the_latest_reading_is_that_of_all_calendars_together(self) -> None:
        term = Term(unit="business_days", count=3)
        found = readings(date(2026, 1, 5), term=term, roll="none", calendars=(JANUARY, YEAR))
        assert found.latest.calendars == ["january", "year"]

    def test_the_working_day_before_a_working_day_is_another(self) -> None:
        assert YEAR.working_day_before(date(2026, 1, 14)) == date(2026, 1, 13)


class TestEndsOfCalendars:
    """The last day covered is answered, the next is refused by the calendar that ends first."""

    def test_the_last_working_day_covered_is_reached(self) -> None:
        assert together((JANUARY,)).working_day_after(date(2026, 1, 29), 1) == date(2026, 1, 30)

    def test_the_first_count_past_it_is_refused(self) -> None:
        with pytest.raises(CalendarHorizonError) as refusal:
            together((JANUARY,)).working_day_after(date(2026, 1, 29), 2)
        assert refusal.value.facts["covers_until"] == "2026-01-30"

    @pytest.mark.parametrize("before", [1, 5])
    def test_no_count_starts_before_the_first_day(self, before: int) -> None:
        start = date(2026, 1, 1) - before * ONE_DAY
        with pytest.raises(CalendarHorizonError) as refusal:
            together((JANUARY,)).working_day_after(start, 1)
        assert refusal.value.facts["day"] == start.isoformat()

    def test_a_calendar_that_extends_another_begins_where_the_later_one_does(self) -> None:
        town = WorkingDays((plain("town", date(2025, 1, 1), date(2026, 12, 31)), plain("land", *THIS_YEAR)))
        assert town.day_off(date(2026, 1, 1)) is None
        with pytest.raises(CalendarHorizonError):
            town.day_off(date(2025, 12, 31))

    def test_a_weekend_is_called_what_the_calendar_asked_about_calls_it(self) -> None:
        land = plain("land", *THIS_YEAR)
        weekend = Weekend(days=["sunday"], labels={"es": "domingo", "en": "Sunday", "fr": "dimanche"})
        sunday = WorkingDays((replace(land, id="town", weekend=weekend), land)).day_off(date(2026, 1, 4))
        assert sunday is not None
        assert sunday.labels["en"] == "Sunday"

    @pytest.mark.parametrize("order", [(JANUARY, YEAR), (YEAR, JANUARY)])
    def test_of_several_the_one_that_ends_first_refuses(self, order: tuple[WorkingDays, ...]) -> None:
        days = together(order)
        assert days.working_day_after(date(2026, 1, 1), 21) == date(2026, 1, 30)
        with pytest.raises(CalendarHorizonError) as refusal:
            days.working_day_after(date(2026, 1, 1), 22)
        assert (refusal.value.facts["calendar"], refusal.value.facts["day"]) == ("january", "2026-01-31")

    def test_without_a_calendar_the_first_and_last_year_of_any_procedure_are_known(self) -> None:
        none = Days(())
        assert FIRST_DAY.isoformat() == "1900-01-01"
        assert LAST_DAY.isoformat() == "2199-12-31"
        assert none.why_off(FIRST_DAY) is none.why_off(LAST_DAY) is None
        for day in (FIRST_DAY - ONE_DAY, LAST_DAY + ONE_DAY):
            with pytest.raises(CalendarHorizonError):
                none.why_off(day)
