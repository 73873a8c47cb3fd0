"""Keeps the programs of an installation running: starts them, starts them again when they die, stops them in order."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Protocol

from vigilancia.embedded import child
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.embedded.place import Say

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 30.0
_SETTLED_SECONDS = 60.0  # after which a program counts as healthy, and its next death as its first


class Database(Protocol):
    """What the supervisor needs of an embedded server."""

    @property
    def alive(self) -> bool:
        """Whether it runs."""

    def start(self) -> None:
        """Start it and wait until it answers."""

    def stop(self) -> None:
        """Stop it."""


@dataclass(slots=True, kw_only=True)
class Program:
    """One program of the installation.

    Attributes:
        name: How the screen and its log file call it.
        command: Program and arguments.
        patience: Seconds it gets to end its work when asked to stop.
    """

    name: str
    command: Sequence[str]
    patience: float = 20
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _pause: float = field(default=_FIRST_PAUSE, init=False)
    _not_before: float = field(default=0.0, init=False)

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, *, log: Path, env: Mapping[str, str], cwd: Path) -> None:
        """Start it; what it says is added to its log."""
        with log.open("ab") as out:
            self._process = child.spawn(self.command, log=out, env=env, cwd=cwd)
        self._started = monotonic()

    def died(self) -> int | None:
        """Return the exit status once after it died; plan the next start, later each time it dies soon."""
        if self._process is None or self._process.poll() is None:
            return None
        status, now = self._process.returncode, monotonic()
        sweep_up(self._process.pid)
        self._process = None
        self._pause = _FIRST_PAUSE if now - self._started > _SETTLED_SECONDS else min(self._pause * 2, _LONGEST_PAUSE)
        self._not_before = now + self._pause
        return status

    @property
    def due(self) -> bool:
        """Whether it is to be started again now."""
        return self._process is None and monotonic() >= self._not_before

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Wait for its end, and end it by force when it takes too long."""
        if self._process is not None:
            child.stop(self._process, patience=self.patience)
            sweep_up(self._process.pid)
            self._process = None


class Supervisor:
    """Runs the database, where it is ours, and the programs."""

    def __init__(
        self,
        *,
        database: Database | None,
        programs: Sequence[Program],
        logs: Path,
        env: Mapping[str, str],
        cwd: Path,
        say: Say,
    ) -> None:
        """Take the parts; nothing is started.

        Args:
            database: The embedded server, already started; none with a server of the operator's.
            programs: In starting order; stopped all at once, before the database.
            logs: Folder of their logs.
            env: Their environment.
            cwd: Their working folder.
            say: Told of every death and every new start.
        """
        self._database = database
        self._programs = programs
        self._logs = logs
        self._env = env
        self._cwd = cwd
        self._say = say

    def start(self) -> None:
        """Start every program; the log of the last run is kept beside the new one."""
        self._logs.mkdir(exist_ok=True, mode=0o700)
        for program in self._programs:
            log = self._log(program)
            if log.exists():
                log.replace(log.with_suffix(".log.1"))
            program.start(log=log, env=self._env, cwd=self._cwd)

    def tend(self) -> None:
        """Look after everything once: start again what died, the database first."""
        if self._database is not None and not self._database.alive:
            self._say("died", {"name": "postgres", "status": "?"})
            try:
                self._database.start()
            except EmbeddedError as error:
                self._say("database_stays_down", {"reason": str(error)})
                return
            self._say("again", {"name": "postgres"})
        for program in self._programs:
            status = program.died()
            if status is not None:
                self._say("died", {"name": program.name, "status": status})
            if program.due:
                program.start(log=self._log(program), env=self._env, cwd=self._cwd)
                self._say("again", {"name": program.name})

    def stop(self) -> None:
        """Stop the programs side by side, then the database."""
        for program in self._programs:
            program.ask_to_stop()
        for program in self._programs:
            program.stop()
        if self._database is not None:
            self._database.stop()

    def _log(self, program: Program) -> Path:
        return self._logs / f"{program.name}.log"


def sweep_up(group: int) -> None:
    """End what a dead program left in its session, such as a server process that still holds the port."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
