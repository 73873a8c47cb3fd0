"""Whom a rung speaks to, and that it speaks once whatever happens."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from tests.builders import a_complaint, a_contact, a_link, a_proceeding, an_event, an_organization
from tests.conftest import Api, Clock, Database, People, looking
from tests.rooms.climbing import a_case, a_place, ledger, the_run
from tests.seeds import seed_deadlines
from vigilancia.core.identity import SYSTEM
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Desk
from vigilancia.escalation import metrics
from vigilancia.escalation.climb import climb_due
from vigilancia.escalation.models import RungRow
from vigilancia.escalation.plan import plan_pending
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.models import NoticeRow
from vigilancia.registry.models import ContactRow, OrganizationRow


async def _told(api: Api) -> list[tuple[str, str]]:
    """Return organisation and masked address of every notice."""
    return sorted((notice["organization_id"], notice["address"]) for notice in await ledger(api))


async def _without_address(desk: Desk, organization_id: Any) -> None:
    async with looking(desk) as session:
        emptied = update(ContactRow).where(ContactRow.organization_id == organization_id).values(channels=[])
        await session.execute(emptied)
        await session.commit()


async def test_the_owners_desk_and_every_linked_organisation_are_told(api: Api, desk: Desk, people: People) -> None:
    await a_case(api)

    await sweep(desk)

    expected = [(str(people.centre_id), "w…@example.org"), (str(people.union_id), "u…@example.org")]
    assert await _told(api) == sorted(expected)


async def test_the_handler_is_told_instead_of_the_desk(api: Api, desk: Desk, people: People) -> None:
    handler = await a_contact(
        api, people.centre_id, desk=False, channels=[{"kind": "email", "address": "paz@example.org"}], locale="en"
    )
    await a_case(api, linked=False, handler_id=handler["id"])

    await sweep(desk)

    (notice,) = await ledger(api)
    assert (notice["contact_id"], notice["locale"]) == (handler["id"], "en")


async def test_a_handler_without_an_address_leaves_it_to_the_desk(api: Api, desk: Desk, people: People) -> None:
    handler = await a_contact(api, people.centre_id, desk=False, channels=[])
    await a_case(api, linked=False, handler_id=handler["id"])

    await sweep(desk)

    assert await _told(api) == [(str(people.centre_id), "w…@example.org")]


@pytest.mark.parametrize(
    "link",
    [
        {"access": "none"},
        {"role": "observer", "access": "read"},
        {"role": "petitioner", "expires_at": "2026-03-01T00:00:00Z"},
    ],
)
async def test_a_link_that_gives_no_alerts_is_not_told(
    api: Api, desk: Desk, people: People, link: dict[str, Any]
) -> None:
    case = await a_case(api, linked=False)
    await a_place(api, case["id"], **link)

    await sweep(desk)

    assert {organization for organization, _ in await _told(api)} == {str(people.centre_id)}


async def test_an_organisation_with_two_roles_is_told_once(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api)
    await a_place(api, case["id"], role="counsel", access="read")

    await sweep(desk)

    assert [organization for organization, _ in await _told(api)].count(str(people.union_id)) == 1


async def test_a_recorded_partner_is_reached_through_the_owners_own_record_of_it(api: Api, desk: Desk) -> None:
    partner = await an_organization(api, locale="fr")
    contact = await a_contact(api, partner["id"], desk=False)
    case = await a_case(api, linked=False)
    await a_link(api, case["id"], partner["id"])

    await sweep(desk)

    mine = [notice for notice in await ledger(api) if notice["organization_id"] == partner["id"]]
    assert [(notice["contact_id"], notice["locale"]) for notice in mine] == [(contact["id"], "fr")]


async def test_what_a_stranger_recorded_about_an_organisation_never_gets_its_mail(
    api: Api, desk: Desk, people: People
) -> None:
    await _without_address(desk, people.centre_id)
    spying = {
        "owner_id": people.union_id,
        "visibility": "public",
        "channels": [{"kind": "email", "address": "spy@x.mx"}],
    }
    async with looking(desk) as session:
        desks = (await session.execute(select(ContactRow.__table__))).mappings()
        (own,) = [dict(row) for row in desks if row["organization_id"] == people.centre_id]
        await session.execute(insert(ContactRow).values({**own, "id": new_id(), **spying}))
        await session.commit()
    case = await a_case(api, linked=False)

    await sweep(desk)

    assert await ledger(api) == []
    assert (await the_run(api, case["id"]))["rungs"][2]["state"] == "unreachable"


async def test_without_an_address_the_owners_desk_stands_in_and_the_timeline_says_so(
    api: Api, desk: Desk, people: People
) -> None:
    partner = await an_organization(api)
    case = await a_case(api, linked=False)
    await a_link(api, case["id"], partner["id"])

    await sweep(desk)

    assert await _told(api) == [(str(people.centre_id), "w…@example.org")]
    timeline = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    (entry,) = [entry for entry in timeline if entry["type"] == "escalation_unreachable"]
    assert entry["after"]["organization_ids"] == [partner["id"]]


async def test_nobody_reachable_is_a_result_an_entry_and_a_figure(
    api: Api, desk: Desk, people: People, clock: Clock
) -> None:
    await _without_address(desk, people.centre_id)
    case = await a_case(api, linked=False)

    await sweep(desk)

    assert (await the_run(api, case["id"]))["rungs"][2]["state"] == "unreachable"
    timeline = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    assert "escalation_unreachable" in {entry["type"] for entry in timeline}
    async with looking(desk) as session:
        figures = await metrics.figures(session, clock.now)
    assert figures["escalation_unreachable"][1] == 1


async def test_the_day_after_speaks_to_the_owners_parent_too(
    api: Api, desk: Desk, people: People, clock: Clock
) -> None:
    federation = await an_organization(api, kind="federation", name="Federación de prueba")
    await a_contact(api, federation["id"])
    async with looking(desk) as session:
        under = update(OrganizationRow).where(OrganizationRow.id == people.centre_id)
        await session.execute(under.values(parent_id=federation["id"]))
        await session.commit()
    await a_case(api)

    for _ in range(3):
        await sweep(desk)
        clock.advance(timedelta(days=1))

    told = {(notice["rung"], notice["organization_id"]) for notice in await ledger(api)}
    assert {rung for rung, organization in told if organization == federation["id"]} == {"+1d"}


async def test_ten_climbs_at_once_write_each_notice_once(api: Api, desk: Desk) -> None:
    for _ in range(3):
        await a_case(api)
    async with desk.work(SYSTEM) as work:
        await plan_pending(work)

    await asyncio.gather(*(sweep(desk) for _ in range(10)))

    async with looking(desk) as session:
        notices = await session.scalar(select(func.count()).select_from(NoticeRow))
        jobs = await session.scalar(select(func.count()).select_from(JobRow).where(JobRow.task == Job.DELIVER.value))
        rungs = await session.scalar(select(func.count()).select_from(RungRow))
    assert (notices, jobs, rungs) == (6, 6, 9)


async def test_after_six_hours_without_a_scheduler_nothing_is_lost_nothing_doubled_and_all_is_marked_late(
    api: Api, desk: Desk, clock: Clock
) -> None:
    clock.set(datetime(2026, 3, 1, 20, tzinfo=UTC))  # an evening, before the rungs of the next day
    for _ in range(20):
        await a_case(api, linked=False, petition_on="2026-02-01")
    await sweep(desk)
    before = len(await ledger(api))

    clock.set(datetime(2026, 3, 2, 11, tzinfo=UTC))  # the rung of the day before fell due at 05:00
    await sweep(desk)
    await sweep(desk)

    new = [notice for notice in await ledger(api) if notice["rung"] == "-1d"]
    assert (before, len(new)) == (20, 20)
    assert {(notice["late"], notice["late_by"]) for notice in new} == {(True, 6 * 3600)}
    assert len({notice["complaint_id"] for notice in new}) == 20


async def test_a_notice_in_time_is_not_marked_late(api: Api, desk: Desk, clock: Clock) -> None:
    clock.set(datetime(2026, 3, 1, 20, tzinfo=UTC))
    await a_case(api, linked=False)
    clock.set(datetime(2026, 3, 2, 5, 1, tzinfo=UTC))

    await sweep(desk)

    assert {(notice["rung"], notice["late"], notice["late_by"]) for notice in await ledger(api)} == {
        ("-1d", False, None)
    }


async def test_a_sweep_of_a_hundred_due_takes_few_statements_however_many_rows_there_are(
    desk: Desk, database: Database, clock: Clock, statements: Any
) -> None:
    seed_deadlines(database.owner_url, now=clock.now, due=100, later=10)
    with statements() as few:
        async with desk.work(SYSTEM) as work:
            assert await climb_due(work) == 100
    seed_deadlines(database.owner_url, now=clock.now, due=100, later=3000)
    with statements() as many:
        async with desk.work(SYSTEM) as work:
            assert await climb_due(work) == 100

    assert len(few) == len(many) <= 13, "\n".join(many.sent)


async def test_planning_a_hundred_deadlines_takes_few_statements(
    desk: Desk, database: Database, clock: Clock, statements: Any
) -> None:
    seed_deadlines(database.owner_url, now=clock.now, due=50, later=50, planned=False)

    with statements() as sent:
        async with desk.work(SYSTEM) as work:
            assert await plan_pending(work) == 100

    assert len(sent) <= 6, "\n".join(sent.sent)


async def test_a_sweep_leaves_a_sign_of_life_and_wakes_the_delivery(
    desk: Desk, woken: list[frozenset[Job]], clock: Clock
) -> None:
    from vigilancia.core.tables import HeartbeatRow

    await sweep(desk)

    async with looking(desk) as session:
        at = await session.scalar(select(HeartbeatRow.at).where(HeartbeatRow.name == "sweep"))
    assert at == clock.now
    assert frozenset({Job.DELIVER, Job.CALL}) in woken


async def test_the_climb_is_told_on_the_timeline_without_an_address(api: Api, desk: Desk) -> None:
    case = await a_case(api)

    await sweep(desk)

    answer = await api.get(f"/v1/complaints/{case['id']}/timeline")
    (entry,) = [entry for entry in answer.json()["items"] if entry["type"] == "escalation_rung"]
    assert (entry["after"]["rung"], entry["after"]["contacts"]) == ("-1d", 2)
    assert entry["after"]["passed_over"] == ["-10d", "-3d"]
    assert "@" not in answer.text


async def test_two_proceedings_of_one_case_each_climb_their_own_ladder(api: Api, desk: Desk) -> None:
    complaint = await a_complaint(api)
    for _ in range(2):
        proceeding = await a_proceeding(api, complaint["id"])
        await an_event(api, proceeding["id"])

    await sweep(desk)

    assert len({notice["deadline_id"] for notice in await ledger(api)}) == 2
