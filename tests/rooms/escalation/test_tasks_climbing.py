"""Tasks climb the same ladders as deadlines, and only people of their own organisation hear of them."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from tests.builders import a_complaint, a_contact, a_link
from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case
from tests.rooms.escalation.test_standing_in import TODAY, change, change_all, take
from vigilancia.core.identity import SYSTEM
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk
from vigilancia.escalation.plan import plan_pending
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.models import NoticeRow
from vigilancia.proceedings.tasks.models import TaskRow

TUESDAY = date(2026, 3, 3)


async def a_task(desk: Desk, complaint_id: str, organization_id: Any, **changes: Any) -> UUID:
    """Write a task as its API will: open, to be planned, due on the day after the tests' Monday."""
    row = {
        "id": new_id(),
        "complaint_id": UUID(complaint_id),
        "organization_id": UUID(str(organization_id)),
        "code": "prepare_meeting",
        "title": "canarytask",
        "due_on": TUESDAY,
        "zone": "America/Mexico_City",
        "state": "open",
        "revision": 1,
        "plan_pending": True,
        "recorded_at": desk.now(),
        "version": 1,
        "created_at": desk.now(),
        "updated_at": desk.now(),
        **changes,
    }
    async with looking(desk) as session:
        await session.execute(insert(TaskRow).values(row))
        await session.commit()
    return row["id"]  # type: ignore[no-any-return]


async def change_task(desk: Desk, task_id: UUID, **values: Any) -> None:
    async with looking(desk) as session:
        changed = update(TaskRow).where(TaskRow.id == task_id).values(plan_pending=True, **values)
        await session.execute(changed)
        await session.commit()


async def told(desk: Desk) -> list[tuple[str, UUID]]:
    """Return rung and organisation of every notice of a task."""
    async with looking(desk) as session:
        columns = (NoticeRow.rung, NoticeRow.organization_id)
        query = select(*columns).where(NoticeRow.kind == "task").order_by(NoticeRow.id)
        return [(row.rung, row.organization_id) for row in await session.execute(query)]


async def contacts_told(desk: Desk) -> set[UUID]:
    async with looking(desk) as session:
        return set(await session.scalars(select(NoticeRow.contact_id).where(NoticeRow.kind == "task")))


async def the_task_run(api: Api, task_id: UUID, role: str = "staff") -> list[dict[str, Any]]:
    answer = await api.get("/v1/escalations", role=role, params={"task_id": str(task_id)})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_task_warns_the_desk_of_its_organisation_and_nobody_who_is_linked(
    api: Api, desk: Desk, people: People
) -> None:
    case = await a_complaint(api)
    await a_link(api, case["id"], people.union_id)
    await a_task(desk, case["id"], people.centre_id)

    await sweep(desk)

    assert await told(desk) == [("-1bd", people.centre_id)]


async def test_a_task_is_told_to_its_person(api: Api, desk: Desk, people: People) -> None:
    person = await a_contact(api, people.centre_id, desk=False)
    case = await a_complaint(api)
    await a_task(desk, case["id"], people.centre_id, contact_id=UUID(person["id"]))

    await sweep(desk)

    assert await contacts_told(desk) == {UUID(person["id"])}


async def test_a_task_of_a_person_who_is_away_is_told_to_the_desk(api: Api, desk: Desk, people: People) -> None:
    person = await a_contact(api, people.centre_id, desk=False)
    await change(desk, person["id"], away=TODAY)
    case = await a_complaint(api)
    await a_task(desk, case["id"], people.centre_id, contact_id=UUID(person["id"]))

    await sweep(desk)

    assert len(await contacts_told(desk)) == 1
    assert UUID(person["id"]) not in await contacts_told(desk)


async def test_a_task_of_a_linked_organisation_never_falls_to_the_owners_desk(
    api: Api, desk: Desk, people: People
) -> None:
    await change_all(desk, people.union_id, channels=[])
    case = await a_complaint(api)
    await a_link(api, case["id"], people.union_id)
    task_id = await a_task(desk, case["id"], people.union_id)

    await sweep(desk)

    assert await told(desk) == []
    (run,) = await the_task_run(api, task_id, role="partner")
    assert {rung["at"]: rung["state"] for rung in run["rungs"]}["-1bd"] == "unreachable"


