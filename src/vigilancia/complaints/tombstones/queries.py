"""Telling of erased cases those who had seen them, and nobody else."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, true

from vigilancia.access.telling import start_of_month
from vigilancia.complaints.schemas import Complaint, ComplaintPage, Tombstone
from vigilancia.complaints.tombstones.models import TombstoneReaderRow, TombstoneRow
from vigilancia.core.errors import BadParameterError, Fault, GoneError
from vigilancia.core.paging import Listing, cursor_after, fetch_page
from vigilancia.core.work import Work

_ORDER = "updated_at,id"


async def refuse_gone(work: Work, complaint_id: UUID | None) -> None:
    """Refuse a case that was erased and that the caller had seen; return for any other.

    Raises:
        GoneError: It was.
    """
    query = select(TombstoneRow.complaint_id).where(TombstoneRow.complaint_id == complaint_id, _seen(work))
    if await work.session.scalar(query) is not None:
        raise GoneError


def in_order_of_change(sort: str | None) -> str:
    """Return the one order in which erased cases can stand among the others.

    Raises:
        BadParameterError: Another one was asked for.
    """
    if sort not in (None, "updated_at", _ORDER):
        raise BadParameterError(faults=[Fault(pointer="?sort", code="sort", params={"allowed": "updated_at"})])
    return _ORDER


async def join_page(work: Work, listing: Listing, items: list[Complaint], next_: str | None) -> ComplaintPage:
    """Put what was erased among the page's complaints, by time, and cut the page anew.

    Args:
        work: On whose behalf.
        listing: Of the request, in the order of change.
        items: The page of complaints after its cursor.
        next_: Whether there are more of them.
    """
    erased, more = await _erased(work, listing)
    both: list[tuple[datetime, UUID, Complaint | Tombstone]] = [(each.updated_at, each.id, each) for each in items]
    both += [(each.erased_at, each.id, each) for each in erased]
    both.sort(key=lambda entry: entry[:2])
    page = both[: listing.limit]
    rest = next_ is not None or more or len(both) > len(page)
    return ComplaintPage(
        items=[entry for *_, entry in page if isinstance(entry, Complaint)],
        tombstones=[entry for *_, entry in page if isinstance(entry, Tombstone)],
        next=cursor_after(listing, _ORDER, page[-1][:2]) if rest else None,
    )


async def _erased(work: Work, listing: Listing) -> tuple[list[Tombstone], bool]:
    columns = TombstoneRow.__table__.c
    coarse = work.caller.role == "analyst"
    erased_at: ColumnElement[Any] = columns.erased_at
    if coarse:
        erased_at = func.date_trunc("month", columns.erased_at, "UTC", type_=columns.erased_at.type)
    query = select(columns.complaint_id, erased_at.label("erased_at")).where(_seen(work))
    if listing.updated_since is not None:
        since = start_of_month(listing.updated_since) if coarse else listing.updated_since
        query = query.where(columns.erased_at >= since)
    rows, next_ = await fetch_page(
        work.session,
        query,
        listing,
        sortable={"updated_at": erased_at, "id": columns.complaint_id},
        default=_ORDER,
    )
    return [Tombstone(id=row.complaint_id, erased_at=row.erased_at) for row in rows], next_ is not None


def _seen(work: Work) -> ColumnElement[bool]:
    if work.caller.is_system:
        return true()
    reader = exists().where(
        TombstoneReaderRow.complaint_id == TombstoneRow.complaint_id,
        TombstoneReaderRow.organization_id == work.caller.organization_id,
    )
    return or_(TombstoneRow.was_public, TombstoneRow.owner_id == work.caller.organization_id, reader)
