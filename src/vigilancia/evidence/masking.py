"""Originals where redacted copies are the default: who may have one, and what it takes."""

from uuid import UUID

from sqlalchemy import select

from vigilancia.access import policy
from vigilancia.complaints.access import OpenComplaint
from vigilancia.complaints.approvals import service as approvals
from vigilancia.complaints.approvals.models import ApprovalRow
from vigilancia.core.errors import ApprovalRequiredError, NotFoundError
from vigilancia.core.work import Work
from vigilancia.evidence import access
from vigilancia.evidence.schemas import UnmaskIn, UnmaskRequest
from vigilancia.registry import safeguards

SCOPE = "evidence:unmask"


async def require(work: Work, case: OpenComplaint, subject_id: UUID) -> bool:
    """Let a caller have originals, or refuse; where the owner wants a second person, a yes is used up.

    Args:
        work: The transaction and on whose behalf.
        case: Whose originals.
        subject_id: The file; of a bundle the case.

    Returns:
        Whether a second person's yes was used.

    Raises:
        ForbiddenError: The token lacks the scope.
        ApprovalRequiredError: The owner wants a second person, and nobody said yes.
    """
    policy.require(work.caller, SCOPE)
    if "unmask" not in (await safeguards.of(work, case.owner_id)).second_person:
        return False
    if not await approvals.spend(work, "unmask", subject_id):
        raise ApprovalRequiredError(kind="unmask")
    return True


async def ask(work: Work, complaint_id: UUID, data: UnmaskIn) -> UUID:
    """Ask the people of the case's owner for a yes to an original, or to all of them.

    Raises:
        NotFoundError: For this caller the case or the file does not exist.
        ForbiddenError: The token lacks the scope.
    """
    case = await access.open_files(work, complaint_id)
    policy.require(work.caller, SCOPE)
    subject = complaint_id
    if data.file_id is not None:
        subject = (await access.find(work, complaint_id, data.file_id)).id
    return await approvals.ask(
        work,
        "unmask",
        organization_id=case.owner_id,
        complaint_id=complaint_id,
        subject_id=subject,
        why=data.reason,
    )


async def read(work: Work, complaint_id: UUID, request_id: UUID) -> UnmaskRequest:
    """Read how a request stands that the caller made.

    Raises:
        NotFoundError: The caller made no such request.
    """
    await access.open_files(work, complaint_id)
    query = select(ApprovalRow.id, ApprovalRow.status, ApprovalRow.expires_at).where(
        ApprovalRow.id == request_id,
        ApprovalRow.complaint_id == complaint_id,
        ApprovalRow.kind == "unmask",
        ApprovalRow.asked_by == work.caller.token_id,
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return UnmaskRequest(id=row.id, status=row.status, expires_at=row.expires_at)
