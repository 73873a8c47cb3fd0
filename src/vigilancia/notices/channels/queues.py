"""Which queue a notice waits in: mail has its own, so that a hanging service never holds it up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from vigilancia.core.jobs import Job
from vigilancia.core.work import Work
from vigilancia.notices.addresses import EMAIL

JOBS = (Job.DELIVER, Job.CALL)


class Due(Struct, frozen=True):
    """A notice to be delivered, by a channel, not before an instant; none: at once."""

    notice_id: UUID
    channel: str
    run_at: datetime | None = None


def job_of(channel: str) -> Job:
    """Return the kind of work that delivers by a channel."""
    return Job.DELIVER if channel == EMAIL else Job.CALL


async def enqueue(work: Work, notices: Sequence[Due]) -> None:
    """Write the work of delivering notices."""
    for job in JOBS:
        mine = [notice for notice in notices if job_of(notice.channel) == job]
        await work.enqueue_all(job, [notice.notice_id for notice in mine], run_at=[notice.run_at for notice in mine])
