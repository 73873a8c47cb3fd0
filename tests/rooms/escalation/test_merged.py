"""While a case is merged into another its ladders are silent; once the merge is undone the newest warning is given."""

from datetime import timedelta
from typing import Any

from tests.builders import a_complaint
from tests.conftest import Api, Clock
from tests.rooms.climbing import a_case, ledger, the_run
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep


async def merged(api: Api, case: dict[str, Any]) -> None:
    """Merge a case into a new one."""
    other = await a_complaint(api, title="El que sigue")
    body = {"into": other["id"], "reason": "La misma asamblea"}
    answer = await api.post(f"/v1/complaints/{case['id']}/merge", json=body, version=1)
    assert answer.status_code == 200, answer.text


async def unmerged(api: Api, case: dict[str, Any]) -> None:
    """Undo it."""
    answer = await api.post(f"/v1/complaints/{case['id']}/unmerge", json={"reason": "Son dos"}, version=2)
    assert answer.status_code == 200, answer.text


async def rungs(api: Api, case: dict[str, Any]) -> list[str]:
    """Return the rungs that spoke, oldest first."""
    return [notice["rung"] for notice in await ledger(api, complaint_id=case["id"])]


async def test_a_merged_case_is_silent_and_its_newest_passed_rung_speaks_after_the_merge_is_undone(
    api: Api, desk: Desk, clock: Clock, woken: list[frozenset[Job]]
) -> None:
    case = await a_case(api, linked=False)
    await merged(api, case)
    for _ in range(3):
        await sweep(desk)
        clock.advance(timedelta(days=1))
    assert await rungs(api, case) == []
    run = await the_run(api, case["id"])
    assert (run["next"], run["silent_reason"]) == (None, "merged")
    woken.clear()
    await unmerged(api, case)
    assert any(Job.SWEEP in jobs for jobs in woken)
    await sweep(desk)
    assert await rungs(api, case) == ["+1d"]
    results = {rung["at"]: rung["state"] for rung in (await the_run(api, case["id"]))["rungs"]}
    assert (results["-1d"], results["0"]) == ("passed_over", "passed_over")


async def test_a_ladder_that_was_waiting_falls_silent_at_the_merge(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    assert await rungs(api, case) == ["-1d"]
    await merged(api, case)
    clock.advance(timedelta(days=1))
    await sweep(desk)
    assert await rungs(api, case) == ["-1d"]
    assert (await the_run(api, case["id"]))["silent_reason"] == "merged"


async def test_what_spoke_before_the_merge_is_not_said_again(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    await merged(api, case)
    await sweep(desk)
    await unmerged(api, case)
    await sweep(desk)
    assert await rungs(api, case) == ["-1d"]
    clock.advance(timedelta(days=1))
    await sweep(desk)
    assert await rungs(api, case) == ["-1d", "0"]


async def test_a_merge_undone_before_any_sweep_costs_no_warning(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False)
    await merged(api, case)
    await unmerged(api, case)
    await sweep(desk)
    assert await rungs(api, case) == ["-1d"]


async def test_the_case_that_goes_on_keeps_its_own_ladder(api: Api, desk: Desk) -> None:
    other, case = await a_case(api, linked=False), await a_complaint(api)
    body = {"into": other["id"], "reason": "La misma asamblea"}
    assert (await api.post(f"/v1/complaints/{case['id']}/merge", json=body, version=1)).status_code == 200
    await sweep(desk)
    assert await rungs(api, other) == ["-1d"]


async def test_a_ladder_that_had_ended_keeps_its_own_reason(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False, petition_on="2025-06-01")
    await sweep(desk)
    await merged(api, case)
    await sweep(desk)
    assert (await the_run(api, case["id"]))["silent_reason"] == "history"
