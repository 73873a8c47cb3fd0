"""Kill -9 of the worker in delivery, of the API in a write, of the database in a sweep: nothing answered or planned is
lost, and at most the one message in flight is sent twice."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from tests.builders import settle_people
from tests.conftest import KEYS
from tests.faults.installation import Installation, Mailbox, free_port, installation, mailbox, wait_until
from tests.seeds import seed_deadlines
from vigilancia.core.broker import Waker
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_sessions, with_driver
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk, open_vault

ENDED = "SELECT count(*) FROM notice WHERE status = 'delivered'"
LATER = "3600"  # seconds by which a second life's clock is moved, so that the first life's leases have run out


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, str]]:
    """A real mail server on loopback."""
    with mailbox() as made:
        yield made


def wake(made: Installation, *jobs: Job) -> None:
    """Send a wake-up as the API would."""
    waker = Waker(made.settings())
    waker(frozenset(jobs))
    waker.close()


def test_a_worker_killed_in_delivery_loses_nothing_and_repeats_one_message_at_most(
    tmp_path: Path, box: tuple[Mailbox, str]
) -> None:
    mails, smtp = box
    mails.delay = 0.01
    with installation(tmp_path, VIGILANCIA_SMTP_URL=smtp) as made:
        seed_deadlines(made.owner_url, now=datetime.now(UTC), due=200, later=50)
        made.run("worker", "worker")
        wake(made, Job.SWEEP)
        wait_until(lambda: len(mails.received) >= 40)
        made.kill("worker")
        assert made.ask(ENDED) < 200
        made._extra["VIGILANCIA_CLOCK_OFFSET"] = LATER
        made.run("second worker", "worker")
        made.run("beat", "beat")
        wait_until(lambda: made.ask(ENDED) == 200)
        assert made.ask("SELECT count(*) FROM notice") == 200
    assert len(mails.received) == 200
    assert sum(mails.received.values()) <= 201


def test_an_api_killed_in_a_write_has_kept_every_write_it_answered(tmp_path: Path) -> None:
    port = str(free_port())
    with installation(tmp_path, VIGILANCIA_PORT=port) as made:
        token = asyncio.run(_token(made))
        made.run("api", "api")
        client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        wait_until(lambda: client.get("/health/ready").status_code == 200)
        answered: list[str] = []
        enough, stop = Event(), Event()

        def write(number: int) -> None:
            while not stop.is_set():
                body = {"title": f"caso {number}", "received_on": "2026-01-05"}
                try:
                    answer = client.post("/v1/complaints", json=body)
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    answered.append(answer.json()["id"])
                if len(answered) > 150:
                    enough.set()

        with ThreadPoolExecutor(8) as writers:
            futures = [writers.submit(write, number) for number in range(8)]
            assert enough.wait(60)
            made.kill("api")
            stop.set()
        for future in futures:
            future.result()
        made.run("api again", "api")
        wait_until(lambda: client.get("/health/ready").status_code == 200)
        assert len(set(answered)) == len(answered) > 150
        for complaint in answered:
            assert client.get(f"/v1/complaints/{complaint}").status_code == 200
        client.close()
        assert (
            made.ask(
                "SELECT count(*) FROM complaint c WHERE NOT EXISTS (SELECT FROM timeline_entry t"
                " WHERE t.complaint_id = c.id)"
            )
            == 0
        )


def test_a_database_killed_in_a_sweep_ends_with_every_notice_once(tmp_path: Path, box: tuple[Mailbox, str]) -> None:
    mails, smtp = box
    with installation(tmp_path, VIGILANCIA_SMTP_URL=smtp) as made:
        seed_deadlines(made.owner_url, now=datetime.now(UTC), due=1000, later=100, planned=False)
        made.run("worker", "worker")
        wake(made, Job.SWEEP)
        wait_until(lambda: made.ask("SELECT count(*) FROM notice") > 0)
        made.kill_database()
        made.postgres.start()
        made.kill("worker")
        made._extra["VIGILANCIA_CLOCK_OFFSET"] = LATER
        made.run("second worker", "worker")
        made.run("beat", "beat")
        wake(made, Job.SWEEP)
        wait_until(lambda: made.ask(ENDED) == 1000, patience=180)
        assert made.ask("SELECT count(*) FROM notice") == 1000
    assert len(mails.received) == 1000
    assert sum(mails.received.values()) <= 1001


async def _token(made: Installation) -> str:
    engine = create_async_engine(with_driver(made.postgres.url("vigilancia_app"), "asyncpg"))
    desk = Desk(
        sessions=make_sessions(engine),
        settings=made.settings(),
        keys=KeyRing(KEYS),
        vault=open_vault(made.settings(), KeyRing(KEYS)),
        now=lambda: datetime.now(UTC),
        wake=lambda _jobs: None,
    )
    people = await settle_people(desk)
    await engine.dispose()
    return people.tokens["staff"]
