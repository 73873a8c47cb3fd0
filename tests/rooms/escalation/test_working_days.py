"""Rungs in working days: whose days off count, and that the day of a rung never moves unseen."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Api, Clock
from tests.rooms.climbing import a_case, a_day_goes_by, ledger, the_deadline, the_run
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.escalation.working_days import Office, calendars_of, count, office
from vigilancia.law import loader
from vigilancia.law.model import Closure
from vigilancia.notices import rungs

MONDAY = date(2026, 3, 9)


def an_office(*names: str, closures: tuple[Closure, ...] = ()) -> Office:
    return Office(names=names, shelf=loader.calendars(), closures=closures)


def day(name: str, due_on: date, where: Office) -> date:
    return due_on + timedelta(days=count(where, [name], due_on)[name])


@pytest.mark.parametrize(
    ("rung", "due_on", "expected"),
    [
        ("-1bd", MONDAY, date(2026, 3, 6)),  # the Friday
        ("-3bd", MONDAY, date(2026, 3, 4)),
        ("+2bd", date(2026, 3, 6), date(2026, 3, 10)),
        ("-1bd", date(2026, 3, 17), date(2026, 3, 13)),  # the Monday for Juárez is off in Mexico
        ("-1bd", date(2026, 3, 8), date(2026, 3, 6)),  # a Sunday is not counted, nor the Saturday before
    ],
)
def test_working_days_are_counted_strictly_before_and_after_the_last_day(
    rung: str, due_on: date, expected: date
) -> None:
    assert day(rung, due_on, an_office("mx-lft")) == expected


def test_a_day_off_in_any_of_the_calendars_is_no_working_day() -> None:
    due_on = date(2026, 2, 17)  # Presidents' Day is the 16th, in the United States only

    assert day("-1bd", due_on, an_office("mx-lft")) == date(2026, 2, 16)
    assert day("-1bd", due_on, an_office("mx-lft", "us-federal")) == date(2026, 2, 13)


def test_a_closure_counts_where_the_deadline_is_pinned_to_it() -> None:
    label = {"es": "Luto", "en": "Mourning", "fr": "Deuil"}
    closed = Closure(calendar="mx-lft", starts_on=date(2026, 3, 6), ends_on=None, id="c", labels=label, source="DOF")

    assert day("-1bd", MONDAY, an_office("mx-lft", closures=(closed,))) == date(2026, 3, 5)


def test_past_the_end_of_a_calendar_weekends_are_off_and_nothing_fails() -> None:
    assert day("-1bd", MONDAY, an_office("eu-commission")) == date(2026, 3, 6)


def test_where_no_calendar_is_known_weekends_are_off() -> None:
    assert day("-1bd", date(2026, 3, 17), an_office()) == date(2026, 3, 16)


def test_the_country_of_a_zone_lends_its_calendar() -> None:
    assert calendars_of("America/Tijuana") == ["mx-lft"]
    assert calendars_of("America/Chicago") == ["us-federal"]
    assert calendars_of("Europe/Paris") == calendars_of("UTC") == []
    assert office([], "America/Toronto", {}).names == ["ca-federal"]


def test_a_rung_of_working_days_has_no_day_that_was_not_frozen() -> None:
    with pytest.raises(KeyError):
        rungs.day("-1bd", MONDAY)
    assert rungs.day("-1bd", MONDAY, {"-1bd": -3}) == date(2026, 3, 6)


async def a_ladder(api: Api, *at: str) -> dict[str, Any]:
    body = {"name": "hábiles", "rungs": [{"at": each, "audiences": ["handler_or_desk"]} for each in at]}
    answer = await api.post("/v1/escalation-policies", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_run_says_which_calendars_its_working_days_are_of(api: Api, desk: Desk) -> None:
    await a_ladder(api, "-3bd")
    case = await a_case(api, petition_on="2026-02-20", linked=False)  # due on Monday the 23rd of March

    await sweep(desk)

    run = await the_run(api, case["id"])
    assert run["calendars"] == ["us-federal", "us-federal-offices"]
    first = run["rungs"][0]
    assert (first["at"], first["on"]) == ("-3bd", "2026-03-18")
    assert run["next"] == {"at": "-3bd", "due_at": "2026-03-18T04:00:00Z"}


async def test_the_friday_before_is_told_on_friday(api: Api, desk: Desk, clock: Clock) -> None:
    await a_ladder(api, "-1bd")
    await a_case(api, petition_on="2026-02-20", linked=False)
    clock.set(datetime(2026, 3, 20, 3, 59, tzinfo=UTC))
    await a_day_goes_by(desk)
    assert await ledger(api) == []

    clock.set(datetime(2026, 3, 20, 4, 0, tzinfo=UTC))
    await a_day_goes_by(desk)

    assert [(notice["rung"], notice["status"]) for notice in await ledger(api)] == [("-1bd", "stored")]


async def test_rungs_of_one_instant_are_one_message(api: Api, desk: Desk) -> None:
    await a_ladder(api, "-1d", "-1bd")  # both are this Monday
    case = await a_case(api, linked=False)

    await a_day_goes_by(desk)
    await a_day_goes_by(desk)

    assert len(await ledger(api)) == 1
    states = {rung["at"]: rung["state"] for rung in (await the_run(api, case["id"]))["rungs"]}
    assert (states["-1d"], states["-1bd"]) == ("spoke", "spoke")


async def test_a_muted_rung_of_working_days_stays_quiet_beside_one_that_speaks(
    api: Api, desk: Desk, clock: Clock
) -> None:
    clock.set(datetime(2026, 3, 1, 15, tzinfo=UTC))
    await a_ladder(api, "-1d", "-1bd")
    case = await a_case(api, linked=False)
    await sweep(desk)
    run = await the_run(api, case["id"])
    muted = await api.post(f"/v1/escalations/{run['id']}/mute", json={"rung": "-1bd", "reason": "con una basta"})
    assert muted.status_code == 200, muted.text

    clock.set(datetime(2026, 3, 2, 15, tzinfo=UTC))
    await sweep(desk)

    assert [notice["rung"] for notice in await ledger(api)] == ["-1d"]


async def _move(api: Api, case: dict[str, Any], on: str, version: int) -> str:
    path = f"/v1/proceedings/{case['proceeding_id']}/events/{case['event_id']}"
    moved = await api.patch(path, json={"on": on, "reason": "the stamp says so"}, version=version)
    assert moved.status_code == 200, moved.text
    due_on: str = (await the_deadline(api, case["id"]))["due_on"]
    return due_on


async def test_two_last_days_with_one_friday_before_them_are_both_told(api: Api, desk: Desk, clock: Clock) -> None:
    await a_ladder(api, "-2bd")
    case = await a_case(api, petition_on="2026-02-20", linked=False)
    clock.set(datetime(2026, 3, 19, 15, tzinfo=UTC))
    await a_day_goes_by(desk)
    assert [(notice["rung"], notice["revision"]) for notice in await ledger(api)] == [("-2bd", 1)]
    deadline = await the_deadline(api, case["id"])
    sunday = {"due_on": "2026-03-22", "authority": "Carta del comité", "reason": "así lo fijó", "confidence": "primary"}
    answer = await api.post(f"/v1/deadlines/{deadline['id']}/override", json=sunday, version=1)
    assert answer.status_code < 300, answer.text

    await a_day_goes_by(desk)
    await a_day_goes_by(desk)

    told = [(notice["rung"], notice["revision"], notice["due_at"]) for notice in await ledger(api)]
    assert told == [("-2bd", 1, "2026-03-19T04:00:00Z"), ("-2bd", 2, "2026-03-19T04:00:00Z")]


async def test_a_moved_day_counts_its_working_days_anew(api: Api, desk: Desk, clock: Clock) -> None:
    await a_ladder(api, "-1bd")
    case = await a_case(api, linked=False)
    await a_day_goes_by(desk)
    assert await _move(api, case, "2026-02-03", 1) == "2026-03-05"
    clock.set(datetime(2026, 3, 4, 15, tzinfo=UTC))

    await a_day_goes_by(desk)

    told = [(notice["rung"], notice["revision"], notice["status"]) for notice in await ledger(api)]
    assert told == [("-1bd", 1, "stored"), ("-1bd", 2, "stored")]


async def test_a_notice_of_a_working_day_rung_whose_day_moved_is_superseded(api: Api, desk: Desk) -> None:
    await a_ladder(api, "-1bd")
    case = await a_case(api, linked=False)
    await sweep(desk)
    await _move(api, case, "2026-02-03", 1)

    await a_day_goes_by(desk)

    first = (await ledger(api))[0]
    assert (first["rung"], first["status"], first["reason"]) == ("-1bd", "suppressed", "superseded")


async def test_a_closure_declared_later_does_not_move_a_frozen_rung(api: Api, desk: Desk, clock: Clock) -> None:
    await a_ladder(api, "-1bd")
    case = await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)
    closed = {
        "starts_on": "2026-03-20",
        "labels": {"es": "Luto", "en": "Mourning", "fr": "Deuil"},
        "source": "Decreto de ejemplo",
    }
    answer = await api.post("/v1/calendars/us-federal/closures", role="admin", json=closed)
    assert answer.status_code == 201, answer.text
    clock.advance(timedelta(days=1))

    await sweep(desk)

    assert (await the_run(api, case["id"]))["next"]["due_at"] == "2026-03-20T04:00:00Z"


async def test_after_an_outage_over_working_day_rungs_the_newest_speaks_late(
    api: Api, desk: Desk, clock: Clock
) -> None:
    await a_ladder(api, "-5bd", "-3bd", "-2bd")
    case = await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)
    clock.set(datetime(2026, 3, 20, 15, tzinfo=UTC))

    await sweep(desk)

    assert [(notice["rung"], notice["late"]) for notice in await ledger(api)] == [("-2bd", True)]
    states = [rung["state"] for rung in (await the_run(api, case["id"]))["rungs"]]
    assert states == ["passed_over", "passed_over", "spoke", "to_come", "to_come"]
