"""Legal holds: while one stands, nothing erases the case."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from vigilancia.access import audit, privacy
from vigilancia.complaints import timeline
from vigilancia.complaints.access import open_complaint
from vigilancia.core.clock import local_date
from vigilancia.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from vigilancia.core.ids import new_id
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work
from vigilancia.keeping.door import owners_case
from vigilancia.keeping.models import HoldRow
from vigilancia.keeping.schemas import Hold, HoldIn, ReleaseIn
from vigilancia.registry.contacts.rounds import zone_of
from vigilancia.registry.models import OrganizationRow

REASON, RELEASED = "legal_hold.reason", "legal_hold.release_reason"
_HOLD = HoldRow.__table__.c


async def place(work: Work, complaint_id: UUID, data: HoldIn) -> UUID:
    """Place a hold; an erasure that was asked for and has not begun to wipe is stopped by it.

    Returns:
        The id of the hold.

    Raises:
        NotFoundError: For this caller the case does not exist.
        GoneError: It was erased, and the caller had seen it.
        ForbiddenError: The caller is not of its owner's staff.
        InvalidError: The review is not in the future.
    """
    door = await open_complaint(work, complaint_id, to="manage")
    zone = await work.session.scalar(select(OrganizationRow.timezone).where(OrganizationRow.id == door.owner_id))
    if data.review_on <= local_date(work.now, zone_of(zone)):
        fault = Fault(pointer="/review_on", code="range", params={"expected": "> today"})
        raise InvalidError(faults=[fault])
    made = new_id()
    await work.session.execute(
        insert(HoldRow).values(
            id=made,
            complaint_id=complaint_id,
            organization_id=door.owner_id,
            reason=await work.vault.seal(complaint_id, data.reason, field=f"{REASON}/{made}"),
            review_on=data.review_on,
            placed_at=work.now,
            placed_by=work.caller.token_id,
            placed_holder=work.caller.holder_id,
            version=1,
        )
    )
    await timeline.note(work, complaint_id, "hold_placed", subject_id=made, after={"review_on": data.review_on})
    await audit.note(work, "write", "hold", complaint_id=complaint_id, subject_id=made)
    return made


async def release(work: Work, complaint_id: UUID, hold_id: UUID, data: ReleaseIn) -> UUID:
    """Release a hold; whoever answers for privacy is told.

    Raises:
        NotFoundError: For this caller there is no such hold.
        ForbiddenError: The caller is not of the owner's staff.
        ConflictError: It is released already.
    """
    door = await open_complaint(work, complaint_id, to="manage")
    query = select(HoldRow).where(HoldRow.id == hold_id, HoldRow.complaint_id == complaint_id)
    row: HoldRow | None = await work.session.scalar(query.with_for_update())
    if row is None:
        raise NotFoundError
    if row.released_at is not None:
        raise ConflictError(faults=[Fault(pointer="/released_at", code="not_held")])
    await work.session.execute(
        update(HoldRow)
        .where(HoldRow.id == hold_id)
        .values(
            released_at=work.now,
            released_by=work.caller.token_id,
            release_reason=await work.vault.seal(complaint_id, data.reason, field=f"{RELEASED}/{hold_id}"),
            version=row.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    await timeline.note(work, complaint_id, "hold_released", subject_id=hold_id)
    await audit.note(work, "write", "hold", complaint_id=complaint_id, subject_id=hold_id, facts={"released": True})
    await privacy.raise_alert(work, door.owner_id, "hold_released", hold_id, complaint_id=complaint_id)
    return hold_id


async def read(work: Work, complaint_id: UUID, hold_id: UUID) -> Hold:
    """Read one hold.

    Raises:
        NotFoundError: For this caller there is no such hold.
        ForbiddenError: The caller is not of the owner's staff.
    """
    await owners_case(work, complaint_id)
    query = select(*_HOLD).where(_HOLD.id == hold_id, _HOLD.complaint_id == complaint_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return await _shape(work, row)


async def list_page(work: Work, complaint_id: UUID, listing: Listing) -> Page[Hold]:
    """Read one page of the holds of a case, released ones too.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller is not of the owner's staff.
    """
    await owners_case(work, complaint_id)
    query = select(*_HOLD).where(_HOLD.complaint_id == complaint_id)
    if listing.updated_since is not None:
        query = query.where(_HOLD.placed_at >= listing.updated_since)
    sortable = {"id": _HOLD.id, "review_on": _HOLD.review_on}
    rows, next_ = await fetch_page(work.session, query, listing, sortable=sortable, default="id")
    return Page(items=[await _shape(work, row) for row in rows], next=next_)


async def _shape(work: Work, row: Any) -> Hold:  # noqa: ANN401 - a row of a query
    fields = {name: getattr(row, name) for name in Hold.__struct_fields__}
    for name, field in (("reason", REASON), ("release_reason", RELEASED)):
        fields[name] = await work.vault.open(row.complaint_id, fields[name], field=f"{field}/{row.id}")
    return Hold(**fields)
