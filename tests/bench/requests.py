"""Creating and reading a complaint, against a bare handler of the same framework and against the plain statement."""

import json
from typing import Any, cast

import asyncpg
from litestar import Litestar, get
from litestar.types import Message
from msgspec import Struct

from tests.bench.measure import show, take_turns
from tests.builders import settle_people
from vigilancia.api.app import build
from vigilancia.core.ids import new_id, untimed_id
from vigilancia.core.work import Desk

BODY = json.dumps({"title": "Despidos tras una asamblea", "received_on": "2026-01-05"}).encode()
INSERT = """
INSERT INTO complaint (id, reference, owner_id, title, status, received_on, incidents, allegations, groups, languages,
  confidentiality, external_ids, tags, source_urls, findings, outcomes, version, created_at, updated_at)
VALUES ($1, $2, $3, 'Despidos tras una asamblea', 'intake', '2026-01-05', '[]', '{}', '{}', '{}', 'restricted', '[]',
  '{}', '{}', '[]', '[]', 1, now(), now())
"""


class Bare(Struct):
    """What the bare handler answers."""

    id: str


@get("/bare", sync_to_thread=False)
def bare() -> Bare:
    """Answer at once."""
    return Bare(id="0195a1c2-6d3e-7f10-8a4b-2c5d6e7f8091")


async def call(app: Litestar, method: str, path: str, *, token: str = "", body: bytes = b"", query: str = "") -> bytes:
    """Send one request straight into an application and return the body of its answer."""
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"authorization", f"Bearer {token}".encode()), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    answer: list[bytes] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        answer.append(cast("Any", message).get("body", b""))

    await app(scope, receive, send)
    return b"".join(answer)


async def run(desk: Desk) -> None:
    """Measure and print."""
    people = await settle_people(desk)
    app, plain = build(desk), Litestar([bare], openapi_config=None, logging_config=None)
    token = people.tokens["staff"]
    for _ in range(60):
        made = json.loads(await call(app, "POST", "/v1/complaints", token=token, body=BODY))
    one = f"/v1/complaints/{made['id']}"
    connection = await asyncpg.connect(desk.settings.owner_database_url)
    figures = await take_turns(
        {
            "bare handler": lambda: call(plain, "GET", "/bare"),
            "plain SELECT": lambda: connection.fetchrow("SELECT * FROM complaint WHERE id = $1", made["id"]),
            "plain INSERT": lambda: connection.execute(INSERT, untimed_id(), str(new_id()), people.centre_id),
            "read a complaint": lambda: call(app, "GET", one, token=token),
            "page of 50 complaints": lambda: call(app, "GET", "/v1/complaints", token=token),
            "create a complaint": lambda: call(app, "POST", "/v1/complaints", token=token, body=BODY),
        },
        rounds=15,
        inner=20,
    )
    await connection.close()
    show("Requests against a bare handler of the same framework", figures, "bare handler")
    reading = {name: figures[name] for name in ("plain SELECT", "read a complaint", "page of 50 complaints")}
    show("Reading against the plain statement", reading, "plain SELECT")
    creating = {name: figures[name] for name in ("plain INSERT", "create a complaint")}
    show("Creating against the plain statement", creating, "plain INSERT")
