"""Writing one file: rows leave the database by COPY, in one moment of it, and pass through at flat memory."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, create_engine, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.dml import Insert

from vigilancia.core import tickets
from vigilancia.core.db import with_driver
from vigilancia.core.settings import Locale
from vigilancia.reports import places
from vigilancia.reports.scratch import LABEL, PICK, law_labels
from vigilancia.reports.unsealing import Open, unsealed

_BUFFER = 1 << 18  # bytes
_MINUTES = 25  # below the hard limit of a task

# JSON is written as CSV whose delimiter and quote cannot occur in JSON: its plain text comes out, a row a line.
_OPTIONS = {
    "csv": "(FORMAT csv, HEADER true, ENCODING 'UTF8')",
    "jsonl": "(FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02', ENCODING 'UTF8')",
}
_ENDS = {"csv": b"\r\n", "jsonl": b"\n"}  # RFC 4180; JSON Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be written."""

    url: str  # of the database, without a driver
    asks: tickets.Asks  # in whose name the rows are read
    pick: Insert
    cases: Select[Any]  # which cases the rows picked are of
    lines: Select[Any]
    format: str
    locale: Locale
    dictionary: bytes  # what the columns mean, as JSON
    open: Open  # sealed summaries


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written."""

    rows: int
    cases: bytes  # ids, 16 bytes each
    bytes: int
    sha256: str


def write(plan: Plan, part: Path) -> Written:
    """Write the file under a temporary name and see it safely on the disk.

    Blocks; run it in a thread.

    Args:
        plan: Rows and columns.
        part: Where; its folder is made.

    Raises:
        OSError: The folder cannot be written to, or the disk is full.
        psycopg.Error: The database is away or gave up.
    """
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    places.dictionary_part(part).write_bytes(plan.dictionary)
    engine = create_engine(
        with_driver(plan.url, "psycopg"),
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        hide_parameters=True,
        connect_args={"application_name": "vigilancia-export", "options": "-c timezone=UTC -c jit=off"},
    )
    try:
        with engine.connect() as connection, os.fdopen(_open(part), "wb", buffering=0) as file:
            rows = _prepare(connection, plan)
            cases = bytes(connection.execute(plan.cases).scalar_one())
            size, digest = _stream(connection, plan, file)
            os.fsync(file.fileno())
    except DBAPIError as error:
        raise error.orig or error from error
    return Written(rows=rows, bytes=size, sha256=digest, cases=cases)


def _open(part: Path) -> int:
    return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)


def _prepare(connection: Connection, plan: Plan) -> int:
    """Fill the temporary tables and return how many rows the file will have."""
    driver: Any = connection.connection.driver_connection
    connection.exec_driver_sql(tickets.PRESENT.format("%s"), (plan.asks.ticket(driver.info.backend_pid),))
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_MINUTES}min'")
    PICK.create(connection, checkfirst=False)
    LABEL.create(connection, checkfirst=False)
    connection.execute(insert(LABEL), list(law_labels(plan.locale)))
    connection.execute(plan.pick)
    connection.exec_driver_sql("ANALYZE export_pick, export_label")
    return connection.execute(select(func.count()).select_from(PICK)).scalar_one()


def _stream(connection: Connection, plan: Plan, file: Any) -> tuple[int, str]:  # noqa: ANN401 - a raw file
    """Copy the lines into the file; return its size and SHA-256."""
    compiled = plan.lines.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    statement = f"COPY ({compiled.string}) TO STDOUT {_OPTIONS[plan.format]}"
    driver: Any = connection.connection.driver_connection
    digest, size, end, waiting = hashlib.sha256(), 0, _ENDS[plan.format], bytearray()
    # COPY takes no parameters, so psycopg quotes these itself: codes, the instant, our address; nothing a user wrote.
    with driver.cursor() as cursor, cursor.copy(statement, compiled.construct_params()) as copy:
        for line in copy:  # one row each, ended by a line feed
            waiting += line[:-1]
            waiting += end
            if len(waiting) >= _BUFFER:
                size += _pass_on(plan, bytes(waiting), file, digest)
                waiting.clear()
    return size + _pass_on(plan, bytes(waiting), file, digest), digest.hexdigest()


def _pass_on(plan: Plan, lines: bytes, file: Any, digest: Any) -> int:  # noqa: ANN401 - a raw file, a hash
    told = unsealed(lines, plan.format, plan.open)
    digest.update(told)
    return _put(file, told)


def _put(file: Any, data: bytes) -> int:  # noqa: ANN401 - a raw file
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
    return len(data)
