"""How a notice ends: once; a failure stands on the case's timeline, and whoever can stand in is told instead."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, func, or_, select, update

from vigilancia.complaints import timeline
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Work
from vigilancia.notices import fallback
from vigilancia.notices.addresses import EMAIL
from vigilancia.notices.models import OPEN, AttemptRow, NoticeRow
from vigilancia.notices.schedule import schedule

_BATCH = 100  # of notices given up at once: each looks for somebody who stands in

waiting_since = func.coalesce(NoticeRow.hold_until, NoticeRow.planned_at)


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


async def end_within(work: Work, notice_ids: Sequence[UUID], digest_id: UUID, status: str) -> None:
    """End the notices that went out in a digest, but for those that somebody's answer ended meanwhile."""
    if not notice_ids:
        return
    await work.session.execute(
        update(NoticeRow)
        .where(NoticeRow.id.in_(notice_ids), NoticeRow.status == "planned")
        .values(status=status, within_id=digest_id, ended_at=work.now, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )


async def fail(work: Work, notice_id: UUID, reason: str) -> None:
    """End a notice as failed; the next way, or somebody else, stands in."""
    await fallback.go_on(work, notice_id)
    await end(work, notice_id, "failed", reason=reason)


async def fall_back(work: Work, notice_id: UUID) -> bool:
    """End a notice as failed if its contact has another way, which is taken; False: it has none, go on trying."""
    if not await fallback.go_on(work, notice_id, own_ways_only=True):
        return False
    await end(work, notice_id, "failed", reason="fell_back")
    return True


async def suppress(work: Work, notice_id: UUID, reason: str) -> None:
    """End a notice that must not be sent; where only its address is gone, another way is taken."""
    if reason == "no_address":
        await fallback.go_on(work, notice_id)
    await end(work, notice_id, "suppressed", reason=reason)


async def give_up_old(work: Work, job: Job) -> None:
    """End as failed what has waited so long, since it was planned or held, that nobody would be helped by it.

    A notice whose worker died in the midst of sending is among it, once its lease has run out. What has no work of its
    own waits for a digest, or will be given some by the sweep: nobody tried it yet.

    Args:
        work: The transaction.
        job: The kind of work whose notices are looked at; what of it is due was tried before.
    """
    untended = exists().where(
        JobRow.task == job.value,
        JobRow.subject_id == NoticeRow.id,
        JobRow.done_at.is_(None),
        or_(JobRow.leased_until.is_(None), JobRow.leased_until <= work.now),
    )
    before = work.now - timedelta(hours=schedule().give_up_hours)
    old = (
        select(NoticeRow.id)
        .where(NoticeRow.status.in_(OPEN), NoticeRow.planned_at <= before, waiting_since <= before, untended)
        .where(NoticeRow.channel == EMAIL if job == Job.DELIVER else NoticeRow.channel != EMAIL)
        .order_by(NoticeRow.planned_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = (await work.session.scalars(old)).all()
    if not ids:
        return
    await work.session.execute(
        update(JobRow)
        .where(JobRow.task == job.value, JobRow.subject_id.in_(ids), JobRow.done_at.is_(None))
        .values(done_at=work.now, leased_until=None)
        .execution_options(synchronize_session=False)
    )
    tried = select(AttemptRow.notice_id).where(AttemptRow.notice_id.in_(ids), AttemptRow.result.is_not(None))
    refused = set(await work.session.scalars(tried))
    for notice_id in ids:
        await fail(work, notice_id, "gave_up" if notice_id in refused else "no_server")


async def _note_failures(work: Work, rows: Sequence[Row[*tuple[Any, ...]]], reason: str | None) -> None:
    notes = []
    for row in rows:
        if row.complaint_id is None:
            continue
        told = {"rung": row.rung, "organization_id": row.organization_id, "reason": reason}
        notes.append((row.complaint_id, timeline.Note(type="notice_failed", subject_id=row.id, after=told)))
    await timeline.note_each(work, notes)
