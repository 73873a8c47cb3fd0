"""Who hears a rung when somebody is away or has no address, and who hears it by role."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from tests.builders import a_contact, an_organization
from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case, a_place, ledger, the_run
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk
from vigilancia.escalation.models import AssignmentRow
from vigilancia.escalation.sweep import sweep
from vigilancia.registry.models import ContactRow, OrganizationRow

TODAY = [{"from": "2026-03-02", "until": "2026-03-02"}]


async def change(desk: Desk, contact_id: Any, **values: Any) -> None:
    """Change a contact as its organisation could."""
    async with looking(desk) as session:
        await session.execute(update(ContactRow).where(ContactRow.id == UUID(str(contact_id))).values(**values))
        await session.commit()


async def change_all(desk: Desk, organization_id: Any, **values: Any) -> None:
    """Change every contact of an organisation."""
    async with looking(desk) as session:
        of = ContactRow.organization_id == UUID(str(organization_id))
        await session.execute(update(ContactRow).where(of).values(**values))
        await session.commit()


async def a_person(api: Api, organization_id: Any, name: str, **rest: Any) -> dict[str, Any]:
    """Record somebody with an address of their own."""
    channels = [{"kind": "email", "address": f"{name}@example.org"}]
    return await a_contact(api, organization_id, desk=False, channels=channels, **rest)


async def told(api: Api) -> list[str]:
    """Return the masked address of each notice, in order."""
    return sorted(notice["address"] for notice in await ledger(api))


async def take(desk: Desk, run_id: str, organization_id: Any, contact_id: Any, state: str = "accepted") -> None:
    """Put a run into somebody's hands."""
    row = {
        "id": new_id(),
        "run_id": UUID(run_id),
        "organization_id": UUID(str(organization_id)),
        "contact_id": UUID(str(contact_id)),
        "state": state,
        "offered_at": desk.now(),
    }
    async with looking(desk) as session:
        await session.execute(insert(AssignmentRow).values(row))
        await session.commit()


async def a_ladder(api: Api, *audiences: str) -> None:
    """Keep a ladder whose warning of the day before speaks to these."""
    answer = await api.post(
        "/v1/escalation-policies", json={"name": "x", "rungs": [{"at": "-1d", "audiences": list(audiences)}]}
    )
    assert answer.status_code == 201, answer.text


async def test_the_deputy_hears_what_a_handler_who_is_away_would(api: Api, desk: Desk, people: People) -> None:
    deputy = await a_person(api, people.centre_id, "deputy")
    handler = await a_person(api, people.centre_id, "handler")
    await change(desk, handler["id"], away=TODAY, deputy_id=UUID(deputy["id"]))
    await a_case(api, linked=False, handler_id=handler["id"])

    await sweep(desk)

    assert await told(api) == ["d…@example.org"]


async def test_without_a_deputy_the_desk_hears_it_and_nobody_is_called_unreachable(
    api: Api, desk: Desk, people: People
) -> None:
    handler = await a_person(api, people.centre_id, "handler")
    await change(desk, handler["id"], away=[{"from": "2026-02-01", "until": None}])
    case = await a_case(api, linked=False, handler_id=handler["id"])

    await sweep(desk)

    assert await told(api) == ["w…@example.org"]
    timeline = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    assert "escalation_unreachable" not in {entry["type"] for entry in timeline}


async def test_deputies_who_stand_in_for_each_other_leave_it_to_the_desk(api: Api, desk: Desk, people: People) -> None:
    first = await a_person(api, people.centre_id, "first")
    second = await a_person(api, people.centre_id, "second")
    third = await a_person(api, people.centre_id, "third")
    ring = [first["id"], second["id"], third["id"]]
    for each, after in zip(ring, [*ring[1:], ring[0]], strict=True):
        await change(desk, each, away=TODAY, deputy_id=UUID(after))
    await a_case(api, linked=False, handler_id=first["id"])

    await sweep(desk)

    assert await told(api) == ["w…@example.org"]


async def test_a_deputy_of_another_organisation_hears_nothing(api: Api, desk: Desk, people: People) -> None:
    elsewhere = await an_organization(api)
    outsider = await a_person(api, elsewhere["id"], "outsider")
    handler = await a_person(api, people.centre_id, "handler")
    await change(desk, handler["id"], away=TODAY, deputy_id=UUID(outsider["id"]))
    await a_case(api, linked=False, handler_id=handler["id"])

    await sweep(desk)

    assert await told(api) == ["w…@example.org"]


