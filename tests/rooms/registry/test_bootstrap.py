"""The first parties of an installation, and tokens when there is nobody yet to make them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.conftest import Clock, People, looking
from vigilancia.access.models import TokenRow
from vigilancia.access.service import authenticate
from vigilancia.core.identity import SYSTEM, Caller
from vigilancia.core.work import Desk
from vigilancia.registry import bootstrap
from vigilancia.registry.models import ContactRow, OrganizationRow


async def started(desk: Desk, known: dict[str, str]) -> dict[str, str]:
    """Start once more with the tokens known."""
    async with desk.work(SYSTEM) as work:
        tokens = await bootstrap.ensure_demo_parties(work, known)
    return {str(role): token for role, token in tokens.items()}


async def known_as(desk: Desk, token: str) -> Caller:
    """Return whom a token stands for."""
    async with looking(desk) as session:
        caller = await authenticate(session, token, desk.now())
    assert caller is not None
    return caller


async def counted(desk: Desk) -> tuple[int, int, int]:
    """Count organisations, contacts and tokens."""
    async with looking(desk) as session:
        rows = [
            await session.scalar(select(func.count()).select_from(t)) for t in (OrganizationRow, ContactRow, TokenRow)
        ]
    return rows[0], rows[1], rows[2]


async def test_a_first_start_makes_a_centre_and_a_union_with_desks_and_tokens(desk: Desk) -> None:
    """Staff and partner belong to different organisations, each keeps its own record."""
    tokens = await started(desk, {})
    assert list(tokens) == ["admin", "staff", "partner", "analyst"]
    callers = {role: await known_as(desk, token) for role, token in tokens.items()}
    assert all(caller.role == role for role, caller in callers.items())
    host, partner = callers["staff"].organization_id, callers["partner"].organization_id
    assert callers["admin"].organization_id == callers["analyst"].organization_id == host != partner
    async with looking(desk) as session:
        rows = {row.id: row for row in await session.scalars(select(OrganizationRow))}
        desks = {row.organization_id: row for row in await session.scalars(select(ContactRow))}
    assert {id_: (row.kind, row.owner_id, row.visibility, row.timezone) for id_, row in rows.items()} == {
        host: ("worker_center", host, "linked", "America/Mexico_City"),
        partner: ("union", partner, "linked", "America/Mexico_City"),
    }
    assert {id_: (row.desk, row.channels[0]["address"]) for id_, row in desks.items()} == {
        host: (True, "centro@example.org"),
        partner: (True, "sindicato@example.org"),
    }
    async with desk.work(SYSTEM) as work:
        assert await bootstrap.party(work, bootstrap.HOST) == host
        assert await bootstrap.party(work, bootstrap.PARTNER) == partner


async def test_a_second_start_makes_nothing(desk: Desk) -> None:
    """The tokens known are the tokens returned."""
    tokens = await started(desk, {})
    before = await counted(desk)
    assert await started(desk, tokens) == tokens
    assert await counted(desk) == before == (2, 2, 4)


async def test_a_lost_or_ended_token_is_replaced_for_the_same_party(desk: Desk, clock: Clock) -> None:
    """And only that one, even after the organisations were renamed."""
    tokens = await started(desk, {})
    async with desk.work(SYSTEM) as work:
        await work.session.execute(update(OrganizationRow).values(name="Renombrada"))
    staff = await known_as(desk, tokens["staff"])
    again = await started(desk, {**tokens, "staff": "vgl_gone", "partner": tokens["analyst"]})
    assert again["admin"] == tokens["admin"]
    assert again["staff"] != tokens["staff"]
    assert (await known_as(desk, again["staff"])).organization_id == staff.organization_id
    assert (await known_as(desk, again["partner"])).role == "partner"
    assert await counted(desk) == (2, 2, 6)
    clock.advance(timedelta(days=365))
    later = await started(desk, again)
    assert not set(later.values()) & set(again.values())
    assert await counted(desk) == (2, 2, 10)


@pytest.mark.usefixtures("people")
async def test_the_example_parties_stand_beside_those_that_are_there(desk: Desk) -> None:
    """They are known by their own mark, not by being the only ones."""
    await started(desk, {})
    assert await counted(desk) == (4, 4, 8)


async def test_the_first_admin_of_an_empty_installation_gets_an_organisation(desk: Desk) -> None:
    """It keeps its own record, so that the admin can begin."""
    async with desk.work(SYSTEM) as work:
        _, token = await bootstrap.bootstrap_admin(work, name="primera", organization_name="Centro Nuevo")
    caller = await known_as(desk, token)
    assert caller.role == "admin"
    async with looking(desk) as session:
        row = await session.scalar(select(OrganizationRow))
    assert (row.id, row.owner_id, row.name) == (caller.organization_id, caller.organization_id, "Centro Nuevo")


async def test_a_lost_admin_is_mended_for_the_organisation_that_had_one(desk: Desk, people: People) -> None:
    """No second organisation appears."""
    async with desk.work(SYSTEM) as work:
        _, token = await bootstrap.bootstrap_admin(work, name="recuperada")
    assert (await known_as(desk, token)).organization_id == people.centre_id
    assert (await counted(desk))[0] == 2
