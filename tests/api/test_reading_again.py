"""Methods that only look, and answers that are not sent twice."""

import json
from typing import Any

import pytest

from tests.api.test_problems import the_problem
from tests.api.world import a_world
from tests.builders import GO, a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api
from vigilancia.core.work import Desk

THINGS = (
    "/v1/complaints/{complaint_id}",
    "/v1/complaints/{complaint_id}/links/{link_id}",
    "/v1/proceedings/{proceeding_id}",
    "/v1/proceedings/{proceeding_id}/events/{event_id}",
    "/v1/deadlines/{deadline_id}",
    "/v1/escalations/{escalation_id}",
    "/v1/escalation-policies/{policy_id}",
    "/v1/notices/{notice_id}",
    "/v1/facilities/{facility_id}",
    "/v1/organizations/{organization_id}",
    "/v1/contacts/{contact_id}",
    "/v1/exports/{export_id}",
    "/v1/mechanisms/{mechanism_id}",
    "/v1/vocabularies/{name}",
)


async def test_every_thing_has_a_strong_tag_and_is_not_sent_again(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    for path in THINGS:
        first = await api.get(path.format(**ids))
        tag = first.headers["etag"]
        assert tag.startswith('"'), path
        for known in (tag, f'"other", {tag}', f"W/{tag}"):
            again = await api.get(path.format(**ids), headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
        assert (await api.get(path.format(**ids), headers={"If-None-Match": '"v999"'})).status_code == 200, path


async def test_an_answer_in_another_language_has_another_tag(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    for path in THINGS:
        spanish = await api.get(path.format(**ids), headers={"Accept-Language": "es"})
        french = await api.get(path.format(**ids), headers={"Accept-Language": "fr"})
        assert (spanish.headers["etag"] == french.headers["etag"]) == (spanish.content == french.content), path


async def test_the_tag_of_an_event_in_any_language_lets_it_be_corrected(api: Api) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    event = await an_event(api, proceeding["id"])
    path = f"/v1/proceedings/{proceeding['id']}/events/{event['id']}"
    tag = (await api.get(path, headers={"Accept-Language": "fr"})).headers["etag"]
    body = {"reason": "Fecha", "on": "2026-01-30"}
    assert (await api.patch(path, json=body, headers={"If-Match": tag})).status_code == 200
    the_problem(await api.patch(path, json=body, headers={"If-Match": tag}), 412, "stale")


@pytest.mark.parametrize("tag", ['W/"v1"', "v1", '"v1", "v2"', '""', '"v-1"', '"v' + "9" * 40 + '"', "*"])
async def test_a_tag_that_no_version_could_have_is_stale(api: Api, tag: str) -> None:
    case = await a_complaint(api)
    answer = await api.patch(f"/v1/complaints/{case['id']}", json={"title": "x"}, headers={"If-Match": tag})
    the_problem(answer, 412, "stale")


async def test_head_is_get_without_the_body(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    for path in ("/v1/complaints", "/health/live", "/schema/openapi.json", *THINGS):
        read, head = await api.get(path.format(**ids)), await api.request("HEAD", path.format(**ids))
        assert (head.status_code, head.content) == (200, b""), path
        for name in ("etag", "content-type", "content-length"):
            assert head.headers.get(name) == read.headers.get(name), path
    assert (await api.request("HEAD", "/v1/complaints", role=None)).status_code == 401
    assert (await api.request("HEAD", "/v1/nothing")).status_code == 404


@pytest.mark.parametrize("role", ["staff", None])
async def test_options_names_the_methods_and_nothing_else(api: Api, role: str | None) -> None:
    answer = await api.request("OPTIONS", "/v1/complaints", role=role)
    assert (answer.status_code, answer.content) == (204, b"")
    assert {part.strip() for part in answer.headers["allow"].split(",")} == {"GET", "HEAD", "POST", "OPTIONS"}


async def test_a_run_is_acknowledged_with_an_empty_object_or_no_body_at_all(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    path = f"/v1/escalations/{ids['escalation_id']}/acknowledge"
    ways: list[dict[str, Any]] = [{}, {"json": {}}, {"headers": _JSON}]
    for sent in ways:
        answer = await api.post(path, **sent)
        assert answer.json()["acknowledgements"][0]["until"] == "2026-03-03T15:00:00Z"


async def test_every_creation_may_be_repeated_under_its_key(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    creations: dict[str, dict[str, Any]] = {
        "/v1/organizations": {"kind": "union", "name": "Otra"},
        f"/v1/organizations/{ids['organization_id']}/contacts": {"name": "Mesa", "desk": True},
        "/v1/facilities": {"name": "Otra", "country": "MX"},
        "/v1/complaints": {"title": "Otro", "received_on": "2026-02-02"},
        f"/v1/complaints/{ids['complaint_id']}/links": {
            "organization_id": ids["organization_id"],
            "role": "petitioner",
            "access": "alerts",
            "consent_override": GO,
        },
        f"/v1/complaints/{ids['complaint_id']}/proceedings": {"mechanism": "usmca-31a-us-mx"},
        f"/v1/proceedings/{ids['proceeding_id']}/events": {"type": "review_requested", "on": "2026-02-20"},
        "/v1/escalation-policies": {"name": "Otra", "rungs": [{"at": "-2d", "audiences": ["linked"]}]},
        "/v1/exports": {"dataset": "notices", "format": "jsonl", "purpose": "Informe"},
    }
    for number, (path, body) in enumerate(creations.items()):
        key = {"Idempotency-Key": f"k{number}"}
        first, second = await api.post(path, json=body, headers=key), await api.post(path, json=body, headers=key)
        assert first.status_code in (201, 202), first.text
        assert (second.status_code, second.json()) == (first.status_code, first.json()), path
        the_problem(await api.post(path, json={**body, "x": 1}, headers=key), 422, "invalid")
        the_problem(await api.post(path, content=_spaced(body), headers={**key, **_JSON}), 422, "idempotency-reused")


async def test_an_empty_key_is_refused(api: Api) -> None:
    body = {"title": "Otro", "received_on": "2026-02-02"}
    problem = the_problem(await api.post("/v1/complaints", json=body, headers={"Idempotency-Key": " "}), 422, "invalid")
    assert problem["errors"][0] | {"detail": ""} == {"pointer": "@Idempotency-Key", "code": "too_short", "detail": ""}


async def test_a_party_that_gets_alerts_of_a_public_case_is_told_no_less_than_a_stranger(api: Api) -> None:
    case = await a_complaint(api, confidentiality="public", summary="Resumen")
    proceeding = await a_proceeding(api, case["id"])
    await an_event(api, proceeding["id"], note="Acuse público", sources=["https://example.org/acuse"])
    paths = (
        f"/v1/complaints/{case['id']}",
        f"/v1/complaints/{case['id']}/timeline",
        f"/v1/proceedings/{proceeding['id']}",
        f"/v1/proceedings/{proceeding['id']}/events",
        f"/v1/deadlines?complaint_id={case['id']}",
    )
    as_stranger = [(await api.get(path, role="partner")).json() for path in paths]
    await a_link(api, case["id"], api.people.union_id)
    as_party = [(await api.get(path, role="partner")).json() for path in paths]
    as_own_analyst = [(await api.get(path, role="analyst")).json() for path in paths]
    assert as_party == as_own_analyst == as_stranger
    assert as_stranger[3]["items"][0]["note"] == "Acuse público"


_JSON = {"Content-Type": "application/json"}


def _spaced(body: object) -> bytes:
    return json.dumps(body, indent=3).encode()
