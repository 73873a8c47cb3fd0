"""What people say to a run: we have it."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import insert, select

from vigilancia.complaints import timeline
from vigilancia.core.errors import Fault, InvalidError
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.escalation.ladder import Ladder
from vigilancia.escalation.models import AcknowledgementRow, RunRow
from vigilancia.escalation.schemas import AcknowledgementIn
from vigilancia.escalation.sight import require_told
from vigilancia.notices import service as notices


async def acknowledge(work: Work, run_id: UUID, data: AcknowledgementIn) -> UUID:
    """Note that the caller's organisation has a deadline in hand; reminders to it rest for a while.

    Returns:
        The run's id.

    Raises:
        NotFoundError: For this caller the run does not exist.
        ForbiddenError: The caller's organisation is not told about it, so there is nothing to rest.
        InvalidError: It would last longer than the ladder allows, or end in the past.
    """
    organization_id = await require_told(work, run_id)
    until = _until(work.now, await ladder_of(work, run_id), data)
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
        select(RunRow.complaint_id, RunRow.deadline_id, RunRow.task_id, RunRow.ladder)
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
    ladder = msgspec.convert(run.ladder, Ladder)
    quiet = [rung.at for rung in (*ladder.former, *ladder.rungs) if not rung.always]
    await notices.rest(work, run_id=run_id, organization_id=organization_id, rungs=quiet)
    told = {"organization_id": organization_id, "until": until, "escalation_id": run_id, "by_link": bool(contact_id)}
    subject = run.deadline_id or run.task_id
    await timeline.note(work, run.complaint_id, "escalation_acknowledged", subject_id=subject, after=told)


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
