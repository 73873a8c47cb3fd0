"""Whose a run is to speak of: what one organisation is told, another need not know."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core.errors import ForbiddenError, NotFoundError
from vigilancia.core.work import Work
from vigilancia.escalation.models import RunRow
from vigilancia.escalation.queries import standing
from vigilancia.proceedings.tasks.models import TaskRow

_SPEAKERS = ("staff", "partner")
_TOLD = ("owner", "write", "alerts")


async def seen(work: Work, run_id: UUID) -> Any:  # noqa: ANN401 - a row
    """Return a run's complaint, and how the caller stands to the case.

    Raises:
        NotFoundError: For this caller the run does not exist: that of a task is its own organisation's.
    """
    query = (
        select(RunRow.complaint_id, TaskRow.organization_id.label("task_of"), standing(work).label("standing"))
        .join(ComplaintRow, ComplaintRow.id == RunRow.complaint_id)
        .outerjoin(TaskRow, TaskRow.id == RunRow.task_id)
        .where(RunRow.id == run_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None or row.standing is None or row.task_of not in (None, work.caller.organization_id):
        raise NotFoundError
    return row


async def require_told(work: Work, run_id: UUID) -> UUID:
    """Return the caller's organisation, which is told about a run.

    Raises:
        NotFoundError: For this caller the run does not exist.
        ForbiddenError: The caller's organisation is not told about it: it only reads the case.
    """
    row = await seen(work, run_id)
    mine = work.caller.organization_id
    if mine is None or work.caller.role not in _SPEAKERS:
        raise ForbiddenError
    if row.standing not in _TOLD and not await _alerted(work, row.complaint_id, mine):
        raise ForbiddenError
    return mine


async def _alerted(work: Work, complaint_id: UUID, organization_id: UUID) -> bool:
    query = select(LinkRow.id).where(
        LinkRow.complaint_id == complaint_id,
        LinkRow.organization_id == organization_id,
        policy.link_gets_alerts(LinkRow, work.now),
    )
    return (await work.session.execute(query.limit(1))).one_or_none() is not None