async def test_runs_of_tasks_are_seen_by_their_own_organisation_alone(api: Api, desk: Desk, people: People) -> None:
    case = await a_complaint(api)
    await a_link(api, case["id"], people.union_id, access="read")
    mine = await a_task(desk, case["id"], people.centre_id)
    theirs = await a_task(desk, case["id"], people.union_id)
    await sweep(desk)

    (run,) = await the_task_run(api, mine)
    assert (run["task_id"], run["deadline_id"], run["due_on"]) == (str(mine), None, "2026-03-03")
    assert await the_task_run(api, mine, role="partner") == []
    assert await the_task_run(api, theirs) == []
    for path in ("", "/plan"):
        assert (await api.get(f"/v1/escalations/{run['id']}{path}", role="partner")).status_code == 404
        assert (await api.get(f"/v1/escalations/{run['id']}{path}")).status_code == 200
    muting = {"rung": "-1bd", "reason": "no hace falta"}
    assert (await api.post(f"/v1/escalations/{run['id']}/mute", role="partner", json=muting)).status_code == 404
    ordered = await api.get("/v1/escalations", params={"sort": "due_on"})
    assert [item["id"] for item in ordered.json()["items"]] == [run["id"]]


async def test_a_task_done_is_silent_and_one_cancelled_is_void(api: Api, desk: Desk, people: People) -> None:
    case = await a_complaint(api)
    done = await a_task(desk, case["id"], people.centre_id, state="done", ended_at=desk.now())
    void = await a_task(desk, case["id"], people.centre_id, state="cancelled", ended_at=desk.now())

    await sweep(desk)

    assert await told(desk) == []
    assert [run["silent_reason"] for run in await the_task_run(api, done)] == ["met"]
    assert [run["silent_reason"] for run in await the_task_run(api, void)] == ["void"]


async def test_a_task_climbs_to_the_day_after_and_is_then_done_with(
    api: Api, desk: Desk, people: People, clock: Clock
) -> None:
    clock.set(datetime(2026, 2, 20, 15, tzinfo=UTC))
    case = await a_complaint(api)
    task_id = await a_task(desk, case["id"], people.centre_id)

    for _ in range(16 * 2):
        await sweep(desk)
        clock.advance(timedelta(hours=12))

    assert [rung for rung, _ in await told(desk)] == ["-3bd", "-1bd", "0", "+1d"]
    (run,) = await the_task_run(api, task_id)
    assert (run["silent_reason"], run["calendars"]) == ("done", ["mx-lft"])


