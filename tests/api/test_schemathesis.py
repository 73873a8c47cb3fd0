"""The published contract, taken at its word: what it says may be sent is sent, and what comes back is what it says."""

import dataclasses
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, cast
from uuid import uuid4

import anyio
import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.ext.asyncio import create_async_engine

from tests.api.world import a_world
from tests.conftest import Api, application
from vigilancia.core.db import make_sessions, with_driver
from vigilancia.core.work import Desk

# Of each kind, for each operation: roles that may do little are refused early, whatever is sent.
EXAMPLES = {"staff": 3, "admin": 1, "partner": 1, "analyst": 1}
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EVERY = settings(deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
_PARTS = ("method", "url", "headers", "params", "data", "json", "cookies", "files")
_PROBLEM = "application/problem+json"
_FIRST_ERROR, _OURS = 400, 500


@pytest.mark.parametrize("role", EXAMPLES)
async def test_every_operation_answers_every_role_as_the_contract_says(api: Api, desk: Desk, role: str) -> None:
    document = (await api.get("/schema/openapi.json", role=None)).json()
    ids = await a_world(api, desk)
    engine = create_async_engine(with_driver(desk.settings.database_url, "asyncpg"), hide_parameters=True)
    application().state.desk = dataclasses.replace(desk, sessions=make_sessions(engine))
    found = await anyio.to_thread.run_sync(partial(_explore, document, ids, api, role))
    await engine.dispose()
    assert not found, "\n\n".join(found)


def _explore(document: dict[str, Any], ids: dict[str, str], api: Api, role: str) -> list[str]:
    """Try all operations, those that remove something last; runs in a thread and calls back into the test's loop."""
    schema = schemathesis.openapi.from_dict(document)
    operations = sorted((cast("Ok[Any]", each).ok() for each in schema.get_all_operations()), key=_removals_last)
    return [fault for operation in operations for fault in _faults_of(operation, ids, api, role)]


def _removals_last(operation: Any) -> tuple[bool, str, str]:
    return operation.method == "delete", operation.path, operation.method


def _faults_of(operation: Any, ids: dict[str, str], api: Api, role: str) -> list[str]:
    ours = {name: ids[name] for name in ids if f"{{{name}}}" in operation.path}
    ways: list[tuple[GenerationMode, dict[str, Any]]] = [
        (GenerationMode.POSITIVE, {"path_parameters": {name: str(uuid4()) for name in ours}}),
        (GenerationMode.NEGATIVE, {"path_parameters": ours}),
    ]
    if ours:
        ways.append((GenerationMode.POSITIVE, {"path_parameters": ours, "headers": {"If-Match": '"v1"'}}))
    seen: set[str] = set()
    for mode, fixed in ways:
        checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS

        @seed(20260302)
        @settings(EVERY, max_examples=EXAMPLES[role])
        @given(case=operation.as_strategy(generation_mode=mode, **fixed))
        def try_one(case: Any) -> None:
            seen.update(_faults_of_case(case, checks, api, role))  # noqa: B023 - called before the next round

        with suppress(Unsatisfiable):  # where every body and every text fits, nothing that does not can be made up
            try_one()
    return sorted(seen)


def _raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def _faults_of_case(case: Any, checks: list[Any], api: Api, asking: str) -> Iterator[str]:
    # Tokens are the administrator's: to staff they would be one refusal after the other.
    role = "admin" if "/tokens" in case.operation.path and asking == "staff" else asking
    sent = case.as_transport_kwargs(
        base_url="http://vigilancia.test", headers={"Authorization": f"Bearer {api.people.tokens[role]}"}
    )
    wire = requests.Request(**{name: sent[name] for name in _PARTS if name in sent}).prepare()
    answer: httpx.Response = anyio.from_thread.run(
        partial(
            api.client.request,
            str(wire.method),
            str(wire.url),
            headers=[(_raw(name), _raw(value)) for name, value in wire.headers.items()],
            content=cast("bytes | None", wire.body),
        )
    )
    said = f"{wire.method} {case.operation.path} {answer.status_code}"
    try:
        case.validate_response(answer, checks=checks)
    except (Failure, FailureGroup) as failure:
        faults = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
        yield from (f"{said}: {fault} {wire.url} {str(wire.body)[:500]}" for fault in faults)
    if answer.status_code == _OURS:
        yield f"{said}: {wire.url} {str(wire.body)[:500]}"
    kind = answer.headers.get("content-type", "")
    if (
        answer.status_code >= _FIRST_ERROR
        and kind != _PROBLEM
        and not case.operation.path.startswith(("/a/", "/c/", "/u/"))
    ):
        yield f"{said}: no problem document"
