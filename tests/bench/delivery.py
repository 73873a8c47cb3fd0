"""Delivery from planned rows to `delivered` in the ledger, against the bare SMTP client sending the same messages."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib
import psycopg
from pydantic import SecretStr

from tests.bench.sweeps import all_due_again
from tests.faults.brokers import answers
from tests.faults.installation import free_port, wait_until
from tests.seeds import seed_deadlines
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import deliver_all

NOTICES = 1000
ROUNDS = 3


async def run(desk: Desk) -> None:
    """Measure and print; one worker's loop, a mail server in a process of its own that keeps nothing."""
    seed_deadlines(desk.settings.owner_database_url, now=desk.now(), due=NOTICES, later=NOTICES * 9)
    messages = await _written(desk)
    taken: dict[str, list[float]] = {"bare": [], "ours": []}
    with mail_server() as port:
        sending = with_smtp(desk, port)
        for turn in range(ROUNDS + 1):
            begun = time.perf_counter()
            await _send_bare(port, messages)
            bare = time.perf_counter() - begun
            await plan_all(desk)
            begun = time.perf_counter()
            await deliver_all(sending)
            ours = time.perf_counter() - begun
            _expect(desk, "delivered")
            if turn:
                taken["bare"].append(bare)
                taken["ours"].append(ours)
    bare, ours = (statistics.median(taken[name]) for name in ("bare", "ours"))
    print(f"\n{NOTICES:,} notices to a mail server on this machine, one worker")  # noqa: T201
    for name, seconds in (("the bare client, one connection, in a loop", bare), ("planned to delivered", ours)):
        print(  # noqa: T201
            f"  {name:<48} {seconds * 1000 / NOTICES:10.3f} ms each   {seconds / bare:7.2f} x the bare client"
            f"   {NOTICES / seconds:8.0f} a second"
        )


def with_smtp(desk: Desk, port: int) -> Desk:
    """Return the same desk, which sends to a mail server on this machine."""
    url = SecretStr(f"smtp://127.0.0.1:{port}")
    return replace(desk, settings=desk.settings.model_copy(update={"smtp_url": url}))


async def plan_all(desk: Desk) -> None:
    """Let every notice be planned, and none be sent."""
    all_due_again(desk)
    await sweep(desk)
    _expect(desk, "planned")


@contextmanager
def mail_server() -> Iterator[int]:
    """Run a mail server that keeps nothing, in a process of its own; yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port))
        yield port
    finally:
        process.terminate()
        process.wait()


async def _written(desk: Desk) -> list[EmailMessage]:
    """Deliver into files once, and return the messages."""
    await plan_all(desk)
    await deliver_all(desk)
    _expect(desk, "stored")
    files = sorted(desk.settings.mail_dir.glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=SMTP) for file in files]


async def _send_bare(port: int, messages: list[EmailMessage]) -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
    await client.connect()
    for message in messages:
        await client.send_message(message)
    await client.quit()


def _expect(desk: Desk, status: str) -> None:
    with psycopg.connect(desk.settings.owner_database_url) as owner:
        rows = owner.execute("SELECT status, count(*) FROM notice GROUP BY status").fetchall()
    assert rows == [(status, NOTICES)], rows
