"""Brokers that may be killed: a Redis that forgets everything, a RabbitMQ node of our own, or none."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from tests.faults import brokers
from tests.faults.installation import free_port, wait_until

_GRACE = 20.0  # seconds


class Server:
    """A broker as a process; this one stands for the queue on the database, which is killed with the database.

    Attributes:
        url: Its address; empty: the queue on the database.
        restartable: Whether it is ours to kill.
    """

    url = ""
    restartable = False

    def start(self) -> None:
        """Start it, and wait until it answers."""

    def kill(self) -> None:
        """Kill it at once, without a word."""

    def close(self) -> None:
        """Stop it for good, and delete what it wrote."""


class _Foreign(Server):
    """The machine's own RabbitMQ: used as it is, never killed."""

    def __init__(self, url: str) -> None:
        self.url = url


class _Process(Server):
    """A server in a folder of its own."""

    restartable = True

    def __init__(self, name: str) -> None:
        self.folder = Path(mkdtemp(prefix=f"vigilancia-{name}-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {}

    def start(self) -> None:
        with (self.folder / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                env={**os.environ, **self.environment()},
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        wait_until(lambda: brokers.answers(self.port))

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            wait_until(lambda: not brokers.answers(self.port))

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)


class Redis(_Process):
    """Redis without persistence: it comes back empty."""

    def __init__(self) -> None:
        super().__init__("redis")
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]


class RabbitMQ(_Process):
    """A node of our own beside the machine's: own name, ports, cookie, data and port mapper."""

    def __init__(self, program: Path) -> None:
        super().__init__("rabbitmq")
        self._program = program
        self._mapper, self._peers = free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        (self.folder / "plugins").write_text("[].\n")

    def command(self) -> list[str]:
        return [str(self._program)]

    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),  # the cookie is made there
            "ERL_EPMD_PORT": str(self._mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"chaos{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._peers),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
        }

    def close(self) -> None:
        self.kill()
        environment = {**os.environ, **self.environment()}
        until = time.monotonic() + _GRACE  # the mapper refuses to end while it still believes the node alive
        while brokers.answers(self._mapper) and time.monotonic() < until:
            subprocess.run(["epmd", "-kill"], env=environment, capture_output=True, check=False)
        shutil.rmtree(self.folder)


@contextmanager
def running(name: str) -> Iterator[Server]:
    """Run a broker by its name in `tests.faults.brokers`; stops it at the end."""
    server = _made(name)
    try:
        server.start()
        yield server
    finally:
        server.close()


def _made(name: str) -> Server:
    if name == brokers.REDIS:
        return Redis()
    if name == brokers.RABBITMQ:
        program = _rabbitmq_program()
        if program is not None and shutil.which("epmd"):
            return RabbitMQ(program)
        with brokers.running(name) as url:  # the machine's: it only names the address
            return _Foreign(url)
    return Server()


def _rabbitmq_program() -> Path | None:
    """Return the server's own script: the one on the path may change to another user first."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("*/sbin/rabbitmq-server"))
    if found:
        return found[-1]
    onpath = shutil.which("rabbitmq-server")
    return Path(onpath) if onpath else None
