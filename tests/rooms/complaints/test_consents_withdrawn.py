"""Withdrawing a consent: what rests on it ends at once, and who already has what is told."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.builders import a_complaint, a_link, an_organization
from tests.conftest import Api, Clock, looking
from tests.rooms.climbing import a_case, ledger
from tests.rooms.complaints.cases import granted
from tests.rooms.complaints.consenting import OVERRIDE, always, answered, linked, somebody, withdrawn
from vigilancia.access.models import PrivacyAlertRow
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import deliver_all


async def test_access_ends_in_the_same_moment_and_who_has_what_is_listed(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_complaint(api)
    consent = await answered(api, case["id"])
    link = await granted(api, case["id"], "read")
    path = f"/v1/complaints/{case['id']}"
    assert (await api.get(path, role="partner")).status_code == 200
    clock.set(clock().replace(day=9))
    answer = await withdrawn(api, case["id"], consent["id"])
    assert (await api.get(path, role="partner")).status_code == 404
    assert answer["consent"]["state"] == "withdrawn"
    assert answer["consent"]["withdrawn_at"] == "2026-03-09T15:00:00Z"
    assert answer["already_shared"]["organizations"] == [
        {
            "link_id": link["id"],
            "organization_id": str(api.people.union_id),
            "role": "petitioner",
            "access": "read",
            "since": "2026-03-02T15:00:00Z",
            "until": "2026-03-09T15:00:00Z",
            "stands": False,
            "consent": "no",
        }
    ]
    assert (await api.get(f"{path}/sharing")).json() == answer["already_shared"]
    types = [entry["type"] for entry in (await api.get(f"{path}/timeline?limit=200")).json()["items"]]
    assert types[-2:] == ["consent_withdrawn", "link_changed"]
    async with looking(desk) as session:
        alert = await session.scalar(select(PrivacyAlertRow))
    assert (alert.cause, str(alert.subject_id)) == ("consent_withdrawn", consent["id"])


async def test_it_cannot_be_undone_and_a_new_consent_opens_again(api: Api) -> None:
    case = await a_complaint(api)
    consent = await answered(api, case["id"])
    link = await granted(api, case["id"], "read")
    await withdrawn(api, case["id"], consent["id"])
    path = f"/v1/complaints/{case['id']}/links/{link['id']}"
    again = await api.patch(path, json={"expires_at": None}, version=3)
    assert (again.status_code, again.json()["code"]) == (403, "consent-required")
    first = await withdrawn(api, case["id"], consent["id"])
    assert first["consent"]["version"] == 2  # withdrawing again changes nothing
    await answered(api, case["id"])
    assert (await api.patch(path, json={"expires_at": None}, version=3)).status_code == 200
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).status_code == 200


async def test_what_waits_to_be_sent_is_held_back(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False)
    consent = await answered(api, case["id"])
    await a_link(api, case["id"], api.people.union_id)
    await sweep(desk)
    planned = [one for one in await ledger(api) if one["organization_id"] == str(api.people.union_id)]
    assert [one["status"] for one in planned] == ["planned"]
    await withdrawn(api, case["id"], consent["id"])
    await deliver_all(desk)
    (notice,) = [one for one in await ledger(api) if one["id"] == planned[0]["id"]]
    assert (notice["status"], notice["reason"]) == ("suppressed", "no_access")


async def test_every_yes_of_the_same_person_falls_and_nobody_elses(api: Api) -> None:
    case = await a_complaint(api)
    ana, luz = await somebody(api, case["id"]), await somebody(api, case["id"])
    first = await answered(api, case["id"], person_id=ana)
    await answered(api, case["id"], person_id=ana)
    await answered(api, case["id"], "publish", person_id=ana)
    await answered(api, case["id"], person_id=luz)
    await withdrawn(api, case["id"], first["id"])
    items = (await api.get(f"/v1/complaints/{case['id']}/consents")).json()["items"]
    assert [one["state"] for one in items] == ["withdrawn", "withdrawn", "given", "given"]
    assert (await linked(api, case["id"])).status_code == 403


async def test_only_links_of_that_receiver_and_purpose_end(api: Api) -> None:
    case = await a_complaint(api)
    other = await an_organization(api)
    share = await answered(api, case["id"])
    await answered(api, case["id"], "counsel")
    await answered(api, case["id"], receiver_id=other["id"])
    for link in ({}, {"role": "counsel"}, {"organization_id": other["id"]}):
        assert (await linked(api, case["id"], **link)).status_code == 201
    answer = await withdrawn(api, case["id"], share["id"])
    assert [one["stands"] for one in answer["already_shared"]["organizations"]] == [False, True, True]


async def test_who_withdraws_the_consent_to_keep_the_case_withdraws_everything(api: Api) -> None:
    case = await a_complaint(api)
    store = await answered(api, case["id"], "store")
    await answered(api, case["id"])
    await answered(api, case["id"], "publish")
    path = f"/v1/complaints/{case['id']}"
    assert (await linked(api, case["id"])).status_code == 201
    assert (await api.patch(path, json={"confidentiality": "public"}, version=1)).status_code == 200
    answer = await withdrawn(api, case["id"], store["id"])
    assert [one["stands"] for one in answer["already_shared"]["organizations"]] == [False]
    assert (await api.get(path)).json()["confidentiality"] == "restricted"


async def test_a_public_case_is_taken_down(api: Api, clock: Clock) -> None:
    case = await a_complaint(api, confidentiality="public")
    consent = await answered(api, case["id"], "publish")
    path = f"/v1/complaints/{case['id']}"
    assert (await api.get(path, role="stranger")).status_code == 200
    clock.set(clock().replace(day=9))
    answer = await withdrawn(api, case["id"], consent["id"])
    assert (await api.get(path, role="stranger")).status_code == 404
    assert answer["already_shared"]["publications"] == [
        {"since": "2026-03-02T15:00:00Z", "until": "2026-03-09T15:00:00Z"}
    ]
    refused = await api.patch(path, json={"confidentiality": "public"}, version=2)
    assert refused.json()["code"] == "consent-required"


@pytest.mark.parametrize("purpose", ["share", "publish"])
async def test_a_refusal_ends_what_stands_as_a_withdrawal_does(api: Api, desk: Desk, purpose: str) -> None:
    case = await a_complaint(api, confidentiality="public" if purpose == "publish" else "restricted")
    await granted(api, case["id"], "read")
    await answered(api, case["id"], purpose, answer="refused")
    path = f"/v1/complaints/{case['id']}"
    assert (await api.get(path, role="partner")).status_code == (404 if purpose == "share" else 200)
    assert (await api.get(path)).json()["confidentiality"] == "restricted"
    async with looking(desk) as session:
        alerts = (await session.scalars(select(PrivacyAlertRow.cause))).all()
    assert alerts == ["consent_withdrawn"]


async def test_access_that_was_overridden_ends_too(api: Api) -> None:
    await always(api)
    case = await a_complaint(api)
    assert (await linked(api, case["id"], consent_override=OVERRIDE)).status_code == 201
    await answered(api, case["id"], answer="refused")
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).status_code == 404


async def test_a_writer_who_withdraws_its_own_access_is_told_what_was_done(api: Api) -> None:
    case = await a_complaint(api)
    consent = await answered(api, case["id"])
    await granted(api, case["id"], "write")
    answer = await withdrawn(api, case["id"], consent["id"], role="partner")
    assert answer["consent"]["state"] == "withdrawn"
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).status_code == 404


async def test_a_closed_and_merged_case_can_be_withdrawn_from(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    consent = await answered(api, case["id"])
    await granted(api, case["id"], "read")
    version = (await api.get(f"/v1/complaints/{case['id']}")).json()["version"]
    body = {"into": other["id"], "reason": "el mismo caso"}
    merged = await api.post(f"/v1/complaints/{case['id']}/merge", json=body, version=version)
    assert merged.status_code == 200, merged.text
    await withdrawn(api, case["id"], consent["id"])
    assert (await api.get(f"/v1/complaints/{case['id']}", role="partner")).status_code == 404


async def test_a_refusal_and_what_is_not_there_cannot_be_withdrawn(api: Api) -> None:
    case = await a_complaint(api)
    no = await answered(api, case["id"], answer="refused")
    path = f"/v1/complaints/{case['id']}/consents"
    assert (await api.post(f"{path}/{no['id']}/withdraw", json={})).status_code == 409
    assert (await api.post(f"{path}/{uuid4()}/withdraw", json={})).status_code == 404
    assert (await api.post(f"{path}/{no['id']}/withdraw", json={}, role="stranger")).status_code == 404
    assert (await api.post(f"{path}/{no['id']}/withdraw", json={}, role="analyst")).status_code == 403


async def test_links_that_are_gone_are_still_told(api: Api, clock: Clock) -> None:
    case = await a_complaint(api)
    link = await granted(api, case["id"], "write")
    path = f"/v1/complaints/{case['id']}"
    clock.set(clock().replace(day=5))
    assert (await api.patch(f"{path}/links/{link['id']}", json={"access": "alerts"}, version=2)).status_code == 200
    clock.set(clock().replace(day=6))
    assert (await api.delete(f"{path}/links/{link['id']}", version=3)).status_code == 204
    assert (await linked(api, case["id"], role="observer", access="read")).status_code == 201  # not accepted: nothing
    (shared,) = (await api.get(f"{path}/sharing")).json()["organizations"]
    assert (shared["access"], shared["since"], shared["until"], shared["stands"], shared["consent"]) == (
        *("write", "2026-03-02T15:00:00Z", "2026-03-06T15:00:00Z"),
        *(False, "missing"),
    )
