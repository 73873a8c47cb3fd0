"""What speaks, what is silent, and what a change of the day does to a ladder."""

from datetime import UTC, datetime, timedelta

from tests.builders import an_event
from tests.conftest import Api, Clock
from tests.rooms.climbing import DUE_ON, a_case, a_day_goes_by, ledger, the_deadline, the_run
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep


async def test_of_rungs_that_passed_only_the_newest_speaks(api: Api, desk: Desk) -> None:
    case = await a_case(api)

    await sweep(desk)

    assert {notice["rung"] for notice in await ledger(api)} == {"-1d"}
    run = await the_run(api, case["id"])
    assert {rung["at"]: rung["state"] for rung in run["rungs"]} == {
        "-10d": "passed_over",
        "-3d": "passed_over",
        "-1d": "spoke",
        "0": "to_come",
        "+1d": "to_come",
    }
    assert run["next"] == {"at": "0", "due_at": "2026-03-03T05:00:00Z"}


async def test_a_fresh_deadline_waits_for_its_first_rung(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, petition_on="2026-02-20")  # due on Monday the 23rd of March, after a weekend

    await sweep(desk)
    assert await ledger(api) == []
    assert (await the_run(api, case["id"]))["next"]["at"] == "-10d"

    clock.set(datetime(2026, 3, 13, 3, 59, tzinfo=UTC))
    await sweep(desk)
    assert await ledger(api) == []

    clock.set(datetime(2026, 3, 13, 4, 0, tzinfo=UTC))  # midnight in Washington, in summer time
    await sweep(desk)
    assert {notice["rung"] for notice in await ledger(api)} == {"-10d"}


async def test_every_rung_speaks_once_in_its_turn(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, petition_on="2026-02-20", linked=False)

    for _ in range(26 * 4):
        await sweep(desk)
        clock.advance(timedelta(hours=6))

    assert [notice["rung"] for notice in await ledger(api)] == ["-10d", "-3d", "-1d", "0", "+1d"]
    run = await the_run(api, case["id"])
    assert (run["next"], run["silent_reason"]) == (None, "done")


async def test_a_day_long_over_when_it_was_recorded_is_history_and_silent(api: Api, desk: Desk) -> None:
    case = await a_case(api, petition_on="2026-01-20")  # due on 19 February: 11 days ago

    await sweep(desk)

    assert await ledger(api) == []
    run = await the_run(api, case["id"])
    assert (run["silent_reason"], {rung["state"] for rung in run["rungs"]}) == ("history", {"silent"})


async def test_a_day_over_for_a_week_when_it_was_recorded_still_speaks_once(api: Api, desk: Desk) -> None:
    case = await a_case(api, petition_on="2026-01-24", linked=False)  # due on Monday 23 February, seven days ago
    assert (await the_deadline(api, case["id"]))["due_on"] == "2026-02-23"

    await sweep(desk)

    assert [notice["rung"] for notice in await ledger(api)] == ["+1d"]


async def test_a_day_that_waited_unnoticed_is_not_history(api: Api, desk: Desk, clock: Clock) -> None:
    await a_case(api, linked=False)  # recorded in time; then nothing ran for a month

    clock.advance(timedelta(days=30))
    await sweep(desk)

    assert [(notice["rung"], notice["late"]) for notice in await ledger(api)] == [("+1d", True)]


async def test_a_deadline_met_in_time_is_silent_from_then_on(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    await an_event(api, case["proceeding_id"], type="ilc_determined_insufficient", on="2026-03-02")

    clock.advance(timedelta(days=5))
    await a_day_goes_by(desk)

    assert [notice["rung"] for notice in await ledger(api)] == ["-1d"]
    assert (await the_run(api, case["id"]))["silent_reason"] == "met"


async def test_an_act_taken_back_sets_the_ladder_going_again(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    act = await an_event(api, case["proceeding_id"], type="ilc_determined_insufficient", on="2026-03-02")
    await sweep(desk)
    path = f"/v1/proceedings/{case['proceeding_id']}/events/{act['id']}/withdraw"
    assert (await api.post(path, json={"reason": "the wrong case"})).status_code < 300

    await sweep(desk)
    assert [notice["rung"] for notice in await ledger(api)] == ["-1d"]  # told before, for the same day

    clock.advance(timedelta(days=1))
    await sweep(desk)
    assert [notice["rung"] for notice in await ledger(api)] == ["-1d", "0"]


async def test_a_warning_held_back_by_an_act_that_is_taken_back_goes_out_after_all(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    act = await an_event(api, case["proceeding_id"], type="ilc_determined_insufficient", on="2026-03-02")
    await a_day_goes_by(desk)
    assert [(notice["status"], notice["reason"]) for notice in await ledger(api)] == [("suppressed", "met")]
    path = f"/v1/proceedings/{case['proceeding_id']}/events/{act['id']}/withdraw"
    assert (await api.post(path, json={"reason": "the wrong case"})).status_code < 300

    await a_day_goes_by(desk)

    told = [(notice["rung"], notice["revision"], notice["status"]) for notice in await ledger(api)]
    assert told == [("-1d", 1, "suppressed"), ("-1d", 2, "stored")]


async def test_a_moved_day_is_told_anew_under_its_new_revision(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await a_day_goes_by(desk)
    path = f"/v1/proceedings/{case['proceeding_id']}/events/{case['event_id']}"
    moved = await api.patch(path, json={"on": "2026-02-03", "reason": "the stamp says so"}, version=1)
    assert moved.status_code == 200, moved.text
    assert (await the_deadline(api, case["id"]))["due_on"] == "2026-03-05"

    await a_day_goes_by(desk)
    clock.set(datetime(2026, 3, 4, 15, tzinfo=UTC))
    await a_day_goes_by(desk)

    told = [(notice["rung"], notice["revision"]) for notice in await ledger(api)]
    assert told == [("-1d", 1), ("-3d", 2), ("-1d", 2)]
    run = await the_run(api, case["id"])
    assert run["next"] == {"at": "0", "due_at": "2026-03-05T05:00:00Z"}
    old = [rung for rung in run["rungs"] if rung["revision"] == 1 and rung["state"] == "spoke"]
    assert [rung["on"] for rung in old] == ["2026-03-02"]


async def test_a_withdrawn_trigger_silences_its_deadline(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    path = f"/v1/proceedings/{case['proceeding_id']}/events/{case['event_id']}/withdraw"
    assert (await api.post(path, json={"reason": "the wrong case"})).status_code < 300

    clock.advance(timedelta(days=3))
    await sweep(desk)

    assert await ledger(api) == []
    assert (await the_run(api, case["id"]))["silent_reason"] == "void"


async def test_due_day_of_the_tests_is_what_the_rules_say(api: Api) -> None:
    case = await a_case(api)

    assert (await the_deadline(api, case["id"]))["due_on"] == DUE_ON
