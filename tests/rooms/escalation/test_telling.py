"""What the timeline tells of ladders, once for each revision: that one began, that a last day came, that it went by."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import an_event
from tests.conftest import Api, Clock
from tests.rooms.climbing import a_case, a_place, ledger, the_deadline, the_run
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep

KINDS = ("escalation_started", "deadline_due", "deadline_missed")


async def entries(api: Api, complaint_id: str, *, role: str = "staff") -> list[dict[str, Any]]:
    answer = await api.get(f"/v1/complaints/{complaint_id}/timeline", role=role, params={"limit": "200"})
    assert answer.status_code == 200, answer.text
    return [entry for entry in answer.json()["items"] if entry["type"] in KINDS]


async def kinds(api: Api, complaint_id: str) -> list[str]:
    return [entry["type"] for entry in await entries(api, complaint_id)]


async def test_each_is_told_once_in_its_turn(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    expected = {0: 1, 1: 2, 2: 3, 3: 3}
    for day, many in expected.items():
        await asyncio.gather(*(sweep(desk) for _ in range(3)))
        assert len(await entries(api, case["id"])) == many, day
        clock.advance(timedelta(days=1))

    found = await entries(api, case["id"])
    assert [entry["type"] for entry in found] == list(KINDS)
    deadline = await the_deadline(api, case["id"])
    assert {entry["subject_id"] for entry in found} == {deadline["id"]}
    assert found[0]["after"]["escalation_id"] == (await the_run(api, case["id"]))["id"]
    assert {entry["after"]["due_on"] for entry in found[1:]} == {"2026-03-03"}
    assert {entry["after"]["revision"] for entry in found} == {1}


async def test_a_last_day_is_missed_from_its_authoritys_midnight_on(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    clock.set(datetime(2026, 3, 4, 4, 59, tzinfo=UTC))
    await sweep(desk)
    assert await kinds(api, case["id"]) == ["escalation_started", "deadline_due"]

    clock.set(datetime(2026, 3, 4, 5, 0, tzinfo=UTC))
    await sweep(desk)

    assert await kinds(api, case["id"]) == list(KINDS)


async def test_what_passed_unheard_is_told_all_the_same(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    clock.advance(timedelta(days=5))

    await sweep(desk)

    assert [notice["rung"] for notice in await ledger(api)] == ["+1d"]
    assert await kinds(api, case["id"]) == list(KINDS)


async def test_a_ladder_of_ones_own_changes_none_of_it(api: Api, desk: Desk, clock: Clock) -> None:
    body = {"name": "x", "rungs": [{"at": "-1d", "audiences": ["counsel"]}, {"at": "+9d", "audiences": ["counsel"]}]}
    assert (await api.post("/v1/escalation-policies", json=body)).status_code == 201
    case = await a_case(api, linked=False)
    clock.advance(timedelta(days=2))

    await sweep(desk)

    assert await kinds(api, case["id"]) == list(KINDS)


async def test_history_and_what_is_met_are_told_nothing(api: Api, desk: Desk, clock: Clock) -> None:
    old = await a_case(api, linked=False, petition_on="2026-01-10")
    met = await a_case(api, linked=False)
    await an_event(api, met["proceeding_id"], type="ilc_determined_insufficient", on="2026-03-02")
    clock.advance(timedelta(days=5))

    await sweep(desk)

    assert await kinds(api, old["id"]) == []
    assert await kinds(api, met["id"]) == []


async def test_a_floor_is_neither_due_nor_missed(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    notice = await an_event(api, case["proceeding_id"], type="remedies_notice", on="2026-03-02")
    assert notice["id"]
    for _ in range(30):
        await sweep(desk)
        clock.advance(timedelta(days=1))

    deadlines = (await api.get("/v1/deadlines", params={"complaint_id": case["id"]})).json()["items"]
    floors = {deadline["id"] for deadline in deadlines if deadline["nature"] == "not_before"}
    assert floors
    told = [entry["type"] for entry in await entries(api, case["id"]) if entry["subject_id"] in floors]
    assert set(told) == {"escalation_started"}


async def test_a_moved_day_is_due_and_missed_again_under_its_new_revision(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    clock.advance(timedelta(days=2))
    await sweep(desk)
    path = f"/v1/proceedings/{case['proceeding_id']}/events/{case['event_id']}"
    moved = await api.patch(path, json={"on": "2026-02-07", "reason": "the stamp says so"}, version=1)
    assert moved.status_code == 200, moved.text
    clock.advance(timedelta(days=8))

    await sweep(desk)

    found = [(entry["type"], entry["after"]["revision"]) for entry in await entries(api, case["id"])]
    assert found == [
        ("escalation_started", 1),
        ("deadline_due", 1),
        ("deadline_missed", 1),
        ("deadline_due", 2),
        ("deadline_missed", 2),
    ]


async def test_who_is_only_told_sees_that_a_day_was_missed_and_not_who_was_told(
    api: Api, desk: Desk, clock: Clock
) -> None:
    case = await a_case(api, linked=False)
    await a_place(api, case["id"], access="alerts")
    clock.advance(timedelta(days=2))
    await sweep(desk)

    found = await entries(api, case["id"], role="partner")

    assert {entry["type"] for entry in found} == {"deadline_due", "deadline_missed"}
    assert {entry["after"] for entry in found} == {None}


@pytest.mark.parametrize("hours", [24, 47])
async def test_silence_after_an_acknowledgement_resumes_the_ladder_at_its_next_step(
    api: Api, desk: Desk, clock: Clock, hours: int
) -> None:
    clock.set(datetime(2026, 2, 27, 15, tzinfo=UTC))  # the rung of three days before fell due today
    case = await a_case(api)
    await sweep(desk)
    run = await the_run(api, case["id"])
    answer = await api.post(f"/v1/escalations/{run['id']}/acknowledge", role="partner", json={"hours": hours})
    assert answer.status_code == 200, answer.text
    clock.set(datetime(2026, 3, 2, 15, tzinfo=UTC))

    await sweep(desk)

    told = [(notice["rung"], notice["status"]) for notice in await ledger(api, role="partner")]
    assert [state for at, state in told if at == "-1d"] == ["planned"]


async def test_an_acknowledgement_silences_its_own_organisation_only_and_never_a_missed_day(
    api: Api, desk: Desk, clock: Clock
) -> None:
    clock.set(datetime(2026, 3, 1, 15, tzinfo=UTC))
    case = await a_case(api)
    await sweep(desk)
    run = await the_run(api, case["id"])
    await api.post(f"/v1/escalations/{run['id']}/acknowledge", role="partner", json={"hours": 240})
    for day in (2, 3, 4):
        clock.set(datetime(2026, 3, day, 15, tzinfo=UTC))
        await sweep(desk)

    centre, union = str(api.people.centre_id), str(api.people.union_id)
    found = {(each["rung"], each["organization_id"]): each["status"] for each in await ledger(api)}
    assert (found["-1d", centre], found["-1d", union]) == ("planned", "suppressed")
    for at in ("0", "+1d"):
        assert (found[at, centre], found[at, union]) == ("planned", "planned")
