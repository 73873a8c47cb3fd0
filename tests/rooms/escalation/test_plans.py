"""The plan of a run: every rung to come, and whom it would reach today; for those who may record in the case."""

from datetime import UTC, datetime

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Clock, People
from tests.rooms.climbing import a_case, the_run
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep


async def test_the_plan_tells_who_may_record_every_rung_to_come_and_whom_it_would_reach(
    api: Api, desk: Desk, people: People
) -> None:
    case = await a_case(api)
    await sweep(desk)
    run = await the_run(api, case["id"])

    plan = (await api.get(f"/v1/escalations/{run['id']}/plan")).json()

    assert [(rung["at"], rung["at_once"], rung["webhooks"]) for rung in plan["rungs"]] == [
        ("0", True, 0),
        ("+1d", False, 0),
    ]
    reached = {each["organization_id"] for each in plan["rungs"][0]["reaches"]}
    assert reached == {str(people.centre_id), str(people.union_id)}
    assert {each["channel"] for each in plan["rungs"][0]["reaches"]} == {"email"}
    assert "example.org" not in str(plan)


async def test_the_plan_is_not_for_those_who_are_only_told(api: Api, desk: Desk) -> None:
    case = await a_case(api)
    await sweep(desk)
    run = await the_run(api, case["id"])

    assert (await api.get(f"/v1/escalations/{run['id']}/plan", role="partner")).status_code == 403
    unseen = await a_complaint(api)
    proceeding = await a_proceeding(api, unseen["id"])
    await an_event(api, proceeding["id"])
    await sweep(desk)
    other = await the_run(api, unseen["id"])
    assert (await api.get(f"/v1/escalations/{other['id']}/plan", role="partner")).status_code == 404


async def test_the_plan_says_what_is_muted_and_who_rests(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    clock.set(datetime(2026, 2, 27, 15, tzinfo=UTC))
    case = await a_case(api)
    await sweep(desk)
    run = await the_run(api, case["id"])
    await api.post(f"/v1/escalations/{run['id']}/acknowledge", role="partner", json={})
    await api.post(f"/v1/escalations/{run['id']}/mute", json={"rung": "-1d", "reason": "ya lo saben"})

    plan = (await api.get(f"/v1/escalations/{run['id']}/plan")).json()

    first = next(rung for rung in plan["rungs"] if rung["at"] == "-1d")
    rests = {each["organization_id"]: each["rests"] for each in first["reaches"]}
    assert first["muted"] is True
    assert rests == {str(people.centre_id): False, str(people.union_id): True}
    assert not [each for rung in plan["rungs"] if rung["at"] == "0" for each in rung["reaches"] if each["rests"]]


async def test_the_plan_counts_the_endpoints_that_are_told_of_the_last_day_and_of_what_follows(
    api: Api, desk: Desk
) -> None:
    case = await a_case(api)
    for role, events in (("staff", ["*"]), ("partner", ["deadline.due"]), ("partner", ["complaint.created"])):
        body = {"url": "https://example.org/hooks", "events": events}
        assert (await api.post("/v1/webhook-endpoints", role=role, json=body)).status_code == 201
    await sweep(desk)
    run = await the_run(api, case["id"])

    plan = (await api.get(f"/v1/escalations/{run['id']}/plan")).json()

    assert [(rung["at"], rung["webhooks"]) for rung in plan["rungs"]] == [("0", 2), ("+1d", 1)]
