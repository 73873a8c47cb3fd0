"""A broker that dies and comes back, empty or not: beat and workers find it again by themselves."""

import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from tests.chaos import servers
from tests.conftest import KEYS
from tests.faults import brokers
from tests.faults.installation import Installation, installation, mailbox, wait_until
from tests.seeds import seed_deadlines
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_sessions, with_driver
from vigilancia.core.work import Desk, open_vault
from vigilancia.escalation.sweep import sweep

SWEPT = "SELECT count(*) FROM heartbeat WHERE name = 'purge'"  # the last thing the sweep's task does
DELIVERED = "SELECT count(*) FROM notice WHERE status = 'delivered'"


@pytest.mark.parametrize("broker", [name for name in brokers.present() if name != brokers.DATABASE])
def test_a_broker_killed_under_beat_and_worker_is_used_again_when_it_is_back(tmp_path: Path, broker: str) -> None:
    with (
        mailbox() as (mails, smtp),
        servers.running(broker) as server,
        installation(tmp_path, VIGILANCIA_SMTP_URL=smtp, VIGILANCIA_BROKER_URL=server.url) as made,
    ):
        made.run("worker", "worker")
        made.run("beat", "beat")
        wait_until(lambda: made.ask(SWEPT) == 1)  # both have used their connections, and no task is under way
        beat = made.processes["beat"].pid
        os.kill(beat, signal.SIGSTOP)  # it meets the broken connection only when the broker is back
        seed_deadlines(made.owner_url, now=datetime.now(UTC), due=20, later=0)
        asyncio.run(_plan(made))
        server.kill()
        server.start()
        os.kill(beat, signal.SIGCONT)
        wait_until(lambda: made.ask(DELIVERED) == 20)  # woken by beat's relay: nobody else does
    assert set(mails.received.values()) == {1}


async def _plan(made: Installation) -> None:
    """Plan what is due as a worker would that cannot wake anybody."""
    engine = create_async_engine(with_driver(made.postgres.url("vigilancia_app"), "asyncpg"))
    desk = Desk(
        sessions=make_sessions(engine),
        settings=made.settings(),
        keys=KeyRing(KEYS),
        vault=open_vault(made.settings(), KeyRing(KEYS)),
        now=lambda: datetime.now(UTC),
        wake=lambda _jobs: None,
    )
    await sweep(desk)
    await engine.dispose()
