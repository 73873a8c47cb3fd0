"""What a caller may not see does not exist for it: in reads, lists, searches, references and refusals."""

from typing import Any

import pytest

from tests.builders import a_complaint, a_contact, a_facility, a_link, an_organization
from tests.conftest import Api, People

PLACES = ("organizations", "facilities")
RFC = [{"scheme": "rfc", "value": "GODE 561231 GR8"}]


async def a_record(api: Api, place: str, **changes: Any) -> dict[str, Any]:
    """Record an organisation or a facility as the worker centre's staff."""
    return await (an_organization if place == "organizations" else a_facility)(api, **changes)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("visibility", ["private", "linked"])
async def test_anothers_record_answers_like_none(api: Api, place: str, visibility: str) -> None:
    """Reading, changing, deleting and listing tell a stranger nothing."""
    made = await a_record(api, place, name="Oculto", visibility=visibility, identifiers=RFC)
    path = f"/v1/{place}/{made['id']}"
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.patch(path, role="partner", json={"name": "X"}, version=1)).status_code == 404
    assert (await api.delete(path, role="partner", version=1)).status_code == 404
    for wanted in ({}, {"q": "oculto"}, {"identifier": "rfc:GODE561231GR8"}, {"visibility": visibility}):
        items = (await api.get(f"/v1/{place}", role="partner", params=wanted)).json()["items"]
        assert made["id"] not in [one["id"] for one in items]


@pytest.mark.parametrize("place", PLACES)
async def test_a_public_record_is_read_by_all_and_changed_by_its_keeper(api: Api, place: str) -> None:
    """Seen but not kept: 403, since the caller knows that it is there."""
    made = await a_record(api, place, visibility="public")
    path = f"/v1/{place}/{made['id']}"
    for role in ("partner", "analyst", "admin"):
        assert (await api.get(path, role=role)).json() == made
    assert (await api.patch(path, role="partner", json={"name": "X"}, version=1)).status_code == 403
    assert (await api.delete(path, role="partner", version=1)).status_code == 403
    assert (await api.patch(path, json={"name": "X"}, version=1)).status_code == 200


async def test_a_linked_record_shows_with_the_case_it_is_part_of(api: Api, people: People) -> None:
    """With read access accepted, the plant and the other parties appear; without, they do not."""
    plant = await a_facility(api)
    petitioner = await an_organization(api)
    apart = await an_organization(api)
    hidden = await a_facility(api, visibility="private")
    case = await a_complaint(api, facility_id=plant["id"], facility_ids=[plant["id"], hidden["id"]])
    await a_link(api, case["id"], petitioner["id"], access="none")
    link = await a_link(api, case["id"], people.union_id, role="staff", access="read")
    seen = [f"/v1/facilities/{plant['id']}", f"/v1/organizations/{petitioner['id']}"]
    unseen = [f"/v1/facilities/{hidden['id']}", f"/v1/organizations/{apart['id']}"]
    for path in seen + unseen:
        assert (await api.get(path, role="partner")).status_code == 404
    accepted = await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner", version=1)
    assert accepted.status_code == 200, accepted.text
    for path in seen:
        assert (await api.get(path, role="partner")).status_code == 200
    for path in unseen:
        assert (await api.get(path, role="partner")).status_code == 404


async def test_alerts_alone_show_no_record(api: Api, people: People) -> None:
    """Who only gets alerts sees reference, steps and dates, not the plant."""
    plant = await a_facility(api)
    case = await a_complaint(api, facility_id=plant["id"])
    await a_link(api, case["id"], people.union_id, access="alerts")
    assert (await api.get(f"/v1/facilities/{plant['id']}", role="partner")).status_code == 404


@pytest.mark.parametrize("place", PLACES)
async def test_a_number_taken_by_anothers_hidden_record_is_free(api: Api, place: str) -> None:
    """Uniqueness is each keeper's own, or a refusal would tell that somebody else knows of the company."""
    await a_record(api, place, visibility="private", identifiers=RFC)
    body = {"kind": "company", "name": "Mía"} if place == "organizations" else {"name": "Mía", "country": "MX"}
    theirs = await api.post(f"/v1/{place}", role="partner", json={**body, "identifiers": RFC})
    assert theirs.status_code == 201
    mine = await api.post(f"/v1/{place}", json={**body, "identifiers": RFC})
    assert mine.status_code == 409
    assert [(fault["pointer"], fault["code"]) for fault in mine.json()["errors"]] == [("/identifiers/0", "duplicate")]
    assert len((await api.get(f"/v1/{place}", params={"identifier": "rfc:GODE561231GR8"})).json()["items"]) == 1


