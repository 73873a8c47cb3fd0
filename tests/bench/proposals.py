"""A calendar changes under 100,000 open proceedings: against one plain UPDATE of as many rows, in the same run.

Three closures: of a calendar that no rule counts on, of a day on the way of one proceeding in a hundred, and of a day
on the way of nearly all, each of which gets a proposal.
"""

import asyncio
import logging
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tests.builders import settle_people
from tests.conftest import People
from vigilancia.core.work import Desk
from vigilancia.law import engine, loader
from vigilancia.law.model import Event
from vigilancia.proceedings.calendars import closures
from vigilancia.proceedings.calendars.schemas import ClosureIn, ClosureLabels
from vigilancia.proceedings.proposals.proposing import propose

COUNT = 100_000
MECHANISM = "usmca-31a-us-mx"
EVENT = "panel_constituted"
NOBODY = UUID(int=0)
WEEK = [date(2026, 3, day) for day in range(2, 7)]  # five business days from any of them lie on the Monday after
EARLIER = date(2026, 1, 5)  # of one in a hundred
LABELS = ClosureLabels(es="Luto nacional", en="National mourning", fr="Deuil national")
CONTENDERS: dict[str, tuple[tuple[str, ...], date, int, int]] = {  # calendars, day, one proposal in ..., rounds
    "a closure that no rule counts on": (("ca-federal",), date(2026, 3, 9), 0, 3),
    "a closure on the way of one in a hundred": (("mx-lft", "us-federal"), date(2026, 1, 8), 100, 3),
    "a closure on the way of nearly all": (("mx-lft", "us-federal"), date(2026, 3, 9), 1, 1),
}

_CASES = """
INSERT INTO complaint (id, reference, owner_id, title, status, received_on, incidents, allegations, groups, languages,
  confidentiality, external_ids, tags, source_urls, findings, outcomes, version, created_at, updated_at)
SELECT gen_random_uuid(), 'VIG-2026-P' || n, %(owner)s, 'Caso', 'open', '2026-01-01', '[]', '{}', '{}', '{}',
  'restricted', '[]', '{}', '{}', '[]', '[]', 1, now(), now()
FROM generate_series(1, %(count)s) n
"""
_PROCEEDINGS = """
INSERT INTO proceeding (id, complaint_id, mechanism, rules_digest, closures_mark, seen_digest, seen_mark, opened_at,
  updated_at, version)
SELECT gen_random_uuid(), id, %(mechanism)s, %(digest)s, 0, %(digest)s, 0, now(), now(), 1 FROM complaint
"""
_EVENTS = """
INSERT INTO proceeding_event (id, proceeding_id, type, "on", kind, sources, recorded_at, updated_at, version)
SELECT gen_random_uuid(), id, %(event)s,
  CASE WHEN mod(row_number() OVER (), 100) = 0 THEN %(earlier)s
       ELSE %(first)s + mod(row_number() OVER (), 5)::int END, 'happened', '{}', now(), now(), 1
FROM proceeding
"""
_DEADLINES = """
INSERT INTO deadline (id, proceeding_id, complaint_id, mechanism, rule, trigger_event_id, revision, actor, nature,
  due_on, latest_due_on, raw_due_on, practice_on, closes_at, zone, met, void, confidence, rule_version, computation,
  citation, warnings, plan_pending, trigger_recorded_at, created_at, updated_at)
SELECT gen_random_uuid(), p.id, p.complaint_id, p.mechanism, %(rule)s, e.id, 1, %(actor)s, %(nature)s, %(due_on)s,
  %(latest_due_on)s, %(raw_due_on)s, %(practice_on)s, %(closes_at)s, %(zone)s, false, false, %(confidence)s, 'seed',
  '{}', '[]', '[]', false, now(), now(), now()
FROM proceeding p JOIN proceeding_event e ON e.proceeding_id = p.id WHERE e."on" = %(on)s
"""
_AGAIN = (
    "TRUNCATE rules_proposal, timeline_entry, calendar_closure",
    "UPDATE proceeding SET closures_mark = 0, seen_mark = 0",
    "UPDATE deadline SET kept_digest = NULL, kept_mark = NULL WHERE kept_digest IS NOT NULL",
    "VACUUM ANALYZE proceeding",
    "VACUUM ANALYZE deadline",
)


