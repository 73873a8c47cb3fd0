"""Walls: adverse parties, their kin, and people named one by one get nothing, at any address."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from tests.api.world import a_world
from tests.builders import a_complaint, a_contact, a_link, an_organization
from tests.conftest import Api, looking
from tests.rooms.climbing import a_case, ledger
from tests.rooms.complaints.cases import granted, pointers
from tests.rooms.feeds.reading import a_feed, events
from tests.rooms.reports.files import cells
from vigilancia.access.models import AuditRow, PrivacyAlertRow, TokenRow
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import deliver_all
from vigilancia.registry.models import OrganizationRow

OVERRIDE = {"by": "Ana López", "reason": "Firmó la petición y corrigió su falta"}


async def put_under(desk: Desk, child: UUID | str, parent: UUID | str | None) -> None:
    """Put one organisation under another, whoever keeps them."""
    async with looking(desk) as session:
        moved = update(OrganizationRow).where(OrganizationRow.id == UUID(str(child)))
        await session.execute(moved.values(parent_id=parent and UUID(str(parent))))
        await session.commit()


async def link(api: Api, complaint_id: str, organization_id: Any, **body: Any) -> Any:
    """Try to record a link."""
    return await api.post(
        f"/v1/complaints/{complaint_id}/links", json={"organization_id": str(organization_id), **body}
    )


async def accuse(api: Api, complaint_id: str, organization_id: Any) -> dict[str, Any]:
    """Record an adverse party."""
    answer = await link(api, complaint_id, organization_id, role="accused")
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize("way", ["itself", "its child", "its parent", "far below", "far above"])
async def test_an_adverse_party_and_its_kin_are_granted_nothing(api: Api, desk: Desk, way: str) -> None:
    case = await a_complaint(api)
    between, accused = await an_organization(api), await an_organization(api)
    union = api.people.union_id
    chains: dict[str, list[tuple[Any, Any]]] = {
        "itself": [],
        "its child": [(union, accused["id"])],
        "its parent": [(accused["id"], union)],
        "far below": [(union, between["id"]), (between["id"], accused["id"])],
        "far above": [(accused["id"], between["id"]), (between["id"], union)],
    }
    for child, parent in chains[way]:
        await put_under(desk, child, parent)
    await accuse(api, case["id"], union if way == "itself" else accused["id"])
    for access in ("alerts", "read", "write"):
        refused = await link(api, case["id"], union, role="petitioner", access=access)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict-wall"), access
    fact = await link(api, case["id"], union, role="petitioner")
    assert (fact.status_code, fact.json()["walled"]) == (201, True)
    path = f"/v1/complaints/{case['id']}/links/{fact.json()['id']}"
    raised = await api.patch(path, json={"access": "read"}, version=1)
    assert (raised.status_code, raised.json()["code"]) == (409, "conflict-wall")


async def test_a_child_beside_the_adverse_one_is_no_kin(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    federation, accused = await an_organization(api), await an_organization(api)
    await put_under(desk, accused["id"], federation["id"])
    await put_under(desk, api.people.union_id, federation["id"])
    await accuse(api, case["id"], accused["id"])
    await granted(api, case["id"], "read")
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).json()["view"] == "full"


async def test_an_adverse_link_closes_standing_grants_at_once_and_opens_them_when_it_goes(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    path = f"/v1/complaints/{case['id']}"
    accusation = await accuse(api, case["id"], api.people.union_id)
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.get("/v1/complaints", role="partner")).json()["items"] == []
    assert (await api.get(f"{path}/links", role="partner")).status_code == 404  # not even that it is closed
    alerts = await privacy_alerts(desk)
    assert [alert.cause for alert in alerts] == ["wall_closed_grant"]
    await api.delete(f"{path}/links/{accusation['id']}", version=accusation["version"])
    assert (await api.get(path, role="partner")).json()["view"] == "full"


async def test_a_change_of_the_tree_closes_grants_at_once(api: Api) -> None:
    case = await a_complaint(api)
    accused = await an_organization(api)
    await accuse(api, case["id"], accused["id"])
    await granted(api, case["id"], "read")
    path = f"/v1/complaints/{case['id']}"
    assert (await api.get(path, role="partner")).status_code == 200
    moved = await api.patch(
        f"/v1/organizations/{accused['id']}", json={"parent_id": str(api.people.union_id)}, version=1
    )
    assert moved.status_code == 200, moved.text
    assert (await api.get(path, role="partner")).status_code == 404
    await api.patch(f"/v1/organizations/{accused['id']}", json={"parent_id": None}, version=2)
    assert (await api.get(path, role="partner")).status_code == 200


async def test_accepting_tells_no_party_who_it_is_in_the_case(api: Api) -> None:
    case = await a_complaint(api)
    offer = (await link(api, case["id"], api.people.union_id, role="petitioner", access="read")).json()
    await accuse(api, case["id"], api.people.union_id)
    path = f"/v1/complaints/{case['id']}/links/{offer['id']}"
    assert (await api.post(f"{path}/accept", role="partner")).status_code == 404


async def test_a_named_override_on_the_link_itself_opens_that_link_and_is_told(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await accuse(api, case["id"], api.people.union_id)
    let_in = await link(
        api, case["id"], api.people.union_id, role="petitioner", access="read", adverse_override=OVERRIDE
    )
    path = f"/v1/complaints/{case['id']}"
    assert let_in.status_code == 201, let_in.text
    assert (await api.post(f"{path}/links/{let_in.json()['id']}/accept", role="partner")).status_code == 200
    assert (await api.get(path, role="partner")).json()["view"] == "full"
    other = await link(api, case["id"], api.people.union_id, role="counsel", access="read")
    assert other.json()["code"] == "conflict-wall"
    (alert,) = await privacy_alerts(desk)
    assert (alert.cause, alert.organization_id) == ("adverse_override", api.people.centre_id)
    async with looking(desk) as session:
        noted = (await session.scalars(select(AuditRow).where(AuditRow.action == "override"))).one()
    assert noted.subject_id == UUID(let_in.json()["id"])


async def test_the_mark_cannot_be_written_by_hand(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await accuse(api, case["id"], api.people.union_id)
    await link(api, case["id"], api.people.union_id, role="petitioner")
    async with looking(desk) as session:
        await session.execute(text("UPDATE complaint_link SET walled = false"))
        assert set(await session.scalars(text("SELECT walled FROM complaint_link"))) == {True}


async def test_a_change_of_the_tree_beside_an_accusation_misses_neither(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "read")
    accused = await an_organization(api)
    values = "'{}', '{}', '{}', 'accused', 'none', true, 1, now(), now()"
    row = values.format(uuid4(), case["id"], accused["id"])
    columns = "id, complaint_id, organization_id, role, access, adverse, version, created_at, updated_at"
    async with looking(desk) as session:
        await session.execute(text(f"INSERT INTO complaint_link ({columns}) VALUES ({row})"))
        moving = asyncio.create_task(put_under(desk, api.people.union_id, accused["id"]))
        await asyncio.sleep(0)
        await session.commit()
    await moving
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).status_code == 404


async def test_a_parent_behind_the_wall_hears_of_no_missed_deadline(api: Api, desk: Desk) -> None:
    federation = await an_organization(api)
    await a_contact(api, federation["id"])
    await put_under(desk, api.people.centre_id, federation["id"])
    case = await a_case(api, linked=False, petition_on="2026-01-20")
    await sweep(desk)
    await accuse(api, case["id"], federation["id"])
    await deliver_all(desk)
    theirs = [each for each in await ledger(api) if each["organization_id"] == federation["id"]]
    assert all((each["status"], each["reason"]) == ("suppressed", "no_access") for each in theirs)


async def privacy_alerts(desk: Desk) -> list[PrivacyAlertRow]:
    """Return what the privacy lead is to be told."""
    async with looking(desk) as session:
        return list(await session.scalars(select(PrivacyAlertRow)))


# Persons walled off by name


async def hold(desk: Desk, name: str, contact_id: str | None) -> UUID:
    """Let a contact hold a token; return its id."""
    async with looking(desk) as session:
        token = (await session.scalars(select(TokenRow).where(TokenRow.name == name))).one()
        token.holder_id = contact_id and UUID(contact_id)
        await session.commit()
        held: UUID = token.id
        return held


async def a_second_token(api: Api, desk: Desk, contact_id: str | None = None) -> None:
    """Give the centre another member of staff, `colleague`."""
    body = {"organization_id": str(api.people.centre_id), "role": "staff", "name": "colleague"}
    made = await api.post("/v1/tokens", role="admin", json=body)
    assert made.status_code == 201, made.text
    api.people.tokens["colleague"] = made.json()["token"]
    await hold(desk, "colleague", contact_id)


async def wall(api: Api, complaint_id: str, **body: Any) -> Any:
    """Raise a wall."""
    return await api.post(f"/v1/complaints/{complaint_id}/walls", json={"reason": "canaryreason", **body})


@pytest.mark.parametrize("by", ["token", "contact"])
async def test_for_a_walled_colleague_the_case_does_not_exist(api: Api, desk: Desk, by: str) -> None:
    ana = await a_contact(api, api.people.centre_id, name="Ana", desk=False)
    await a_second_token(api, desk, ana["id"])
    ids = await a_world(api, desk)
    feed = await a_feed(api, role="colleague", organization_id=str(api.people.centre_id))
    assert (await api.get(f"/v1/complaints/{ids['complaint_id']}", role="colleague")).status_code == 200
    token_id = await hold(desk, "colleague", ana["id"])
    whom = {"token_id": str(token_id)} if by == "token" else {"contact_id": ana["id"]}
    raised = await wall(api, ids["complaint_id"], **whom)
    assert raised.status_code == 201, raised.text
    case = f"/v1/complaints/{ids['complaint_id']}"
    for path in (
        *(case, f"{case}/links", f"{case}/timeline", f"{case}/clock", f"{case}/walls", f"{case}/report"),
        f"/v1/proceedings/{ids['proceeding_id']}",
        f"/v1/deadlines/{ids['deadline_id']}",
        f"/v1/escalations/{ids['escalation_id']}",
        f"{case}/tasks/{ids['task_id']}",
        f"/v1/notices/{ids['notice_id']}",
    ):
        assert (await api.get(path, role="colleague")).status_code == 404, path
    for name in ("complaints", "deadlines", "escalations", "tasks", "notices", "proposals"):
        answer = await api.get(f"/v1/{name}", role="colleague")
        assert answer.json()["items"] == [], name
    assert await cells(api, desk, role="colleague", dataset="complaints", profile="full") == []
    assert await cells(api, desk, role="colleague", dataset="notices", profile="full") == []
    assert await events(api, feed) == []
    assert (await api.patch(case, role="colleague", json={"tags": ["a"]}, version=1)).status_code == 404
    history = await api.get(f"/v1/facilities/{ids['facility_id']}/history", role="colleague")
    assert history.json()["items"] == []
    assert (await api.get(case)).status_code == 200  # the others of the organisation see it as before


async def test_a_wall_stands_before_a_public_case_too(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, confidentiality="public")
    token_id = await hold(desk, "stranger", None)
    path = f"/v1/complaints/{case['id']}"
    assert (await api.get(path, role="stranger")).json()["view"] == "public"
    await wall(api, case["id"], token_id=str(token_id))
    assert (await api.get(path, role="stranger")).status_code == 404
    assert (await api.get("/v1/complaints", role="stranger")).json()["items"] == []


async def test_a_receiver_walled_off_does_not_see_its_offer(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    offer = await a_link(api, case["id"], api.people.union_id, access="read")
    await wall(api, case["id"], token_id=str(await hold(desk, "test partner", None)))
    path = f"/v1/complaints/{case['id']}/links"
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.post(f"{path}/{offer['id']}/accept", role="partner")).status_code == 404


async def test_nothing_is_sent_to_a_contact_walled_off(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False)
    await sweep(desk)
    (planned,) = await ledger(api)
    assert (await wall(api, case["id"], contact_id=planned["contact_id"])).status_code == 201
    await deliver_all(desk)
    assert [(each["status"], each["reason"]) for each in await ledger(api)] == [("suppressed", "no_access")]


async def test_only_the_owners_staff_know_of_walls(api: Api) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    ana = await a_contact(api, api.people.centre_id, name="Ana", desk=False)
    made = (await wall(api, case["id"], contact_id=ana["id"])).json()
    assert (made["contact_id"], made["reason"]) == (ana["id"], "canaryreason")
    path = f"/v1/complaints/{case['id']}"
    assert (await api.get(f"{path}/walls", role="partner")).status_code == 403
    assert (await api.get(f"{path}/walls", role="stranger")).status_code == 404
    assert "wall_" not in (await api.get(f"{path}/timeline", role="partner")).text
    own = (await api.get(f"{path}/timeline")).text
    assert "wall_raised" in own
    assert "canaryreason" not in own
    assert (await api.delete(f"{path}/walls/{made['id']}", version=1)).status_code == 204
    assert (await api.get(f"{path}/walls")).json()["items"] == []


async def test_whom_a_wall_may_name(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    ana = await a_contact(api, api.people.centre_id, name="Ana", desk=False)
    hidden = await an_organization(api, role="partner")
    theirs = await a_contact(api, hidden["id"], role="partner", visibility="private")
    own = str(await hold(desk, "test staff", ana["id"]))
    faults = [
        (await wall(api, case["id"], **body)).json()
        for body in (
            {},
            {"contact_id": ana["id"], "token_id": own},
            {"contact_id": theirs["id"]},
            {"contact_id": ana["id"]},
            {"token_id": own},
        )
    ]
    assert [pointers(fault) for fault in faults] == [
        {("", "one_of")},
        {("/token_id", "not_allowed")},
        {("/contact_id", "not_found")},
        {("/contact_id", "not_allowed")},
        {("/token_id", "not_allowed")},
    ]
