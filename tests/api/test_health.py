"""The clock ticks when beat does and a worker sweeps; either alone warns nobody."""

from datetime import timedelta

import psycopg
import pytest

from tests.conftest import Api, Clock, Database
from vigilancia.core.work import Desk, Work
from vigilancia.escalation import sweep as sweeping
from vigilancia.escalation.sweep import sweep
from workers.signs import BEAT, SIGN_OF_LIFE


def tick(database: Database, clock: Clock) -> None:
    """Leave beat's sign of life as beat does."""
    with psycopg.connect(database.url) as connection:
        connection.execute(SIGN_OF_LIFE, [BEAT, clock.now])


async def scheduler(api: Api) -> int:
    return (await api.get("/health/scheduler", role=None)).status_code


async def figures(api: Api) -> dict[str, float]:
    lines = (await api.get("/metrics", role=None)).text.splitlines()
    found = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(found[f"vigilancia_{name}_age_seconds"]) for name in ("beat", "sweep")}


async def test_the_clock_ticks_while_beat_ticks_and_a_worker_sweeps(
    api: Api, desk: Desk, database: Database, clock: Clock
) -> None:
    tick(database, clock)
    await sweep(desk)
    clock.advance(timedelta(minutes=5))

    assert await scheduler(api) == 200
    assert await figures(api) == {"beat": 300, "sweep": 300}
    clock.advance(timedelta(seconds=1))
    assert await scheduler(api) == 503


async def test_a_beat_that_ticks_while_no_worker_sweeps_warns_nobody(
    api: Api, desk: Desk, database: Database, clock: Clock
) -> None:
    tick(database, clock)
    assert await scheduler(api) == 503
    assert await figures(api) == {"beat": 0, "sweep": float("inf")}

    await sweep(desk)
    assert await scheduler(api) == 200
    clock.advance(timedelta(minutes=6))
    tick(database, clock)
    assert await scheduler(api) == 503


async def test_a_sweep_without_beat_is_the_last_one(api: Api, desk: Desk, database: Database, clock: Clock) -> None:
    tick(database, clock)
    clock.advance(timedelta(minutes=6))
    await sweep(desk)

    assert await scheduler(api) == 503


async def test_a_sweep_that_fails_before_it_climbed_leaves_no_sign(
    api: Api, desk: Desk, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_work: Work) -> int:
        raise LookupError

    monkeypatch.setattr(sweeping, "climb_due", broken)
    tick(database, clock)
    with pytest.raises(LookupError):
        await sweep(desk)

    assert await scheduler(api) == 503
