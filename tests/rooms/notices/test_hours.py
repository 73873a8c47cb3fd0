"""When somebody is there: working intervals, quiet hours, days off and away, and the hours summer time moves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigilancia.notices.hours import Times, opening
from vigilancia.notices.schedule import schedule
from vigilancia.registry.contacts.rounds import DAYS

MEXICO, NEW_YORK = "America/Mexico_City", "America/New_York"
WEEK = ["mon", "tue", "wed", "thu", "fri"]
MINUTE = timedelta(minutes=1)


def at(text: str, zone: str = MEXICO) -> datetime:
    """Return what the clock of a place shows as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def span(from_: str, until: str, days: list[str] = WEEK) -> dict[str, Any]:
    """Return one working interval."""
    return {"days": days, "from": from_, "until": until}


OFFICE = {"working_hours": [span("09:00", "13:00"), span("16:00", "19:00")]}
NIGHTS = {"quiet_hours": {"from": "21:00", "until": "07:30"}}


@pytest.mark.parametrize(
    ("own", "moment", "opens"),
    [
        (OFFICE, "2026-03-02T00:00", "2026-03-02T09:00"),
        (OFFICE, "2026-03-02T09:00", "2026-03-02T09:00"),
        (OFFICE, "2026-03-02T12:59", "2026-03-02T12:59"),
        (OFFICE, "2026-03-02T13:00", "2026-03-02T16:00"),
        (OFFICE, "2026-03-02T19:00", "2026-03-03T09:00"),
        (OFFICE, "2026-03-06T19:00", "2026-03-09T09:00"),
        (NIGHTS, "2026-03-02T20:59", "2026-03-02T20:59"),
        (NIGHTS, "2026-03-02T21:00", "2026-03-03T07:30"),
        (NIGHTS, "2026-03-03T00:00", "2026-03-03T07:30"),
        (NIGHTS, "2026-03-03T07:30", "2026-03-03T07:30"),
        ({"quiet_hours": {"from": "13:00", "until": "15:00"}}, "2026-03-02T14:00", "2026-03-02T15:00"),
        ({"quiet_hours": {"from": "22:00", "until": "00:00"}}, "2026-03-02T23:00", "2026-03-03T00:00"),
        ({"quiet_hours": {"from": "00:00", "until": "06:00"}}, "2026-03-02T00:00", "2026-03-02T06:00"),
        (OFFICE | {"quiet_hours": {"from": "08:00", "until": "17:00"}}, "2026-03-02T09:00", "2026-03-02T17:00"),
        ({"holidays": "mx-lft"}, "2026-03-16T10:00", "2026-03-17T00:00"),  # the third Monday of March
        ({"holidays": "mx-lft"}, "2026-03-15T10:00", "2026-03-15T10:00"),  # of a weekend only the hours decide
        (OFFICE | {"holidays": "mx-lft"}, "2026-03-13T19:00", "2026-03-17T09:00"),
        ({"away": [{"from": "2026-03-02", "until": "2026-03-04"}]}, "2026-03-02T10:00", "2026-03-05T00:00"),
        (OFFICE | {"away": [{"from": "2026-03-02", "until": "2026-03-06"}]}, "2026-03-01T10:00", "2026-03-09T09:00"),
        ({"working_hours": [span("09:00", "12:00"), span("12:00", "14:00")]}, "2026-03-02T12:00", "2026-03-02T12:00"),
        ({"working_hours": [span("22:00", "24:00")]}, "2026-03-02T23:59", "2026-03-02T23:59"),
        ({"working_hours": [span("22:00", "24:00")]}, "2026-03-03T00:00", "2026-03-03T22:00"),
    ],
)
def test_it_waits_until_somebody_is_there(own: dict[str, Any], moment: str, opens: str) -> None:
    assert opening(Times(zone=MEXICO, **own), at(moment)) == at(opens)


def test_who_is_always_there_is_written_to_at_the_very_instant() -> None:
    moment = datetime(2026, 3, 2, 5, 17, 3, 250, tzinfo=UTC)

    assert opening(Times(zone=MEXICO), moment) == moment


@pytest.mark.parametrize(
    "own",
    [
        {"working_hours": [span("22:00", "23:00")], "quiet_hours": {"from": "21:00", "until": "07:00"}},
        {"away": [{"from": "2026-03-02", "until": "2027-03-02"}]},
    ],
)
def test_nobody_waits_for_who_is_never_there(own: dict[str, Any]) -> None:
    assert opening(Times(zone=MEXICO, **own), at("2026-03-02T10:00")) is None


