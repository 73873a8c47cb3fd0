"""The published contract is whole: every operation says what it is, shows an example and lists its errors."""

import json
import re
from pathlib import Path

import pytest
from litestar.routes import HTTPRoute

from tests.checks import openapi
from tests.conftest import Api, application
from vigilancia.core.bodies import read_body

ROOT = Path(__file__).parents[2]


async def operations(api: Api) -> tuple[list[tuple[str, str, str, dict]], dict]:
    document = (await api.get("/schema/openapi.json", role=None)).json()
    return [
        (f"{method.upper()} {path}", method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "patch", "put", "delete")
    ], document


ANONYMOUS = "/v1/intake"  # told without a token


async def test_it_is_openapi_3_1_and_needs_no_token(api: Api) -> None:
    _, document = await operations(api)
    assert document["openapi"].startswith("3.1")


async def test_every_operation_has_summary_scope_and_examples(api: Api) -> None:
    found, _ = await operations(api)
    assert len(found) > 50
    for name, _, path, operation in found:
        assert operation.get("summary"), name
        assert operation.get("operationId"), name
        if path.startswith("/v1") and not path.startswith(ANONYMOUS):
            assert operation.get("x-scope"), name
        for body in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in body, name


async def test_every_example_of_a_body_fits(api: Api) -> None:
    found, _ = await operations(api)
    handlers = {
        handler.operation_id: handler
        for route in application().routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
    }
    tried = 0
    for *_, operation in found:
        for media, body in operation.get("requestBody", {}).get("content", {}).items():
            if media != "application/json":
                continue  # a form with a file: the tests of evidence send them
            field = handlers[operation["operationId"]].parsed_data_field
            assert field is not None
            read_body(json.dumps(body["example"]).encode(), field.annotation)  # an example that does not fit raises
            tried += 1
    assert tried > 15


@pytest.mark.parametrize("path", ["organizations", "facilities", "complaints", "escalation-policies", "exports"])
async def test_the_example_of_a_creation_may_be_sent_as_it_is(api: Api, path: str) -> None:
    _, document = await operations(api)
    body = document["paths"][f"/v1/{path}"]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = await api.post(f"/v1/{path}", json=body)
    assert answer.status_code in (201, 202), answer.text


async def test_no_schema_is_named_after_where_our_code_lives(api: Api) -> None:
    _, document = await operations(api)
    assert [name for name in document["components"]["schemas"] if not name.isalnum()] == []
    used = set(re.findall(r"#/components/schemas/([^\"]+)", json.dumps(document)))
    assert used <= set(document["components"]["schemas"])


async def test_operation_ids_are_unique(api: Api) -> None:
    found, _ = await operations(api)
    ids = [operation["operationId"] for *_, operation in found]
    assert len(ids) == len(set(ids))


async def test_every_operation_lists_its_errors_as_problems(api: Api) -> None:
    found, document = await operations(api)
    for name, method, path, operation in found:
        answers = operation["responses"]
        if path.startswith("/v1"):
            refused = set() if path.startswith(ANONYMOUS) else {"401", "403"}
            assert {"400", "404", "429", "500", "503"} | refused <= set(answers), name
        if method == "post" and path.startswith("/v1"):
            assert {"413", "415", "422"} <= set(answers), name
        if method in ("patch", "delete") and path.startswith("/v1"):
            assert {"412", "428"} <= set(answers), name
        for code, answer in answers.items():
            if code.startswith(("4", "5")) and not (path.startswith(("/a/", "/c/", "/u/")) and code in ("404", "410")):
                problem = document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
                assert list(problem["content"]) == ["application/problem+json"], name


async def test_pages_and_figures_are_not_said_to_be_json(api: Api) -> None:
    _, document = await operations(api)
    assert list(document["paths"]["/a/{token}"]["get"]["responses"]["410"]["content"]) == ["text/html"]
    assert list(document["paths"]["/metrics"]["get"]["responses"]["200"]["content"]) == ["text/plain"]


async def test_the_viewer_needs_nothing_from_elsewhere(api: Api) -> None:
    page = await api.get("/schema", role=None)
    assert page.status_code == 200
    assert "/v1/complaints" in page.text
    assert "src=" not in page.text
    assert "http://" not in page.text.replace("http://vigilancia.test", "")


def test_the_released_contract_is_kept() -> None:
    released = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    assert list(openapi.breaks(released, openapi.current())) == []


def test_a_lost_field_or_operation_is_noticed() -> None:
    whole = openapi.current()
    cut = json.loads(json.dumps(whole))
    del cut["paths"]["/v1/complaints"]["post"]
    del cut["components"]["schemas"]["Complaint"]["properties"]["reference"]
    assert list(openapi.breaks(whole, cut)) == ["POST /v1/complaints is gone", "Complaint.reference is gone"]
