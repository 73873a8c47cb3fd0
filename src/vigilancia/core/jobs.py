"""Rows of work. A Celery message only says "look"; what is to be done, and whether it was, is in these rows.

A worker claims a row under a lease, works outside the claiming transaction, and confirms at the end. A worker that
dies leaves a lease that runs out, and another takes the row. A lost message is healed by the relay, a doubled one
finds nothing to claim.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Index, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base
from vigilancia.core.ids import new_id

LEASE = timedelta(minutes=5)


class Job(StrEnum):
    """Every kind of work, by the name of its Celery task."""

    SWEEP = "vigilancia.sweep"
    RELAY = "vigilancia.relay"
    DELIVER = "vigilancia.deliver"
    CALL = "vigilancia.call"
    EXPORT = "vigilancia.export"
    PROPOSE = "vigilancia.propose"
    PUBLISH = "vigilancia.publish"
    POST = "vigilancia.post"
    SEAL = "vigilancia.seal"
    VERIFY = "vigilancia.verify"
    SCAN = "vigilancia.scan"
    RECHECK = "vigilancia.recheck"
    KEEP = "vigilancia.keep"
    ERASE = "vigilancia.erase"


class JobRow(Base):
    """One piece of work to be done once."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "task", "run_at", postgresql_where=text("done_at IS NULL")),
        Index("uq_job_open", "task", "subject_id", unique=True, postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task: Mapped[str]
    subject_id: Mapped[UUID]
    run_at: Mapped[datetime]
    tries: Mapped[int]
    leased_until: Mapped[datetime | None]
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


async def enqueue(session: AsyncSession, job: Job, subject_id: UUID, *, run_at: datetime, now: datetime) -> None:
    """Write a row of work, unless one for the same subject is open."""
    await enqueue_all(session, job, [subject_id], run_at=[run_at], now=now)


async def enqueue_all(
    session: AsyncSession, job: Job, subject_ids: Sequence[UUID], *, run_at: Sequence[datetime], now: datetime
) -> None:
    """Write a row of work for each subject, with one statement; a subject whose row is still open keeps that one."""
    rows = [
        {"id": new_id(), "task": job.value, "subject_id": subject, "run_at": instant, "tries": 0, "made_at": now}
        for subject, instant in zip(subject_ids, run_at, strict=True)
    ]
    if rows:
        await session.execute(insert(JobRow).on_conflict_do_nothing(), rows)


async def claim(session: AsyncSession, job: Job, *, now: datetime, lease: timedelta = LEASE) -> JobRow | None:
    """Lease the oldest piece of work that is due and free; the caller commits before it works.

    Returns:
        The row, `tries` already raised; none when nothing is due.
    """
    due = (
        select(JobRow.id)
        .where(JobRow.task == job.value, JobRow.done_at.is_(None), JobRow.run_at <= now)
        .where((JobRow.leased_until.is_(None)) | (JobRow.leased_until <= now))
        .order_by(JobRow.run_at, JobRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = await session.execute(
        update(JobRow)
        .where(JobRow.id == due.scalar_subquery())  # not IN: that may run the inner query once for each row
        .values(leased_until=now + lease, tries=JobRow.tries + 1)
        .returning(JobRow)
    )
    return taken.scalar_one_or_none()


async def hold(session: AsyncSession, job_id: UUID, *, until: datetime) -> None:
    """Lengthen the lease of work that takes long."""
    await session.execute(
        update(JobRow).where(JobRow.id == job_id, JobRow.done_at.is_(None)).values(leased_until=until)
    )


async def hold_mine(session: AsyncSession, job: JobRow, *, until: datetime) -> bool:
    """Lengthen the lease of work that was claimed; False when the lease ran out and somebody else has the work now."""
    held = await session.execute(
        update(JobRow)
        .where(JobRow.id == job.id, JobRow.tries == job.tries, JobRow.done_at.is_(None))
        .values(leased_until=until)
    )
    return cast("CursorResult[Any]", held).rowcount == 1


async def finish(session: AsyncSession, job_id: UUID, *, now: datetime) -> bool:
    """Confirm that the work was done; False when somebody else had confirmed it."""
    done = await session.execute(
        update(JobRow).where(JobRow.id == job_id, JobRow.done_at.is_(None)).values(done_at=now, leased_until=None)
    )
    return cast("CursorResult[Any]", done).rowcount == 1


async def again(session: AsyncSession, job_id: UUID, *, run_at: datetime) -> None:
    """Give the work back, to be tried at another instant."""
    await session.execute(
        update(JobRow).where(JobRow.id == job_id, JobRow.done_at.is_(None)).values(run_at=run_at, leased_until=None)
    )


async def due_kinds(session: AsyncSession, *, now: datetime) -> frozenset[Job]:
    """Return the kinds of which something is due and free."""
    free = (JobRow.leased_until.is_(None)) | (JobRow.leased_until <= now)
    rows = await session.scalars(
        select(JobRow.task).where(JobRow.done_at.is_(None), JobRow.run_at <= now, free).distinct()
    )
    return frozenset(Job(task) for task in rows)


async def queue_age(session: AsyncSession, *, now: datetime) -> float:
    """Return how long the oldest due piece of work has waited, in seconds; 0 when none is due."""
    oldest = await session.scalar(select(func.min(JobRow.run_at)).where(JobRow.done_at.is_(None), JobRow.run_at <= now))
    return (now - oldest).total_seconds() if oldest else 0.0


async def queue_ages(session: AsyncSession, *, now: datetime) -> dict[str, float]:
    """Return how long the oldest due piece of each kind of work has waited, in seconds; 0 where none is due."""
    query = select(JobRow.task, func.min(JobRow.run_at)).where(JobRow.done_at.is_(None), JobRow.run_at <= now)
    oldest = {row[0]: row[1] for row in await session.execute(query.group_by(JobRow.task))}
    return {job.value: (now - oldest[job.value]).total_seconds() if job.value in oldest else 0.0 for job in Job}


async def forget_done(session: AsyncSession, *, before: datetime) -> None:
    """Delete rows confirmed before an instant: they promise nothing any more."""
    await session.execute(delete(JobRow).where(JobRow.done_at < before))
