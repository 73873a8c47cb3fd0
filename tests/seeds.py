"""Many rows at once, written by SQL: for what takes hundreds of thousands of deadlines, not for what a rule decides."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from vigilancia.core.ids import new_id
from vigilancia.escalation import ladder

_CASE = """
INSERT INTO organization (id, owner_id, visibility, kind, name, aliases, locale, timezone, version, created_at,
  updated_at)
VALUES (%(owner)s, %(owner)s, 'linked', 'worker_center', 'Centro', '{}', 'es', 'America/Mexico_City', 1, %(now)s,
  %(now)s);
INSERT INTO contact (id, organization_id, owner_id, visibility, name, desk, working_hours, channels, version,
  created_at, updated_at)
VALUES (gen_random_uuid(), %(owner)s, %(owner)s, 'linked', 'Mesa', true, '[]',
  '[{"kind": "email", "address": "mesa@example.org"}]', 1, %(now)s, %(now)s);
INSERT INTO complaint (id, reference, owner_id, title, status, received_on, incidents, allegations, groups,
  languages, confidentiality, external_ids, tags, source_urls, findings, outcomes, version, created_at, updated_at)
VALUES (%(complaint)s, 'VIG-2026-' || right(%(complaint)s::text, 6), %(owner)s, 'Caso', 'open', '2026-01-01', '[]',
  '{}', '{}', '{}', 'restricted', '[]', '{}', '{}', '[]', '[]', 1, %(now)s, %(now)s);
INSERT INTO proceeding (id, complaint_id, mechanism, rules_digest, opened_at, updated_at, version)
VALUES (%(proceeding)s, %(complaint)s, 'usmca-31a-us-mx', 'seed', %(now)s, %(now)s, 1);
"""

_EVENTS = """
INSERT INTO proceeding_event (id, proceeding_id, type, "on", kind, sources, recorded_at, updated_at, version)
SELECT gen_random_uuid(), %(proceeding)s, 'petition_received', '2026-01-01', 'happened', '{}', %(now)s, %(now)s, 1
FROM generate_series(1, %(count)s)
"""

_DEADLINES = """
INSERT INTO deadline (id, proceeding_id, complaint_id, mechanism, rule, trigger_event_id, revision, actor, nature,
  due_on, latest_due_on, raw_due_on, closes_at, zone, met, void, confidence, rule_version, computation, citation,
  warnings, plan_pending, trigger_recorded_at, created_at, updated_at)
SELECT gen_random_uuid(), %(proceeding)s, %(complaint)s, 'usmca-31a-us-mx', 'ilc_determination', id, 1, 'ilc',
  'mandatory', day, day, day, (day + 1)::timestamp AT TIME ZONE 'UTC', 'UTC', false, false, 'primary', 'seed', '{}',
  '[]', '[]', %(pending)s, %(now)s, %(now)s, %(now)s
FROM (SELECT id, %(now)s::date + CASE WHEN row_number() OVER () <= %(due)s THEN 1 ELSE 400 END AS day
      FROM proceeding_event WHERE proceeding_id = %(proceeding)s) events
"""

_DEADLINE = """
WITH event AS (
  INSERT INTO proceeding_event (id, proceeding_id, type, "on", kind, sources, recorded_at, updated_at, version)
  VALUES (gen_random_uuid(), %(proceeding)s, 'petition_received', '2026-01-01', 'happened', '{}', %(now)s, %(now)s, 1)
  RETURNING id
)
INSERT INTO deadline (id, proceeding_id, complaint_id, mechanism, rule, trigger_event_id, revision, actor, nature,
  due_on, latest_due_on, raw_due_on, closes_at, zone, met, void, confidence, rule_version, computation, citation,
  warnings, plan_pending, trigger_recorded_at, created_at, updated_at)
SELECT %(deadline)s, %(proceeding)s, %(complaint)s, 'usmca-31a-us-mx', 'ilc_determination', event.id, 1, 'ilc',
  'mandatory', %(day)s, %(day)s, %(day)s, (%(day)s::date + 1)::timestamp AT TIME ZONE %(zone)s, %(zone)s, false, false,
  'primary', 'seed', '{}', '[]', '[]', true, %(now)s, %(now)s, %(now)s
FROM event
"""

_RUNS = """
INSERT INTO escalation_run (id, deadline_id, complaint_id, ladder, revision, next_rung, next_at, started_at, updated_at)
SELECT gen_random_uuid(), id, complaint_id, %(ladder)s, 1,
  CASE WHEN due_on = %(now)s::date + 1 THEN '-1d' ELSE '-10d' END,
  (due_on - CASE WHEN due_on = %(now)s::date + 1 THEN 1 ELSE 10 END)::timestamp AT TIME ZONE 'UTC', %(now)s, %(now)s
FROM deadline WHERE proceeding_id = %(proceeding)s
"""


def seed_deadlines(owner_url: str, *, now: datetime, due: int, later: int, planned: bool = True) -> UUID:
    """Write one case whose proceeding has many deadlines.

    Args:
        owner_url: The database, as its owner.
        now: The present instant.
        due: How many have their last day tomorrow, so that the rung of the day before is due.
        later: How many lie 400 days ahead.
        planned: Whether their ladders stand already; else the sweep plans them.

    Returns:
        The complaint's id.
    """
    frozen = msgspec.json.encode(ladder.for_nature("mandatory", None)).decode()
    facts = {
        **_case(now),
        "count": due + later,
        "due": due,
        "pending": not planned,
        "ladder": frozen,
    }
    with psycopg.connect(owner_url) as connection:
        _open(connection, facts)
        connection.execute(_EVENTS, facts)
        connection.execute(_DEADLINES, facts)
        if planned:
            connection.execute(_RUNS, facts)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE deadline, escalation_run, proceeding_event")
    complaint: UUID = facts["complaint"]
    return complaint


def seed_ends(owner_url: str, *, now: datetime, ends: Sequence[tuple[date, str]]) -> list[UUID]:
    """Write one case with a deadline for each last day and zone given; the sweep plans their ladders.

    Args:
        owner_url: The database, as its owner.
        now: The present instant.
        ends: Last day and IANA zone of each.

    Returns:
        The deadlines' ids, in the order given.
    """
    facts = _case(now)
    made = [{**facts, "deadline": new_id(), "day": day, "zone": zone} for day, zone in ends]
    with psycopg.connect(owner_url) as connection:
        _open(connection, facts)
        for each in made:
            connection.execute(_DEADLINE, each)
    return [each["deadline"] for each in made]


def _case(now: datetime) -> dict[str, Any]:
    return {"owner": new_id(), "complaint": new_id(), "proceeding": new_id(), "now": now}


def _open(connection: psycopg.Connection[Any], facts: dict[str, Any]) -> None:
    for statement in [part for part in _CASE.split(";") if part.strip()]:
        connection.execute(statement, facts)
