"""What people say to a run: we have it."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import insert, select

from vigilancia.access import policy
from vigilancia.complaints import timeline
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core.errors import Fault, ForbiddenError, InvalidError, NotFoundError
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.escalation.ladder import Ladder
from vigilancia.escalation.models import AcknowledgementRow, RunRow
from vigilancia.escalation.queries import standing
from vigilancia.escalation.schemas import AcknowledgementIn
from vigilancia.notices import service as notices

_SPEAKERS = ("staff", "partner")


async def acknowledge(work: Work, run_id: UUID, data: AcknowledgementIn) -> UUID:
    """Note that the caller's organisation has a deadline in hand; reminders to it rest for a while.

    Returns:
        The run's id.

    Raises:
        NotFoundError: For this caller the run does not exist.
        ForbiddenError: The caller's organisation is not told about it, so there is nothing to rest.
        InvalidError: It would last longer than the ladder allows, or end in the past.
    """
    query = (
        select(RunRow.complaint_id, RunRow.ladder, standing(work).label("standing"))
        .join(ComplaintRow, ComplaintRow.id == RunRow.complaint_id)
        .where(RunRow.id == run_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None or row.standing is None:
        raise NotFoundError
    organization_id = work.caller.organization_id
    if organization_id is None or work.caller.role not in _SPEAKERS:
        raise ForbiddenError
    if row.standing not in ("owner", "write", "alerts") and not await _told(work, row.complaint_id, organization_id):
        raise ForbiddenError
    until = _until(work.now, msgspec.convert(row.ladder, Ladder), data)
    await _note(work, run_id, organization_id, until, contact_id=None)
    return run_id


async def acknowledge_by_link(work: Work, run_id: UUID, organization_id: UUID, contact_id: UUID) -> None:
    """Note the same for whoever holds the link of a notice, for as long as the ladder says."""
    ladder = await ladder_of(work, run_id)
    until = work.now + timedelta(hours=ladder.acknowledgement_hours)
    await _note(work, run_id, organization_id, until, contact_id=contact_id)


async def ladder_of(work: Work, run_id: UUID) -> Ladder:
    """Return the ladder a run froze."""
    return msgspec.convert(await work.session.scalar(select(RunRow.ladder).where(RunRow.id == run_id)), Ladder)


async def _note(work: Work, run_id: UUID, organization_id: UUID, until: datetime, *, contact_id: UUID | None) -> None:
    """Write it down; the run is locked, so that a climb of this moment waits and sees it."""
    query = (
        select(RunRow.complaint_id, RunRow.deadline_id, RunRow.ladder)
        .where(RunRow.id == run_id)
        .with_for_update(key_share=True)
    )
    run = (await work.session.execute(query)).one()
    row = {
        "id": new_id(),
        "run_id": run_id,
        "organization_id": organization_id,
        "contact_id": contact_id,
        "token_id": work.caller.token_id,
        "at": work.now,
        "until": until,
    }
    await work.session.execute(insert(AcknowledgementRow).values(row))
    quiet = [rung.at for rung in msgspec.convert(run.ladder, Ladder).rungs if not rung.always]
    await notices.rest(work, run_id=run_id, organization_id=organization_id, rungs=quiet)
    told = {"organization_id": organization_id, "until": until, "escalation_id": run_id, "by_link": bool(contact_id)}
    await timeline.note(work, run.complaint_id, "escalation_acknowledged", subject_id=run.deadline_id, after=told)


def _until(now: datetime, ladder: Ladder, data: AcknowledgementIn) -> datetime:
    most = ladder.acknowledgement_hours_most
    if data.hours is not None and data.until is not None:
        raise InvalidError(faults=[Fault(pointer="/until", code="not_allowed")])
    if data.hours is not None and data.hours > most:
        raise InvalidError(faults=[Fault(pointer="/hours", code="range", params={"expected": f"1 … {most}"})])
    if data.until is None:
        return now + timedelta(hours=data.hours or ladder.acknowledgement_hours)
    latest = now + timedelta(hours=most)
    if not now < data.until <= latest:
        expected = f"… {latest.isoformat(timespec='seconds')}"
        raise InvalidError(faults=[Fault(pointer="/until", code="range", params={"expected": expected})])
    return data.until


async def _told(work: Work, complaint_id: UUID, organization_id: UUID) -> bool:
    query = select(LinkRow.id).where(
        LinkRow.complaint_id == complaint_id,
        LinkRow.organization_id == organization_id,
        policy.link_gets_alerts(LinkRow, work.now),
    )
    return (await work.session.execute(query.limit(1))).one_or_none() is not None
