"""Who may look at how a case is kept: its owner's own staff."""

from uuid import UUID

from vigilancia.access import policy
from vigilancia.complaints.access import OpenComplaint, open_complaint
from vigilancia.core.errors import ForbiddenError
from vigilancia.core.work import Work


async def owners_case(work: Work, complaint_id: UUID) -> OpenComplaint:
    """Open a case to look at, for those who decide about it; without locking it.

    Raises:
        NotFoundError: For this caller it does not exist.
        GoneError: It was erased, and the caller had seen it.
        ForbiddenError: The caller is not of its owner's staff.
    """
    door = await open_complaint(work, complaint_id, to="see")
    if not policy.may_manage(work.caller, door.standing):
        raise ForbiddenError
    return door
