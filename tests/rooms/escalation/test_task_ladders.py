"""A task from its recording to the letter: it climbs, speaks to its person, and falls silent when it is done."""

from datetime import timedelta
from typing import Any

from tests.builders import a_complaint, a_contact
from tests.conftest import Api, Clock, People
from tests.rooms.climbing import a_day_goes_by, a_place, ledger, the_run
from tests.rooms.tasking import a_task, the_path
from vigilancia.core.work import Desk


async def told(api: Api, **params: str) -> list[tuple[str, str, str]]:
    """Return rung, contact and status of the notices of tasks, oldest first."""
    found = await ledger(api, kind="task", **params)
    return [(notice["rung"], notice["contact_id"], notice["status"]) for notice in found]


async def test_a_task_climbs_to_its_person_until_it_is_done(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    ana = await a_contact(api, people.centre_id, name="Ana", desk=False)
    case = await a_complaint(api)
    task = await a_task(api, case["id"], due_on="2026-03-05", contact_id=ana["id"], code="prepare_meeting")
    for _ in range(3):
        await a_day_goes_by(desk)
        clock.advance(timedelta(days=1))
    assert (await told(api))[0] == ("-3bd", ana["id"], "stored")
    before = len(await told(api))

    assert (await api.post(f"{the_path(task)}/done")).status_code == 200
    for _ in range(4):
        await a_day_goes_by(desk)
        clock.advance(timedelta(days=1))

    assert len(await told(api)) == before
    assert (await the_run(api, case["id"]))["silent_reason"] == "met"


async def test_another_day_is_told_anew(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api)
    task = await a_task(api, case["id"], due_on="2026-03-05")
    await a_day_goes_by(desk)
    assert (await api.patch(the_path(task), json={"due_on": "2026-03-20"}, version=1)).status_code == 200
    await a_day_goes_by(desk)
    clock.advance(timedelta(days=15))  # the 17th: three working days before
    await a_day_goes_by(desk)
    assert [(rung, status) for rung, _, status in await told(api)] == [("-3bd", "stored")] * 2


async def test_whoever_took_it_on_gets_the_next_letter_and_not_before(
    api: Api, desk: Desk, people: People, clock: Clock
) -> None:
    ana = await a_contact(api, people.centre_id, name="Ana", desk=False)
    luz = await a_contact(api, people.centre_id, name="Luz", desk=False)
    case = await a_complaint(api)
    await a_task(api, case["id"], due_on="2026-03-05", contact_id=ana["id"])
    await a_day_goes_by(desk)
    run = await the_run(api, case["id"])
    offer = (await api.post(f"/v1/escalations/{run['id']}/assign", json={"contact_id": luz["id"]})).json()
    clock.advance(timedelta(days=2))
    await a_day_goes_by(desk)
    assert {contact for _, contact, _ in await told(api)} == {ana["id"]}

    path = f"/v1/escalations/{run['id']}/assignments/{offer['id']}/accept"
    assert (await api.post(path)).status_code == 200
    clock.advance(timedelta(days=1))
    await a_day_goes_by(desk)
    assert (await told(api))[-1][:2] == ("0", luz["id"])


async def test_a_task_of_a_writer_is_told_to_the_writer_alone(api: Api, desk: Desk, people: People) -> None:
    case = await a_complaint(api)
    link = await a_place(api, case["id"], access="write")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    await a_task(api, case["id"], role="partner", due_on="2026-03-05")
    await a_day_goes_by(desk)
    found: list[dict[str, Any]] = await ledger(api, kind="task")
    assert {notice["organization_id"] for notice in found} == {str(people.union_id)}
    assert (await api.get("/v1/escalations", params={"complaint_id": case["id"]})).json()["items"] == []


async def test_a_case_that_is_merged_is_silent_about_its_tasks(api: Api, desk: Desk, clock: Clock) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    await a_task(api, case["id"], due_on="2026-03-12")
    await a_day_goes_by(desk)
    body = {"into": other["id"], "reason": "La misma"}
    assert (await api.post(f"/v1/complaints/{case['id']}/merge", json=body, version=1)).status_code == 200
    clock.advance(timedelta(days=10))
    before = len(await told(api))
    await a_day_goes_by(desk)
    assert len(await told(api)) == before
    assert (await the_run(api, case["id"]))["silent_reason"] == "merged"


async def test_a_rung_of_working_days_holds_when_it_is_sent(api: Api, desk: Desk, clock: Clock) -> None:
    rungs = [{"at": "-2bd", "audiences": ["handler_or_desk"]}]
    kept = await api.post("/v1/escalation-policies", json={"name": "Tareas", "nature": "task", "rungs": rungs})
    assert kept.status_code == 201, kept.text
    case = await a_complaint(api)
    await a_task(api, case["id"], due_on="2026-03-10")  # a Tuesday: two working days before is Friday the 6th
    await a_day_goes_by(desk)
    assert await told(api) == []
    clock.advance(timedelta(days=4))
    await a_day_goes_by(desk)
    assert [(rung, status) for rung, _, status in await told(api)] == [("-2bd", "stored")]
