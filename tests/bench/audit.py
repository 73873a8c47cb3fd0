"""The cost of the audit: reading and logging a complaint, and many writes at once, with its triggers and without."""

import json
import time
from collections.abc import Awaitable, Callable

import psycopg
from litestar import Litestar

from tests.bench.measure import Memory, show, take_turns
from tests.bench.requests import BODY, call
from tests.builders import settle_people
from tests.seeds import seed_deadlines
from vigilancia.access.chain import sealing, verifying
from vigilancia.api import reads
from vigilancia.api.app import build
from vigilancia.core.work import Desk

_ROWS = 100_000
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
SELECT uuidv7(), now(), 'read', 'complaint', 'staff', gen_random_uuid(), gen_random_uuid(), '{"operation": "GetComplaint"}'
FROM generate_series(1, %s)
"""
_TOUCH = "UPDATE deadline SET due_on = due_on + 1"


async def run(desk: Desk) -> None:
    """Measure and print."""
    people = await settle_people(desk)
    app, token = build(desk), people.tokens["staff"]
    for _ in range(60):
        made = json.loads(await call(app, "POST", "/v1/complaints", token=token, body=BODY))
    kept = reads.entries
    with psycopg.connect(desk.settings.owner_database_url, autocommit=True) as connection:

        def switched(on: bool, ask: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
            async def one() -> object:
                reads.entries = kept if on else lambda _scope, _content: []
                if on != switched.on:  # type: ignore[attr-defined]
                    connection.execute(_SWITCH.format("ENABLE" if on else "DISABLE").encode())
                    switched.on = on  # type: ignore[attr-defined]
                return await ask()

            return one

        switched.on = True  # type: ignore[attr-defined]
        for title, ask in _asked(app, token, made["id"]).items():
            figures = await take_turns(
                {"audit off": switched(False, ask), "audit on": switched(True, ask)}, rounds=20, inner=20
            )
            show(f"Cost of audit: {title}", figures, "audit off")
        seed_deadlines(desk.settings.owner_database_url, now=desk.now(), due=0, later=5_000)

        async def touch() -> None:
            connection.execute(_TOUCH.encode())

        figures = await take_turns({"audit off": switched(False, touch), "audit on": switched(True, touch)}, rounds=5)
        show("Cost of audit: one statement that changes 5,000 deadlines", figures, "audit off")
        connection.execute(_FILL.encode(), (_ROWS,))
    await _chain(desk)


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
