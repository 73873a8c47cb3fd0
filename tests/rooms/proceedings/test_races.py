"""Recording beside the planner: whatever order they come in, a moved day is planned anew."""

from datetime import date
from typing import Any
from uuid import UUID

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, People
from tests.rooms.climbing import the_deadline, the_run
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.escalation.plan import plan_pending
from vigilancia.escalation.sweep import sweep
from vigilancia.proceedings import service
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.schemas import EventPatch


async def test_a_plan_made_in_the_midst_of_a_correction_is_made_again(
    api: Api, desk: Desk, people: People, monkeypatch: Any
) -> None:
    complaint = await a_complaint(api)
    proceeding = await a_proceeding(api, complaint["id"])
    event = await an_event(api, proceeding["id"], on="2026-02-20")  # its deadline is not planned yet

    async with desk.work(people.staff) as work:
        flush, planned = work.session.flush, []

        async def the_planner_comes_first(*args: Any) -> None:
            if any(isinstance(row, DeadlineRow) for row in work.session.dirty):
                async with desk.work(SYSTEM) as other:
                    planned.append(await plan_pending(other))
            await flush(*args)

        monkeypatch.setattr(work.session, "flush", the_planner_comes_first)
        change = EventPatch(on=date(2026, 2, 27), reason="Otro acuse")
        await service.correct_event(work, UUID(proceeding["id"]), UUID(event["id"]), change, 1)
    await sweep(desk)

    assert planned
    deadline, run = await the_deadline(api, complaint["id"]), await the_run(api, complaint["id"])
    assert deadline["due_on"] == "2026-03-30"
    assert run["revision"] == deadline["revision"]
