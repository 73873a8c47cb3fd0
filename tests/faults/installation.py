"""A whole installation of real processes, for tests that kill some of them."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import httpx
import psycopg
from aiosmtpd.controller import Controller
from alembic import command

from tests.conftest import KEYS, alembic_config
from vigilancia.cli import programs
from vigilancia.core import tickets
from vigilancia.core.crypto import KeyRing
from vigilancia.core.settings import Settings
from vigilancia.embedded.postgres import Postgres

PATIENCE = 60.0  # seconds until a process must have done what it does in one


class Mailbox:
    """A real SMTP server on loopback that counts messages by their Message-ID."""

    def __init__(self) -> None:
        """Start empty."""
        self.received: Counter[str] = Counter()
        self.messages: list[bytes] = []
        self.delay = 0.0
        self._lock = threading.Lock()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a message."""
        import asyncio
        from email import message_from_bytes

        with self._lock:
            self.received[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
            self.messages.append(envelope.content)
        if self.delay:
            await asyncio.sleep(self.delay)
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """Run a mailbox; yields it and its `smtp://` address."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield box, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


class Installation:
    """Database and processes of one installation; any of them may be killed."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """Prepare; nothing is started."""
        self.folder = folder
        # The database's user must be able to reach its data also where root runs the tests.
        self._data = Path(mkdtemp(prefix="vigilancia-faults-"))
        self._data.chmod(0o711)
        self.postgres = Postgres(self._data / "db")
        self._extra = environment
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def set(self, name: str, value: str) -> None:
        """Set a variable of the environment for what is started from now on."""
        self._extra[name] = value

    def start_database(self) -> None:
        """Start PostgreSQL, roles and tables included."""
        self.postgres.start()
        self.postgres.create_roles()
        command.upgrade(alembic_config(self.owner_url), "head")
        tickets.install(self.owner_url, KeyRing(KEYS))

    @property
    def owner_url(self) -> str:
        """Address of the owner's role."""
        return self.postgres.url("vigilancia_owner")

    def settings(self) -> Settings:
        """Settings of the processes."""
        chosen = {
            "VIGILANCIA_DATA_DIR": str(self.folder),
            "VIGILANCIA_DATABASE_URL": self.postgres.url("vigilancia_app"),
            "VIGILANCIA_MASTER_KEYS": KEYS,
            "VIGILANCIA_CONFIRM_ADDRESSES": "false",
            **self._extra,
        }
        return Settings.model_validate(
            {name.removeprefix("VIGILANCIA_").lower(): value for name, value in chosen.items()}
        )

    def run(self, name: str, program: str) -> subprocess.Popen[bytes]:
        """Start `api`, `worker` or `beat` under a name of its own."""
        settings = self.settings()
        environment = {**os.environ, **programs.environment(settings, embedded=True), **self._extra}
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *getattr(programs, program)(settings)],
                env=environment,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
                start_new_session=True,
            )
        self.processes[name] = process
        return process

    def kill(self, name: str) -> None:
        """Kill a process and all of its own at once, without a word."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_database(self) -> None:
        """Kill the postmaster; its children follow."""
        pid = self.postgres.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.postgres.alive)

    def stop(self) -> None:
        """Stop everything."""
        for process in self.processes.values():
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.postgres.stop()
        rmtree(self._data)

    def ask(self, query: str) -> Any:
        """Return the first value of a query."""
        with psycopg.connect(self.owner_url) as connection:
            row = connection.execute(query).fetchone()
            return row[0] if row else None


@contextmanager
def installation(folder: Path, **environment: str) -> Iterator[Installation]:
    """Run an installation whose database is up; stops everything at the end."""
    made = Installation(folder, **environment)
    made.start_database()
    try:
        yield made
    finally:
        made.stop()


def wait_until(condition: Callable[[], Any], patience: float = PATIENCE) -> None:
    """Wait until something real has happened; processes take what they take, so this asks again and again."""
    deadline = time.monotonic() + patience
    while not holds(condition):
        if time.monotonic() > deadline:
            msg = f"did not happen within {patience} s"
            raise AssertionError(msg)
        threading.Event().wait(0.05)


def holds(condition: Callable[[], Any]) -> bool:
    """Ask once; a database or server that is away does not count as an answer."""
    try:
        return bool(condition())
    except (psycopg.Error, httpx.TransportError, OSError):
        return False


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
