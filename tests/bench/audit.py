"""The cost of the audit: reading and logging a complaint, and many writes at once, with its triggers and without."""

import json
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from litestar import Litestar
from litestar.types import Scope

from tests.bench.measure import Figure, Memory, show
from tests.bench.requests import BODY, call
from tests.builders import settle_people
from tests.seeds import seed_deadlines
from vigilancia.access.audit import Entry
from vigilancia.access.chain import sealing, verifying
from vigilancia.api import reads
from vigilancia.api.app import build
from vigilancia.core.work import Desk

_ROWS = 50_000
_SWITCH = """
DO $$ DECLARE t record; BEGIN
  FOR t IN SELECT tgrelid::regclass AS of, tgname FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid
           WHERE p.proname = 'audit_write' LOOP
    EXECUTE format('ALTER TABLE %s {} TRIGGER %I', t.of, t.tgname);
  END LOOP;
END $$
"""
_FILL = """
INSERT INTO audit (id, at, action, what, role, complaint_id, subject_id, facts)
SELECT uuidv7(), now(), 'read', 'complaint', 'staff', gen_random_uuid(), gen_random_uuid(),
  '{"operation": "GetComplaint"}'
FROM generate_series(1, %s)
"""
_TOUCH = "UPDATE deadline SET due_on = due_on + 1"


async def run(desk: Desk) -> None:
    """Measure and print."""
    people = await settle_people(desk)
    app, token = build(desk), people.tokens["staff"]
    for _ in range(60):
        made = json.loads(await call(app, "POST", "/v1/complaints", token=token, body=BODY))
    with psycopg.connect(desk.settings.owner_database_url, autocommit=True) as connection:
        for title, ask in _asked(app, token, made["id"]).items():
            show(f"Cost of audit: {title}", await _both(connection, ask, rounds=20, inner=20), "audit off")
        seed_deadlines(desk.settings.owner_database_url, now=desk.now(), due=0, later=5_000)

        async def touch() -> None:
            connection.execute(_TOUCH.encode())

        figures = await _both(connection, touch, rounds=5, inner=1)
        show("Cost of audit: one statement that changes 5,000 deadlines", figures, "audit off")
        connection.execute(_FILL.encode(), (_ROWS,))
    await _chain(desk)


async def _both(
    connection: psycopg.Connection[Any], ask: Callable[[], Awaitable[object]], *, rounds: int, inner: int
) -> dict[str, Figure]:
    """Time one thing with the audit and without, in turns; switching is not timed."""
    noting = reads.entries
    turns: dict[str, list[float]] = {"audit off": [], "audit on": []}
    for _ in range(rounds):
        for name, taken in turns.items():
            off = name == "audit off"
            connection.execute(_SWITCH.format("DISABLE" if off else "ENABLE").encode())
            vars(reads)["entries"] = _nothing if off else noting
            begun = time.perf_counter()
            for _ in range(inner):
                await ask()
            taken.append((time.perf_counter() - begun) / inner)
    return {name: Figure(name, statistics.median(taken), min(taken)) for name, taken in turns.items()}


def _nothing(_scope: Scope, _content: object) -> list[Entry]:
    return []


def _asked(app: Litestar, token: str, one: str) -> dict[str, Callable[[], Awaitable[object]]]:
    return {
        "read a complaint": lambda: call(app, "GET", f"/v1/complaints/{one}", token=token),
        "page of 50 complaints": lambda: call(app, "GET", "/v1/complaints", token=token),
        "log a complaint": lambda: call(app, "POST", "/v1/complaints", token=token, body=BODY),
    }


async def _chain(desk: Desk) -> None:
    begun = time.perf_counter()
    sealed = await sealing.seal(desk)
    sealing_took = time.perf_counter() - begun
    with Memory() as memory:
        begun = time.perf_counter()
        report = await verifying.verify(desk)
        took = time.perf_counter() - begun
    print("\nThe chain")  # noqa: T201
    print(f"  {sealed} rows sealed in {sealing_took:.1f} s, {sealed / sealing_took:,.0f} a second")  # noqa: T201
    print(  # noqa: T201
        f"  {report.rows} rows verified in {took:.1f} s, {report.rows / took:,.0f} a second, {memory.peak:.0f} MB"
    )