async def test_a_task_that_moves_is_told_anew(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    case = await a_complaint(api)
    task_id = await a_task(desk, case["id"], people.centre_id)
    await sweep(desk)
    await change_task(desk, task_id, due_on=date(2026, 3, 5), revision=2)
    clock.set(datetime(2026, 3, 4, 15, tzinfo=UTC))

    await sweep(desk)

    assert [rung for rung, _ in await told(desk)] == ["-1bd", "-1bd"]


async def test_after_an_outage_a_task_speaks_once_and_late(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    clock.set(datetime(2026, 2, 20, 15, tzinfo=UTC))
    case = await a_complaint(api)
    task_id = await a_task(desk, case["id"], people.centre_id)
    await sweep(desk)
    clock.set(datetime(2026, 3, 3, 12, tzinfo=UTC))

    await sweep(desk)

    (run,) = await the_task_run(api, task_id)
    assert [rung["state"] for rung in run["rungs"]] == ["passed_over", "passed_over", "spoke", "to_come"]
    async with looking(desk) as session:
        assert (await session.scalars(select(NoticeRow.late))).all() == [True]


async def test_a_task_climbs_the_ladder_its_own_organisation_keeps_for_tasks(
    api: Api, desk: Desk, people: People
) -> None:
    body = {"name": "tareas", "nature": "task", "rungs": [{"at": "-2d", "audiences": ["assignee"]}]}
    theirs = await api.post("/v1/escalation-policies", role="partner", json=body)
    assert theirs.status_code == 201, theirs.text
    mine = await api.post("/v1/escalation-policies", json={**body, "nature": None})
    assert mine.status_code == 201, mine.text
    case = await a_complaint(api)
    await a_link(api, case["id"], people.union_id)
    own = await a_task(desk, case["id"], people.centre_id)
    other = await a_task(desk, case["id"], people.union_id)

    await sweep(desk)

    assert [run["policy_id"] for run in await the_task_run(api, own)] == [None]
    (run,) = await the_task_run(api, other, role="partner")
    assert run["policy_id"] == theirs.json()["id"]
    assert [rung["at"] for rung in run["rungs"]] == ["-2d", "0", "+1d"]


async def test_a_task_somebody_took_is_told_to_them(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    clock.set(datetime(2026, 2, 25, 15, tzinfo=UTC))
    taker = await a_contact(api, people.centre_id, desk=False)
    case = await a_complaint(api)
    task_id = await a_task(desk, case["id"], people.centre_id)
    await sweep(desk)
    (run,) = await the_task_run(api, task_id)
    await take(desk, run["id"], people.centre_id, taker["id"])
    clock.set(datetime(2026, 3, 2, 15, tzinfo=UTC))

    await sweep(desk)

    assert await contacts_told(desk) == {UUID(taker["id"])}


async def test_the_words_of_a_task_stand_nowhere_in_its_run(api: Api, desk: Desk, people: People) -> None:
    case = await a_complaint(api)
    task_id = await a_task(desk, case["id"], people.centre_id)
    await sweep(desk)
    (run,) = await the_task_run(api, task_id)

    for path in (f"/v1/escalations/{run['id']}", f"/v1/escalations/{run['id']}/plan"):
        assert "canarytask" not in (await api.get(path)).text
    assert "canarytask" not in (await api.get(f"/v1/complaints/{case['id']}/timeline")).text


async def test_many_sweeps_at_once_tell_each_task_once(api: Api, desk: Desk, people: People) -> None:
    case = await a_complaint(api)
    for _ in range(6):
        await a_task(desk, case["id"], people.centre_id)

    await asyncio.gather(*(sweep(desk) for _ in range(8)))

    assert len(await told(desk)) == 6


async def test_a_task_and_a_deadline_of_one_case_climb_side_by_side(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api, linked=False)
    await a_task(desk, case["id"], people.centre_id)

    await sweep(desk)

    async with looking(desk) as session:
        found = await session.execute(select(NoticeRow.kind, NoticeRow.rung, NoticeRow.deadline_id.is_(None)))
    assert sorted(tuple(row) for row in found) == [("deadline", "-1d", False), ("task", "-1bd", True)]


@pytest.mark.parametrize("due_on", [date.min, date.max])
async def test_a_slip_of_the_year_stops_nobody_elses_ladder(api: Api, desk: Desk, people: People, due_on: date) -> None:
    case = await a_complaint(api)
    slip = await a_task(desk, case["id"], people.centre_id, due_on=due_on)
    await a_task(desk, case["id"], people.centre_id)

    await sweep(desk)

    assert await told(desk) == [("-1bd", people.centre_id)]
    assert [run["due_on"] for run in await the_task_run(api, slip)] == [due_on.isoformat()]


async def test_planning_many_tasks_takes_few_statements(api: Api, desk: Desk, people: People, statements: Any) -> None:
    case = await a_complaint(api)
    counts = []
    for many in (5, 80):
        for _ in range(many):
            await a_task(desk, case["id"], people.centre_id)
        with statements() as sent:
            async with desk.work(SYSTEM) as work:
                assert await plan_pending(work) == many
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 6
    async with looking(desk) as session:
        assert await session.scalar(select(func.count()).select_from(TaskRow).where(TaskRow.plan_pending)) == 0
