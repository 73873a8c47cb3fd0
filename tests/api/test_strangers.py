"""What belongs to one organisation does not exist for another: every path of the contract, every role, every method."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.world import a_world
from tests.builders import a_complaint
from tests.conftest import Api
from vigilancia.access.scopes import ROLE_SCOPES
from vigilancia.api.examples import example_of
from vigilancia.core.identity import Role
from vigilancia.core.work import Desk

_METHODS = ("get", "post", "put", "patch", "delete")
_NOBODYS = ("mechanism_id", "calendar_id", "closure_id", "name")  # rules, days off and code lists are everybody's
ROLES: dict[str, Role] = {
    "partner": "partner",
    "union_analyst": "analyst",
    "union_admin": "admin",
    "stranger": "staff",
}
CANARIES = (
    *("canarytitle", "canarynarrative", "canaryorganization", "canarycontact", "canarysearch"),
    *("canaryname", "canaryphone", "canarysafe", "canaryremark"),
)


def requests(document: dict[str, Any], ids: dict[str, str]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield each operation that names something by an id, with a body that fits."""
    schemas = document["components"]["schemas"]
    for path, item in document["paths"].items():
        names = [name for name in ids if f"{{{name}}}" in path and name not in _NOBODYS]
        if not path.startswith("/v1/") or not names:
            continue
        address = path
        for name in names:
            address = address.replace(f"{{{name}}}", ids[name])
        for method in _METHODS:
            if method in item:
                body = item[method].get("requestBody", {}).get("content", {}).get("application/json")
                sent: dict[str, Any] = {"json": example_of(body["schema"], schemas)} if body else {}
                asked = {each["name"]: each for each in item[method].get("parameters", []) if each.get("in") == "query"}
                needed = [name for name, each in asked.items() if each.get("required")]
                sent |= {"params": {name: example_of(asked[name]["schema"], schemas, name) for name in needed}}
                yield f"{method.upper()} {path}", method.upper(), address, sent


@pytest.mark.parametrize("role", list(ROLES))
async def test_every_path_answers_a_stranger_as_if_nothing_were_there(api: Api, desk: Desk, role: str) -> None:
    ids = await a_world(api, desk, linked=False)
    document = (await api.get("/schema/openapi.json", role=None)).json()
    scopes = ROLE_SCOPES[ROLES[role]]
    tried = 0
    for name, method, address, sent in requests(document, ids):
        operation = document["paths"][name.split(" ", 1)[1]][method.lower()]
        if operation["x-scope"] not in scopes or operation["x-scope"] == "tokens:manage":
            continue  # what a role may never do is no secret; who runs the installation sees all its tokens
        answer = await api.request(method, address, role=role, version=1, **sent)
        tried += 1
        assert answer.status_code == 404, f"{name}: {answer.status_code} {answer.text}"
        assert not [word for word in CANARIES if word in answer.text], name
    assert tried > 10


@pytest.mark.parametrize("role", ["partner", "union_analyst", "stranger"])
async def test_every_list_is_empty_for_a_stranger(api: Api, desk: Desk, role: str) -> None:
    ids = await a_world(api, desk, linked=False)
    lists = (
        "complaints",
        "deadlines",
        "facilities",
        "exports",
        "notices",
        "escalations",
        "escalation-policies",
        "proposals",
        "tasks",
        "calendar-feeds",
        "saved-searches",
        "webhook-endpoints",
        "retention/due",
        "erasures",
    )
    for name in lists:
        answer = await api.get(f"/v1/{name}", role=role)
        if answer.status_code != 403:
            assert answer.json() == {"items": [], "next": None}, name
    organizations = (await api.get("/v1/organizations", role=role)).json()["items"]
    assert ids["organization_id"] not in {item["id"] for item in organizations}


@pytest.mark.parametrize("role", ["partner", "stranger"])
async def test_an_id_of_another_is_refused_in_a_body_like_one_that_does_not_exist(
    api: Api, desk: Desk, role: str
) -> None:
    ids = await a_world(api, desk, linked=False)
    nowhere = "00000000-0000-7000-8000-000000000000"
    mine = await a_complaint(api, role=role)
    base = {"title": "x", "received_on": "2026-02-02"}
    for path, body in (
        ("/v1/complaints", lambda id_: {**base, "facility_id": id_["facility_id"]}),
        ("/v1/complaints", lambda id_: {**base, "handler_id": id_["contact_id"]}),
        ("/v1/complaints", lambda id_: {**base, "related": [{"complaint_id": id_["complaint_id"], "kind": "born_of"}]}),
        ("/v1/organizations", lambda id_: {"kind": "union", "name": "x", "parent_id": id_["organization_id"]}),
        (
            f"/v1/complaints/{mine['id']}/links",
            lambda id_: {"organization_id": id_["organization_id"], "role": "petitioner", "access": "alerts"},
        ),
    ):
        hidden = await api.post(path, role=role, json=body(ids))
        missing = await api.post(path, role=role, json=body(dict.fromkeys(ids, nowhere)))
        assert hidden.status_code == missing.status_code == 422, f"{path} {hidden.text}"
        assert hidden.json() == missing.json()


async def test_who_gets_alerts_of_a_case_reads_no_word_of_it_anywhere(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    document = (await api.get("/schema/openapi.json", role=None)).json()
    for role in ("partner", "union_analyst"):
        for name, method, address, sent in requests(document, ids):
            if method == "GET" and "/tokens" not in address:
                answer = await api.get(address, role=role, **sent)
                assert answer.status_code in (200, 403, 404, 409), f"{name}: {answer.text}"
                assert not [word for word in CANARIES if word in answer.text], name