async def run(desk: Desk, *, count: int = COUNT) -> None:
    """Measure and print.

    Args:
        desk: On a database of its own.
        count: How many open proceedings.
    """
    people = await settle_people(desk)
    with psycopg.connect(desk.settings.owner_database_url, autocommit=True) as owner:
        _seed(owner, people, count)
        await propose(desk)  # stores the rule sets
        plain = statistics.median(_update(owner) for _ in range(3))
        print(f"\nA calendar changes under {count} open proceedings")  # noqa: T201
        print(f"  {'one plain UPDATE of as many rows':<48} {plain:8.2f} s")  # noqa: T201
        for name, (calendars, day, one_in, rounds) in CONTENDERS.items():
            taken = []
            for _ in range(rounds):
                _settle(owner)
                taken.append(await _closed(desk, people, calendars, day))
                found = owner.execute("SELECT count(*) FROM rules_proposal").fetchone()
                assert found == (count // one_in if one_in > 1 else one_in * (count - count // 100),), found
            seconds = statistics.median(taken)
            print(f"  {name:<48} {seconds:8.2f} s   {seconds / plain:7.2f} x one plain UPDATE")  # noqa: T201


async def _closed(desk: Desk, people: People, calendars: tuple[str, ...], day: date) -> float:
    """Record closures and return the seconds until every proceeding was dealt with."""
    async with desk.work(people.admin) as work:
        for calendar in calendars:
            await closures.record(work, calendar, ClosureIn(starts_on=day, labels=LABELS, source="DOF"))
    begun = time.perf_counter()
    await propose(desk)
    return time.perf_counter() - begun


def _update(owner: psycopg.Connection[Any]) -> float:
    begun = time.perf_counter()
    owner.execute("UPDATE proceeding SET closures_mark = 0")
    taken = time.perf_counter() - begun
    owner.execute("VACUUM ANALYZE proceeding")
    return taken


def _settle(owner: psycopg.Connection[Any]) -> None:
    for statement in _AGAIN:
        owner.execute(statement.encode())


def _seed(owner: psycopg.Connection[Any], people: People, count: int) -> None:
    """Write cases, each with one event and the deadlines that the engine sets for its day."""
    mechanism = loader.mechanism(MECHANISM)
    centre: UUID = people.centre_id
    facts = {"owner": centre, "count": count, "mechanism": MECHANISM, "digest": mechanism.digest, "event": EVENT}
    facts |= {"first": WEEK[0], "earlier": EARLIER}
    for statement in (_CASES, _PROCEEDINGS, _EVENTS):
        owner.execute(statement.encode(), facts)
    for day in (*WEEK, EARLIER):
        for each in engine.run(mechanism, [Event(id=str(NOBODY), type=EVENT, on=day)]).deadlines:
            columns = ("rule", "actor", "nature", "due_on", "latest_due_on", "raw_due_on", "practice_on", "closes_at")
            fixed = {name: getattr(each, name) for name in (*columns, "zone", "confidence")}
            owner.execute(_DEADLINES.encode(), {**fixed, "on": day})
    owner.execute("VACUUM ANALYZE")


async def alone(folder: Path, count: int) -> None:
    """Run this benchmark only: `python -m tests.bench.proposals 5000`."""
    from tests.bench.__main__ import a_desk

    async with a_desk(folder) as desk:
        await run(desk, count=count)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as root:
        Path(root).chmod(0o711)  # the database's user must reach its data, also where root measures
        asyncio.run(alone(Path(root), int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
