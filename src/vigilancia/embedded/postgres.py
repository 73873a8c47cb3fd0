"""PostgreSQL from a wheel, run as a child of ours: nothing to install, nothing that outlives us.

One owner a folder (`owner.lock`); a start that was cut short leaves nothing half made; a server that an earlier
owner left behind is stopped before its data is touched.
"""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from threading import Event
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from vigilancia.embedded import child
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.embedded.lock import OwnerLock
from vigilancia.embedded.orphans import stop_orphan
from vigilancia.embedded.place import Place, Say, settle

DATABASE = "vigilancia"
OWNER = "vigilancia_owner"
APP = "vigilancia_app"

_READY_SECONDS = 600  # replaying a long log after a crash is slow, and not to be cut short
_POLL_SECONDS = 0.02
_ATTEMPTS = 20
_BETWEEN_ATTEMPTS = 0.25

_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "idle_in_transaction_session_timeout": "5min",
    "client_connection_check_interval": "2s",  # a query of a client that died lets go of its locks soon
    # Values of rows stay out of the log: no DETAIL lines, no statements, no parameters.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


def _silent(code: str, params: dict[str, str | int]) -> None:
    """Say nothing."""


class Postgres:
    """The server of one folder.

    Attributes:
        root: Folder the database belongs to.
    """

    def __init__(self, root: Path, *, durable: bool = True, say: Say = _silent) -> None:
        """Name the folder; nothing is started yet.

        Args:
            root: Folder the database belongs to; made when missing.
            durable: False in tests: a crash of the machine may lose data, and writes are faster.
            say: Told what happens, as a code and its values.
        """
        self.root = root.absolute()
        self._durable = durable
        self._say = say
        self._lock = OwnerLock(self.root / "owner.lock")
        self._place: Place | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def scratch(cls) -> Iterator[Self]:
        """Run a server in a folder that is deleted afterwards, with roles and database made; for tests and checks."""
        root = Path(mkdtemp(prefix="vigilancia-pg-"))
        try:
            with cls(root, durable=False) as server:
                server.create_roles()
                yield server
        finally:
            shutil.rmtree(root)

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def pid(self) -> int | None:
        """Process id of the server, none while it is not running."""
        return self._process.pid if self.alive and self._process else None

    @property
    def alive(self) -> bool:
        """Whether the server process is running."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers; also after a crash of it, while the folder is still ours.

        Raises:
            EmbeddedError: Another owner, no place for the data, or a server that does not come up.
        """
        if self.alive:
            return
        fresh = not self._lock.held
        if fresh:
            self._take()
        try:
            self._start()
        except BaseException:
            if fresh:
                self._lock.release()
            raise

    def stop(self) -> None:
        """Stop the server (fast shutdown: open transactions roll back) and give the folder up."""
        if self._process is not None:
            child.stop(self._process, sig=signal.SIGINT, patience=60)
            self._process = None
        self._lock.release()

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """Return a libpq connection string of `key=value` pairs."""
        return psycopg.conninfo.make_conninfo(host=str(self._settled.run), port=5432, dbname=database, user=user)

    def url(self, user: str, database: str = DATABASE) -> str:
        """Return the address for one role: `postgresql://role@/database?host=<socket folder>&port=5432`."""
        return f"postgresql://{quote(user)}@/{quote(database)}?host={quote(str(self._settled.run), safe='/')}&port=5432"

    def create_roles(self) -> None:
        """Make the owner's and the application's role and the database, where they are missing.

        The owner migrates; the application owns nothing and is no superuser, so that row-level security binds it.
        """
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            for role in (OWNER, APP):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0")
            connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APP}")
        with psycopg.connect(self.dsn(DATABASE), autocommit=True) as connection:
            connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
            connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")

    @property
    def _settled(self) -> Place:
        if self._place is None:
            msg = "the server was not started"
            raise RuntimeError(msg)
        return self._place

    def _take(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedError("not_ours", path=str(self.root)) from error
        self._lock.take()

    def _start(self) -> None:
        place = self._place = settle(self.root, self._say)
        data = place.home / "data"
        for remnant in place.home.glob(".initdb-*"):
            # A process of the start that was killed may still be writing there; the next start removes what is left.
            shutil.rmtree(remnant, ignore_errors=True)
        if not (data / "PG_VERSION").exists():
            self._initdb(place, data)
        stop_orphan(data)
        log = self.root / "postgres.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        for attempt in range(1, _ATTEMPTS + 1):
            if self._launch(place, data, log):
                return
            # Backends of a killed server hold its shared memory for a moment; the server refuses until they are gone.
            if "shared memory block" not in log.read_text(errors="replace") or attempt == _ATTEMPTS:
                break
            Event().wait(_BETWEEN_ATTEMPTS)
        raise EmbeddedError("did_not_start", path=str(log))

    def _initdb(self, place: Place, data: Path) -> None:
        """Make the data folder under another name first: a start cut short never leaves half a database."""
        half = place.home / f".initdb-{os.getpid()}-{secrets.token_hex(4)}"
        command = [str(place.programs / "initdb"), "-D", str(half), "-U", "postgres", "-E", "UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]
        if not self._durable:
            command.append("--no-sync")
        log = self.root / "initdb.log"
        with log.open("wb") as out:
            env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
            process = child.spawn(
                command, log=out, env=env, account=place.account, cwd=Path("/"), on_parent_death=signal.SIGKILL
            )
            if process.wait() != 0:
                raise EmbeddedError("initdb_failed", path=str(log))
        half.rename(data)
        log.unlink()

    def _launch(self, place: Place, data: Path, log: Path) -> bool:
        """Start the server process; True once it answers, False when it ended."""
        settings = _SETTINGS | ({} if self._durable else _FORGETFUL)
        command = [str(place.programs / "postgres"), "-D", str(data), "-k", str(place.run)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with log.open("wb") as out:
            env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
            self._process = child.spawn(
                command, log=out, env=env, account=place.account, cwd=Path("/"), on_parent_death=signal.SIGINT
            )
        for _ in range(int(_READY_SECONDS / _POLL_SECONDS)):
            try:
                psycopg.connect(self.dsn(), connect_timeout=5).close()
            except psycopg.OperationalError:
                try:
                    self._process.wait(_POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
                return False
            return True
        child.stop(self._process, sig=signal.SIGINT)
        raise EmbeddedError("did_not_start", path=str(log))
