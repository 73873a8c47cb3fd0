"""Muting single rungs, with a reason; the last day and what comes after cannot be muted."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, insert, or_, select, update

from vigilancia.access import policy
from vigilancia.complaints import timeline
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import sealing
from vigilancia.core.errors import ConflictError, Fault, ForbiddenError, InvalidError, NotFoundError
from vigilancia.core.work import Work
from vigilancia.escalation.ladder import Ladder
from vigilancia.escalation.models import MuteRow, RungRow, RunRow
from vigilancia.escalation.queries import mute_place, mutes, own_task, standing
from vigilancia.escalation.schemas import MuteIn, UnmuteIn
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.tasks.models import TaskRow


async def mute(work: Work, run_id: UUID, data: MuteIn) -> UUID:
    """Note that a rung to come need not speak, and why.

    Returns:
        The run's id.

    Raises:
        NotFoundError: For this caller the run does not exist.
        ForbiddenError: The caller may not record in the case: whoever is only told cannot silence what others are told.
        InvalidError: The ladder has no such rung, or it always speaks, or it is not to come.
        ConflictError: It is muted already.
    """
    run = await _hold(work, run_id, data.rung)
    if run.muted:
        raise ConflictError(faults=[Fault(pointer="/rung", code="duplicate")])
    where = mute_place(run_id, data.rung)
    words = await sealing.hide(work.vault, run.complaint_id, where, {"reason": data.reason})
    row = {"run_id": run_id, "rung": data.rung, "words": words, "token_id": work.caller.token_id, "at": work.now}
    await work.session.execute(insert(MuteRow).values(row))
    told = {"rung": data.rung, "escalation_id": run_id, "reason": data.reason}
    await _note(work, run, "escalation_muted", told)
    return run_id


async def unmute(work: Work, run_id: UUID, data: UnmuteIn) -> UUID:
    """Note that a muted rung speaks after all.

    Returns:
        The run's id.

    Raises:
        NotFoundError: For this caller the run does not exist.
        ForbiddenError: The caller may not record in the case.
        InvalidError: As for muting, or it is not muted.
    """
    run = await _hold(work, run_id, data.rung)
    if not run.muted:
        raise InvalidError(faults=[Fault(pointer="/rung", code="not_found")])
    await work.session.execute(delete(MuteRow).where(MuteRow.run_id == run_id, MuteRow.rung == data.rung))
    await _note(work, run, "escalation_unmuted", {"rung": data.rung, "escalation_id": run_id})
    return run_id


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    run_id: UUID
    complaint_id: UUID
    subject_id: UUID
    muted: bool


async def _hold(work: Work, run_id: UUID, rung: str) -> _Held:
    """Lock case and run, so that a climb of this moment waits and sees what is decided, and look at the rung."""
    query = (
        select(RunRow.complaint_id, standing(work).label("standing"))
        .join(ComplaintRow, ComplaintRow.id == RunRow.complaint_id)
        .outerjoin(TaskRow, TaskRow.id == RunRow.task_id)
        .where(RunRow.id == run_id, own_task(work))
    )
    seen = (await work.session.execute(query)).one_or_none()
    if seen is None or seen.standing is None:
        raise NotFoundError
    if not policy.may_record(work.caller, seen.standing):
        raise ForbiddenError
    await open_complaint(work, seen.complaint_id, to="record")
    held = (
        select(
            func.coalesce(RunRow.deadline_id, RunRow.task_id).label("subject_id"),
            RunRow.ladder,
            func.coalesce(DeadlineRow.due_on, TaskRow.due_on).label("due_on"),
            func.coalesce(DeadlineRow.zone, TaskRow.zone).label("zone"),
            or_(DeadlineRow.met, DeadlineRow.void, TaskRow.state != "open").label("over"),
        )
        .outerjoin(DeadlineRow, DeadlineRow.id == RunRow.deadline_id)
        .outerjoin(TaskRow, TaskRow.id == RunRow.task_id)
        .where(RunRow.id == run_id)
        .with_for_update(of=RunRow, key_share=True)
    )
    run = (await work.session.execute(held)).one()
    ladder = msgspec.convert(run.ladder, Ladder)
    step = next((step for step in ladder.rungs if step.at == rung), None)
    if step is None:
        raise InvalidError(faults=[Fault(pointer="/rung", code="not_found")])
    due_at = ladder.instant(rung, run.due_on, run.zone)
    climbed = select(RungRow.run_id).where(RungRow.run_id == run_id, RungRow.rung == rung, RungRow.due_at == due_at)
    over = run.over or due_at <= work.now or await work.session.scalar(climbed) is not None
    if step.always or over:
        raise InvalidError(faults=[Fault(pointer="/rung", code="not_allowed")])
    return _Held(
        run_id=run_id,
        complaint_id=seen.complaint_id,
        subject_id=run.subject_id,
        muted=rung in (await mutes(work, [run_id])).get(run_id, ()),
    )


async def _note(work: Work, run: _Held, type_: str, told: Mapping[str, object]) -> None:
    """Write it on the timeline, and show the run as changed to those who ask for what changed."""
    await work.session.execute(
        update(RunRow)
        .where(RunRow.id == run.run_id)
        .values(updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    await timeline.note(work, run.complaint_id, type_, subject_id=run.subject_id, after=told)
