"""Asking for a second person's yes about a case, deciding, and wanting one before a case is closed or published."""

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.approvals import queries, service
from vigilancia.complaints.approvals.schemas import ApprovalIn
from vigilancia.complaints.approvals.service import Kind
from vigilancia.complaints.timeline import note
from vigilancia.core.errors import ApprovalRequiredError, Fault, ForbiddenError, InvalidError
from vigilancia.core.work import Work
from vigilancia.registry import safeguards

_OF_CASE: tuple[Kind, ...] = ("close", "publish")
_DECIDERS = ("staff", "partner")

Known = Callable[[Work, UUID, UUID], Awaitable[bool]]
# Who tells whether a subject belongs to a case, by kind: later rooms say so of people and files. What nobody answers
# for cannot be asked here: a yes about a thing of one case must never serve for a thing of another.
SUBJECTS: dict[Kind, Known] = {}


async def ask_for(work: Work, data: ApprovalIn) -> UUID:
    """Ask for a second person's yes.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller could not do the thing even with a yes.
        InvalidError: A subject that is not of the case, or none where one is wanted.
    """
    door = await open_complaint(work, data.complaint_id, to="manage" if data.kind == "publish" else "record")
    subject_id = data.subject_id or (data.complaint_id if data.kind in _OF_CASE else None)
    if subject_id is None:
        raise InvalidError(faults=[Fault(pointer="/subject_id", code="required")])
    if not await _of_case(work, data.kind, data.complaint_id, subject_id):
        raise InvalidError(faults=[Fault(pointer="/subject_id", code="not_found")])
    made = await service.ask(
        work,
        data.kind,
        organization_id=door.owner_id,
        complaint_id=data.complaint_id,
        subject_id=subject_id,
        why=data.reason,
    )
    await note(work, data.complaint_id, "approval_asked", subject_id=made, after={"kind": data.kind})
    return made


async def decide(work: Work, approval_id: UUID, *, yes: bool) -> None:
    """Say yes or no as a person of the case's owner.

    Raises:
        NotFoundError: For this caller there is no such request.
        ForbiddenError: The caller asked for it, by this or another token of the same holder, or is not of the owner's
            staff.
        ConflictError: It was decided already, or has lapsed.
    """
    shown = await queries.read(work, approval_id)
    if shown.organization_id != work.caller.organization_id or work.caller.role not in _DECIDERS:
        raise ForbiddenError
    await open_complaint(work, shown.complaint_id, to="manage")
    await service.decide(work, approval_id, yes=yes)
    type_ = "approval_granted" if yes else "approval_refused"
    await note(work, shown.complaint_id, type_, subject_id=approval_id, after={"kind": shown.kind})


async def require(work: Work, owner_id: UUID, complaint_id: UUID, kinds: Iterable[Kind]) -> None:
    """Use up a second person's yes for each thing about to be done to a case, where its owner wants one.

    Called last, so that a request that is refused for another reason uses none.

    Raises:
        ApprovalRequiredError: One is wanted, and the caller has none.
    """
    asked = list(kinds)
    if not asked or work.caller.is_system:
        return
    wanted = (await safeguards.of(work, owner_id)).second_person
    for kind in asked:
        if kind in wanted and not await service.spend(work, kind, complaint_id):
            raise ApprovalRequiredError(kind=kind)


async def _of_case(work: Work, kind: Kind, complaint_id: UUID, subject_id: UUID) -> bool:
    if kind in _OF_CASE:
        return subject_id == complaint_id
    known = SUBJECTS.get(kind)
    return known is not None and await known(work, complaint_id, subject_id)
