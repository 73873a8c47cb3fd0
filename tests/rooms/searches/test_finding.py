"""A search tells its contact of each case that newly fits it and that its organisation may see, once."""

import asyncio
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.api.test_statement_counts import multiply
from tests.builders import a_complaint, a_facility, a_link
from tests.conftest import Api, Clock, Database
from tests.rooms.climbing import a_place
from tests.rooms.searches.finding import DISMISSALS, FITTING, a_search, look, tell, the_desk_of, told
from vigilancia.complaints import service
from vigilancia.complaints.schemas import ComplaintIn
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.notices.searches.changed import match_changed
from vigilancia.notices.searches.figures import figures
from vigilancia.notices.searches.untold import read_told, untold


async def test_a_new_case_that_fits_is_told_once(api: Api, desk: Desk, clock: Clock) -> None:
    search = await a_search(api)
    clock.advance(timedelta(minutes=5))
    case = await a_complaint(api, **FITTING)
    await a_complaint(api, allegations=["threats_coercion"])
    assert await look(desk, clock) == 1
    (tidings,) = await tell(desk)
    assert (str(tidings.search_id), str(tidings.contact_id)) == (search["id"], search["contact_id"])
    assert tidings.references == [case["reference"]]
    for _ in range(3):
        assert await look(desk, clock) == 1
        assert await told(desk) == []


async def test_what_fits_already_is_not_told_even_when_it_changes_later(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api, **FITTING)
    await a_search(api)
    await look(desk, clock)
    await changed(api, case, title="Otro título")
    await look(desk, clock)
    assert await told(desk) == []


async def test_a_case_that_comes_to_fit_by_a_change_is_told(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api)
    await a_search(api)
    await look(desk, clock)
    assert await told(desk) == []
    await changed(api, case, **FITTING)
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]
    await changed(api, case, allegations=[])
    await look(desk, clock)
    await changed(api, case, **FITTING)
    await look(desk, clock)
    assert await told(desk) == []  # once


async def test_several_cases_of_one_search_are_one_message_and_searches_do_not_mix(
    api: Api, desk: Desk, clock: Clock
) -> None:
    first = await a_search(api)
    second = await a_search(api, filter={"tag": "turno"})
    cases = [await a_complaint(api, **FITTING) for _ in range(3)]
    both = await a_complaint(api, **FITTING, tags=["turno"])
    await look(desk, clock)
    found = {str(each.search_id): each.references for each in await tell(desk)}
    assert found == {
        first["id"]: sorted(case["reference"] for case in [*cases, both]),
        second["id"]: [both["reference"]],
    }


async def test_another_organisations_case_is_not_found(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api, role="partner")
    await a_complaint(api, **FITTING)
    await look(desk, clock)
    assert await told(desk) == []


async def test_each_organisation_finds_its_own_in_one_batch(api: Api, desk: Desk, clock: Clock) -> None:
    centres, unions = await a_search(api), await a_search(api, role="partner")
    mine = await a_complaint(api, **FITTING)
    theirs = await a_complaint(api, role="partner", **FITTING)
    assert await look(desk, clock) == 2
    found = {str(each.search_id): each.references for each in await tell(desk)}
    assert found == {centres["id"]: [mine["reference"]], unions["id"]: [theirs["reference"]]}


async def test_a_case_that_a_link_opens_is_told_though_nobody_changed_it(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api, **FITTING)
    await a_search(api, role="partner")
    clock.advance(timedelta(days=3))
    await look(desk, clock)
    link = await a_place(api, case["id"], access="read")
    await look(desk, clock)
    assert await told(desk) == []  # not accepted: it sees reference and status, and no allegation
    clock.advance(timedelta(days=3))
    await look(desk, clock)
    accepted = await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    assert accepted.status_code == 200, accepted.text
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_a_filter_tells_nothing_that_a_view_hides(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api, role="partner")
    await a_search(api, role="partner", filter={"q": "asamblea"})
    open_ = await a_search(api, role="partner", filter={"status": "intake"})
    case = await a_complaint(api, **FITTING)
    await a_link(api, case["id"], api.people.union_id)
    await look(desk, clock)
    assert [(str(each.search_id), each.references) for each in await tell(desk)] == [(open_["id"], [case["reference"]])]


