"""What people do to a task: record it, change it, end it, open it again.

A task is its organisation's own: who may record in the case keeps its own tasks, and nobody else's. Ladders are a
later room's; a task whose day or state changed carries the mark that they must be planned anew.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import func, select

from vigilancia.complaints import timeline
from vigilancia.complaints.access import open_complaint
from vigilancia.core import sealing
from vigilancia.core.errors import Fault, ForbiddenError, IllegalTransitionError, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job
from vigilancia.core.work import Work
from vigilancia.proceedings.models import DeadlineRow, ProceedingRow
from vigilancia.proceedings.tasks import queries
from vigilancia.proceedings.tasks.models import TaskRow
from vigilancia.proceedings.tasks.schemas import TaskIn, TaskPatch
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow

_FIELDS = tuple(TaskPatch.__struct_fields__)
_BELONGS = ("proceeding_id", "deadline_id")
_WORDS = frozenset({"title"})  # the timeline says that it changed, not what it says
_ENDED = ("done", "cancelled")


async def record(work: Work, complaint_id: UUID, data: TaskIn) -> UUID:
    """Record a task of the caller's organisation.

    Returns:
        The task's id.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller may only look at it.
        ConflictError: The case is merged into another.
        InvalidError: A contact that is not the organisation's own, or a procedure or deadline of another case.
    """
    await open_complaint(work, complaint_id, to="record")
    organization_id = work.caller.organization_id
    if organization_id is None:
        raise ForbiddenError
    proceeding = await _place(work, complaint_id, data)
    faults = [*proceeding.faults, *await _contact_faults(work, organization_id, data.contact_id)]
    if faults:
        raise InvalidError(faults=faults)
    zone = await work.session.scalar(select(func.public.zone_of_organization(organization_id)))
    made = new_id()
    row = TaskRow(
        id=made,
        complaint_id=complaint_id,
        organization_id=organization_id,
        contact_id=data.contact_id,
        proceeding_id=proceeding.id,
        deadline_id=data.deadline_id,
        mechanism=proceeding.mechanism,
        code=data.code,
        title=None,
        words=await sealing.hide(work.vault, complaint_id, queries.place(made), {"title": data.title}),
        due_on=data.due_on,
        zone=rounds.zone_of(zone),
        state="open",
        ended_at=None,
        revision=1,
        plan_pending=True,
        recorded_at=work.now,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    work.wakes.add(Job.SWEEP)
    told = await _said(work, row) | {name: getattr(row, name) for name in _BELONGS}
    after = {name: value for name, value in _told(told, (*_FIELDS, *_BELONGS)).items() if value is not None}
    await _note(work, row, "task_recorded", before=None, after=after)
    return row.id


async def change(work: Work, complaint_id: UUID, task_id: UUID, patch: TaskPatch, expected: int) -> None:
    """Change the given fields of an open task; where none of them differs, nothing is written.

    Raises:
        NotFoundError: For this caller there is no such task.
        ForbiddenError: It is another organisation's, or the caller may only look at the case.
        StaleError: It has changed meanwhile.
        IllegalTransitionError: It is done or cancelled.
        InvalidError: A contact that is not the organisation's own.
    """
    row = await _hold(work, complaint_id, task_id)
    require_version(row.version, expected)
    if row.state != "open":
        raise IllegalTransitionError(allowed=("open",), pointer="/state")
    wanted = {name: value for name in _FIELDS if (value := getattr(patch, name)) is not UNSET}
    was = await _said(work, row)
    changed = [name for name, value in wanted.items() if was[name] != value]
    if not changed:
        return
    if "contact_id" in changed:
        faults = await _contact_faults(work, row.organization_id, wanted["contact_id"])
        if faults:
            raise InvalidError(faults=faults)
    for name in changed:
        setattr(row, name, wanted[name])
    if "title" in changed:
        row.title, said = None, {"title": wanted["title"]}
        row.words = await sealing.hide(work.vault, complaint_id, queries.place(task_id), said)
    if "due_on" in changed:
        _plan_anew(work, row, revised=True)
    await _renew(work, row)
    await _note(work, row, "task_changed", before=_told(was, changed), after=_told(wanted, changed))


async def finish(work: Work, complaint_id: UUID, task_id: UUID) -> UUID:
    """Say that a task is done; its reminders cease.

    Raises:
        NotFoundError: For this caller there is no such task.
        ForbiddenError: It is another organisation's, or the caller may only look at the case.
        IllegalTransitionError: It is done or cancelled already.
    """
    return await _move(work, complaint_id, task_id, "done", "task_done")


async def cancel(work: Work, complaint_id: UUID, task_id: UUID) -> UUID:
    """Say that a task need not be done; as for `finish`."""
    return await _move(work, complaint_id, task_id, "cancelled", "task_cancelled")


async def reopen(work: Work, complaint_id: UUID, task_id: UUID) -> UUID:
    """Open a task again that was done or cancelled; its reminders speak again.

    Raises:
        NotFoundError: For this caller there is no such task.
        ForbiddenError: It is another organisation's, or the caller may only look at the case.
        IllegalTransitionError: It is open.
    """
    return await _move(work, complaint_id, task_id, "open", "task_reopened")


async def _move(work: Work, complaint_id: UUID, task_id: UUID, state: str, type_: str) -> UUID:
    row = await _hold(work, complaint_id, task_id)
    allowed = ("open",) if row.state in _ENDED else _ENDED
    if state not in allowed:
        raise IllegalTransitionError(allowed=allowed, pointer="/state")
    before = {"state": row.state}
    row.state = state
    row.ended_at = None if state == "open" else work.now
    _plan_anew(work, row, revised=state == "open")
    await _renew(work, row)
    await _note(work, row, type_, before=before, after={"state": state})
    return row.id


async def _hold(work: Work, complaint_id: UUID, task_id: UUID) -> TaskRow:
    """Lock case and task, so that who plans its ladder waits and sees what was decided."""
    await open_complaint(work, complaint_id, to="record")
    query = select(TaskRow).where(TaskRow.id == task_id, TaskRow.complaint_id == complaint_id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = (await work.session.scalars(locked)).one_or_none()
    if row is None:
        raise NotFoundError
    if row.organization_id != work.caller.organization_id:
        raise ForbiddenError
    return row


def _plan_anew(work: Work, row: TaskRow, *, revised: bool) -> None:
    if revised:
        row.revision += 1
        row.recorded_at = work.now
    row.plan_pending = True
    work.wakes.add(Job.SWEEP)


async def _renew(work: Work, row: TaskRow) -> None:
    row.version += 1
    row.updated_at = work.now
    await work.session.flush()


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """The procedure a task belongs to, if any, and what is wrong with where it is put."""

    id: UUID | None = None
    mechanism: str | None = None
    faults: list[Fault] = []


async def _place(work: Work, complaint_id: UUID, data: TaskIn) -> _Place:
    if data.proceeding_id is None and data.deadline_id is None:
        return _Place()
    if data.deadline_id is None:
        query = select(ProceedingRow.id, ProceedingRow.mechanism).where(ProceedingRow.id == data.proceeding_id)
        query = query.where(ProceedingRow.complaint_id == complaint_id)
        found = (await work.session.execute(query)).one_or_none()
        pointer = "/proceeding_id"
    else:
        query = select(DeadlineRow.proceeding_id.label("id"), DeadlineRow.mechanism)
        query = query.where(DeadlineRow.id == data.deadline_id, DeadlineRow.complaint_id == complaint_id)
        found = (await work.session.execute(query)).one_or_none()
        pointer = "/deadline_id"
    if found is None:
        return _Place(faults=[Fault(pointer=pointer, code="not_found")])
    if data.proceeding_id not in (None, found.id):
        return _Place(faults=[Fault(pointer="/proceeding_id", code="not_allowed")])
    return _Place(id=found.id, mechanism=found.mechanism)


async def _contact_faults(work: Work, organization_id: UUID, contact_id: UUID | None) -> list[Fault]:
    """Find whether a person is none of the organisation's own; somebody else's record could point anywhere."""
    if contact_id is None:
        return []
    known = select(ContactRow.id).where(
        ContactRow.id == contact_id,
        ContactRow.organization_id == organization_id,
        ContactRow.owner_id == organization_id,
    )
    if await work.session.scalar(known.with_for_update(read=True, key_share=True)) is not None:
        return []
    return [Fault(pointer="/contact_id", code="not_found")]


async def _said(work: Work, row: TaskRow) -> dict[str, Any]:
    """Return what a task says, its title opened."""
    return {name: getattr(row, name) for name in _FIELDS} | {"title": await queries.title_of(work, row)}


def _told(said: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return fields as the timeline may tell them: codes and days, never words."""
    told = {name: said[name] for name in names}
    return {name: "changed" if name in _WORDS and value else value for name, value in told.items()}


async def _note(work: Work, row: TaskRow, type_: str, *, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    await timeline.note(work, row.complaint_id, type_, subject_id=row.id, before=before, after=after)