async def test_a_hidden_parent_is_neither_shown_nor_accepted_nor_searched(api: Api) -> None:
    """A reference is as telling as the record."""
    parent = await an_organization(api, visibility="private")
    child = await an_organization(api, visibility="public", parent_id=parent["id"])
    shown = await api.get(f"/v1/organizations/{child['id']}", role="partner")
    assert shown.json()["parent_id"] is None
    assert (await api.get(f"/v1/organizations/{child['id']}")).json()["parent_id"] == parent["id"]
    found = await api.get("/v1/organizations", role="partner", params={"parent_id": parent["id"]})
    assert found.json()["items"] == []
    body = {"kind": "union", "name": "S", "parent_id": parent["id"]}
    refused = await api.post("/v1/organizations", role="partner", json=body)
    missing = await api.post(
        "/v1/organizations", role="partner", json={**body, "parent_id": "01890000-0000-7000-8000-000000000000"}
    )
    assert refused.status_code == missing.status_code == 422
    assert refused.json()["errors"] == missing.json()["errors"]


async def test_an_organisation_corrects_what_is_recorded_of_it_but_not_its_numbers(api: Api, people: People) -> None:
    """Its own name is its own affair; numbers are unique among the keeper's records, which it may not see."""
    path = f"/v1/organizations/{people.union_id}"
    own = await api.patch(path, role="partner", json={"name": "Sindicato Nuevo", "identifiers": RFC}, version=1)
    assert own.status_code == 200
    recorded = await an_organization(api)
    token = await api.post(
        "/v1/tokens", role="admin", json={"organization_id": recorded["id"], "role": "partner", "name": "suyo"}
    )
    headers = {"Authorization": f"Bearer {token.json()['token']}"}
    path = f"/v1/organizations/{recorded['id']}"
    renamed = await api.patch(path, role=None, headers=headers, json={"name": "Nombre propio"}, version=1)
    assert renamed.status_code == 200
    numbered = await api.patch(path, role=None, headers=headers, json={"identifiers": RFC}, version=2)
    assert numbered.status_code == 422
    assert numbered.json()["errors"][0]["pointer"] == "/identifiers"


async def test_a_private_contact_is_hidden_from_its_own_organisation(api: Api, people: People) -> None:
    """It may be a worker inside who must not be known there."""
    path = f"/v1/organizations/{people.union_id}"
    assert (await api.patch(path, role="partner", json={"visibility": "public"}, version=1)).status_code == 200
    insider = await a_contact(api, people.union_id, name="Quien avisa", desk=False, visibility="private")
    known = await a_contact(api, people.union_id, name="Secretaría", desk=False)
    assert (await api.get(f"/v1/contacts/{insider['id']}", role="partner")).status_code == 404
    assert (await api.get(f"/v1/contacts/{insider['id']}")).status_code == 200
    listed = await api.get(f"/v1/organizations/{people.union_id}/contacts", role="partner")
    ids = [one["id"] for one in listed.json()["items"]]
    assert known["id"] in ids
    assert insider["id"] not in ids
    assert (await api.patch(f"/v1/contacts/{known['id']}", role="partner", json={"name": "S"}, version=1)).is_success


async def test_analysts_see_desks_and_no_persons(api: Api, people: People) -> None:
    """Their rows are de-identified; a person's name and address are not for statistics."""
    person = await a_contact(api, people.centre_id, desk=False)
    listed = await api.get(f"/v1/organizations/{people.centre_id}/contacts", role="analyst")
    assert [one["name"] for one in listed.json()["items"]] == ["Mesa de entrada"]
    assert (await api.get(f"/v1/contacts/{person['id']}", role="analyst")).status_code == 404


async def test_the_administrator_sees_all_but_private_records(api: Api) -> None:
    """Running the installation is no reason to see whom somebody keeps to itself."""
    private = (
        await api.post(
            "/v1/organizations", role="partner", json={"kind": "union", "name": "A", "visibility": "private"}
        )
    ).json()
    linked = (await api.post("/v1/organizations", role="partner", json={"kind": "union", "name": "B"})).json()
    assert (await api.get(f"/v1/organizations/{private['id']}", role="admin")).status_code == 404
    assert (await api.get(f"/v1/organizations/{linked['id']}", role="admin")).status_code == 200


async def test_contacts_of_a_hidden_organisation_are_hidden(api: Api) -> None:
    """The address of the list tells no more than that of the organisation."""
    hidden = await an_organization(api, visibility="private")
    path = f"/v1/organizations/{hidden['id']}/contacts"
    assert (await api.get(path, role="partner")).status_code == 404
    assert (await api.post(path, role="partner", json={"name": "X"})).status_code == 404