async def test_a_case_made_public_is_told_to_everybody_whose_search_it_fits(
    api: Api, desk: Desk, clock: Clock
) -> None:
    case = await a_complaint(api, **FITTING)
    await a_search(api, role="partner")
    await look(desk, clock)
    await changed(api, case, confidentiality="public")
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_a_plant_whose_record_is_opened_lets_its_public_case_be_found(
    api: Api, desk: Desk, clock: Clock
) -> None:
    plant = await a_facility(api, visibility="private")
    case = await a_complaint(api, facility_id=plant["id"], confidentiality="public")
    await a_search(api, role="partner", filter={"facility_id": plant["id"]})
    clock.advance(timedelta(days=1))
    await look(desk, clock)
    assert await told(desk) == []
    opened = await api.patch(f"/v1/facilities/{plant['id']}", json={"visibility": "public"}, version=1)
    assert opened.status_code == 200, opened.text
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_access_lost_between_finding_and_telling_is_not_told(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api, role="partner", filter={"status": "intake"})
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id)
    await look(desk, clock)
    gone = await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=1)
    assert gone.status_code == 204
    assert await told(desk) == []
    await a_link(api, case["id"], api.people.union_id)  # and found anew when it opens again
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_a_view_that_shrank_between_finding_and_telling_tells_nothing_of_what_it_hides(
    api: Api, desk: Desk, clock: Clock
) -> None:
    await a_search(api, role="partner")
    case = await a_complaint(api, **FITTING)
    link = await a_place(api, case["id"], access="read")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    await look(desk, clock)
    less = await api.patch(f"/v1/complaints/{case['id']}/links/{link['id']}", json={"access": "alerts"}, version=2)
    assert less.status_code == 200, less.text
    assert await told(desk) == []


async def test_access_lost_between_the_ledger_and_the_sending_leaves_nothing_to_send(
    api: Api, desk: Desk, clock: Clock
) -> None:
    search = await a_search(api, role="partner", filter={"status": "intake"})
    one, other = await a_complaint(api), await a_complaint(api)
    links = [await a_link(api, case["id"], api.people.union_id) for case in (one, other)]
    await look(desk, clock)
    (tidings,) = await tell(desk)
    told_at = clock()
    clock.advance(timedelta(hours=1))
    for case, link, left in zip((one, other), links, ([other["reference"]], None), strict=True):
        await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=1)
        async with desk.work(SYSTEM) as work:
            again = await read_told(work, tidings.search_id, told_at)
        assert (again.references if again else None) == left
    assert search["id"] == str(tidings.search_id)


async def test_another_filter_begins_anew(api: Api, desk: Desk, clock: Clock) -> None:
    search = await a_search(api)
    was = await a_complaint(api, tags=["turno"])
    untold_yet = await a_complaint(api, **FITTING)
    kept = await a_complaint(api, **FITTING, tags=["turno"])
    await look(desk, clock)
    path = f"/v1/saved-searches/{search['id']}"
    assert (await api.patch(path, json={"filter": {"tag": "turno"}}, version=1)).status_code == 200
    await look(desk, clock)
    assert await told(desk) == [kept["reference"]]  # found before, and fits the new filter too
    await changed(api, untold_yet, tags=["turno"])
    new = await a_complaint(api, tags=["turno"])
    await changed(api, was, title="Otro")
    await look(desk, clock)
    assert await told(desk) == sorted([untold_yet["reference"], new["reference"]])


async def test_what_fitted_an_old_filter_in_silence_is_told_when_it_comes_to_fit_the_new_one(
    api: Api, desk: Desk, clock: Clock
) -> None:
    case = await a_complaint(api, **FITTING)
    search = await a_search(api)
    path = f"/v1/saved-searches/{search['id']}"
    assert (await api.patch(path, json={"filter": {"tag": "turno"}}, version=1)).status_code == 200
    await changed(api, case, tags=["turno"])
    await look(desk, clock)
    assert await told(desk) == [case["reference"]]


