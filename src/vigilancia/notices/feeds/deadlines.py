"""Deadlines in a feed: read with one statement, however many there are."""

from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from vigilancia.complaints.models import ComplaintRow, TimelineRow
from vigilancia.core.work import Work
from vigilancia.notices.feeds.entries import Entry, EntryStatus
from vigilancia.notices.feeds.figures import figures
from vigilancia.notices.feeds.scope import cases_of, merges_of
from vigilancia.notices.feeds.service import Feed
from vigilancia.notices.feeds.words import Told, told
from vigilancia.proceedings import rulesets
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.status import status_at

_MET = ("met", "met_late")
_TURNED = ("missed", "exceeded")
_A_DAY = timedelta(days=1)

# The cause of an entry's first state, and the kinds that change one: what is noted on the timeline is never taken away.
_SET = "deadline_set"
_CHANGES = "deadline\\_%"


async def entries(work: Work, feed: Feed) -> list[Entry]:
    """Return the deadlines a feed is about; what is too old, or ended too long ago, is left out."""
    rows = (await work.session.execute(_query(work, feed))).all()
    rule_sets = await rulesets.for_words(work, {row.digest for row in rows if row.digest})
    return [_entry(row, told(row, rule_sets, feed.locale)) for row in rows]


def _query(work: Work, feed: Feed) -> Select[Any]:
    """Return the statement.

    `changes` counts what the timeline noted of a deadline: together with its revision that is a number which grows with
    each change that is told, and cannot go down.
    """
    wanted = (
        select(
            *(getattr(DeadlineRow, name) for name in _COLUMNS),
            DeadlineRow.citation[0].label("source"),
            DeadlineRow.computation["provisional"].as_boolean().label("provisional"),
            DeadlineRow.computation["rules_digest"].as_string().label("digest"),
            DeadlineRow.computation["overridden_from"].as_string().is_not(None).label("overridden"),
            status_at(work.now).label("status"),
            ComplaintRow.reference,
            ComplaintRow.merged_into.is_not(None).label("merged"),
            ComplaintRow.updated_at.label("case_updated_at"),
        )
        .join(ComplaintRow, ComplaintRow.id == DeadlineRow.complaint_id)
        .where(cases_of(work, feed), *_recent(work))
        .cte("wanted")
    )
    noted = (
        select(TimelineRow.subject_id, func.count().label("count"))
        .where(
            TimelineRow.complaint_id.in_(select(wanted.c.complaint_id)),
            TimelineRow.type.like(_CHANGES),
            TimelineRow.type != _SET,
        )
        .group_by(TimelineRow.subject_id)
        .subquery("noted")
    )
    merges = merges_of(select(wanted.c.complaint_id))
    changes = func.coalesce(noted.c.count, 0) + func.coalesce(merges.c.count, 0)
    return (
        select(*wanted.c, changes.label("changes"))
        .outerjoin(noted, noted.c.subject_id == wanted.c.id)
        .outerjoin(merges, merges.c.complaint_id == wanted.c.complaint_id)
    )


def _recent(work: Work) -> list[ColumnElement[bool]]:
    oldest = work.now.astimezone(UTC).date() - timedelta(days=figures().past_days)
    kept = work.now - timedelta(days=figures().cancelled_days)
    ended = and_(DeadlineRow.void, ~DeadlineRow.met)
    merged = ComplaintRow.merged_into.is_not(None)
    ended_at = case((merged, ComplaintRow.updated_at), else_=DeadlineRow.updated_at)
    return [DeadlineRow.due_on >= oldest, or_(~or_(ended, merged), ended_at > kept)]


_COLUMNS = (
    "id",
    "complaint_id",
    "mechanism",
    "rule",
    "actor",
    "nature",
    "due_on",
    "latest_due_on",
    "practice_on",
    "zone",
    "closes_at",
    "met_on",
    "confidence",
    "revision",
    "updated_at",
)


def _entry(row: Any, words: Told) -> Entry:  # noqa: ANN401 - a row of the statement
    gone = row.merged or row.status == "void"
    changed = [row.updated_at]
    if row.merged:
        changed.append(row.case_updated_at)
    if row.status in _TURNED:  # nobody wrote a row, the hour came
        changed.append(row.closes_at)
    if row.status == "in_force":
        changed.append(row.closes_at - _A_DAY)
    return Entry(
        id=row.id,
        day=row.due_on,
        summary=words.summary,
        lines=words.lines,
        status="CANCELLED" if gone else _sureness(row),
        sequence=row.revision - 1 + row.changes,
        changed_at=max(changed),
        open=not gone and row.status not in _MET,
    )


def _sureness(row: Any) -> EntryStatus:  # noqa: ANN401 - a row of the statement
    unsure = row.provisional or row.confidence == "unverified"
    return "TENTATIVE" if unsure and row.status not in _MET else "CONFIRMED"
