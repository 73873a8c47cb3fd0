"""The other brokers: a server of our own where the program is installed, else the machine's where one answers.

Which are left out is said in the head of the test run.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.installation import free_port, wait_until

_AMQP_PORT = 5672
DATABASE, REDIS, RABBITMQ = "queue on the database", "Redis", "RabbitMQ"


def present() -> list[str]:
    """Return the brokers that can be tested on this machine."""
    found = [DATABASE]
    if shutil.which("redis-server"):
        found.append(REDIS)
    if _rabbitmq_url():
        found.append(RABBITMQ)
    return found


def left_out() -> list[str]:
    """Return those that cannot."""
    return [name for name in (REDIS, RABBITMQ) if name not in present()]


@contextmanager
def running(name: str) -> Iterator[str]:
    """Yield the address of a broker; empty for the queue on the database."""
    if name == REDIS:
        with _redis() as url:
            yield url
    elif name == RABBITMQ:
        yield _rabbitmq_url()
    else:
        yield ""


@contextmanager
def _redis() -> Iterator[str]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: answers(port))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()


def _rabbitmq_url() -> str:
    """Return the machine's own RabbitMQ, or the one that `VIGILANCIA_TEST_AMQP_URL` names."""
    named = os.environ.get("VIGILANCIA_TEST_AMQP_URL", "")
    if named:
        return named
    return "amqp://guest:guest@127.0.0.1:5672//" if answers(_AMQP_PORT) else ""


def answers(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False