async def test_a_search_that_sleeps_neither_looks_nor_tells_and_begins_anew_when_woken(
    api: Api, desk: Desk, clock: Clock
) -> None:
    search = await a_search(api)
    path = f"/v1/saved-searches/{search['id']}"
    before = await a_complaint(api, **FITTING)
    await look(desk, clock)
    assert (await api.patch(path, json={"active": False}, version=1)).status_code == 200
    assert await told(desk) == []
    meanwhile = await a_complaint(api, **FITTING)
    assert await look(desk, clock) == 0
    assert (await api.patch(path, json={"active": True}, version=2)).status_code == 200
    await look(desk, clock)
    assert await told(desk) == [before["reference"]]
    assert meanwhile["reference"] not in await told(desk)


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


async def test_two_sweeps_at_once_find_each_case_once(
    api: Api, desk: Desk, clock: Clock, empty: Database
) -> None:
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
        with pytest.raises(RuntimeError):
            async with desk.work(SYSTEM) as work:
                await step(work)
                raise RuntimeError

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
        connection.execute("UPDATE saved_search SET filter = '{\"mood\": \"grim\"}' WHERE id = %s", (newer["id"],))
    assert await look(desk, clock) == 2
    assert await told(desk) == [case["reference"]]
    assert (await api.get(f"/v1/saved-searches/{newer['id']}")).status_code == 503
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute(
            "UPDATE saved_search SET filter = '{\"tag\": \"turno\"}' WHERE id = %s", (newer["id"],)
        )
    assert await told(desk) == [case["reference"]]


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
    assert len(sent) == 4  # which searches, one for each organisation, and that they looked
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


async def changed(api: Api, case: dict[str, Any], **fields: Any) -> None:
    """Change a complaint."""
    path = f"/v1/complaints/{case['id']}"
    version = (await api.get(path)).json()["version"]
    answer = await api.patch(path, json=fields, version=version)
    assert answer.status_code == 200, answer.text


async def blocked(desk: Desk) -> None:
    """Wait until a session waits for a lock."""
    for _ in range(500):
        async with desk.sessions() as session:
            if await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits")


async def test_the_filter_of_a_search_finds_what_the_list_finds(api: Api, desk: Desk, clock: Clock) -> None:
    plant = await a_facility(api)
    filters: list[dict[str, Any]] = [
        {},
        DISMISSALS,
        {"allegation": "union_dismissal,threats_coercion"},
        {"status": "intake"},
        {"status": "open,closed"},
        {"facility_id": plant["id"]},
        {"owner_id": str(api.people.centre_id)},
        {"handler_id": await the_desk_of(api)},
        {"confidentiality": "public"},
        {"risk_level": "acute"},
        {"tag": "turno"},
        {"external_id": "stps:A,stps:B"},
        {"received_on_after": "2026-02-03"},
        {"received_on_before": "2026-02-03", "merged": False},
        {"merged": True},
        {"q": "ASAMBLEA despido"},
    ]
    searches = {(await a_search(api, filter=each))["id"]: each for each in filters}
    await a_complaint(api, **FITTING, facility_id=plant["id"], tags=["turno"], risk_level="acute")
    await a_complaint(api, received_on="2026-02-10", external_ids=[{"system": "stps", "id": "B"}])
    await a_complaint(api, role="partner", confidentiality="public", title="Amenazas")
    await a_complaint(api, handler_id=await the_desk_of(api), title="Nada")
    await look(desk, clock)
    found = {str(each.search_id): each.references for each in await tell(desk)}
    for search_id, wanted in searches.items():
        params = {name: str(value).lower() if isinstance(value, bool) else value for name, value in wanted.items()}
        listed = (await api.get("/v1/complaints", params=params)).json()["items"]
        assert found.get(search_id, []) == sorted(item["reference"] for item in listed), wanted
