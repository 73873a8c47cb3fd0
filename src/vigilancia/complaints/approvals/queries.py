"""Reading requests for a second person's yes: those of the owner's staff, and one's own."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, or_, select

from vigilancia.access import walls
from vigilancia.complaints.approvals.models import ApprovalRow
from vigilancia.complaints.approvals.schemas import Approval
from vigilancia.complaints.approvals.service import WHY, asked_by_caller
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work

_ROW = ApprovalRow.__table__.c
_DECIDERS = ("staff", "partner")


async def read(work: Work, approval_id: UUID) -> Approval:
    """Read one request.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    row = (await work.session.execute(_select(work).where(_ROW.id == approval_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return await _shape(work, row)


async def list_page(
    work: Work, listing: Listing, *, status: str | None, kind: str | None, complaint_id: str | None
) -> Page[Approval]:
    """Read one page of the requests that the caller decides on or made, newest first.

    Raises:
        BadParameterError: A filter, sort or cursor does not fit.
    """
    query = _select(work)
    if status is not None:
        query = query.where(any_of(_status(work), status, "status"))
    if kind is not None:
        query = query.where(any_of(_ROW.kind, kind, "kind"))
    if complaint_id is not None:
        query = query.where(any_of(_ROW.complaint_id, complaint_id, "complaint_id", UUID))
    if listing.updated_since is not None:
        changed = or_(_ROW.asked_at >= listing.updated_since, _ROW.decided_at >= listing.updated_since)
        query = query.where(changed)
    rows, next_ = await fetch_page(work.session, query, listing, sortable={"id": _ROW.id}, default="-id")
    return Page(items=[await _shape(work, row) for row in rows], next=next_)


def _select(work: Work) -> Select[Any]:
    """Return the select of the requests that exist for the caller.

    The owner's staff decide, and whoever asked follows it: as long as no wall stands between them and the case.
    """
    query = select(*(column for column in _ROW if column.key != "status"), _status(work).label("status"))
    if work.caller.is_system:
        return query
    staff = _ROW.organization_id == work.caller.organization_id if work.caller.role in _DECIDERS else _ROW.id.is_(None)
    return query.where(or_(staff, asked_by_caller(work)), walls.let_in(work.caller, _ROW.complaint_id))


def _status(work: Work) -> ColumnElement[str]:
    waits = _ROW.status.in_(("asked", "granted"))
    return case((waits & (_ROW.expires_at <= work.now), "lapsed"), else_=_ROW.status)


async def _shape(work: Work, row: Any) -> Approval:  # noqa: ANN401 - a row of the query above
    values = {name: getattr(row, name) for name in Approval.__struct_fields__ if name != "reason"}
    values["reason"] = await work.vault.open(row.complaint_id, row.why, field=f"{WHY}/{row.id}")
    return Approval(**values)
