"""Tasks: kept by the organisation whose they are, read by those who read the case, offered where a procedure stands."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import a_complaint, a_contact, a_link, a_proceeding
from tests.conftest import Api, People, looking
from tests.rooms.climbing import a_case, the_deadline
from tests.rooms.tasking import a_task, a_writer, the_path
from vigilancia.complaints.models import TimelineRow
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk
from vigilancia.proceedings.tasks.models import TaskRow

TITLE = "canarytitle: ver a la compañera del turno de noche"


async def the_row(desk: Desk, task_id: str) -> TaskRow:
    async with looking(desk) as session:
        row: TaskRow = await session.get_one(TaskRow, task_id)
        return row


async def test_a_task_is_the_callers_organisations_own(
    api: Api, desk: Desk, people: People, woken: list[frozenset[Job]]
) -> None:
    case = await a_case(api)
    deadline = await the_deadline(api, case["id"])
    woken.clear()

    task = await a_task(api, case["id"], title=TITLE, deadline_id=deadline["id"])

    assert task["organization_id"] == str(people.centre_id)
    assert (task["proceeding_id"], task["mechanism"]) == (case["proceeding_id"], "usmca-31a-us-mx")
    assert (task["state"], task["revision"], task["zone"]) == ("open", 1, "America/Mexico_City")
    assert task["label"] == "complementar las pruebas"
    assert (await the_row(desk, task["id"])).plan_pending
    assert any(Job.SWEEP in kinds for kinds in woken)


async def test_words_of_a_task_never_reach_the_timeline(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    task = await a_task(api, case["id"], title=TITLE)
    await api.patch(the_path(task), json={"title": TITLE + " otra vez", "due_on": "2026-03-25"}, version=1)
    for verb in ("done", "reopen", "cancel"):
        assert (await api.post(f"{the_path(task)}/{verb}")).status_code == 200

    async with looking(desk) as session:
        rows = (await session.scalars(select(TimelineRow).where(TimelineRow.subject_id == task["id"]))).all()
    assert [row.type for row in sorted(rows, key=lambda row: row.seq)] == [
        "task_recorded",
        "task_changed",
        "task_done",
        "task_reopened",
        "task_cancelled",
    ]
    assert not [row for row in rows if "canary" in f"{row.before}{row.after}"]
    assert [row.after["title"] for row in rows if row.after and "title" in row.after] == ["changed", "changed"]


async def test_another_day_is_planned_anew_and_another_title_is_not(api: Api, desk: Desk) -> None:
    task = await a_task(api, (await a_complaint(api))["id"])
    async with looking(desk) as session:
        (await session.get_one(TaskRow, task["id"])).plan_pending = False
        await session.commit()

    same = await api.patch(the_path(task), json={"title": "Otra"}, version=1)
    assert (same.json()["revision"], (await the_row(desk, task["id"])).plan_pending) == (1, False)

    moved = await api.patch(the_path(task), json={"due_on": "2026-03-25"}, version=2)
    assert (moved.json()["revision"], (await the_row(desk, task["id"])).plan_pending) == (2, True)


async def test_nothing_is_written_where_nothing_differs(api: Api) -> None:
    task = await a_task(api, (await a_complaint(api))["id"])
    answer = await api.patch(the_path(task), json={"due_on": task["due_on"]}, version=1)
    assert answer.json()["version"] == 1


async def test_a_change_wants_the_version_that_was_read(api: Api) -> None:
    task = await a_task(api, (await a_complaint(api))["id"])
    assert (await api.patch(the_path(task), json={"title": "x"})).status_code == 428
    assert (await api.patch(the_path(task), json={"title": "x"}, version=1)).status_code == 200
    assert (await api.patch(the_path(task), json={"title": "y"}, version=1)).status_code == 412
    read = await api.get(the_path(task))
    again = await api.get(the_path(task), headers={"If-None-Match": read.headers["etag"]})
    assert again.status_code == 304


async def test_an_ended_task_is_opened_again_before_it_is_changed(api: Api) -> None:
    task = await a_task(api, (await a_complaint(api))["id"])
    done = (await api.post(f"{the_path(task)}/done")).json()
    assert (done["state"], done["ended_at"]) == ("done", "2026-03-02T15:00:00Z")

    assert (await api.post(f"{the_path(task)}/done")).status_code == 409
    assert (await api.post(f"{the_path(task)}/cancel")).status_code == 409
    assert (await api.patch(the_path(task), json={"title": "x"}, version=2)).status_code == 409

    again = (await api.post(f"{the_path(task)}/reopen")).json()
    assert (again["state"], again["ended_at"], again["revision"]) == ("open", None, 2)
    assert (await api.post(f"{the_path(task)}/reopen")).status_code == 409


async def test_two_who_finish_at_once_finish_it_once(api: Api, desk: Desk) -> None:
    task = await a_task(api, (await a_complaint(api))["id"])
    answers = await asyncio.gather(*(api.post(f"{the_path(task)}/done") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert (await the_row(desk, task["id"])).version == 2


async def test_a_repeated_key_records_one_task(api: Api) -> None:
    case = await a_complaint(api)
    body = {"code": "other", "due_on": "2026-03-20"}
    path, key = f"/v1/complaints/{case['id']}/tasks", {"Idempotency-Key": "una"}
    first, second = [await api.post(path, json=body, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert len((await api.get(path)).json()["items"]) == 1


async def test_every_fault_is_told_at_once(api: Api) -> None:
    case = await a_complaint(api)
    body = {"code": "canarycode", "due_on": "mañana", "title": "", "contact_id": "x", "color": 1}
    answer = await api.post(f"/v1/complaints/{case['id']}/tasks", json=body)
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {
        "/code",
        "/due_on",
        "/title",
        "/contact_id",
        "/color",
    }
    assert "canarycode" not in answer.text


async def test_only_a_contact_the_organisation_keeps_of_itself_does_its_tasks(api: Api, people: People) -> None:
    case = await a_complaint(api)
    await a_writer(api, case["id"])
    own = await a_contact(api, people.centre_id, name="Ana", desk=False)
    planted = await a_contact(api, people.union_id, name="Otro", desk=False)  # recorded by the centre, of the union
    theirs = await a_contact(api, people.union_id, role="partner", name="Luz", desk=False)
    path = f"/v1/complaints/{case['id']}/tasks"
    body = {"code": "other", "due_on": "2026-03-20"}

    assert (await a_task(api, case["id"], contact_id=own["id"]))["contact_id"] == own["id"]
    for role, contact in (("staff", theirs), ("staff", planted), ("partner", planted), ("partner", own)):
        refused = await api.post(path, json={**body, "contact_id": contact["id"]}, role=role)
        missing = await api.post(path, json={**body, "contact_id": people_nowhere()}, role=role)
        assert refused.status_code == 422
        assert refused.json()["errors"] == missing.json()["errors"]
    assert (await a_task(api, case["id"], role="partner", contact_id=theirs["id"]))["contact_id"] == theirs["id"]


def people_nowhere() -> str:
    return "00000000-0000-7000-8000-000000000000"


async def test_a_task_stands_in_a_procedure_of_its_own_case(api: Api) -> None:
    mine, other = await a_case(api), await a_case(api)
    deadline, alien = await the_deadline(api, mine["id"]), await the_deadline(api, other["id"])
    second = await a_proceeding(api, mine["id"])
    path = f"/v1/complaints/{mine['id']}/tasks"
    body = {"code": "other", "due_on": "2026-03-20"}
    for wrong, pointer in (
        ({"deadline_id": alien["id"]}, "/deadline_id"),
        ({"proceeding_id": other["proceeding_id"]}, "/proceeding_id"),
        ({"deadline_id": deadline["id"], "proceeding_id": second["id"]}, "/proceeding_id"),
    ):
        answer = await api.post(path, json={**body, **wrong})
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert (await a_task(api, mine["id"], proceeding_id=second["id"]))["mechanism"] == "usmca-31a-us-mx"


@pytest.mark.parametrize("access", ["read", "write"])
async def test_who_reads_the_case_in_full_reads_its_tasks(api: Api, access: str) -> None:
    case = await a_complaint(api)
    task = await a_task(api, case["id"], title=TITLE)
    await a_writer(api, case["id"], access=access)
    assert (await api.get(the_path(task), role="partner")).json()["title"] == TITLE
    listed = (await api.get(f"/v1/complaints/{case['id']}/tasks", role="partner")).json()["items"]
    assert [item["id"] for item in listed] == [task["id"]]
    assert (await api.post(f"{the_path(task)}/done", role="partner")).status_code == 403
    assert (await api.patch(the_path(task), json={"title": "x"}, role="partner", version=1)).status_code == 403


@pytest.mark.parametrize("confidentiality", ["restricted", "public"])
@pytest.mark.parametrize("role", ["partner", "analyst"])
async def test_who_gets_alerts_and_analysts_and_the_public_see_no_task(
    api: Api, role: str, confidentiality: str
) -> None:
    case = await a_complaint(api, confidentiality=confidentiality)
    await a_link(api, case["id"], api.people.union_id)  # alerts
    task = await a_task(api, case["id"], title=TITLE)
    assert (await api.get(the_path(task), role=role)).status_code == 404
    assert (await api.get(f"/v1/complaints/{case['id']}/tasks", role=role)).json()["items"] == []
    assert (await api.get(f"/v1/complaints/{case['id']}/tasks", role=role, params={"state": "open"})).json()[
        "items"
    ] == []
    assert (await api.get("/v1/tasks", role=role)).json()["items"] == []
    assert (await api.get(f"/v1/complaints/{case['id']}/tasks/offers", role=role)).status_code == 403
    timeline = await api.get(f"/v1/complaints/{case['id']}/timeline", role=role)
    assert "task_" not in timeline.text


async def test_for_a_stranger_there_is_neither_case_nor_task(api: Api) -> None:
    task = await a_task(api, (await a_complaint(api))["id"])
    path = f"/v1/complaints/{task['complaint_id']}/tasks"
    body = {"code": "other", "due_on": "2026-03-20"}
    for answer in (
        await api.get(path, role="partner"),
        await api.get(f"{path}/offers", role="partner"),
        await api.post(path, json=body, role="partner"),
        await api.get(the_path(task), role="partner"),
        await api.patch(the_path(task), json={"title": "x"}, role="partner", version=1),
        *[await api.post(f"{the_path(task)}/{verb}", role="partner") for verb in ("done", "cancel", "reopen")],
    ):
        assert answer.status_code == 404


async def test_a_task_of_one_case_is_not_found_in_another(api: Api) -> None:
    task, other = await a_task(api, (await a_complaint(api))["id"]), await a_complaint(api)
    assert (await api.get(f"/v1/complaints/{other['id']}/tasks/{task['id']}")).status_code == 404
    assert (await api.post(f"/v1/complaints/{other['id']}/tasks/{task['id']}/done")).status_code == 404


async def test_a_reader_records_no_task(api: Api) -> None:
    case = await a_complaint(api)
    await a_writer(api, case["id"], access="read")
    body = {"code": "other", "due_on": "2026-03-20"}
    answer = await api.post(f"/v1/complaints/{case['id']}/tasks", json=body, role="partner")
    assert answer.status_code == 403


async def test_a_merged_case_takes_no_task(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    task = await a_task(api, case["id"])
    merged = await api.post(
        f"/v1/complaints/{case['id']}/merge", json={"into": other["id"], "reason": "La misma"}, version=1
    )
    assert merged.status_code == 200, merged.text
    body = {"code": "other", "due_on": "2026-03-20"}
    assert (await api.post(f"/v1/complaints/{case['id']}/tasks", json=body)).status_code == 409
    assert (await api.post(f"{the_path(task)}/done")).status_code == 409
    assert (await api.get(f"/v1/complaints/{case['id']}/tasks/offers")).json() == {"offers": []}


async def test_merging_has_the_ladders_of_tasks_planned_anew(api: Api, desk: Desk) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    task, done = await a_task(api, case["id"]), await a_task(api, case["id"])
    await api.post(f"{the_path(done)}/done")
    async with looking(desk) as session:
        for id_ in (task["id"], done["id"]):
            (await session.get_one(TaskRow, id_)).plan_pending = False
        await session.commit()
    body = {"into": other["id"], "reason": "La misma"}
    assert (await api.post(f"/v1/complaints/{case['id']}/merge", json=body, version=1)).status_code == 200
    assert (await the_row(desk, task["id"])).plan_pending
    assert not (await the_row(desk, done["id"])).plan_pending


async def test_lists_are_narrowed_sorted_and_paged(api: Api, people: People) -> None:
    case = await a_complaint(api)
    ana = await a_contact(api, people.centre_id, name="Ana", desk=False)
    days = ("2026-03-20", "2026-03-10", "2026-03-30")
    tasks = [await a_task(api, case["id"], due_on=day) for day in days]
    mine = await a_task(api, case["id"], due_on="2026-04-02", contact_id=ana["id"])
    await api.post(f"{the_path(tasks[0])}/done")
    for path in (f"/v1/complaints/{case['id']}/tasks", "/v1/tasks"):

        async def found(path: str = path, **params: str) -> list[str]:
            answer = await api.get(path, params=params)
            assert answer.status_code == 200, answer.text
            return [item["due_on"] for item in answer.json()["items"]]

        assert await found() == ["2026-03-10", "2026-03-20", "2026-03-30", "2026-04-02"]
        assert await found(state="open") == ["2026-03-10", "2026-03-30", "2026-04-02"]
        assert await found(state="done,cancelled") == ["2026-03-20"]
        assert await found(due_on_after="2026-03-10", due_on_before="2026-04-02") == ["2026-03-20", "2026-03-30"]
        assert await found(contact_id=mine["contact_id"]) == ["2026-04-02"]
        first = (await api.get(path, params={"limit": "3"})).json()
        rest = (await api.get(path, params={"limit": "3", "cursor": first["next"]})).json()
        assert [item["due_on"] for item in first["items"] + rest["items"]] == sorted([*days, "2026-04-02"])
        for wrong in ({"state": "canary"}, {"contact_id": "x"}, {"sort": "title"}, {"due_on_before": "x"}, {"q": "x"}):
            assert (await api.get(path, params=wrong)).status_code == 400


async def test_own_tasks_across_cases_end_with_the_access(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id, access="write")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    theirs = await a_task(api, case["id"], role="partner")
    await a_task(api, other["id"])

    assert [item["id"] for item in (await api.get("/v1/tasks", role="partner")).json()["items"]] == [theirs["id"]]
    removed = await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=2)
    assert removed.status_code == 204, removed.text
    assert (await api.get("/v1/tasks", role="partner")).json()["items"] == []
    assert (await api.get(the_path(theirs), role="partner")).status_code == 404


async def test_a_list_costs_the_same_however_many_tasks_there_are(api: Api, statements: Any) -> None:
    case = await a_complaint(api)
    await a_task(api, case["id"])
    path = f"/v1/complaints/{case['id']}/tasks"
    with statements() as few:
        await api.get(path)
    for _ in range(10):
        await a_task(api, case["id"])
    with statements() as many:
        await api.get(path)
    assert len(many) == len(few)