def test_who_comes_back_on_the_last_day_looked_at_is_waited_for_and_a_day_later_not() -> None:
    today = date(2026, 3, 2)
    for days, waited in ((schedule().looked_ahead_days - 2, True), (schedule().looked_ahead_days - 1, False)):
        away = [{"from": "2026-03-02", "until": (today + timedelta(days=days)).isoformat()}]
        assert (opening(Times(zone=MEXICO, away=away), at("2026-03-02T10:00")) is not None) is waited


@pytest.mark.parametrize(
    ("hours", "moment", "opens"),
    [
        # 8 March 2026: the clock goes from 02:00 to 03:00
        (span("02:30", "09:00", list(DAYS)), "2026-03-08T06:00+00:00", "2026-03-08T07:00+00:00"),
        (span("02:00", "09:00", list(DAYS)), "2026-03-08T06:00+00:00", "2026-03-08T07:00+00:00"),
        (span("02:00", "02:45", list(DAYS)), "2026-03-08T06:00+00:00", "2026-03-09T06:00+00:00"),
        (span("02:15", "03:15", list(DAYS)), "2026-03-08T06:00+00:00", "2026-03-08T07:00+00:00"),
        (span("02:15", "03:15", list(DAYS)), "2026-03-08T07:15+00:00", "2026-03-09T06:15+00:00"),
        (span("09:00", "18:00", list(DAYS)), "2026-03-08T05:00+00:00", "2026-03-08T13:00+00:00"),
        (span("09:00", "18:00", list(DAYS)), "2026-03-07T05:00+00:00", "2026-03-07T14:00+00:00"),
        # 1 November 2026: the hour from 01:00 comes twice
        (span("01:30", "09:00", list(DAYS)), "2026-11-01T04:00+00:00", "2026-11-01T05:30+00:00"),
        (span("02:00", "09:00", list(DAYS)), "2026-11-01T05:30+00:00", "2026-11-01T07:00+00:00"),
        (span("09:00", "18:00", list(DAYS)), "2026-11-01T04:00+00:00", "2026-11-01T14:00+00:00"),
    ],
)
def test_summer_time_moves_the_hours_with_the_clock_of_the_place(
    hours: dict[str, Any], moment: str, opens: str
) -> None:
    found = opening(Times(zone=NEW_YORK, working_hours=[hours]), datetime.fromisoformat(moment))

    assert found == datetime.fromisoformat(opens)


def is_there(times: Times, instant: datetime) -> bool:
    """Tell, by what the clock on the wall shows and nothing else, whether somebody is there."""
    local = instant.astimezone(ZoneInfo(times.zone))
    shown, day = f"{local:%H:%M}", local.date().isoformat()
    if any(each["from"] <= day <= each["until"] for each in times.away):
        return False
    quiet = times.quiet_hours
    if quiet is not None:
        begins, ends = quiet["from"], quiet["until"]
        if begins <= shown < ends if begins < ends else shown >= begins or shown < ends:
            return False
    today = DAYS[local.weekday()]
    return not times.working_hours or any(
        today in each["days"] and each["from"] <= shown < each["until"] for each in times.working_hours
    )


clocks = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
ends = st.integers(1, 96).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
work_spans = st.tuples(clocks, ends, st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True)).filter(
    lambda each: each[0] < each[1]
)
quiet_spans = st.tuples(clocks, clocks).filter(lambda each: each[0] != each[1])
away_days = st.tuples(st.integers(0, 9), st.integers(0, 3)).map(
    lambda each: {
        "from": (date(2026, 3, 5) + timedelta(days=each[0])).isoformat(),
        "until": (date(2026, 3, 5) + timedelta(days=sum(each))).isoformat(),
    }
)


@st.composite
def own_times(draw: st.DrawFn) -> Times:
    """Draw somebody's time, in the days in which summer time begins in New York."""
    hours = draw(st.lists(work_spans, max_size=4))
    quiet = draw(st.none() | quiet_spans)
    return Times(
        zone=draw(st.sampled_from([NEW_YORK, MEXICO, "Asia/Kathmandu"])),
        working_hours=[span(*each) for each in hours],
        quiet_hours=None if quiet is None else {"from": quiet[0], "until": quiet[1]},
        away=draw(st.lists(away_days, max_size=2)),
    )


moments = st.integers(0, 2 * 24 * 60).map(lambda minutes: datetime(2026, 3, 7, tzinfo=UTC) + minutes * MINUTE)


@settings(max_examples=150, deadline=None)
@given(times=own_times(), moment=moments)
def test_the_result_is_open_never_earlier_stays_and_skips_no_open_minute(times: Times, moment: datetime) -> None:
    found = opening(times, moment)
    last = moment + timedelta(days=4) if found is None else found

    assert last >= moment  # never earlier
    if found is not None:
        assert is_there(times, found)
        assert opening(times, found) == found
    skipped, checked = moment, min(last, moment + timedelta(days=4))
    while skipped < checked:
        assert not is_there(times, skipped), skipped
        skipped += MINUTE