@pytest.mark.parametrize(
    ("zone", "now", "away"),
    [
        ("America/Mexico_City", datetime(2026, 3, 3, 5, 30, tzinfo=UTC), True),  # still the 2nd there
        ("America/Mexico_City", datetime(2026, 3, 3, 6, 30, tzinfo=UTC), False),
        ("Europe/Paris", datetime(2026, 3, 2, 22, 30, tzinfo=UTC), True),
        ("Europe/Paris", datetime(2026, 3, 2, 23, 30, tzinfo=UTC), False),  # the 3rd has begun
        ("America/Tijuana", datetime(2026, 3, 2, 7, 30, tzinfo=UTC), False),  # the 1st, before it
    ],
)
async def test_away_begins_and_ends_at_midnight_in_the_persons_own_zone(
    api: Api, desk: Desk, people: People, clock: Clock, zone: str, now: datetime, *, away: bool
) -> None:
    handler = await a_person(api, people.centre_id, "handler", timezone=zone)
    await change(desk, handler["id"], away=TODAY)
    await a_case(api, linked=False, handler_id=handler["id"])
    clock.set(now)

    await sweep(desk)

    assert await told(api) == (["w…@example.org"] if away else ["h…@example.org"])


async def test_a_way_that_is_no_mailbox_is_used_too(api: Api, desk: Desk, people: People) -> None:
    handler = await a_person(api, people.centre_id, "handler")
    ways = [{"kind": "webhook", "address": "https://a.example/h"}, {"kind": "email", "address": "h@example.org"}]
    await change(desk, handler["id"], channels=ways)
    await a_case(api, linked=False, handler_id=handler["id"])

    await sweep(desk)

    assert [notice["channel"] for notice in await ledger(api)] == ["webhook"]


async def test_who_wants_no_mail_and_has_nothing_else_is_represented(api: Api, desk: Desk, people: People) -> None:
    handler = await a_person(api, people.centre_id, "handler")
    await change(desk, handler["id"], unsubscribed_at=desk.now())
    await a_case(api, linked=False, handler_id=handler["id"])

    await sweep(desk)

    assert await told(api) == ["w…@example.org"]


async def test_a_linked_desk_that_is_away_is_represented_by_its_own_people_before_the_owner_hears(
    api: Api, desk: Desk, people: People
) -> None:
    await a_person(api, people.union_id, "unionist", role="partner")
    async with looking(desk) as session:
        desks = ContactRow.desk & (ContactRow.organization_id == people.union_id)
        await session.execute(update(ContactRow).where(desks).values(away=TODAY))
        await session.commit()
    await a_case(api)

    await sweep(desk)

    assert await told(api) == ["u…@example.org", "w…@example.org"]
    assert {notice["organization_id"] for notice in await ledger(api)} == {str(people.centre_id), str(people.union_id)}


async def test_when_everybody_is_away_the_owners_desk_is_told_all_the_same(
    api: Api, desk: Desk, people: People
) -> None:
    for organization_id in (people.centre_id, people.union_id):
        await change_all(desk, organization_id, away=TODAY)
    case = await a_case(api)

    await sweep(desk)

    assert await told(api) == ["w…@example.org"]
    timeline = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    (entry,) = [entry for entry in timeline if entry["type"] == "escalation_unreachable"]
    assert set(entry["after"]["organization_ids"]) == {str(people.centre_id), str(people.union_id)}


async def test_when_nobody_has_an_address_the_rung_is_unreachable(api: Api, desk: Desk, people: People) -> None:
    for organization_id in (people.centre_id, people.union_id):
        await change_all(desk, organization_id, channels=[])
    case = await a_case(api)

    await sweep(desk)

    assert await ledger(api) == []
    assert (await the_run(api, case["id"]))["rungs"][2]["state"] == "unreachable"


@pytest.mark.parametrize(
    ("audience", "role", "heard"),
    [
        ("representatives", "representative", True),
        ("representatives", "counsel", False),
        ("counsel", "counsel", True),
        ("petitioners", "challenger_union", True),
        ("petitioners", "co_petitioner", True),
        ("petitioners", "supporter", False),
        ("network", "supporter", True),
        ("network", "petitioner", False),
        ("linked", "supporter", True),
    ],
)
async def test_a_role_is_told_by_its_audience_alone(
    api: Api, desk: Desk, people: People, audience: str, role: str, *, heard: bool
) -> None:
    await a_ladder(api, audience)
    case = await a_case(api, linked=False)
    await a_place(api, case["id"], role=role)

    await sweep(desk)

    expected = people.union_id if heard else people.centre_id
    assert {notice["organization_id"] for notice in await ledger(api)} == {str(expected)}


@pytest.mark.parametrize("audience", ["linked", "petitioners", "network", "counsel", "representatives"])
@pytest.mark.parametrize(
    "link",
    [
        {"role": "accused", "access": "none"},
        {"role": "observer"},
        {"access": "none"},
        {"adverse": True, "access": "none"},
    ],
)
async def test_no_audience_reaches_a_link_that_gets_no_alerts(
    api: Api, desk: Desk, people: People, audience: str, link: dict[str, Any]
) -> None:
    await a_ladder(api, audience)
    case = await a_case(api, linked=False)
    await a_place(api, case["id"], **{"role": "petitioner", "access": "read", **link})

    await sweep(desk)

    assert {notice["organization_id"] for notice in await ledger(api)} == {str(people.centre_id)}


