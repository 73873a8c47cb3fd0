"""The door to the files of a case."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from vigilancia.access import policy
from vigilancia.complaints.access import OpenComplaint, Purpose, open_complaint
from vigilancia.core.errors import GoneError, NotFoundError
from vigilancia.core.work import Work
from vigilancia.evidence.models import EvidenceRow

FILE = EvidenceRow.__table__.c


async def open_files(work: Work, complaint_id: UUID, *, to: Purpose = "see") -> OpenComplaint:
    """Open a case to read its files or to add to them.

    Raises:
        NotFoundError: For this caller there are no files: it does not see the case, or sees but steps, months or what
            is public of it.
        ForbiddenError: It may read files, and not add any.
        ConflictError: To record, while the case is merged into another.
    """
    case = await open_complaint(work, complaint_id, to="see")
    if not policy.may_read_files(work.caller, case.standing):
        raise NotFoundError
    return case if to == "see" else await open_complaint(work, complaint_id, to=to)


async def find(work: Work, complaint_id: UUID, file_id: UUID) -> Any:  # noqa: ANN401 - a row of the table
    """Return the row of a file of a case that the caller has opened.

    Raises:
        NotFoundError: The case has no such file.
    """
    query = select(*FILE).where(FILE.complaint_id == complaint_id, FILE.id == file_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return row


async def hold(work: Work, complaint_id: UUID, file_id: UUID) -> EvidenceRow:
    """Return a file's row, locked until the transaction ends.

    Raises:
        NotFoundError: The case has no such file.
        GoneError: It was erased.
    """
    query = select(EvidenceRow).where(EvidenceRow.complaint_id == complaint_id, EvidenceRow.id == file_id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = (await work.session.scalars(locked)).one_or_none()
    if row is None:
        raise NotFoundError
    if row.state == "erased":
        raise GoneError
    return row


async def newest_copy(work: Work, original_id: UUID) -> Any:  # noqa: ANN401 - a row of the table
    """Return the row of the newest redacted copy of a file; none where there is none."""
    query = select(*FILE).where(FILE.original_id == original_id, FILE.state == "kept")
    return (await work.session.execute(query.order_by(FILE.received_at.desc(), FILE.id.desc()).limit(1))).one_or_none()


def copies_only(work: Work, case: OpenComplaint, row: Any) -> bool:  # noqa: ANN401 - a row of the table
    """Tell whether the caller gets redacted copies of a file by default; a redacted copy is open to all who read."""
    if row.original_id is not None:
        return False
    return policy.gets_copies_only(work.caller, owner_id=case.owner_id, organization_id=row.organization_id)
