"""Tasks in a feed: those of the feed's own organisation, in cases that it still reads in full.

Of a contact those it does, and for a desk those nobody is named for. A task is called by its code: its title is
somebody's own words, and stands in no feed.
"""

from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from vigilancia.complaints import views
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.feeds.entries import Entry
from vigilancia.notices.feeds.figures import figures
from vigilancia.notices.feeds.scope import merges_of
from vigilancia.notices.feeds.service import Feed
from vigilancia.proceedings import sight, words
from vigilancia.proceedings.tasks.models import TaskRow


async def entries(work: Work, feed: Feed) -> list[Entry]:
    """Return the tasks a feed is about, with one statement; what is too old, or cancelled too long ago, is left out."""
    merged = ComplaintRow.merged_into.is_not(None)
    wanted = (
        select(
            TaskRow.id,
            TaskRow.complaint_id,
            TaskRow.code,
            TaskRow.due_on,
            TaskRow.state,
            TaskRow.version,
            TaskRow.updated_at,
            ComplaintRow.reference,
            merged.label("merged"),
            ComplaintRow.updated_at.label("case_updated_at"),
        )
        .join(ComplaintRow, ComplaintRow.id == TaskRow.complaint_id)
        .where(*_mine(work, feed), *_recent(work, merged))
        .cte("wanted")
    )
    merges = merges_of(select(wanted.c.complaint_id))
    query = select(*wanted.c, func.coalesce(merges.c.count, 0).label("merges"))
    rows = await work.session.execute(query.outerjoin(merges, merges.c.complaint_id == wanted.c.complaint_id))
    return [_entry(row, feed.locale) for row in rows]


def _mine(work: Work, feed: Feed) -> list[ColumnElement[bool]]:
    reads = views.in_views(work.caller, sight.standing_of(work), ComplaintRow.confidentiality, ("full", "shared"))
    conditions = [TaskRow.organization_id == feed.owner_id, reads]
    if feed.complaint_id is not None:
        conditions.append(TaskRow.complaint_id == feed.complaint_id)
    elif feed.contact_id is not None:
        done_by = TaskRow.contact_id == feed.contact_id
        conditions.append(or_(done_by, TaskRow.contact_id.is_(None)) if feed.desk else done_by)
    return conditions


def _recent(work: Work, merged: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    oldest = work.now.astimezone(UTC).date() - timedelta(days=figures().past_days)
    kept = work.now - timedelta(days=figures().cancelled_days)
    gone = or_(TaskRow.state == "cancelled", merged)
    gone_at = case((merged, ComplaintRow.updated_at), else_=TaskRow.updated_at)
    return [and_(TaskRow.due_on >= oldest, or_(~gone, gone_at > kept))]


def _entry(row: Any, locale: Locale) -> Entry:  # noqa: ANN401 - a row of the statement
    gone = row.merged or row.state == "cancelled"
    label = words.code_label("task", row.code, locale) or row.code
    said = i18n.t("feeds.task.summary", locale, reference=row.reference, label=label)
    ended = "cancelled" if gone else row.state
    day = i18n.long_date(row.due_on, locale)
    lines = [i18n.t("feeds.day", locale, label=i18n.t("tasks.label.day", locale), day=day)]
    lines.insert(0, i18n.t("tasks.whose.own", locale) if ended == "open" else i18n.t(f"feeds.task.{ended}", locale))
    return Entry(
        id=row.id,
        day=row.due_on,
        summary=said if ended == "open" else i18n.t(f"feeds.task.prefix_{ended}", locale, summary=said),
        lines=lines,
        status="CANCELLED" if gone else "CONFIRMED",
        sequence=row.version - 1 + row.merges,
        changed_at=max(row.updated_at, row.case_updated_at) if row.merged else row.updated_at,
        open=ended == "open",
    )
