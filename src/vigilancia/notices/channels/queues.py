"""Which queue a notice waits in: mail has its own, so that a hanging service never holds it up."""

from collections.abc import Sequence
from uuid import UUID

from vigilancia.core.jobs import Job
from vigilancia.core.work import Work
from vigilancia.notices.addresses import EMAIL

JOBS = (Job.DELIVER, Job.CALL)


def job_of(channel: str) -> Job:
    """Return the kind of work that delivers by a channel."""
    return Job.DELIVER if channel == EMAIL else Job.CALL


async def enqueue(work: Work, notices: Sequence[tuple[UUID, str]]) -> None:
    """Write the work of delivering notices, each given with its channel."""
    for job in JOBS:
        await work.enqueue_all(job, [notice_id for notice_id, channel in notices if job_of(channel) == job])