async def test_the_network_is_the_owners_parent_too(api: Api, desk: Desk, people: People) -> None:
    federation = await an_organization(api, kind="federation", name="Federación de prueba")
    await a_contact(api, federation["id"])
    async with looking(desk) as session:
        under = update(OrganizationRow).where(OrganizationRow.id == people.centre_id)
        await session.execute(under.values(parent_id=UUID(federation["id"])))
        await session.commit()
    await a_ladder(api, "network")
    await a_case(api)

    await sweep(desk)

    assert {notice["organization_id"] for notice in await ledger(api)} == {federation["id"]}


async def test_handler_alone_is_nobody_where_the_case_has_none(api: Api, desk: Desk, people: People) -> None:
    await a_ladder(api, "handler", "linked")
    await a_case(api)

    await sweep(desk)

    assert {notice["organization_id"] for notice in await ledger(api)} == {str(people.union_id)}


async def test_handler_and_desk_may_both_be_told(api: Api, desk: Desk, people: People) -> None:
    handler = await a_person(api, people.centre_id, "handler")
    await a_ladder(api, "handler", "owner_desk")
    await a_case(api, linked=False, handler_id=handler["id"])

    await sweep(desk)

    assert await told(api) == ["h…@example.org", "w…@example.org"]


@pytest.mark.parametrize("state", ["accepted", "offered", "declined", "ended"])
async def test_who_took_a_run_hears_it_instead_of_the_desk_of_that_organisation(
    api: Api, desk: Desk, people: People, clock: Clock, state: str
) -> None:
    clock.set(datetime(2026, 3, 1, 15, tzinfo=UTC))
    taker = await a_person(api, people.union_id, "taker", role="partner")
    case = await a_case(api)
    await sweep(desk)
    run = await the_run(api, case["id"])
    await take(desk, run["id"], people.union_id, taker["id"], state)
    clock.set(datetime(2026, 3, 2, 15, tzinfo=UTC))

    await sweep(desk)

    union = "t…@example.org" if state == "accepted" else "u…@example.org"
    assert [notice["address"] for notice in await ledger(api, role="partner")][-1] == union
    assert "w…@example.org" in await told(api)


@pytest.mark.parametrize("taken", [True, False])
async def test_an_assignee_is_whoever_took_the_run_and_else_the_owners_handler_or_desk(
    api: Api, desk: Desk, people: People, clock: Clock, *, taken: bool
) -> None:
    clock.set(datetime(2026, 3, 1, 15, tzinfo=UTC))
    await a_ladder(api, "assignee")
    taker = await a_person(api, people.union_id, "taker", role="partner")
    case = await a_case(api)
    await sweep(desk)
    if taken:
        await take(desk, (await the_run(api, case["id"]))["id"], people.union_id, taker["id"])
    clock.set(datetime(2026, 3, 2, 15, tzinfo=UTC))

    await sweep(desk)

    assert {notice["organization_id"] for notice in await ledger(api)} == {
        str(people.union_id if taken else people.centre_id)
    }


async def test_who_took_a_run_and_is_away_is_represented(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    clock.set(datetime(2026, 3, 1, 15, tzinfo=UTC))
    deputy = await a_person(api, people.centre_id, "deputy")
    taker = await a_person(api, people.centre_id, "taker")
    await change(desk, taker["id"], away=TODAY, deputy_id=UUID(deputy["id"]))
    case = await a_case(api, linked=False)
    await sweep(desk)
    before = len(await ledger(api))
    await take(desk, (await the_run(api, case["id"]))["id"], people.centre_id, taker["id"])
    clock.set(datetime(2026, 3, 2, 15, tzinfo=UTC))

    await sweep(desk)

    assert [notice["address"] for notice in (await ledger(api))[before:]] == ["d…@example.org"]


async def test_a_taker_who_is_of_another_organisation_now_hears_nothing(
    api: Api, desk: Desk, people: People, clock: Clock
) -> None:
    clock.set(datetime(2026, 3, 1, 15, tzinfo=UTC))
    taker = await a_person(api, people.centre_id, "taker")
    case = await a_case(api, linked=False)
    await sweep(desk)
    await take(desk, (await the_run(api, case["id"]))["id"], people.centre_id, taker["id"])
    await change(desk, taker["id"], organization_id=people.union_id)
    clock.set(datetime(2026, 3, 2, 15, tzinfo=UTC))

    await sweep(desk)

    assert "t…@example.org" not in await told(api)
