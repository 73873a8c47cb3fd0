"""An export of 200,000 deadlines, against COPY of as many rows: time, and memory above what the process held."""

import tempfile
import time
from pathlib import Path

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
    """Measure and print; the database holds the deadlines already, or they are written first."""
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
            asked = ExportIn(dataset="deadlines", format=format_, profile=profile, locale="es", purpose="bench")  # type: ignore[arg-type]
            async with desk.work(caller) as work:
                await service.ask(work, asked)
            with Memory() as memory_used:
                begun = time.perf_counter()
                assert await make_due(desk) == 1
                seconds = time.perf_counter() - begun
            name = f"export, {format_}, {profile}"
            print(f"  {name:<48} {seconds:8.2f} s  {memory_used.peak:7.1f} MB  {seconds / yardstick:6.2f} x COPY")  # noqa: T201
    sizes = sorted(path.stat().st_size for path in Path(desk.settings.exports_dir).glob("*.csv"))
    print(f"  files of {', '.join(f'{size / 1e6:.0f} MB' for size in sizes)}")  # noqa: T201


def _copy(desk: Desk, file) -> tuple[float, float]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    begun = time.perf_counter()
    with Memory() as memory, psycopg.connect(desk.settings.database_url) as connection:
        with connection.cursor().copy("COPY deadline TO STDOUT (FORMAT csv, HEADER)") as copy:
            for chunk in copy:
                file.write(chunk)
    return time.perf_counter() - begun, memory.peak


def _owner(desk: Desk):  # type: ignore[no-untyped-def]  # noqa: ANN202
    with psycopg.connect(desk.settings.owner_database_url) as owner:
        row = owner.execute("SELECT owner_id FROM complaint LIMIT 1").fetchone()
    assert row is not None, seed_deadlines
    return row[0]
