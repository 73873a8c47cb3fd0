"""The chaos run in small, so that it cannot rot: `make chaos` is the real one."""

from pathlib import Path

from tests.chaos.run import run
from tests.chaos.timetable import Plan
from tests.faults import brokers

SMALL = Plan(
    seed=11,
    due=60,
    workers=2,
    seconds=9,
    limit=60,
    pace=0.03,
    waves=2,
    worker_kills=1,
    beat_kills=1,
    database_kills=1,
    broker_kills=1,
    clock_moves=0,
)


def test_nothing_is_lost_or_doubled_while_each_part_is_killed_once(tmp_path: Path) -> None:
    said: list[str] = []
    result = run(brokers.DATABASE, SMALL, tmp_path, said.append)
    assert result.holds, said
    assert (result.in_ledger, result.delivered + result.refused) == (60, 60)
    assert {"worker", "beat", "database"} <= result.kills.keys()
    assert all(result.faults.values())
    assert len(result.faults) == 7
