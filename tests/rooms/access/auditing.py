"""What tests of the audit share: its rows as the database has them, and hands that reach past every privilege."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.builders import a_complaint
from tests.conftest import Api, Database
from vigilancia.access.chain import sealing
from vigilancia.core.work import Desk
from vigilancia.embedded.postgres import Postgres

_ROWS = (
    "SELECT a.*, c.before::text AS before, c.after::text AS after, k.position FROM audit a"
    " LEFT JOIN audit_content c ON c.audit_id = a.id LEFT JOIN audit_chain k ON k.audit_id = a.id"
)


def rows(empty: Database, **wanted: Any) -> list[dict[str, Any]]:
    """Return rows of the audit in the order of writing, with what they held and their place.

    Args:
        empty: The test's database.
        wanted: Values of columns; all of them must agree.
    """
    conditions = " AND ".join(f"a.{name} = %({name})s" for name in wanted) or "true"
    with psycopg.connect(empty.owner_url, row_factory=dict_row) as connection:
        return connection.execute(f"{_ROWS} WHERE {conditions} ORDER BY a.seq".encode(), wanted).fetchall()


def tamper(postgres: Postgres, *statements: str) -> None:
    """Do something to the audit as a superuser who also switches its triggers off."""
    with psycopg.connect(postgres.dsn("vigilancia")) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


async def a_sealed_chain(api: Api, desk: Desk, *, complaints: int = 4) -> list[str]:
    """Log complaints, read each once, and seal after each: a chain with several heads; return their ids."""
    made = []
    for _ in range(complaints):
        made.append(str((await a_complaint(api))["id"]))
        await api.get(f"/v1/complaints/{made[-1]}")
        await sealing.seal(desk)
    return made


def killed_while_sealing(url: str, folder: Path, keys: str) -> None:
    """Start a process that seals and hangs before its commit, and kill it there."""
    program = Path(__file__).with_name("hanging_sealer.py")
    command = [sys.executable, str(program), url, str(folder), keys]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sealed\n"
        process.send_signal(signal.SIGKILL)
