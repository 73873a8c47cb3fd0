"""The plan of a run: every rung to come, and whom it would reach today."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, func, select

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.errors import ForbiddenError, NotFoundError
from vigilancia.core.work import Work
from vigilancia.escalation.climb import resting
from vigilancia.escalation.ladder import Ladder, Step, defaults
from vigilancia.escalation.models import RunRow
from vigilancia.escalation.queries import mutes, own_task, standing
from vigilancia.escalation.recipients import Addressees, address_book
from vigilancia.escalation.schemas import EscalationPlan, PlannedRung, Reach
from vigilancia.notices.webhooks.publishing import count_told
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.tasks.models import TaskRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns


async def read(work: Work, run_id: UUID) -> EscalationPlan:
    """Return what a run will do if nothing changes.

    Raises:
        NotFoundError: For this caller the run does not exist.
        ForbiddenError: The caller may not record in the case: who else is told is not for those who are told.
    """
    query = (
        select(
            RunRow.id,
            RunRow.complaint_id,
            RunRow.task_id,
            RunRow.ladder,
            RunRow.next_at,
            RunRow.silent_reason,
            func.coalesce(DeadlineRow.due_on, TaskRow.due_on).label("due_on"),
            func.coalesce(DeadlineRow.zone, TaskRow.zone).label("zone"),
            TaskRow.organization_id,
            TaskRow.contact_id,
            standing(work).label("standing"),
        )
        .outerjoin(DeadlineRow, DeadlineRow.id == RunRow.deadline_id)
        .outerjoin(TaskRow, TaskRow.id == RunRow.task_id)
        .join(ComplaintRow, ComplaintRow.id == RunRow.complaint_id)
        .where(RunRow.id == run_id, own_task(work))
    )
    run = (await work.session.execute(query)).one_or_none()
    if run is None or run.standing is None:
        raise NotFoundError
    if not policy.may_record(work.caller, run.standing):
        raise ForbiddenError
    book = await address_book(work, [run])
    quiet = (await mutes(work, [run_id])).get(run_id, ())
    rests = (await resting(work, [run_id])).get(run_id, set())
    steps = msgspec.convert(run.ladder, Ladder).steps(run.due_on, run.zone)
    coming = [step for step in steps if run.next_at is not None and step.due_at >= run.next_at]
    hooks = await _hooks(work, run)
    return EscalationPlan(
        escalation_id=run.id,
        complaint_id=run.complaint_id,
        due_on=run.due_on,
        silent_reason=run.silent_reason,
        rungs=[_planned(step, run, book, quiet, rests, hooks) for step in coming],
    )


async def _hooks(work: Work, run: _Line) -> Mapping[str, int]:
    """Return how many endpoints are told of the rungs that are events: the last day came, the last day went by."""
    if run.task_id is not None:
        return {}
    counted = await count_told(work, run.complaint_id, ("deadline.due", "deadline.missed"))
    came, gone = defaults().completed_by
    return {came: counted.get("deadline.due", 0), gone: counted.get("deadline.missed", 0)}


def _planned(
    step: Step,
    run: _Line,
    book: Addressees,
    quiet: Collection[str],
    rests: Collection[UUID],
    hooks: Mapping[str, int],
) -> PlannedRung:
    reached = book.of(run, step.rung.audiences)
    return PlannedRung(
        at=step.rung.at,
        due_at=step.due_at,
        audiences=step.rung.audiences,
        always=step.rung.always,
        at_once=step.rung.at_once,
        muted=step.rung.at in quiet,
        reaches=[
            Reach(
                organization_id=each.organization_id,
                contact_id=each.contact_id,
                channel=each.channel,
                rests=not step.rung.always and each.organization_id in rests,
            )
            for each in reached.recipients
        ],
        unreachable=reached.unreachable,
        webhooks=hooks.get(step.rung.at, 0),
    )
