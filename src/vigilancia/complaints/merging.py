"""Merging a case into another, and undoing it: both keep their rows and their history, nothing is moved or deleted.

While it is merged a case is closed and takes nothing new: what happens is recorded in the one that goes on, and its
ladders are silent. Chains are refused, so that the case that goes on is never more than one step away.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Text, Uuid, column, select, table, update

from vigilancia.access import policy
from vigilancia.complaints.access import OpenComplaint, open_complaint
from vigilancia.complaints.approvals import asking
from vigilancia.complaints.models import ComplaintRow, TimelineRow
from vigilancia.complaints.schemas_merging import MergeIn, UnmergeIn
from vigilancia.complaints.timeline import GIVEN_BACK, MERGED, RECEIVED, UNMERGED, Note, note_each
from vigilancia.core.errors import ConflictError, Fault, ForbiddenError, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.jobs import Job
from vigilancia.core.work import Work

# Of a later room's tables no more than is said here: that their ladders must be planned anew.
_DEADLINE = table(
    "deadline",
    column("id", Uuid()),
    column("complaint_id", Uuid()),
    column("met", Boolean()),
    column("void", Boolean()),
    column("plan_pending", Boolean()),
)
_TASK = table(
    "complaint_task",
    column("id", Uuid()),
    column("complaint_id", Uuid()),
    column("state", Text()),
    column("plan_pending", Boolean()),
)


async def merge(work: Work, complaint_id: UUID, data: MergeIn, expected: int) -> None:
    """Merge a case into another one of the same owner.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller is not of the staff that keeps both.
        ConflictError: It is merged already.
        StaleError: It has changed meanwhile.
        InvalidError: The other does not exist for this caller, is the case itself or merged, or others are merged into
            the case.
        ApprovalRequiredError: Merging closes the case, which wants a second person's yes here.
    """
    mine = await _manageable(work, complaint_id)
    if data.into == complaint_id:
        raise InvalidError(faults=[Fault(pointer="/into", code="not_allowed")])
    try:
        await _manageable(work, data.into)
    except NotFoundError:
        raise InvalidError(faults=[Fault(pointer="/into", code="not_found")]) from None
    both = await _lock(work, complaint_id, data.into)
    mine, other = both[complaint_id], both[data.into]
    if mine.merged_into is not None:
        raise ConflictError(faults=[Fault(pointer="/merged_into", code="merged")])
    version = await _version(work, complaint_id)
    require_version(version, expected)
    received = select(ComplaintRow.id).where(ComplaintRow.merged_into == complaint_id).limit(1)
    if other.merged_into is not None or await work.session.scalar(received) is not None:
        raise InvalidError(faults=[Fault(pointer="/into", code="not_allowed")])
    if mine.status != "closed":
        await asking.require(work, mine.owner_id, complaint_id, ["close"])
    await _write(work, complaint_id, version, {"merged_into": data.into, "status": "closed"})
    before = {"status": mine.status, "merged_into": None}
    after = {"status": "closed", "merged_into": data.into, "reason": data.reason}
    told = {"merged_from": complaint_id, "reason": data.reason}
    await note_each(
        work,
        [
            (complaint_id, Note(type=MERGED, before=before, after=after)),
            (data.into, Note(type=RECEIVED, after=told)),
        ],
    )


async def unmerge(work: Work, complaint_id: UUID, data: UnmergeIn, expected: int) -> None:
    """Undo a merge: the case has the status it had, and its ladders speak again.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller is not of the staff that keeps it.
        ConflictError: It is not merged.
        StaleError: It has changed meanwhile.
    """
    into = (await _manageable(work, complaint_id)).merged_into
    both = await _lock(work, complaint_id, *([into] if into else []))
    if into is None or both[complaint_id].merged_into != into:
        raise ConflictError(faults=[Fault(pointer="/merged_into", code="not_merged")])
    version = await _version(work, complaint_id)
    require_version(version, expected)
    status = await _status_before(work, complaint_id)
    await _write(work, complaint_id, version, {"merged_into": None, "status": status})
    before = {"status": "closed", "merged_into": into}
    after = {"status": status, "merged_into": None, "reason": data.reason}
    told = {"merged_from": complaint_id, "reason": data.reason}
    await note_each(
        work,
        [
            (complaint_id, Note(type=UNMERGED, before=before, after=after)),
            (into, Note(type=GIVEN_BACK, after=told)),
        ],
    )


async def _manageable(work: Work, complaint_id: UUID) -> OpenComplaint:
    """Return a case without locking it yet, if the caller manages it."""
    found = await open_complaint(work, complaint_id, to="see")
    if not policy.may_manage(work.caller, found.standing):
        raise ForbiddenError
    return found


async def _lock(work: Work, *ids: UUID) -> dict[UUID, OpenComplaint]:
    """Open cases to manage them, in one order whoever asks, so that two who merge crosswise wait and never block."""
    return {id_: await open_complaint(work, id_, to="manage") for id_ in sorted(ids)}


async def _version(work: Work, complaint_id: UUID) -> int:
    query = select(ComplaintRow.version).where(ComplaintRow.id == complaint_id)
    return (await work.session.execute(query)).scalar_one()


async def _status_before(work: Work, complaint_id: UUID) -> str:
    """Return the status a merged case had; its timeline keeps it."""
    query = (
        select(TimelineRow.before)
        .where(TimelineRow.complaint_id == complaint_id, TimelineRow.type == MERGED)
        .order_by(TimelineRow.seq.desc())
        .limit(1)
    )
    before: dict[str, Any] = (await work.session.execute(query)).scalar_one()
    return str(before["status"])


async def _write(work: Work, complaint_id: UUID, version: int, values: dict[str, Any]) -> None:
    """Write the change, and have the ladders of its deadlines and tasks planned anew: silent, or speaking again."""
    await work.session.execute(
        update(ComplaintRow)
        .where(ComplaintRow.id == complaint_id)
        .values(**values, version=version + 1, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    running = (
        select(_DEADLINE.c.id)
        .where(_DEADLINE.c.complaint_id == complaint_id, ~_DEADLINE.c.met, ~_DEADLINE.c.void)
        .order_by(_DEADLINE.c.id)
        .with_for_update(key_share=True)
    )
    await work.session.execute(update(_DEADLINE).where(_DEADLINE.c.id.in_(running)).values(plan_pending=True))
    tasks = (
        select(_TASK.c.id)
        .where(_TASK.c.complaint_id == complaint_id, _TASK.c.state == "open")
        .order_by(_TASK.c.id)
        .with_for_update(key_share=True)
    )
    await work.session.execute(update(_TASK).where(_TASK.c.id.in_(tasks)).values(plan_pending=True))
    work.wakes.add(Job.SWEEP)
