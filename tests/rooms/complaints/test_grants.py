"""Grants: they have a purpose and an end, are accepted, rejected, revoked and offered anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.builders import a_complaint, a_link
from tests.conftest import Api, Clock, looking
from tests.rooms.climbing import a_case, a_day_goes_by, ledger
from tests.rooms.complaints.cases import granted, pointers
from tests.rooms.feeds.reading import a_feed, events
from tests.rooms.reports.files import cells
from tests.rooms.searches.finding import a_search, look, tell
from vigilancia.complaints.links.figures import figures
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import deliver_all

ENDS = datetime(2026, 5, 31, 15, 0, tzinfo=UTC)  # ninety days after the tests' Monday


async def act(api: Api, link: dict[str, Any], verb: str, *, role: str, **body: Any) -> Any:
    """Answer a link, or end it."""
    path = f"/v1/complaints/{link['complaint_id']}/links/{link['id']}/{verb}"
    return await api.post(path, role=role, json=body) if body else await api.post(path, role=role)


async def test_read_and_write_end_by_themselves_and_alerts_do_not(api: Api) -> None:
    case = await a_complaint(api)
    ends = [
        (await _linked(api, case["id"], role, access))["expires_at"]
        for role, access in (
            ("counsel", "read"),
            ("petitioner", "write"),
            ("supporter", "alerts"),
            ("observer", "none"),
        )
    ]
    assert ends == ["2026-05-31T15:00:00Z", "2026-05-31T15:00:00Z", None, None]
    assert figures().life == timedelta(days=90)


async def _linked(api: Api, complaint_id: str, role: str, access: str) -> dict[str, Any]:
    body = {"organization_id": str(api.people.union_id), "role": role, "access": access}
    answer = await api.post(f"/v1/complaints/{complaint_id}/links", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_grant_is_never_without_end(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id)
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    clock.advance(timedelta(days=1))
    raised = await api.patch(path, json={"access": "read"}, version=1)
    assert raised.json()["expires_at"] == "2026-06-01T15:00:00Z"
    endless = await api.patch(path, json={"expires_at": None}, version=2)
    assert endless.json()["expires_at"] == "2026-06-01T15:00:00Z"
    longer = await api.patch(path, json={"expires_at": "2027-01-31T06:00:00Z"}, version=2)
    assert longer.json()["expires_at"] == "2027-01-31T06:00:00Z"


async def test_an_extended_grant_needs_no_new_acceptance(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    link = await granted(api, case["id"], "read")
    path = f"/v1/complaints/{case['id']}"
    clock.set(ENDS)
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.get(f"{path}/links/{link['id']}")).json()["state"] == "expired"
    await api.patch(f"{path}/links/{link['id']}", json={"expires_at": "2026-07-01T00:00:00Z"}, version=2)
    assert (await api.get(path, role="partner")).json()["view"] == "full"


async def test_a_grant_that_ran_out_is_ended_for_every_reader(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await granted(api, case["id"], "write")
    contacts = await api.get(f"/v1/organizations/{api.people.union_id}/contacts", role="partner")
    search = await a_search(api, role="partner", contact_id=contacts.json()["items"][0]["id"], filter={})
    feed = await a_feed(api, role="partner", organization_id=str(api.people.union_id))
    one = await a_feed(api, role="partner", complaint_id=case["id"])
    clock.set(ENDS - timedelta(seconds=1))
    assert len((await api.get("/v1/complaints", role="partner")).json()["items"]) == 1
    assert len(await events(api, feed)) == len(await events(api, one)) == 1
    assert len(await cells(api, desk, role="partner", dataset="complaints", profile="full")) == 1
    clock.set(ENDS)
    for path in (
        f"/v1/complaints/{case['id']}",
        f"/v1/complaints/{case['id']}/timeline",
        f"/v1/complaints/{case['id']}/links",
        f"/v1/complaints/{case['id']}/clock",
        f"/v1/proceedings/{case['proceeding_id']}",
    ):
        assert (await api.get(path, role="partner")).status_code == 404, path
    for name in ("complaints", "deadlines", "escalations", "tasks"):
        assert (await api.get(f"/v1/{name}", role="partner")).json()["items"] == [], name
    assert await cells(api, desk, role="partner", dataset="complaints", profile="full") == []
    assert await events(api, feed) == await events(api, one) == []
    await look(desk, clock)
    assert await tell(desk) == []
    matches = await api.get(f"/v1/saved-searches/{search['id']}/matches", role="partner")
    assert matches.json()["items"] == []


async def test_a_planned_notice_is_not_sent_once_access_is_revoked(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False)
    link = await a_link(api, case["id"], api.people.union_id)
    await sweep(desk)
    assert (await act(api, link, "revoke", role="staff", reason="Ya no lleva el caso")).status_code == 200
    await deliver_all(desk)
    theirs = [each for each in await ledger(api) if each["organization_id"] == str(api.people.union_id)]
    assert {(each["status"], each["reason"]) for each in theirs} == {("suppressed", "no_access")}


async def test_a_receiver_rejects_with_a_reason_that_owner_and_receiver_read(api: Api) -> None:
    case = await a_complaint(api)
    offer = await _linked(api, case["id"], "counsel", "read")
    assert offer["state"] == "offered"
    assert (await act(api, offer, "reject", role="staff", reason="x")).status_code == 403
    assert (await act(api, offer, "reject", role="stranger", reason="x")).status_code == 404
    answer = await act(api, offer, "reject", role="partner", reason="canaryreason: no llevamos minería")
    assert (answer.json()["state"], answer.json()["end_reason"]) == (
        "rejected",
        "canaryreason: no llevamos minería",
    )
    path = f"/v1/complaints/{case['id']}"
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.get(f"{path}/links/{offer['id']}")).json()["end_reason"].startswith("canaryreason")
    assert (await act(api, offer, "accept", role="partner")).status_code == 409
    timeline = (await api.get(f"{path}/timeline")).text
    assert "link_rejected" in timeline
    assert "canaryreason" not in timeline


async def test_what_was_accepted_is_not_rejected_any_more(api: Api) -> None:
    case = await a_complaint(api)
    link = await granted(api, case["id"], "read")
    refused = await act(api, link, "reject", role="partner", reason="x")
    assert pointers(refused.json()) == {("/access", "not_allowed")}


async def test_revoking_ends_access_at_once_and_keeps_the_link(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    link = await granted(api, case["id"], "write")
    path = f"/v1/complaints/{case['id']}"
    assert (await act(api, link, "revoke", role="partner", reason="x")).status_code == 403
    revoked = await act(api, link, "revoke", role="staff", reason="Terminó el encargo")
    assert (revoked.json()["state"], revoked.json()["revoked_at"]) == ("revoked", "2026-03-02T15:00:00Z")
    assert (await api.get(path, role="partner")).status_code == 404
    clock.advance(timedelta(days=1))
    again = await act(api, link, "revoke", role="staff", reason="Otra vez")
    assert again.json() == revoked.json()
    theirs = (await api.get(f"{path}/links/{link['id']}", role="partner")).json()
    assert (theirs["state"], theirs["end_reason"]) == ("revoked", "Terminó el encargo")


async def test_naming_access_offers_anew_what_was_revoked(api: Api) -> None:
    case = await a_complaint(api)
    link = await granted(api, case["id"], "read")
    await act(api, link, "revoke", role="staff", reason="Terminó el encargo")
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    still = await api.patch(path, json={"source": "Acta"}, version=3)
    assert still.json()["state"] == "revoked"
    offered = (await api.patch(path, json={"access": "read"}, version=4)).json()
    assert (offered["state"], offered["end_reason"], offered["accepted_at"]) == ("offered", None, None)
    assert (await act(api, link, "accept", role="partner")).json()["state"] == "accepted"


async def test_a_mere_fact_is_not_revoked(api: Api) -> None:
    case = await a_complaint(api)
    link = await _linked(api, case["id"], "observer", "none")
    assert link["state"] is None
    assert (await act(api, link, "revoke", role="staff", reason="x")).status_code == 409


@pytest.mark.parametrize("role", ["admin", "analyst"])
async def test_the_purpose_is_for_owner_and_receiver(api: Api, desk: Desk, role: str) -> None:
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id, access="read", purpose="canarypurpose")
    await act(api, link, "accept", role="partner")
    path = f"/v1/complaints/{case['id']}"
    for reader in ("staff", "partner"):
        assert (await api.get(f"{path}/links/{link['id']}", role=reader)).json()["purpose"] == "canarypurpose"
    assert "canarypurpose" not in (await api.get(f"{path}/timeline")).text
    assert "canarypurpose" not in (await api.get(f"{path}/links", role="union_analyst")).text
    other = await api.get(f"{path}/links", role=role)
    assert ("canarypurpose" in other.text) is (role == "admin")  # of the owner itself
    async with looking(desk) as session:
        kept = await session.scalar(text("SELECT purpose FROM complaint_link"))
    assert b"canarypurpose" not in kept


async def test_the_end_of_a_day_goes_by_without_the_party(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await a_link(api, case["id"], api.people.union_id, expires_at="2026-03-02T15:30:00Z")
    clock.set(datetime(2026, 3, 2, 15, 30, tzinfo=UTC))
    await a_day_goes_by(desk)
    assert {each["organization_id"] for each in await ledger(api)} == {str(api.people.centre_id)}
