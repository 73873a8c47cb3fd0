"""Beat stands still for hours or days: what fell due meanwhile goes out once, the newest rung only, and marked late."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from tests.builders import settle_people
from tests.conftest import KEYS, People
from tests.faults.installation import Installation, Mailbox, free_port, installation, mailbox, wait_until
from tests.seeds import seed_ends
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_sessions, with_driver
from vigilancia.core.work import Desk, open_vault

STOPPED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DUE_TOMORROW = date(2026, 3, 4)  # so that the rung of the day before falls due at midnight of 3 March, place by place
# Midnight of 3 March comes to these places between 15:15 and 20:30 UTC of 2 March.
PLACES = [
    "Australia/Eucla",
    "Asia/Manila",
    "Asia/Shanghai",
    "Asia/Jakarta",
    "Asia/Bangkok",
    "Asia/Yangon",
    "Asia/Dhaka",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Karachi",
    "Asia/Tashkent",
    "Asia/Kabul",
    "Asia/Dubai",
    "Asia/Tbilisi",
    "Asia/Baku",
    "Asia/Yerevan",
    "Asia/Tehran",
    "Asia/Colombo",
    "Asia/Singapore",
    "Asia/Thimphu",
]


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, str]]:
    """A real mail server on loopback."""
    with mailbox() as made:
        yield made


def test_six_hours_without_beat_end_in_one_late_message_for_each_of_twenty_notices(
    tmp_path: Path, box: tuple[Mailbox, str]
) -> None:
    mails, smtp = box
    with installation(tmp_path, VIGILANCIA_SMTP_URL=smtp) as made:
        deadlines = seed_ends(
            made.owner_url, now=STOPPED - timedelta(days=1), ends=[(DUE_TOMORROW, zone) for zone in PLACES]
        )
        _run_at(made, STOPPED, "first")
        wait_until(lambda: made.ask("SELECT count(*) FROM escalation_run WHERE next_rung = '-1d'") == 20)
        earlier = made.ask("SELECT count(*) FROM notice")  # of the rungs before, which spoke in time or late
        wait_until(lambda: made.ask("SELECT count(*) FROM notice WHERE status = 'delivered'") == earlier)
        made.kill("first beat")
        made.kill("first worker")
        mails.received.clear()

        back = STOPPED + timedelta(hours=6)
        _run_at(made, back, "second")
        wait_until(
            lambda: made.ask("SELECT count(*) FROM notice WHERE rung = '-1d' AND status = 'delivered'") == 20,
        )
        notices = _rows(made, "SELECT id::text, deadline_id, late, due_at, planned_at FROM notice WHERE rung = '-1d'")
    assert Counter(row[0] for row in notices) == Counter(_notices_in(mails))
    assert set(mails.received.values()) == {1}
    assert {row[1] for row in notices} == set(deadlines)
    assert len({row[3] for row in notices}) == 11  # instants at which they were due
    for _, _, late, due_at, planned_at in notices:
        assert late
        assert STOPPED < due_at < back <= planned_at < back + timedelta(minutes=2)


def test_five_rungs_missed_of_one_deadline_give_one_message_the_newest(
    tmp_path: Path, box: tuple[Mailbox, str]
) -> None:
    mails, smtp = box
    stopped = datetime(2026, 2, 20, 12, 0, tzinfo=UTC)
    with installation(tmp_path, VIGILANCIA_SMTP_URL=smtp, VIGILANCIA_PORT=str(free_port())) as made:
        _set_clock(made, stopped)
        people = asyncio.run(_people(made, stopped))
        made.run("api", "api")
        with httpx.Client(
            base_url=f"http://127.0.0.1:{made.settings().port}",
            headers={"Authorization": f"Bearer {people.tokens['staff']}"},
            timeout=10,
        ) as client:
            wait_until(lambda: client.get("/health/ready").status_code == 200)
            complaint = _post(client, "/v1/complaints", {"title": "Caso", "received_on": "2026-02-01"})
            opened = {"mechanism": "usmca-31a-us-mx"}
            proceeding = _post(client, f"/v1/complaints/{complaint['id']}/proceedings", opened)
            received = {"type": "petition_received", "on": "2026-02-01"}
            _post(client, f"/v1/proceedings/{proceeding['id']}/events", received)
            (deadline,) = client.get("/v1/deadlines", params={"complaint_id": complaint["id"]}).json()["items"]
            assert deadline["due_on"] == "2026-03-03"
            _run_at(made, stopped, "first")
            wait_until(lambda: made.ask("SELECT count(*) FROM escalation_run WHERE next_rung = '-10d'") == 1)
            made.kill("first beat")
            made.kill("first worker")

            back = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
            _run_at(made, back, "second")
            told = {"deadline_id": deadline["id"], "status": "delivered"}
            wait_until(lambda: client.get("/v1/notices", params=told).json()["items"])
            notices = client.get("/v1/notices", params={"deadline_id": deadline["id"]}).json()["items"]
            run = client.get("/v1/escalations", params={"deadline_id": deadline["id"]}).json()["items"]
        climbed = _rows(
            made,
            f"SELECT rung, result FROM escalation_rung WHERE run_id = '{run[0]['id']}'",  # of our own making
        )
    (notice,) = notices
    assert (notice["rung"], notice["late"]) == ("+1d", True)
    due_at, planned_at = (datetime.fromisoformat(notice[name]) for name in ("due_at", "planned_at"))
    assert due_at == datetime(2026, 3, 4, 5, 0, tzinfo=UTC)  # midnight in Washington
    assert notice["late_by"] == int((planned_at - due_at).total_seconds()) >= 7 * 3600
    assert dict(climbed) == {
        **dict.fromkeys(("-10d", "-3d", "-1d", "0"), "passed_over"),
        "+1d": "spoke",
    }
    assert Counter(_notices_in(mails))[notice["id"]] == 1


def _run_at(made: Installation, instant: datetime, life: str) -> None:
    """Start worker and beat with a clock that shows an instant."""
    _set_clock(made, instant)
    made.run(f"{life} worker", "worker")
    made.run(f"{life} beat", "beat")


def _set_clock(made: Installation, instant: datetime) -> None:
    offset = (instant - datetime.now(UTC)).total_seconds()
    made.set("VIGILANCIA_CLOCK_OFFSET", str(int(offset) + 1))  # rounded up: never before the instant


def _notices_in(mails: Mailbox) -> list[str]:
    return [message_id.strip("<>").partition("@")[0] for message_id in mails.received.elements()]


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _rows(made: Installation, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(made.owner_url) as connection:
        return connection.execute(query.encode()).fetchall()


async def _people(made: Installation, instant: datetime) -> People:
    engine = create_async_engine(with_driver(made.postgres.url("vigilancia_app"), "asyncpg"))
    desk = Desk(
        sessions=make_sessions(engine),
        settings=made.settings(),
        keys=KeyRing(KEYS),
        vault=open_vault(made.settings(), KeyRing(KEYS)),
        now=lambda: instant,
        wake=lambda _jobs: None,
    )
    people = await settle_people(desk)
    await engine.dispose()
    return people
