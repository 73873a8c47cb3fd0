"""Reading facilities."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, select

from vigilancia.access import policy
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work
from vigilancia.registry import coverage_facts, filters, identifiers, likeness, places
from vigilancia.registry.facilities.schemas import Facility
from vigilancia.registry.models import FacilityRow
from vigilancia.registry.names import without_legal_form
from vigilancia.registry.rows import answered

_SORTABLE: dict[str, ColumnElement[Any]] = {
    "id": FacilityRow.__table__.c.id,
    "name": func.public.es_sort(FacilityRow.name),
    "country": FacilityRow.__table__.c.country,
    "company": func.public.es_sort(func.coalesce(FacilityRow.company, "")),
    "created_at": FacilityRow.__table__.c.created_at,
    "updated_at": FacilityRow.__table__.c.updated_at,
}


class FacilityFilter(Struct, frozen=True, kw_only=True):
    """What a list of facilities may be narrowed to; several values with commas."""

    country: str | None = None
    subdivision: str | None = None
    sector: str | None = None
    company: str | None = None
    identifier: str | None = None
    visibility: str | None = None
    similar: str | None = None


async def read(work: Work, facility_id: UUID) -> Facility:
    """Return one facility.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    row = (await work.session.execute(_selected(work).where(FacilityRow.id == facility_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return answered(row, Facility)


async def page(work: Work, listing: Listing, wanted: FacilityFilter) -> Page[Facility]:
    """Return a page of the facilities that a caller sees.

    Raises:
        BadParameterError: A filter, sort or cursor that does not fit.
    """
    like = await likeness.read(work, wanted.similar)
    query = _selected(work, like)
    if like is not None:
        query = query.where(likeness.is_like(FacilityRow, like))
    if wanted.country is not None:
        query = query.where(filters.of_country(FacilityRow.country, wanted.country))
    if wanted.subdivision is not None:
        query = query.where(filters.of_subdivision(FacilityRow.subdivision, wanted.subdivision))
    if wanted.sector is not None:
        query = query.where(filters.of_vocabulary(FacilityRow.sector, wanted.sector, "sector", "sector"))
    if wanted.company is not None:
        query = query.where(filters.of_words(FacilityRow.company, wanted.company))
    if wanted.identifier is not None:
        query = query.where(identifiers.having(FacilityRow, wanted.identifier))
    if wanted.visibility is not None:
        query = query.where(filters.of_visibility(FacilityRow.visibility, wanted.visibility))
    if listing.q is not None:
        query = query.where(places.has_words(work, without_legal_form(listing.q)))
    if listing.updated_since is not None:
        query = query.where(FacilityRow.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="id")
    return Page(items=[answered(row, Facility) for row in rows], next=following)


def seen(work: Work, table: Any = FacilityRow) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    """Return the condition that a facility exists for the caller."""
    return policy.record_seen(
        work.caller, work.now, owner_id=table.owner_id, visibility=table.visibility, facility_id=table.id
    )


async def unseen(work: Work, facility_ids: set[UUID]) -> set[UUID]:
    """Return those ids under which no facility exists for the caller: what foreign ids in a body must pass."""
    if not facility_ids:
        return set()
    query = select(FacilityRow.id).where(FacilityRow.id.in_(facility_ids), seen(work))
    return facility_ids - set(await work.session.scalars(query))


def _selected(work: Work, like: likeness.Wanted | None = None) -> Select[*tuple[Any, ...]]:
    return select(
        FacilityRow.id,
        FacilityRow.owner_id,
        FacilityRow.visibility,
        FacilityRow.name,
        FacilityRow.aliases,
        FacilityRow.country,
        FacilityRow.subdivision,
        places.municipality(work).label("municipality"),
        places.precision(work).label("place_precision"),
        FacilityRow.sector,
        FacilityRow.products,
        FacilityRow.hs_codes,
        FacilityRow.company,
        FacilityRow.parent_company,
        FacilityRow.workforce,
        identifiers.listed(FacilityRow),
        FacilityRow.closed_on,
        FacilityRow.version,
        FacilityRow.created_at,
        FacilityRow.updated_at,
        likeness.shown(FacilityRow, like),
        coverage_facts.listed(work),
    ).where(seen(work))
