"""Sweeps beside sweeps, late commits, crashes in between, and what a look costs."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.test_statement_counts import multiply
from tests.builders import a_complaint
from tests.conftest import Api, Clock, Database, looking
from tests.rooms.searches.finding import FITTING, a_search, look, tell, told
from vigilancia.complaints import service
from vigilancia.complaints.schemas import ComplaintIn
from vigilancia.core.identity import SYSTEM, Caller
from vigilancia.core.work import Desk, Work
from vigilancia.notices.searches import changed as changed_step
from vigilancia.notices.searches.changed import match_changed
from vigilancia.notices.searches.figures import figures
from vigilancia.notices.searches.matching import each_fits
from vigilancia.notices.searches.untold import untold


async def test_a_case_committed_late_is_found_by_the_next_look(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api)
    began = clock()
    clock.advance(timedelta(minutes=10))
    await look(desk, clock)  # the transaction that began ten minutes ago is not seen yet
    at = clock()
    clock.set(began + timedelta(seconds=1))
    case = await a_complaint(api, **FITTING)
    clock.set(at)
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_a_case_whose_transaction_is_still_open_is_found_once_it_is_committed(
    api: Api, desk: Desk, clock: Clock
) -> None:
    await a_search(api)
    async with desk.work(api.people.staff) as work:
        await service.log(work, ComplaintIn(title="Tarde", received_on=date(2026, 2, 2), **FITTING))
        for _ in range(5):
            await look(desk, clock)
        assert await told(desk) == []
    await look(desk, clock)
    assert len(await told(desk)) == 1


async def test_two_sweeps_at_once_find_each_case_once(api: Api, desk: Desk, clock: Clock, empty: Database) -> None:
    for _ in range(3):
        await a_search(api)
    cases = [await a_complaint(api, **FITTING) for _ in range(4)]
    clock.advance(timedelta(minutes=1))

    async def sweep_once() -> int:
        async with desk.work(SYSTEM) as work:
            return await match_changed(work)

    assert sum(await asyncio.gather(*(sweep_once() for _ in range(4)))) == 3
    with psycopg.connect(empty.owner_url) as connection:
        row = connection.execute("SELECT count(*), count(DISTINCT saved_search_id) FROM saved_search_match").fetchone()
    assert row == (12, 3)
    batches = await asyncio.gather(*(tell(desk) for _ in range(4)))
    heard = [reference for batch in batches for each in batch for reference in each.references]
    assert sorted(heard) == sorted(case["reference"] for case in cases for _ in range(3))


async def test_a_look_that_dies_before_its_commit_is_made_again(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api)
    case = await a_complaint(api, **FITTING)
    clock.advance(timedelta(minutes=1))

    async def die(step: Any) -> None:
        work = desk.begin(SYSTEM)
        async with work.session:  # closed without a commit
            await step(work)

    await die(match_changed)
    await look(desk, clock)

    async def telling(work: Any) -> None:
        assert len(await untold(work, 10)) == 1

    await die(telling)
    assert await told(desk) == [case["reference"]]


async def test_a_change_of_a_search_waits_for_the_look_and_is_not_lost(api: Api, desk: Desk, clock: Clock) -> None:
    search = await a_search(api)
    await a_complaint(api, **FITTING)
    clock.advance(timedelta(minutes=1))
    async with desk.work(SYSTEM) as work:
        assert await match_changed(work) == 1
        body = {"filter": {"tag": "turno"}}
        changing = asyncio.create_task(api.patch(f"/v1/saved-searches/{search['id']}", json=body, version=1))
        await blocked(desk)
        assert not changing.done()
    assert (await changing).status_code == 200
    assert await told(desk) == []  # found, and it does not fit the filter that stands now


async def test_a_filter_this_code_cannot_read_stops_no_other_and_loses_nothing(
    api: Api, desk: Desk, clock: Clock, empty: Database
) -> None:
    newer = await a_search(api)
    await a_search(api, filter={"tag": "turno"})
    case = await a_complaint(api, **FITTING, tags=["turno"])
    await look(desk, clock)
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute('UPDATE saved_search SET filter = \'{"mood": "grim"}\' WHERE id = %s', (newer["id"],))
    assert await look(desk, clock) == 2
    assert await told(desk) == [case["reference"]]
    assert (await api.get(f"/v1/saved-searches/{newer['id']}")).status_code == 503
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute('UPDATE saved_search SET filter = \'{"tag": "turno"}\' WHERE id = %s', (newer["id"],))
    assert await told(desk) == [case["reference"]]


async def test_a_search_that_fails_in_the_database_stops_no_other_organisations(
    api: Api, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await a_search(api)
    await a_search(api, role="partner")
    await a_complaint(api, **FITTING)
    theirs = await a_complaint(api, role="partner", **FITTING)

    def spoilt(work: Work, caller: Caller, searches: Any) -> dict[UUID, Any]:
        if caller.organization_id == api.people.centre_id:
            return {search.id: text("1 / (SELECT 0) > 0") for search in searches}
        return each_fits(work, caller, searches)

    monkeypatch.setattr(changed_step, "each_fits", spoilt)
    assert await look(desk, clock) == 2
    assert "searches_failed" in caplog.text
    monkeypatch.undo()
    assert await told(desk) == [theirs["reference"]]
    await look(desk, clock)
    assert len(await told(desk)) == 1  # caught up with, within the overlap


@pytest.mark.parametrize("beside", [1, 300])
async def test_what_a_look_costs_depends_on_organisations_and_not_on_cases(
    api: Api, desk: Desk, clock: Clock, empty: Database, statements: Any, beside: int
) -> None:
    for _ in range(3):
        await a_search(api)
    await a_search(api, role="partner")
    await a_complaint(api, **FITTING)
    reference = "'VIG-2025-' || lpad(n::text, 6, '0')"
    multiply(empty, "complaint", beside, id="gen_random_uuid()", reference=reference)
    clock.advance(timedelta(minutes=1))
    with statements() as sent:
        async with desk.work(SYSTEM) as work:
            assert await match_changed(work) == 4
    looks = [each for each in sent.sent if "SAVEPOINT" not in each]
    assert len(looks) == 4  # which searches, one for each organisation, and that they looked
    assert len(sent) == len(looks) + 2 * 2
    with statements() as sent:
        assert len(await told(desk)) == 3 * (beside + 1)
    assert len(sent) == 3  # of the organisations only the centre has something to hear


async def test_a_look_reads_what_changed_and_not_what_exists(
    api: Api, desk: Desk, clock: Clock, empty: Database, engine: AsyncEngine
) -> None:
    await a_search(api)
    await a_search(api, role="partner")
    await a_complaint(api, **FITTING)
    many_old_complaints(empty, 5000)
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    await look(desk, clock)
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    looks = [each for each in asked if each[0].startswith("INSERT INTO saved_search_match")]
    assert len(looks) == 2
    async with engine.connect() as connection:
        for statement, parameters in looks:
            plan = (await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)).scalars().all()
            assert not [line for line in plan if "Seq Scan on complaint " in line], "\n".join(plan)


def many_old_complaints(empty: Database, count: int) -> None:
    """Write complaints that fit and that nobody changed for a year."""
    reference, year = "'VIG-2025-' || lpad(n::text, 6, '0')", "t.updated_at - '1y'::interval"
    multiply(empty, "complaint", count, id="gen_random_uuid()", reference=reference, updated_at=year)
    with psycopg.connect(empty.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE complaint")


def test_searches_look_back_further_than_they_look_often() -> None:
    assert figures().overlap > 2 * figures().every


async def blocked(desk: Desk) -> None:
    """Wait until a session waits for a lock."""
    for _ in range(500):
        async with looking(desk) as session:
            if await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits")
