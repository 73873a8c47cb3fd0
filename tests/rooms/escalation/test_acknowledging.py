"""Acknowledging rests the reminders to one organisation for a while; the last day and a missed one always speak."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Clock, People
from tests.rooms.climbing import a_case, a_day_goes_by, a_place, ledger, the_run
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep

CLOSE_RUNGS = {
    "name": "cada día",
    "rungs": [{"at": at, "audiences": ["handler_or_desk", "linked"]} for at in ("-3d", "-2d", "-1d", "0", "+1d")],
}


async def acknowledge(api: Api, run_id: str, body: dict[str, Any] | None = None, *, role: str = "staff") -> Any:
    return await api.post(f"/v1/escalations/{run_id}/acknowledge", json=body or {}, role=role)


async def test_acknowledging_rests_reminders_to_that_organisation_for_a_day_and_no_longer(
    api: Api, desk: Desk, people: People, clock: Clock
) -> None:
    await api.post("/v1/escalation-policies", json=CLOSE_RUNGS)
    case = await a_case(api, petition_on="2026-02-03")  # due on Thursday the 5th; the rung of today is -3d
    await sweep(desk)
    run = await the_run(api, case["id"])

    answer = await acknowledge(api, run["id"], role="partner")
    assert answer.status_code == 200, answer.text
    assert answer.json()["acknowledgements"][0]["until"] == "2026-03-03T15:00:00Z"
    clock.advance(timedelta(hours=-1))
    for _ in range(4):
        clock.advance(timedelta(days=1))
        await sweep(desk)

    told = {(notice["rung"], notice["organization_id"]): notice for notice in await ledger(api)}
    centre, union = str(people.centre_id), str(people.union_id)
    resting = told["-2d", union]
    assert (resting["status"], resting["reason"]) == ("suppressed", "acknowledged")
    assert told["-2d", centre]["status"] == "planned"
    assert [told[rung, union]["status"] for rung in ("-1d", "0", "+1d")] == ["planned"] * 3


async def test_the_last_day_speaks_to_those_who_acknowledged_too(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    run = await the_run(api, case["id"])
    assert (await acknowledge(api, run["id"], {"hours": 240})).status_code == 200

    for _ in range(2):
        clock.advance(timedelta(days=1))
        await sweep(desk)

    told = {notice["rung"]: notice["status"] for notice in await ledger(api)}
    assert (told["0"], told["+1d"]) == ("planned", "planned")


async def test_what_was_planned_and_not_sent_rests_too(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api)
    await sweep(desk)
    run = await the_run(api, case["id"])

    await acknowledge(api, run["id"], role="partner")
    await a_day_goes_by(desk)

    told = {notice["organization_id"]: notice for notice in await ledger(api)}
    assert told[str(people.union_id)]["reason"] == "acknowledged"
    assert told[str(people.centre_id)]["status"] == "stored"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"hours": 0}, "/hours"),
        ({"hours": 241}, "/hours"),
        ({"until": "2026-03-02T14:59:59Z"}, "/until"),
        ({"until": "2027-03-02T15:00:00Z"}, "/until"),
        ({"until": "2026-03-04T15:00:00"}, "/until"),
        ({"hours": 2, "until": "2026-03-03T15:00:00Z"}, "/until"),
        ({"reason": "busy"}, "/reason"),
    ],
)
async def test_an_acknowledgement_has_bounds(api: Api, desk: Desk, body: dict[str, Any], pointer: str) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    run = await the_run(api, case["id"])

    answer = await acknowledge(api, run["id"], body)

    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await the_run(api, case["id"]))["acknowledgements"] == []


async def test_an_acknowledgement_may_say_how_long_it_lasts(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    run = await the_run(api, case["id"])

    await acknowledge(api, run["id"], {"until": "2026-03-05T09:00:00-06:00"})
    await acknowledge(api, run["id"], {"hours": 2})

    found = (await the_run(api, case["id"]))["acknowledgements"]
    assert [entry["until"] for entry in found] == ["2026-03-02T17:00:00Z", "2026-03-05T15:00:00Z"]


async def test_the_same_key_acknowledges_once(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    run = await the_run(api, case["id"])

    for _ in range(2):
        path = f"/v1/escalations/{run['id']}/acknowledge"
        answer = await api.post(path, json={}, headers={"Idempotency-Key": "once"})
        assert answer.status_code == 200

    assert len((await the_run(api, case["id"]))["acknowledgements"]) == 1


async def test_who_is_not_told_about_a_case_cannot_acknowledge_it(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False, confidentiality="public")
    await sweep(desk)
    run = await the_run(api, case["id"])

    assert (await acknowledge(api, run["id"], role="partner")).status_code == 404
    assert (await api.get(f"/v1/escalations/{run['id']}", role="partner")).status_code == 404
    assert (await api.get("/v1/escalations", role="partner")).json()["items"] == []
    assert (await acknowledge(api, run["id"], role="analyst")).status_code == 403


async def test_a_reader_who_is_not_told_may_look_and_not_acknowledge(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False)
    link = await a_place(api, case["id"], role="observer", access="read")
    path = f"/v1/complaints/{case['id']}/links/{link['id']}/accept"
    assert (await api.post(path, json={}, role="partner", version=link["version"])).status_code < 300
    await sweep(desk)
    run = await the_run(api, case["id"], role="partner")

    assert (await acknowledge(api, run["id"], role="partner")).status_code == 403


async def test_those_who_only_get_alerts_see_their_own_acknowledgements_alone(
    api: Api, desk: Desk, people: People
) -> None:
    case = await a_case(api)
    await sweep(desk)
    run = await the_run(api, case["id"])
    await acknowledge(api, run["id"])
    await acknowledge(api, run["id"], role="partner")

    seen = (await the_run(api, case["id"], role="partner"))["acknowledgements"]
    assert [entry["organization_id"] for entry in seen] == [str(people.union_id)]
    assert len((await the_run(api, case["id"]))["acknowledgements"]) == 2


async def test_acknowledging_stands_on_the_timeline(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api)
    await sweep(desk)
    await acknowledge(api, (await the_run(api, case["id"]))["id"], role="partner")

    items = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    (entry,) = [item for item in items if item["type"] == "escalation_acknowledged"]
    assert entry["after"]["organization_id"] == str(people.union_id)


async def test_runs_are_listed_by_case_and_by_deadline(api: Api, desk: Desk) -> None:
    first, second = await a_case(api), await a_case(api)
    await sweep(desk)

    everything = (await api.get("/v1/escalations", params={"limit": "1"})).json()
    rest = (await api.get("/v1/escalations", params={"limit": "1", "cursor": everything["next"]})).json()
    assert {everything["items"][0]["complaint_id"], rest["items"][0]["complaint_id"]} == {first["id"], second["id"]}
    run = await the_run(api, first["id"])
    by_deadline = (await api.get("/v1/escalations", params={"deadline_id": run["deadline_id"]})).json()["items"]
    assert [item["id"] for item in by_deadline] == [run["id"]]
    assert (await api.get("/v1/escalations", params={"q": "x"})).status_code == 400
    assert (await api.get("/v1/escalations", params={"complaint_id": "x"})).status_code == 400


async def test_a_public_case_shows_its_runs_to_nobody_else(api: Api, desk: Desk) -> None:
    complaint = await a_complaint(api, confidentiality="public")
    proceeding = await a_proceeding(api, complaint["id"])
    await an_event(api, proceeding["id"])
    await sweep(desk)

    assert (await api.get("/v1/escalations", role="partner")).json()["items"] == []
    assert len((await api.get("/v1/escalations")).json()["items"]) == 1
