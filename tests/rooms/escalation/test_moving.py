"""Moving open runs to a ladder that changed: nothing told twice, nothing late because of it, nothing lost."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case, a_day_goes_by, ledger, the_run
from tests.rooms.escalation.test_merged import merged, unmerged
from tests.rooms.escalation.test_tasks_climbing import a_task, the_task_run
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.escalation.climb import climb_due
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.models import NoticeRow

PATH = "/v1/escalation-policies"


def rung(at: str, *audiences: str) -> dict[str, Any]:
    return {"at": at, "audiences": list(audiences) or ["handler_or_desk"]}


async def a_policy(api: Api, *at: str, role: str = "staff", **rest: Any) -> dict[str, Any]:
    body = {"name": "propia", "rungs": [rung(each) for each in at], **rest}
    answer = await api.post(PATH, json=body, role=role)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def moved(api: Api, policy: dict[str, Any], body: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    answer = await api.post(f"{PATH}/{policy['id']}/move-runs", json=body or {}, **rest)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def states(run: dict[str, Any]) -> dict[str, str]:
    return {each["at"]: each["state"] for each in run["rungs"]}


async def test_changing_a_ladder_tells_how_many_open_runs_are_behind_and_moves_them_when_asked(
    api: Api, desk: Desk
) -> None:
    policy = await a_policy(api, "-5d")
    case = await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)
    fresh = (await api.get(f"{PATH}/{policy['id']}")).json()
    assert (fresh["open_runs"], fresh["runs_behind"]) == (1, 0)

    changed = await api.patch(f"{PATH}/{policy['id']}", json={"rungs": [rung("-2bd")]}, version=1)
    assert (changed.json()["open_runs"], changed.json()["runs_behind"]) == (1, 1)
    assert states(await the_run(api, case["id"])) == {"-5d": "to_come", "0": "to_come", "+1d": "to_come"}

    assert await moved(api, policy, {"dry_run": True}) == {
        "policy_id": policy["id"],
        "dry_run": True,
        "open_runs": 1,
        "moved": 1,
    }
    assert (await moved(api, policy))["moved"] == 1
    assert (await moved(api, policy))["moved"] == 0
    run = await the_run(api, case["id"])
    assert states(run) == {"-2bd": "to_come", "0": "to_come", "+1d": "to_come"}
    assert run["next"] == {"at": "-2bd", "due_at": "2026-03-19T04:00:00Z"}
    assert run["calendars"] == ["us-federal", "us-federal-offices"]
    again = (await api.get(f"{PATH}/{policy['id']}")).json()
    assert (again["open_runs"], again["runs_behind"]) == (1, 0)


async def test_a_ladders_tag_follows_its_runs_and_still_names_its_version(api: Api, desk: Desk) -> None:
    policy = await a_policy(api, "-5d")
    one = f"{PATH}/{policy['id']}"
    before = (await api.get(one)).headers["ETag"]
    await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)
    after = (await api.get(one)).headers["ETag"]

    assert before != after
    assert (await api.get(one, headers={"If-None-Match": before})).status_code == 200
    assert (await api.get(one, headers={"If-None-Match": after})).status_code == 304
    changed = await api.patch(one, json={"name": "otra"}, headers={"If-Match": after})
    assert changed.status_code == 200


async def test_a_new_ladder_offers_to_take_the_runs_of_the_default_one(api: Api, desk: Desk) -> None:
    case = await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)

    policy = await a_policy(api, "-4d", mechanism="usmca-31a-us-mx")

    assert (policy["open_runs"], policy["runs_behind"]) == (1, 1)
    assert (await moved(api, policy))["moved"] == 1
    run = await the_run(api, case["id"])
    assert (run["policy_id"], run["next"]["at"]) == (policy["id"], "-4d")


async def test_a_ladder_put_to_rest_gives_its_runs_back_to_what_they_would_get_today(api: Api, desk: Desk) -> None:
    policy = await a_policy(api, "-5d")
    case = await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)
    off = await api.patch(f"{PATH}/{policy['id']}", json={"active": False}, version=1)
    assert off.json()["runs_behind"] == 1

    await moved(api, policy)

    run = await the_run(api, case["id"])
    assert (run["policy_id"], run["next"]["at"]) == (None, "-10d")


async def test_a_less_specific_ladder_takes_no_runs(api: Api, desk: Desk) -> None:
    await a_policy(api, "-5d", mechanism="usmca-31a-us-mx", rule="ilc_determination")
    await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)

    general = await a_policy(api, "-4d")

    assert (general["open_runs"], general["runs_behind"]) == (0, 0)
    assert (await moved(api, general))["moved"] == 0


async def test_what_was_told_is_not_told_again_and_the_past_does_not_speak_late(
    api: Api, desk: Desk, clock: Clock
) -> None:
    policy = await a_policy(api, "-1d")
    case = await a_case(api, linked=False)
    await a_day_goes_by(desk)
    assert [notice["rung"] for notice in await ledger(api)] == ["-1d"]
    changed = await api.patch(
        f"{PATH}/{policy['id']}", json={"rungs": [rung("-20d"), rung("-1d"), rung("-1bd"), rung("+3d")]}, version=1
    )
    assert changed.status_code == 200

    assert (await moved(api, policy))["moved"] == 1
    await a_day_goes_by(desk)

    assert [notice["rung"] for notice in await ledger(api)] == ["-1d"]
    assert states(await the_run(api, case["id"])) == {
        "-20d": "silent",
        "-1d": "spoke",
        "-1bd": "silent",
        "0": "to_come",
        "+1d": "to_come",
        "+3d": "to_come",
    }
    clock.advance(timedelta(days=1))
    await a_day_goes_by(desk)
    assert [notice["rung"] for notice in await ledger(api)] == ["-1d", "0"]


async def test_the_past_stays_quiet_when_the_run_is_planned_again_for_the_same_day(api: Api, desk: Desk) -> None:
    policy = await a_policy(api, "-30d")
    case = await a_case(api, linked=False)  # its one warning lies before its first day
    await sweep(desk)
    told = len(await ledger(api))
    await api.patch(f"{PATH}/{policy['id']}", json={"rungs": [rung("-2d"), rung("-1d")]}, version=1)
    await moved(api, policy)
    await merged(api, case)
    await sweep(desk)
    assert (await the_run(api, case["id"]))["silent_reason"] == "merged"
    await unmerged(api, case)

    await sweep(desk)

    assert len(await ledger(api)) == told


async def test_a_rung_that_left_the_ladder_keeps_its_place_in_what_was_done(api: Api, desk: Desk) -> None:
    policy = await a_policy(api, "-1bd")
    case = await a_case(api, linked=False)
    await a_day_goes_by(desk)
    await api.patch(f"{PATH}/{policy['id']}", json={"rungs": [rung("-30d")]}, version=1)

    await moved(api, policy)

    run = await the_run(api, case["id"])
    assert states(run) == {"-30d": "silent", "-1bd": "spoke", "0": "to_come", "+1d": "to_come"}


async def test_a_notice_of_a_rung_that_left_the_ladder_still_goes_out(api: Api, desk: Desk) -> None:
    policy = await a_policy(api, "-1bd")
    await a_case(api, linked=False)
    await sweep(desk)
    await api.patch(f"{PATH}/{policy['id']}", json={"rungs": [rung("-30d")]}, version=1)
    await moved(api, policy)

    await a_day_goes_by(desk)

    assert [(notice["rung"], notice["status"]) for notice in await ledger(api)] == [("-1bd", "stored")]


async def test_a_rung_due_and_not_climbed_yet_is_not_lost_by_the_move(api: Api, desk: Desk, clock: Clock) -> None:
    policy = await a_policy(api, "-5d")
    case = await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)
    clock.set(datetime(2026, 3, 23, 12, tzinfo=UTC))  # nothing ran until the last day itself
    await api.patch(f"{PATH}/{policy['id']}", json={"rungs": [rung("-2d")]}, version=1)

    assert (await moved(api, policy))["moved"] == 1
    await sweep(desk)

    assert [(notice["rung"], notice["late"]) for notice in await ledger(api)] == [("0", True)]
    assert states(await the_run(api, case["id"]))["-2d"] == "passed_over"


async def test_a_run_that_has_nothing_to_come_is_left_as_it_is(api: Api, desk: Desk, clock: Clock) -> None:
    policy = await a_policy(api, "-5d")
    await a_case(api, linked=False)
    clock.advance(timedelta(days=10))
    await sweep(desk)

    await api.patch(f"{PATH}/{policy['id']}", json={"rungs": [rung("+30d")]}, version=1)

    found = (await api.get(f"{PATH}/{policy['id']}")).json()
    assert (found["open_runs"], found["runs_behind"]) == (0, 0)
    assert (await moved(api, policy))["moved"] == 0


async def test_runs_of_others_are_neither_counted_nor_moved(api: Api, desk: Desk) -> None:
    case = await a_case(api, petition_on="2026-02-20")
    await sweep(desk)

    theirs = await a_policy(api, "-4d", role="partner")

    assert (theirs["open_runs"], theirs["runs_behind"]) == (0, 0)
    assert (await moved(api, theirs, role="partner"))["moved"] == 0
    assert (await api.post(f"{PATH}/{theirs['id']}/move-runs", json={})).status_code == 404
    assert (await the_run(api, case["id"]))["policy_id"] is None


async def test_runs_of_tasks_move_to_the_ladder_of_their_organisation(
    api: Api, desk: Desk, people: People, clock: Clock
) -> None:
    clock.set(datetime(2026, 2, 20, 15, tzinfo=UTC))
    case = await a_case(api, linked=False)
    task_id = await a_task(desk, case["id"], people.centre_id)
    await sweep(desk)

    policy = await a_policy(api, "-2bd", nature="task")
    assert (policy["open_runs"], policy["runs_behind"]) == (1, 1)
    assert (await moved(api, policy))["moved"] == 1

    (run,) = await the_task_run(api, task_id)
    assert run["next"] == {"at": "-2bd", "due_at": "2026-02-27T06:00:00Z"}


async def test_a_repeated_request_moves_once_and_says_so(api: Api, desk: Desk) -> None:
    await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)
    policy = await a_policy(api, "-4d")
    key = {"Idempotency-Key": "one"}

    first = await moved(api, policy, headers=key)
    again = await moved(api, policy, headers=key)

    assert (first["moved"], again["moved"]) == (1, 0)
    reused = await api.post(f"{PATH}/{policy['id']}/move-runs", json={"dry_run": True}, headers=key)
    assert reused.status_code == 422


async def test_the_move_stands_on_the_timeline(api: Api, desk: Desk) -> None:
    case = await a_case(api, petition_on="2026-02-20", linked=False)
    await sweep(desk)
    policy = await a_policy(api, "-4d")

    await moved(api, policy)

    entries = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    (entry,) = [entry for entry in entries if entry["type"] == "escalation_ladder_moved"]
    assert entry["after"]["policy_id"] == policy["id"]


async def test_moving_and_climbing_at_once_tells_each_rung_once(api: Api, desk: Desk) -> None:
    cases = [await a_case(api, linked=False) for _ in range(6)]
    async with desk.work(SYSTEM) as work:
        from vigilancia.escalation.plan import plan_pending

        await plan_pending(work)
    policy = await a_policy(api, "-1d", "-1bd", "-4d")

    async def climb() -> None:
        async with desk.work(SYSTEM) as work:
            await climb_due(work)

    await asyncio.gather(*(climb() for _ in range(4)), moved(api, policy), *(climb() for _ in range(4)))
    await sweep(desk)

    async with looking(desk) as session:
        complaints = (await session.scalars(select(NoticeRow.complaint_id))).all()
    assert len(complaints) == len(set(complaints)) == 6
    assert {(await the_run(api, case["id"]))["next"]["at"] for case in cases} == {"0"}


async def test_moving_many_takes_as_few_statements(api: Api, desk: Desk, statements: Any) -> None:
    counts = []
    for many in (3, 12):
        for _ in range(many):
            await a_case(api, petition_on="2026-02-20", linked=False)
        await sweep(desk)
        policy = await a_policy(api, "-4d" if many == 3 else "-6d")
        with statements() as sent:
            assert (await moved(api, policy))["moved"] >= many
        counts.append(len(sent))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("body", [{"dry_run": "yes"}, {"dry": True}])
async def test_a_body_that_does_not_fit_moves_nothing(api: Api, body: dict[str, Any]) -> None:
    policy = await a_policy(api, "-4d")

    assert (await api.post(f"{PATH}/{policy['id']}/move-runs", json=body)).status_code == 422
