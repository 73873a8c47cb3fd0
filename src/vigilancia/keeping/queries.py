"""Reading receipts of erasures: of the caller's own organisation."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, select, true

from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.keeping.models import ErasureRow
from vigilancia.keeping.schemas import Erasure

_ERASURE = ErasureRow.__table__.c


async def read(work: Work, erasure_id: UUID) -> Erasure:
    """Read one receipt.

    Raises:
        NotFoundError: For this caller there is none.
    """
    query = select(*_ERASURE).where(_ERASURE.id == erasure_id, _own(work))
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return _shape(row)


async def list_page(work: Work, listing: Listing, *, state: str | None) -> Page[Erasure]:
    """Read one page of the receipts, the newest first.

    Raises:
        BadParameterError: A sort or cursor does not fit.
    """
    query = select(*_ERASURE).where(_own(work))
    if state is not None:
        query = query.where(any_of(_ERASURE.state, state, "state"))
    if listing.updated_since is not None:
        query = query.where(_ERASURE.asked_at >= listing.updated_since)
    rows, next_ = await fetch_page(work.session, query, listing, sortable={"id": _ERASURE.id}, default="-id")
    return Page(items=[_shape(row) for row in rows], next=next_)


def _own(work: Work) -> ColumnElement[bool]:
    return true() if work.caller.is_system else _ERASURE.organization_id == work.caller.organization_id


def _shape(row: Any) -> Erasure:  # noqa: ANN401 - a row of a query
    return msgspec.convert({name: getattr(row, name) for name in Erasure.__struct_fields__}, Erasure)
