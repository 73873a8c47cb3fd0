"""How many statements an answer costs: the same beside ten rows as beside a thousand."""

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest

from tests.builders import a_complaint
from tests.conftest import Api, Database
from tests.rooms.climbing import a_case, a_day_goes_by
from tests.seeds import seed_deadlines
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep

# A statement with many rows counts once, as it is sent once. One of each answer finds out whose token it is; that the
# token was used is noted at most once a minute. Each transaction begins by telling the database who acts, for the
# audit's triggers; each read ends by noting in the audit which cases it showed, a page of fifty with one statement.
LOG_A_COMPLAINT = 6
READ_A_COMPLAINT = 3
PAGE_OF_COMPLAINTS = 3
PAGE_OF_DEADLINES = 4
PAGE_OF_NOTICES = 4
SWEEP_OF_A_HUNDRED = 32  # beside what each transaction tells of who acts

_BESIDE = pytest.mark.parametrize("beside", [10, 1000])


def multiply(
    database: Database, table: str, count: int, *, source: str = "generate_series(1, %(count)s) n", **changes: str
) -> None:
    """Copy the rows of a table many times over.

    Args:
        database: Of the test.
        table: Which table.
        count: How many copies of each row.
        source: What each row is combined with; `n` counts.
        changes: SQL expressions for the columns that must differ.
    """
    with psycopg.connect(database.owner_url) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT quote_ident(column_name) FROM information_schema.columns"
                " WHERE table_name = %s AND table_schema = 'public' AND is_generated = 'NEVER'",
                (table,),
            )
        ]
        values = ", ".join(changes.get(name, f"t.{name}") for name in names)
        query = f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} t, {source}"
        connection.execute(query.encode(), {"count": count})


async def cost_of(statements: Any, ask: Callable[[], Awaitable[Any]]) -> int:
    """Count the statements of one answer, after a first one has noted that the token is in use."""
    await ask()
    with statements() as sent:
        await ask()
    return len(sent)


async def many_complaints(api: Api, empty: Database, beside: int) -> str:
    complaint = await a_complaint(api)
    reference = "'VIG-2025-' || lpad(n::text, 6, '0')"
    multiply(empty, "complaint", beside, id="gen_random_uuid()", reference=reference)
    return str(complaint["id"])


@_BESIDE
async def test_logging_a_complaint(api: Api, empty: Database, statements: Any, beside: int) -> None:
    await many_complaints(api, empty, beside)
    assert await cost_of(statements, lambda: a_complaint(api)) == LOG_A_COMPLAINT


@_BESIDE
async def test_reading_a_complaint(api: Api, empty: Database, statements: Any, beside: int) -> None:
    complaint_id = await many_complaints(api, empty, beside)
    assert await cost_of(statements, lambda: api.get(f"/v1/complaints/{complaint_id}")) == READ_A_COMPLAINT


@_BESIDE
async def test_a_page_of_complaints(api: Api, empty: Database, statements: Any, beside: int) -> None:
    await many_complaints(api, empty, beside)
    assert len((await api.get("/v1/complaints")).json()["items"]) == min(50, beside + 1)
    assert await cost_of(statements, lambda: api.get("/v1/complaints")) == PAGE_OF_COMPLAINTS


@_BESIDE
async def test_a_page_of_deadlines(api: Api, empty: Database, statements: Any, beside: int) -> None:
    await a_case(api)
    multiply(empty, "proceeding_event", beside, id="gen_random_uuid()")
    others = "proceeding_event e WHERE e.id <> t.trigger_event_id"
    multiply(empty, "deadline", 1, source=others, id="gen_random_uuid()", trigger_event_id="e.id")
    assert len((await api.get("/v1/deadlines")).json()["items"]) == min(50, beside + 1)
    assert await cost_of(statements, lambda: api.get("/v1/deadlines")) == PAGE_OF_DEADLINES


@_BESIDE
async def test_a_page_of_notices(api: Api, desk: Desk, empty: Database, statements: Any, beside: int) -> None:
    await a_case(api, linked=False)
    await a_day_goes_by(desk)
    multiply(empty, "notice", beside, id="gen_random_uuid()", resend="n")
    assert len((await api.get("/v1/notices")).json()["items"]) == min(50, beside + 1)
    assert await cost_of(statements, lambda: api.get("/v1/notices")) == PAGE_OF_NOTICES


@_BESIDE
async def test_a_sweep_of_a_hundred_due_rungs(desk: Desk, empty: Database, statements: Any, beside: int) -> None:
    seed_deadlines(empty.owner_url, now=desk.now(), due=100, later=beside)
    with statements() as sent:
        await sweep(desk)
    with psycopg.connect(empty.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM notice").fetchone() == (100,)
    assert len(sent) == SWEEP_OF_A_HUNDRED
