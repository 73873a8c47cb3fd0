"""Every body of the contract, spoiled: no failure of ours, no undocumented answer, nothing half-written."""

import json
import re
from typing import Any
from uuid import uuid4

import anyio
import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.api import fuzzing
from tests.api.world import a_world
from tests.conftest import Api, Database
from vigilancia.core.work import Desk

TRIES = 25  # of spoiled values, for each operation with a body
EVERY = settings(
    max_examples=TRIES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
)
_FIRST_ERROR, _OURS = 400, 500
_JSON = {"Content-Type": "application/json"}


class Fuzz:
    """Sends bodies to one operation, and gathers what is wrong with the answers."""

    def __init__(self, api: Api, counter: fuzzing.Counter, ids: dict[str, str]) -> None:
        """Keep what is asked."""
        self.api, self.counter, self.ids = api, counter, ids
        self.tried = 0
        self.faults: list[str] = []

    async def send(self, method: str, path: str, documented: set[str], body: bytes) -> None:
        """Send one body; a refusal must be a documented problem, and leave no row behind."""
        role = "admin" if "/tokens" in path or "/closures" in path else "staff"
        filled = re.sub(r"{(\w+)}", lambda name: self.ids.get(name[1], str(uuid4())), path)
        before = self.counter.rows()
        headers = _JSON | ({"If-Match": '"v1"'} if method in ("patch", "put", "delete") else {})
        answer = await self.api.request(method.upper(), filled, role=role, content=body, headers=headers)
        self.tried += 1
        said = f"{method.upper()} {path} {answer.status_code} {body[:300]!r}"
        if answer.status_code >= _OURS:
            self.faults.append(f"failed: {said}")
        if str(answer.status_code) not in documented:
            self.faults.append(f"undocumented: {said}")
        if answer.status_code >= _FIRST_ERROR:
            if answer.headers["content-type"] != "application/problem+json":
                self.faults.append(f"no problem: {said}")
            if self.counter.rows() != before:
                self.faults.append(f"half-written: {said}")


async def test_no_spoiled_body_fails_us_or_leaves_anything_half_written(api: Api, desk: Desk, empty: Database) -> None:
    document = (await api.get("/schema/openapi.json", role=None)).json()
    counter = fuzzing.Counter(empty)
    fuzz = Fuzz(api, counter, await a_world(api, desk))
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            if "application/json" in content:
                documented = set(operation["responses"])
                await _spoil(fuzz, method, path, documented, content["application/json"]["example"])
                for body in fuzzing.BROKEN:
                    await fuzz.send(method, path, documented, body)
    counter.close()
    print(f"{fuzz.tried} bodies tried")  # noqa: T201 - how much was tried belongs into the log of the gate
    assert fuzz.tried > 1_000
    assert not fuzz.faults, "\n".join(fuzz.faults)


async def _spoil(fuzz: Fuzz, method: str, path: str, documented: set[str], example: Any) -> None:
    """Replace values of an example that fits, one at a time, by hostile ones."""
    found = list(fuzzing.places(example))
    if not found:
        return
    bodies: list[bytes] = []

    @seed(20261125)
    @settings(EVERY)
    @given(place=st.sampled_from(found), value=fuzzing.values())
    def draw(place: tuple[str | int, ...], value: Any) -> None:
        bodies.append(fuzzing.spoiled(example, place, value))

    await anyio.to_thread.run_sync(draw)
    for body in bodies:
        await fuzz.send(method, path, documented, body)


async def test_a_body_of_20_mb_is_refused_everywhere_and_memory_stays_flat(
    api: Api, desk: Desk, empty: Database
) -> None:
    document = (await api.get("/schema/openapi.json", role=None)).json()
    counter = fuzzing.Counter(empty)
    fuzz = Fuzz(api, counter, await a_world(api, desk))
    used = psutil.Process().memory_info().rss
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            if "application/json" in content:
                await fuzz.send(method, path, {"413", "404"}, fuzzing.TWENTY_MB)
    counter.close()
    assert fuzz.tried > 30
    assert not fuzz.faults, "\n".join(fuzz.faults)
    assert psutil.Process().memory_info().rss - used < 60_000_000


async def test_a_hostile_text_that_fits_comes_back_as_it_was_sent(api: Api) -> None:
    for text in fuzzing.HOSTILE:
        body = {"title": "Prueba", "received_on": "2026-02-02", "narrative": text}
        answer = await api.post("/v1/complaints", content=json.dumps(body).encode(), headers=_JSON)
        if answer.status_code == 422:
            assert answer.json()["errors"][0]["pointer"] == "/narrative"
        else:
            assert (await api.get(f"/v1/complaints/{answer.json()['id']}")).json()["narrative"] == text
