"""Reading walls: for the owner's staff alone."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.models import WallRow
from vigilancia.complaints.walls.schemas import Wall
from vigilancia.complaints.walls.service import REASON
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work

_WALL = WallRow.__table__.c


async def list_page(work: Work, complaint_id: UUID, listing: Listing) -> Page[Wall]:
    """Read one page of a case's walls.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller is not of the owner's staff.
    """
    await open_complaint(work, complaint_id, to="manage")
    query = select(*_WALL).where(_WALL.complaint_id == complaint_id)
    if listing.updated_since is not None:
        query = query.where(_WALL.created_at >= listing.updated_since)
    rows, next_ = await fetch_page(work.session, query, listing, sortable={"id": _WALL.id}, default="id")
    return Page(items=[await _shape(work, row) for row in rows], next=next_)


async def read(work: Work, complaint_id: UUID, wall_id: UUID) -> Wall:
    """Read one wall.

    Raises:
        NotFoundError: For this caller the case or the wall does not exist.
        ForbiddenError: The caller is not of the owner's staff.
    """
    await open_complaint(work, complaint_id, to="manage")
    query = select(*_WALL).where(_WALL.complaint_id == complaint_id, _WALL.id == wall_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return await _shape(work, row)


async def _shape(work: Work, row: Any) -> Wall:  # noqa: ANN401 - a row of the table
    values = {name: getattr(row, name) for name in Wall.__struct_fields__}
    values["reason"] = await work.vault.open(row.complaint_id, row.reason, field=f"{REASON}/{row.id}")
    return Wall(**values)
