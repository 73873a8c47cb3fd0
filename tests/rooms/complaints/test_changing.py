"""Changing a complaint."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import a_complaint, a_facility, a_link
from tests.conftest import Api
from tests.rooms.complaints.cases import a_full_case, granted, pointers

LEGAL = {"intake": ["open", "closed"], "open": ["closed"], "closed": ["open"]}


@pytest.mark.parametrize(("present", "wanted"), list(product(LEGAL, LEGAL)))
async def test_a_status_follows_the_present_one_or_is_refused_with_the_legal_ones(
    api: Api, present: str, wanted: str
) -> None:
    made = await a_complaint(api, status=present)
    answer = await api.patch(f"/v1/complaints/{made['id']}", json={"status": wanted}, version=1)
    if wanted == present or wanted in LEGAL[present]:
        assert answer.status_code == 200
        assert answer.json()["status"] == wanted
    else:
        assert answer.status_code == 409
        assert answer.json()["allowed_transitions"] == LEGAL[present]
        assert (await api.get(f"/v1/complaints/{made['id']}")).json()["status"] == present


async def test_a_change_raises_the_version(api: Api) -> None:
    made = await a_complaint(api)
    answer = await api.patch(f"/v1/complaints/{made['id']}", json={"title": "Otro título"}, version=1)
    assert answer.headers["ETag"] == '"v2"'
    assert answer.json()["title"] == "Otro título"


async def test_a_change_that_changes_nothing_writes_nothing(api: Api) -> None:
    made = await a_full_case(api)
    same = ("narrative", "incidents", "affected_workers", "facility_ids", "received_on", "outcomes", "related")
    body = {name: made[name] for name in same}
    answer = await api.patch(f"/v1/complaints/{made['id']}", json=body, version=1)
    assert answer.headers["ETag"] == '"v1"'
    entries = (await api.get(f"/v1/complaints/{made['id']}/timeline")).json()["items"]
    assert [entry["type"] for entry in entries] == ["complaint_logged"]


async def test_a_change_wants_the_version_it_is_based_on(api: Api) -> None:
    made = await a_complaint(api)
    path = f"/v1/complaints/{made['id']}"
    assert (await api.patch(path, json={"title": "x"})).status_code == 428
    assert (await api.patch(path, json={"title": "x"}, version=7)).status_code == 412


async def test_null_empties_a_field_and_a_list_is_replaced_whole(api: Api) -> None:
    made = await a_full_case(api)
    empty = ("summary", "narrative", "facility_id", "channel", "affected_workers", "risk_level", "interpreter_needed")
    body = {**dict.fromkeys(empty), "facility_ids": [], "tags": ["nuevo"], "incidents": []}
    answer = await api.patch(f"/v1/complaints/{made['id']}", json=body, version=1)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert {name: changed[name] for name in body} == body


async def test_null_does_not_empty_what_must_be_there(api: Api) -> None:
    made = await a_complaint(api)
    body = dict.fromkeys(("title", "received_on", "status", "tags"))
    answer = await api.patch(f"/v1/complaints/{made['id']}", json=body, version=1)
    assert answer.status_code == 422
    assert {pointer for pointer, _ in pointers(answer.json())} == {"/title", "/received_on", "/status", "/tags"}


async def test_the_main_facility_moves_when_it_leaves_the_list(api: Api) -> None:
    first, second = await a_facility(api), await a_facility(api, name="Otra planta")
    made = await a_complaint(api, facility_ids=[first["id"], second["id"]])
    answer = await api.patch(f"/v1/complaints/{made['id']}", json={"facility_ids": [second["id"]]}, version=1)
    assert (answer.json()["facility_id"], answer.json()["facility_ids"]) == (second["id"], [second["id"]])


async def test_a_new_main_facility_joins_the_others(api: Api) -> None:
    first, second = await a_facility(api), await a_facility(api, name="Otra planta")
    made = await a_complaint(api, facility_id=first["id"])
    answer = await api.patch(f"/v1/complaints/{made['id']}", json={"facility_id": second["id"]}, version=1)
    assert answer.json()["facility_ids"] == [second["id"], first["id"]]


async def test_a_case_is_not_its_own_kin(api: Api) -> None:
    made = await a_complaint(api)
    body = {"related": [{"complaint_id": made["id"], "kind": "same_question"}]}
    answer = await api.patch(f"/v1/complaints/{made['id']}", json=body, version=1)
    assert pointers(answer.json()) == {("/related/0/complaint_id", "not_allowed")}


async def test_a_linked_writer_changes_a_case_but_not_who_sees_it(api: Api) -> None:
    made = await a_complaint(api)
    await granted(api, made["id"], "write")
    path = f"/v1/complaints/{made['id']}"
    assert (await api.patch(path, json={"risk_level": "acute"}, version=1, role="partner")).status_code == 200
    refused = await api.patch(path, json={"confidentiality": "public"}, version=2, role="partner")
    assert refused.status_code == 403
    assert (await api.patch(path, json={"confidentiality": "public"}, version=2)).status_code == 200


async def test_what_a_writer_cannot_see_stays_when_it_replaces_a_list(api: Api) -> None:
    plant = await a_facility(api, visibility="private")
    hidden = await a_complaint(api)
    made = await a_complaint(
        api, facility_id=plant["id"], related=[{"complaint_id": hidden["id"], "kind": "same_question"}]
    )
    await granted(api, made["id"], "write")
    path = f"/v1/complaints/{made['id']}"
    assert (await api.get(path, role="partner")).json()["related"] == []
    body = {"related": [], "facility_ids": [plant["id"]]}
    assert (await api.patch(path, json=body, version=1, role="partner")).status_code == 200
    assert (await api.get(path)).json()["related"] == made["related"]


@pytest.mark.parametrize(("access", "status"), [("read", 403), ("alerts", 403), ("none", 404)])
async def test_who_may_only_look_changes_nothing(api: Api, access: str, status: int) -> None:
    made = await a_complaint(api)
    if access == "read":
        await granted(api, made["id"], access)
    else:
        await a_link(api, made["id"], api.people.union_id, access=access)
    answer = await api.patch(f"/v1/complaints/{made['id']}", json={"title": "x"}, version=1, role="partner")
    assert answer.status_code == status


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(sorted(LEGAL)), walk=st.lists(st.sampled_from(sorted(LEGAL)), min_size=1, max_size=8))
async def test_no_walk_through_the_states_takes_an_illegal_step(api: Api, start: str, walk: list[str]) -> None:
    made = await a_complaint(api, status=start)
    path, present, version = f"/v1/complaints/{made['id']}", start, 1
    for wanted in walk:
        answer = await api.patch(path, json={"status": wanted}, version=version)
        if wanted in (present, *LEGAL[present]):
            assert answer.status_code == 200, answer.text
            version += wanted != present
            present = wanted
        else:
            assert answer.status_code == 409
            assert answer.json()["allowed_transitions"] == LEGAL[present]
        shown = await api.get(path)
        assert (shown.json()["status"], shown.headers["ETag"]) == (present, f'"v{version}"')
