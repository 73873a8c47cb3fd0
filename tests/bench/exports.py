"""An export of 200,000 deadlines, against COPY of as many rows: time, and memory above what the process held."""

import tempfile
import time
from typing import IO
from uuid import UUID

import psycopg

from tests.bench.measure import Memory
from tests.builders import settle_people
from tests.seeds import seed_deadlines
from vigilancia.core.identity import Caller
from vigilancia.core.work import Desk
from vigilancia.reports import service
from vigilancia.reports.making import make_due
from vigilancia.reports.schemas import ExportIn

ROWS = 200_000


async def run(desk: Desk) -> None:
    """Measure and print."""
    seed_deadlines(desk.settings.owner_database_url, now=desk.now(), due=0, later=ROWS)
    owner_id = _owner(desk)
    people = await settle_people(desk)
    caller = Caller(organization_id=owner_id, role="staff", scopes=people.staff.scopes, token_id=people.staff.token_id)
    print(f"\nAn export of {ROWS} rows")  # noqa: T201
    with tempfile.TemporaryFile() as file:
        seconds, memory = _copy(desk, file)
    print(f"  {'COPY, all columns of the table, CSV':<48} {seconds:8.2f} s  {memory:7.1f} MB")  # noqa: T201
    yardstick = seconds
    for format_ in ("csv", "jsonl"):
        for profile in ("full", "deidentified"):
            asked = ExportIn(dataset="deadlines", format=format_, profile=profile, locale="es", purpose="bench")
            async with desk.work(caller) as work:
                await service.ask(work, asked)
            with Memory() as memory_used:
                begun = time.perf_counter()
                assert await make_due(desk) == 1
                seconds = time.perf_counter() - begun
            name = f"export, {format_}, {profile}"
            print(f"  {name:<48} {seconds:8.2f} s  {memory_used.peak:7.1f} MB  {seconds / yardstick:6.2f} x COPY")  # noqa: T201


def _copy(desk: Desk, file: IO[bytes]) -> tuple[float, float]:
    begun = time.perf_counter()
    with (
        Memory() as memory,
        psycopg.connect(desk.settings.owner_database_url) as connection,
        connection.cursor().copy("COPY deadline TO STDOUT (FORMAT csv, HEADER)") as copy,
    ):
        for chunk in copy:
            file.write(chunk)
    return time.perf_counter() - begun, memory.peak


def _owner(desk: Desk) -> UUID:
    with psycopg.connect(desk.settings.owner_database_url) as owner:
        row = owner.execute("SELECT owner_id FROM complaint LIMIT 1").fetchone()
    assert row is not None
    return UUID(str(row[0]))
