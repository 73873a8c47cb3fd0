"""The only place of the chaos run that knows tables and message ids."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import psycopg
from msgspec import Struct

from tests.faults.installation import Installation
from vigilancia.core.jobs import Job

OPEN = ("planned", "sending")
_DELIVER = Job.DELIVER.value


class Entry(Struct, frozen=True, kw_only=True):
    """A row of the ledger.

    Attributes:
        notice: Its id.
        deadline: What it is about.
        key: What may be told once: deadline, revision, rung, contact, channel.
        status: How it stands.
        reason: Why it failed or was suppressed.
        cut_off: Attempts whose end nobody wrote down.
    """

    notice: str
    deadline: str
    key: tuple[str, ...]
    status: str
    reason: str | None
    cut_off: int


def entries(made: Installation) -> list[Entry]:
    """Return the ledger of deadlines; other letters are not what is planned here."""
    rows = _rows(
        made,
        "SELECT n.id::text, n.deadline_id::text, n.revision::text, n.rung, n.contact_id::text, n.channel, n.status,"
        " n.reason, (SELECT count(*) FROM notice_attempt a WHERE a.notice_id = n.id AND a.ended_at IS NULL)"
        " FROM notice n WHERE n.deadline_id IS NOT NULL",
    )
    return [
        Entry(notice=row[0], deadline=row[1], key=tuple(row[1:6]), status=row[6], reason=row[7], cut_off=row[8])
        for row in rows
    ]


def unended(made: Installation) -> int:
    """Return how many notices have not ended."""
    return int(made.ask(f"SELECT count(*) FROM notice WHERE deadline_id IS NOT NULL AND status IN {OPEN}"))


def written(made: Installation) -> int:
    """Return how many notices there are."""
    return int(made.ask("SELECT count(*) FROM notice WHERE deadline_id IS NOT NULL"))


def to_do(made: Installation, now: datetime) -> int:
    """Return what could be done at an instant and nobody does: deadlines to plan, rungs to climb, notices to send."""
    ((count,),) = _rows(
        made,
        "SELECT (SELECT count(*) FROM deadline WHERE plan_pending)"
        " + (SELECT count(*) FROM escalation_run WHERE next_at <= %(now)s)"
        " + (SELECT count(*) FROM job WHERE task = %(task)s AND done_at IS NULL AND run_at <= %(now)s"
        "    AND coalesce(leased_until, %(now)s) <= %(now)s)",
        {"now": now, "task": _DELIVER},
    )
    return int(count)


def in_hand(made: Installation, now: datetime) -> int:
    """Return how many notices a worker, alive or dead, holds at an instant."""
    ((count,),) = _rows(
        made,
        "SELECT count(*) FROM job WHERE task = %(task)s AND done_at IS NULL AND leased_until > %(now)s",
        {"now": now, "task": _DELIVER},
    )
    return int(count)


def until_all_due(made: Installation, now: datetime) -> timedelta | None:
    """Return how far the clock must move until no later try or dead worker's lease is waited for; none: no need."""
    ((last,),) = _rows(
        made,
        "SELECT max(greatest(run_at, coalesce(leased_until, run_at))) FROM job WHERE task = %(task)s"
        " AND done_at IS NULL",
        {"task": _DELIVER},
    )
    return max(last - now, timedelta()) if last is not None else None


def notice_of(message_id: str) -> str:
    """Return which notice a message is about, by its Message-ID."""
    return message_id.strip("<> \r\n").partition("@")[0]


def _rows(made: Installation, query: str, facts: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with psycopg.connect(made.owner_url) as connection:
        found: Iterable[tuple[Any, ...]] = connection.execute(query.encode(), facts)
        return list(found)
