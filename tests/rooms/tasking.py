"""Tasks of a case, and what the tests of tasks, their letters and their runs do with them."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from tests.builders import a_link
from tests.conftest import Api, looking
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk
from vigilancia.escalation import ladder
from vigilancia.escalation.models import RunRow


async def a_task(api: Api, complaint_id: str, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Record that evidence is to be supplemented by 20 March 2026."""
    body = {"code": "supplement_evidence", "due_on": "2026-03-20", **changes}
    answer = await api.post(f"/v1/complaints/{complaint_id}/tasks", json=body, role=role)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def the_path(task: dict[str, Any]) -> str:
    return f"/v1/complaints/{task['complaint_id']}/tasks/{task['id']}"


async def a_writer(api: Api, complaint_id: str, *, access: str = "write") -> None:
    """Give the union a place in a case, accepted."""
    link = await a_link(api, complaint_id, api.people.union_id, access=access)
    accepted = await api.post(f"/v1/complaints/{complaint_id}/links/{link['id']}/accept", role="partner")
    assert accepted.status_code == 200, accepted.text


async def the_run_of(desk: Desk, task: dict[str, Any]) -> dict[str, Any]:
    """Return the run of a task; write it where the sweep has not planned it."""
    async with looking(desk) as session:
        found = await session.scalar(select(RunRow.id).where(RunRow.task_id == task["id"]))
        if found is None:
            found = new_id()
            session.add(_run(found, task, desk))
            await session.commit()
    return {"id": str(found), "complaint_id": task["complaint_id"]}


def _run(id_: UUID, task: dict[str, Any], desk: Desk) -> RunRow:
    return RunRow(
        id=id_,
        task_id=task["id"],
        complaint_id=task["complaint_id"],
        ladder=msgspec.to_builtins(ladder.for_nature("mandatory", None)),
        revision=1,
        next_rung=None,
        next_at=None,
        started_at=desk.now(),
        updated_at=desk.now(),
    )
