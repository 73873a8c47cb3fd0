"""The sweep: 1,000 due rungs among 20,000 deadlines and among 200,000; the cost must follow what is due."""

import statistics
import time
from datetime import UTC, datetime, timedelta

import psycopg

from tests.seeds import seed_deadlines
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep

NOW = datetime.now(UTC)
DUE = 1000
ROUNDS = 5
AGAIN = """
TRUNCATE notice, notice_attempt, escalation_rung, job, timeline_entry;
UPDATE escalation_run SET next_rung = '-1d', next_at = (due_on - 1)::timestamp AT TIME ZONE 'UTC', silent_reason = NULL
FROM deadline WHERE deadline.id = deadline_id AND due_on <= %(soon)s;
"""


async def run(small: Desk, large: Desk) -> None:
    """Measure and print; each desk has a database of its own."""
    taken: dict[str, list[float]] = {}
    contenders = {"among 20,000 deadlines": (small, 20_000), "among 200,000 deadlines": (large, 200_000)}
    for desk, total in contenders.values():
        seed_deadlines(desk.settings.owner_database_url, now=NOW, due=DUE, later=total - DUE)
        _settle(desk, "VACUUM ANALYZE")
    for turn in range(ROUNDS + 1):
        for name, (desk, _) in contenders.items():
            for statement in AGAIN.split(";")[:-1]:
                _settle(desk, statement)
            _settle(desk, "VACUUM ANALYZE escalation_run")
            begun = time.perf_counter()
            await sweep(desk)
            if turn:
                taken.setdefault(name, []).append(time.perf_counter() - begun)
            _expect(desk)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    print(f"\nA sweep of {DUE} due rungs")  # noqa: T201
    for name, median in medians.items():
        ratio = median / medians["among 20,000 deadlines"]
        print(f"  {name:<48} {median * 1000:10.1f} ms   {ratio:7.2f} x among 20,000")  # noqa: T201


def _settle(desk: Desk, statement: str) -> None:
    with psycopg.connect(desk.settings.owner_database_url, autocommit=True) as owner:
        owner.execute(statement, {"soon": NOW.date() + timedelta(days=30)})


def _expect(desk: Desk) -> None:
    with psycopg.connect(desk.settings.owner_database_url) as owner:
        row = owner.execute("SELECT count(*) FROM notice").fetchone()
    assert row == (DUE,), row
