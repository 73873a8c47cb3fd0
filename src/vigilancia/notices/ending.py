"""How a notice ends: once, and a failure stands on the case's timeline."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, update

from vigilancia.complaints import timeline
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Work
from vigilancia.notices.models import NoticeRow
from vigilancia.notices.schedule import schedule

OPEN = ("planned", "sending")


async def end(work: Work, notice_id: UUID, status: str, *, reason: str | None) -> None:
    """End a notice, unless it has ended already.

    Args:
        work: The transaction.
        notice_id: Which one.
        status: `delivered`, `stored`, `failed` or `suppressed`.
        reason: A code; none for what went out.
    """
    ended = await work.session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == notice_id, NoticeRow.status.in_(OPEN))
        .values(status=status, reason=reason, ended_at=work.now, updated_at=work.now)
        .returning(NoticeRow.id, NoticeRow.complaint_id, NoticeRow.rung, NoticeRow.organization_id)
        .execution_options(synchronize_session=False)
    )
    rows = ended.all()
    if status == "failed":
        await _note_failures(work, rows, reason)


async def give_up_old(work: Work) -> None:
    """End as failed what was planned so long ago, with no server to take it, that nobody would be helped by it.

    A notice whose worker died in the midst of sending is among it, once its lease has run out.
    """
    in_flight = exists().where(
        JobRow.task == Job.DELIVER.value,
        JobRow.subject_id == NoticeRow.id,
        JobRow.done_at.is_(None),
        JobRow.leased_until > work.now,
    )
    before = work.now - timedelta(hours=schedule().give_up_hours)
    ended = await work.session.execute(
        update(NoticeRow)
        .where(NoticeRow.status.in_(OPEN), NoticeRow.planned_at <= before, ~in_flight)
        .values(status="failed", reason="no_server", ended_at=work.now, updated_at=work.now)
        .returning(NoticeRow.id, NoticeRow.complaint_id, NoticeRow.rung, NoticeRow.organization_id)
        .execution_options(synchronize_session=False)
    )
    rows = ended.all()
    if not rows:
        return
    await work.session.execute(
        update(JobRow)
        .where(JobRow.task == Job.DELIVER.value, JobRow.subject_id.in_([row.id for row in rows]))
        .where(JobRow.done_at.is_(None))
        .values(done_at=work.now, leased_until=None)
        .execution_options(synchronize_session=False)
    )
    await _note_failures(work, rows, "no_server")


async def _note_failures(work: Work, rows: Sequence[Row[*tuple[Any, ...]]], reason: str | None) -> None:
    notes = []
    for row in rows:
        told = {"rung": row.rung, "organization_id": row.organization_id, "reason": reason}
        notes.append((row.complaint_id, timeline.Note(type="notice_failed", subject_id=row.id, after=told)))
    await timeline.note_each(work, notes)
