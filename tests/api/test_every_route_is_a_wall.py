"""What is another's answers like what never was: on each route that takes an id, and by each method."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.test_strangers import ROLES, requests
from tests.api.world import a_world
from tests.conftest import Api
from vigilancia.access.scopes import ROLE_SCOPES
from vigilancia.core.work import Desk

_UNUSED = ("mechanism_id", "calendar_id", "closure_id", "name")  # what is everybody's stays as it is
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def told(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """Return what an answer tells, but for ids and the hour."""
    headers = {name: text for name, text in answer.headers.items() if name not in ("date", "x-request-id")}
    return answer.status_code, _ID.sub("id", answer.text), headers


@pytest.mark.parametrize("role", list(ROLES))
async def test_anothers_id_answers_like_one_that_never_was(api: Api, desk: Desk, role: str) -> None:
    """Whatever version the request expects, the right one, a wrong one, or none."""
    ids = await a_world(api, desk, linked=False)
    never: dict[str, str] = {name: ids[name] if name in _UNUSED else str(uuid4()) for name in ids}
    document = (await api.get("/schema/openapi.json", role=None)).json()
    scopes = ROLE_SCOPES[ROLES[role]]
    tried = 0
    both = zip(requests(document, ids), requests(document, never), strict=True)
    for (name, method, address, sent), (_, _, nowhere, same) in both:
        operation: dict[str, Any] = document["paths"][name.split(" ", 1)[1]][method.lower()]
        if operation["x-scope"] not in scopes or operation["x-scope"] == "tokens:manage":
            continue  # who runs the installation sees all its tokens
        for version in (1, 77, None) if method in ("PATCH", "DELETE") else (None,):
            theirs = await api.request(method, address, role=role, version=version, **sent)
            nobodys = await api.request(method, nowhere, role=role, version=version, **same)
            tried += 1
            assert theirs.status_code not in (200, 201, 202, 204, 304, 403, 409, 412), f"{name}: {theirs.text}"
            assert told(theirs) == told(nobodys), name
    assert tried > 15
