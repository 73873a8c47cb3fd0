"""Reading the saved searches of one's own organisation, and what they found."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, select

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.errors import NotFoundError, UnavailableError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.notices.searches.matching import fits, readable
from vigilancia.notices.searches.models import MatchRow, SearchRow
from vigilancia.notices.searches.schemas import SavedSearch, SearchFilter, SearchMatch

_COLUMNS = SearchRow.__table__.c
_MATCH = MatchRow.__table__.c
_SORTABLE: dict[str, ColumnElement[Any]] = {
    "id": _COLUMNS.id,
    "name": _COLUMNS.name,
    "updated_at": _COLUMNS.updated_at,
}
_MATCHES_SORTABLE: dict[str, ColumnElement[Any]] = {"id": _MATCH.complaint_id, "matched_at": _MATCH.matched_at}


async def find(work: Work, listing: Listing, contact_id: str | None, active: bool | None) -> Page[SavedSearch]:  # noqa: FBT001 - a filter
    """Return a page of the searches of the caller's organisation.

    Raises:
        BadParameterError: A filter, sort or cursor does not fit.
    """
    query = _selected(work)
    if contact_id is not None:
        query = query.where(any_of(_COLUMNS.contact_id, contact_id, "contact_id", UUID))
    if active is not None:
        query = query.where(_COLUMNS.active.is_(active))
    if listing.updated_since is not None:
        query = query.where(_COLUMNS.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="id")
    return Page(items=[_answered(row) for row in rows], next=following)


async def read(work: Work, search_id: UUID) -> SavedSearch:
    """Return one search of the caller's organisation.

    Raises:
        NotFoundError: It has no such search.
    """
    return _answered(await _row(work, search_id))


async def matches(work: Work, search_id: UUID, listing: Listing) -> Page[SearchMatch]:
    """Return a page of the cases a search found, as far as the caller sees them now and they still fit.

    Raises:
        ForbiddenError: A token that may not read complaints.
        NotFoundError: The caller's organisation has no such search.
        BadParameterError: A sort or cursor does not fit.
    """
    policy.require(work.caller, "complaints:read")
    wanted = _filter(await _row(work, search_id))
    query = (
        select(_MATCH.complaint_id, ComplaintRow.reference, _MATCH.matched_at, _MATCH.told_at)
        .join(ComplaintRow, ComplaintRow.id == _MATCH.complaint_id)
        .where(_MATCH.saved_search_id == search_id, _MATCH.silent.is_(False), fits(work, work.caller, wanted))
    )
    if listing.updated_since is not None:
        query = query.where((_MATCH.matched_at >= listing.updated_since) | (_MATCH.told_at >= listing.updated_since))
    rows, following = await fetch_page(work.session, query, listing, sortable=_MATCHES_SORTABLE, default="-matched_at")
    names = SearchMatch.__struct_fields__
    return Page(items=[SearchMatch(**{name: getattr(row, name) for name in names}) for row in rows], next=following)


async def _row(work: Work, search_id: UUID) -> Any:  # noqa: ANN401 - a row
    row = (await work.session.execute(_selected(work).where(_COLUMNS.id == search_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return row


def _selected(work: Work) -> Select[Any]:
    query = select(*(_COLUMNS[name] for name in SavedSearch.__struct_fields__))
    return query if work.caller.is_system else query.where(_COLUMNS.owner_id == work.caller.organization_id)


def _answered(row: Any) -> SavedSearch:  # noqa: ANN401 - a row
    return msgspec.convert({**row._mapping, "filter": _filter(row)}, SavedSearch)  # noqa: SLF001 - the public accessor


def _filter(row: Any) -> SearchFilter:  # noqa: ANN401 - a row
    """Return a search's filter.

    Raises:
        UnavailableError: Newer code beside this has kept it.
    """
    wanted = readable(row.filter)
    if wanted is None:
        raise UnavailableError(headers={"Retry-After": "60"})
    return wanted
