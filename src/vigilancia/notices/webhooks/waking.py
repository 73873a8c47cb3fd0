"""The row of work of an endpoint: one for all its deliveries, so that one process at a time calls it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from vigilancia.core import jobs
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Work
from vigilancia.notices.webhooks.models import DeliveryRow, EndpointRow

OPEN = ("planned", "sending")


async def wake_endpoints(work: Work, endpoint_ids: Sequence[UUID]) -> None:
    """Have deliveries sent that were just written: at once, or when the endpoint asked to be called again.

    The deliveries' foreign keys hold the endpoints' rows until the commit, and `settle` waits for them: so a worker
    that is about to end its work sees them, or we see that it ended.
    """
    if not endpoint_ids:
        return
    await work.enqueue_all(Job.POST, endpoint_ids)
    soon = func.greatest(work.now, func.coalesce(EndpointRow.hold_until, work.now))
    await work.session.execute(
        update(JobRow)
        .where(JobRow.task == Job.POST.value, JobRow.subject_id.in_(endpoint_ids), JobRow.done_at.is_(None))
        .where(EndpointRow.id == JobRow.subject_id, JobRow.run_at > soon)
        .values(run_at=soon)
        .execution_options(synchronize_session=False)
    )


async def settle(work: Work, job: JobRow) -> datetime | None:
    """Give an endpoint's row of work back until its next delivery, or end it where none is open.

    Returns:
        When the next one is due; none where none is open.
    """
    locked = select(EndpointRow.hold_until).where(EndpointRow.id == job.subject_id).with_for_update()
    held = (await work.session.execute(locked)).one_or_none()  # first the endpoint, then the job, as planners do
    if not await jobs.hold_mine(work.session, job, until=work.now):
        return None  # the lease ran out, and another has the work
    next_at: datetime | None = await work.session.scalar(
        select(func.min(DeliveryRow.next_at)).where(
            DeliveryRow.endpoint_id == job.subject_id, DeliveryRow.status.in_(OPEN)
        )
    )
    if held is None or next_at is None:
        await jobs.finish(work.session, job.id, now=work.now)
        return None
    at = max(next_at, held.hold_until or next_at, work.now)
    await jobs.again(work.session, job.id, run_at=at)
    return at
