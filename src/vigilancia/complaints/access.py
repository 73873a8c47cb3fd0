"""The one door to a case: every room that shows or changes what hangs on a complaint comes through here."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow
from vigilancia.complaints.tombstones.queries import refuse_gone
from vigilancia.core.errors import ConflictError, Fault, ForbiddenError, NotFoundError
from vigilancia.core.work import Work

Purpose = Literal["see", "record", "manage"]


class OpenComplaint(Struct, frozen=True, kw_only=True):
    """A complaint as far as a caller may go with it.

    Attributes:
        id: Of the complaint.
        owner_id: The organisation it belongs to.
        reference: Its name for people, such as `VIG-2026-7K3M9Q`.
        status: `intake`, `open` or `closed`.
        confidentiality: `restricted`, `partners` or `public`.
        handler_id: The contact in charge; none: the owner's desk.
        facility_id: The main place of work, if known.
        received_on: Civil date at the owner's seat.
        merged_into: The case that goes on for it.
        standing: How the caller stands to it.
        view: Which fields of it the caller is shown.
    """

    id: UUID
    owner_id: UUID
    reference: str
    status: str
    confidentiality: str
    handler_id: UUID | None
    facility_id: UUID | None
    received_on: date
    merged_into: UUID | None
    standing: policy.Standing
    view: policy.View


async def open_complaint(work: Work, complaint_id: UUID | None, *, to: Purpose) -> OpenComplaint:
    """Open a case for one purpose.

    For `record` and `manage` the row is locked until the transaction ends, so that what is written to one case is
    written one after the other, and its timeline is in the order of the commits.

    Args:
        work: The transaction and on whose behalf.
        complaint_id: Which case; none where what hangs on it was not found: it is asked for all the same, so that
            what is not there takes as many statements as what is not seen.
        to: `see` it, `record` in it (owner's staff and accepted writers), `manage` who else sees it (owner's staff).

    Raises:
        NotFoundError: For this caller it does not exist.
        GoneError: It was erased, and the caller had seen it.
        ForbiddenError: It does, but the caller may only look at it.
        ConflictError: To record in it, while it is merged into another: whatever happens is recorded there.
    """
    standing = policy.standing(
        work.caller,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=ComplaintRow.confidentiality,
    )
    query = select(
        ComplaintRow.id,
        ComplaintRow.owner_id,
        ComplaintRow.reference,
        ComplaintRow.status,
        ComplaintRow.confidentiality,
        ComplaintRow.handler_id,
        ComplaintRow.facility_id,
        ComplaintRow.received_on,
        ComplaintRow.merged_into,
        standing.label("standing"),
    ).where(ComplaintRow.id == complaint_id)
    if to != "see":
        query = query.with_for_update(of=ComplaintRow, key_share=True)
    row = (await work.session.execute(query)).one_or_none()
    if row is None or row.standing is None:
        await refuse_gone(work, complaint_id)  # also of what is only hidden: the two cost the same
        raise NotFoundError
    allowed = {
        "see": True,
        "record": policy.may_record(work.caller, row.standing),
        "manage": policy.may_manage(work.caller, row.standing),
    }
    if not allowed[to]:
        raise ForbiddenError
    if to == "record" and row.merged_into is not None:
        raise ConflictError(faults=[Fault(pointer="/merged_into", code="merged")])
    view = policy.view(work.caller, row.standing, public=row.confidentiality == "public")
    return OpenComplaint(**row._mapping, view=view)  # noqa: SLF001 - the public accessor, underscored by SQLAlchemy
