"""The sweep: 1,000 due rungs among 10,000 open deadlines and among 1,000,000; the cost must follow what is due."""

import statistics
import time
from datetime import UTC, datetime, timedelta

import psycopg

from tests.seeds import seed_deadlines
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep

NOW = datetime.now(UTC)
DUE = 1000
SMALL, LARGE = 10_000, 1_000_000
ROUNDS = 5
# What others needed for the sweep alone, with a trail and a mail queued for each case: measured apart from here.
OTHERS = {"a helpdesk": 9.2, "a ticket system": 14.0}  # ms a case
AGAIN = """
TRUNCATE notice, notice_attempt, escalation_rung, job, timeline_entry CASCADE;
UPDATE escalation_run SET next_rung = '-1d', next_at = (due_on - 1)::timestamp AT TIME ZONE 'UTC', silent_reason = NULL
FROM deadline WHERE deadline.id = deadline_id AND due_on <= %(soon)s;
"""


async def run(small: Desk, large: Desk) -> None:
    """Measure and print; each desk has a database of its own."""
    taken: dict[str, list[float]] = {}
    few, many = f"among {SMALL:,} open deadlines", f"among {LARGE:,} open deadlines"
    print(f"\nA sweep of {DUE:,} due rungs")  # noqa: T201
    for desk, total in ((small, SMALL), (large, LARGE)):
        begun = time.perf_counter()
        seed_deadlines(desk.settings.owner_database_url, now=NOW, due=DUE, later=total - DUE)
        settle(desk, "VACUUM ANALYZE")
        print(f"  {f'{total:,} deadlines written in':<48} {time.perf_counter() - begun:10.1f} s")  # noqa: T201
    for turn in range(ROUNDS + 1):
        for name, desk in ((few, small), (many, large)):
            all_due_again(desk)
            begun = time.perf_counter()
            await sweep(desk)
            if turn:
                taken.setdefault(name, []).append(time.perf_counter() - begun)
            _expect(desk)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    for name, median in medians.items():
        print(  # noqa: T201
            f"  {name:<48} {median * 1000:10.1f} ms   {median / medians[few]:7.2f} x {few}"
            f"   {median * 1000 / DUE:6.3f} ms a case"
        )
    for name, least in OTHERS.items():
        ours = medians[many] * 1000 / DUE
        print(f"  {name:<48} {least:10.1f} ms a case   {least / ours:7.1f} x ours")  # noqa: T201


def all_due_again(desk: Desk) -> None:
    """Forget every notice and let the due rungs be due once more."""
    for statement in AGAIN.split(";")[:-1]:
        settle(desk, statement)
    settle(desk, "VACUUM ANALYZE escalation_run")


def settle(desk: Desk, statement: str) -> None:
    """Run a statement as the owner, outside any measurement."""
    with psycopg.connect(desk.settings.owner_database_url, autocommit=True) as owner:
        owner.execute(statement.encode(), {"soon": NOW.date() + timedelta(days=30)})


def _expect(desk: Desk) -> None:
    with psycopg.connect(desk.settings.owner_database_url) as owner:
        row = owner.execute("SELECT count(*) FROM notice").fetchone()
    assert row == (DUE,), row
