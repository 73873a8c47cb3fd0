"""Saved searches are an organisation's own: kept, changed and removed by its staff, and refused with every fault."""

import logging
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.builders import a_complaint, a_contact, an_organization
from tests.conftest import Api, Clock, Database
from tests.rooms.climbing import a_case
from tests.rooms.searches.finding import FITTING, a_search, look, tell, the_desk_of
from vigilancia.core.work import Desk
from vigilancia.notices.searches import service
from vigilancia.notices.searches.figures import figures


async def test_a_search_is_kept_shown_listed_changed_and_removed(api: Api) -> None:
    made = await a_search(api, filter={"q": "asamblea", "merged": False, "received_on_after": "2026-01-01"})
    path = f"/v1/saved-searches/{made['id']}"
    shown = await api.get(path)
    assert shown.headers["etag"] == '"v1"'
    assert shown.json() == made
    assert made["filter"] == {"q": "asamblea", "merged": False, "received_on_after": "2026-01-01"}
    page = (await api.get("/v1/saved-searches", params={"active": "true"})).json()
    assert [item["id"] for item in page["items"]] == [made["id"]]
    changed = await api.patch(path, json={"name": "Otra"}, version=1)
    assert (changed.json()["name"], changed.json()["version"]) == ("Otra", 2)
    same = await api.patch(path, json={"name": "Otra"}, version=2)
    assert same.json()["version"] == 2
    assert (await api.delete(path)).status_code == 428
    assert (await api.delete(path, version=1)).status_code == 412
    assert (await api.delete(path, version=2)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_a_stale_change_is_refused(api: Api) -> None:
    made = await a_search(api)
    path = f"/v1/saved-searches/{made['id']}"
    assert (await api.patch(path, json={"name": "x"})).status_code == 428
    assert (await api.patch(path, json={"name": "x"}, version=9)).status_code == 412


@pytest.mark.parametrize("role", ["analyst", "admin"])
async def test_only_staff_and_partners_keep_searches(api: Api, role: str) -> None:
    made = await a_search(api)
    body = {"name": "x", "filter": {}, "contact_id": made["contact_id"]}
    assert (await api.post("/v1/saved-searches", role=role, json=body)).status_code == 403
    path = f"/v1/saved-searches/{made['id']}"
    assert (await api.patch(path, role=role, json={"name": "x"}, version=1)).status_code == 403
    assert (await api.delete(path, role=role, version=1)).status_code == 403
    assert (await api.get(path, role=role)).status_code == (403 if role == "analyst" else 200)


async def test_a_token_that_may_not_read_cases_learns_nothing_of_them_by_searching(api: Api) -> None:
    made = await a_search(api)
    body = {"organization_id": str(api.people.centre_id), "role": "staff", "name": "x"}
    scopes = ["searches:write", "notices:read"]
    api.people.tokens["narrow"] = (await api.post("/v1/tokens", role="admin", json=body | {"scopes": scopes})).json()[
        "token"
    ]
    search = {"name": "x", "filter": {}, "contact_id": made["contact_id"]}
    path = f"/v1/saved-searches/{made['id']}"
    for answer in (
        await api.post("/v1/saved-searches", role="narrow", json=search),
        await api.patch(path, role="narrow", json={"filter": {}}, version=1),
        await api.get(f"{path}/matches", role="narrow"),
    ):
        assert answer.status_code == 403


async def test_another_organisations_search_does_not_exist(api: Api) -> None:
    made = await a_search(api)
    path = f"/v1/saved-searches/{made['id']}"
    for method, sent in (("GET", {}), ("PATCH", {"json": {"name": "x"}}), ("DELETE", {})):
        answer = await api.request(method, path, role="partner", version=1, **sent)
        assert answer.status_code == 404, method
    assert (await api.get(f"{path}/matches", role="partner")).status_code == 404
    assert (await api.get("/v1/saved-searches", role="partner")).json()["items"] == []


@pytest.mark.parametrize(
    ("filter_", "pointer", "code"),
    [
        ({"colour": "red"}, "/filter/colour", "unknown_field"),
        ({"updated_since": "2026-01-01T00:00:00Z"}, "/filter/updated_since", "unknown_field"),
        ({"sort": "-received_on"}, "/filter/sort", "unknown_field"),
        ({"status": "opne"}, "/filter/status", "code"),
        ({"status": "open,opne"}, "/filter/status", "code"),
        ({"risk_level": "acute "}, "/filter/risk_level", "code"),
        ({"allegation": "sueño"}, "/filter/allegation", "code"),
        ({"confidentiality": "secret"}, "/filter/confidentiality", "code"),
        ({"facility_id": "x"}, "/filter/facility_id", "uuid"),
        ({"owner_id": f"{uuid4()},"}, "/filter/owner_id", "uuid"),
        ({"handler_id": ""}, "/filter/handler_id", "too_short"),
        ({"external_id": "stps"}, "/filter/external_id", "format"),
        ({"external_id": "stps:A,:B"}, "/filter/external_id", "format"),
        ({"received_on_before": "2026-13-01"}, "/filter/received_on_before", "date"),
        ({"merged": "true"}, "/filter/merged", "type"),
        ({"q": "\x00"}, "/filter/q", "nul"),
        ({"tag": ["turno"]}, "/filter/tag", "type"),
        ("open", "/filter", "type"),
    ],
)
async def test_a_filter_that_does_not_fit_is_refused_at_its_place(
    api: Api, filter_: Any, pointer: str, code: str
) -> None:
    body = {"name": "x", "filter": filter_, "contact_id": await the_desk_of(api)}
    for answer in (
        await api.post("/v1/saved-searches", json=body),
        await api.patch(f"/v1/saved-searches/{(await a_search(api))['id']}", json={"filter": filter_}, version=1),
    ):
        assert answer.status_code == 422, answer.text
        assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [(pointer, code)]


async def test_every_fault_of_a_body_is_told_at_once(api: Api) -> None:
    body = {"name": " ", "filter": {"colour": "red", "status": "opne", "facility_id": "x"}, "contact_id": "y"}
    answer = await api.post("/v1/saved-searches", json=body)
    assert {each["pointer"] for each in answer.json()["errors"]} >= {"/name", "/filter/colour", "/contact_id"}
    body["filter"] = {"status": "opne", "facility_id": "x"}
    answer = await api.post("/v1/saved-searches", json=body)
    assert {each["pointer"] for each in answer.json()["errors"]} == {
        "/name",
        "/filter/status",
        "/filter/facility_id",
        "/contact_id",
    }


async def test_only_the_organisations_own_contact_is_told(api: Api) -> None:
    union = await an_organization(api)
    foreign = await a_contact(api, union["id"])
    hidden = await a_contact(api, (await an_organization(api, visibility="private"))["id"], visibility="private")
    made = await a_search(api, role="partner")
    await a_case(api)  # of which the union is told: the centre knows it now, and may record contacts of it
    planted = await a_contact(api, str(api.people.union_id), name="Buzón ajeno")
    for contact in (foreign["id"], hidden["id"], planted["id"], str(uuid4())):
        body: dict[str, Any] = {"name": "x", "filter": {}, "contact_id": contact}
        answer = await api.post("/v1/saved-searches", role="partner", json=body)
        assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [("/contact_id", "not_found")]
        path = f"/v1/saved-searches/{made['id']}"
        assert (await api.patch(path, role="partner", json={"contact_id": contact}, version=1)).status_code == 422


async def test_a_contact_that_is_to_be_told_is_not_deleted(api: Api) -> None:
    ana = await a_contact(api, str(api.people.centre_id), name="Ana", desk=False)
    made = await a_search(api, contact_id=ana["id"])
    assert (await api.delete(f"/v1/contacts/{ana['id']}", version=1)).status_code == 409
    assert (await api.delete(f"/v1/saved-searches/{made['id']}", version=1)).status_code == 204
    assert (await api.delete(f"/v1/contacts/{ana['id']}", version=1)).status_code == 204


async def test_another_contact_is_told_from_the_change_on(api: Api, desk: Desk, clock: Clock) -> None:
    ana = await a_contact(api, str(api.people.centre_id), name="Ana", desk=False)
    made = await a_search(api)
    await a_complaint(api, **FITTING)
    await look(desk, clock)
    await api.patch(f"/v1/saved-searches/{made['id']}", json={"contact_id": ana["id"]}, version=1)
    (tidings,) = await tell(desk)
    assert str(tidings.contact_id) == ana["id"]


async def test_a_repeated_creation_keeps_one_search(api: Api) -> None:
    body = {"name": "x", "filter": {}, "contact_id": await the_desk_of(api)}
    first, again = [
        await api.post("/v1/saved-searches", json=body, headers={"Idempotency-Key": "eins"}) for _ in range(2)
    ]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len((await api.get("/v1/saved-searches")).json()["items"]) == 1


async def test_one_search_too_many_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    two = msgspec.structs.replace(figures(), most=2)
    monkeypatch.setattr(service, "figures", lambda: two)
    for _ in range(2):
        await a_search(api)
    body = {"name": "x", "filter": {}, "contact_id": await the_desk_of(api)}
    answer = await api.post("/v1/saved-searches", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "too_many")
    await a_search(api, role="partner")  # another's do not count


async def test_what_a_search_found_is_listed_as_far_as_it_is_seen_now(api: Api, desk: Desk, clock: Clock) -> None:
    old = await a_complaint(api, **FITTING)
    made = await a_search(api)
    new = [await a_complaint(api, **FITTING) for _ in range(3)]
    await look(desk, clock)
    path = f"/v1/saved-searches/{made['id']}/matches"
    first = (await api.get(path, params={"limit": "2"})).json()
    rest = (await api.get(path, params={"limit": "2", "cursor": first["next"]})).json()
    found = [*first["items"], *rest["items"]]
    assert {item["reference"] for item in found} == {case["reference"] for case in new}
    assert old["reference"] not in {item["reference"] for item in found}
    assert {item["told_at"] for item in found} == {None}
    await tell(desk)
    assert None not in {item["told_at"] for item in (await api.get(path)).json()["items"]}
    gone = await api.patch(f"/v1/complaints/{new[0]['id']}", json={"allegations": []}, version=1)
    assert gone.status_code == 200
    assert len((await api.get(path)).json()["items"]) == 2
    assert (await api.get(path, role="analyst")).status_code == 403


async def test_no_word_of_a_search_stands_in_a_log(
    api: Api, desk: Desk, clock: Clock, empty: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = await a_search(api, name="canaryname", filter={"q": "canaryword"})
    await a_complaint(api, title="canaryword")
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute('UPDATE saved_search SET filter = \'{"canary": "word"}\' WHERE id = %s', (made["id"],))
    await look(desk, clock)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("vigilancia"))
    assert f"search_unreadable search={made['id']}" in ours
    assert "canary" not in ours
