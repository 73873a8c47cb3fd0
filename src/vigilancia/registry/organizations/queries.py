"""Reading organisations."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from vigilancia.access import policy
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page, found_by_words
from vigilancia.core.work import Work
from vigilancia.registry import filters, identifiers, likeness
from vigilancia.registry.models import OrganizationRow
from vigilancia.registry.names import without_legal_form
from vigilancia.registry.organizations.schemas import Organization
from vigilancia.registry.rows import answered

_SORTABLE: dict[str, ColumnElement[Any]] = {
    "id": OrganizationRow.__table__.c.id,
    "name": func.public.es_sort(OrganizationRow.name),
    "kind": OrganizationRow.__table__.c.kind,
    "country": func.coalesce(OrganizationRow.country, ""),
    "created_at": OrganizationRow.__table__.c.created_at,
    "updated_at": OrganizationRow.__table__.c.updated_at,
}


class OrganizationFilter(Struct, frozen=True, kw_only=True):
    """What a list of organisations may be narrowed to; several values with commas."""

    kind: str | None = None
    country: str | None = None
    parent_id: str | None = None
    identifier: str | None = None
    visibility: str | None = None
    similar: str | None = None


async def read(work: Work, organization_id: UUID) -> Organization:
    """Return one organisation.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    row = (await work.session.execute(_selected(work).where(OrganizationRow.id == organization_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return answered(row, Organization)


async def page(work: Work, listing: Listing, wanted: OrganizationFilter) -> Page[Organization]:
    """Return a page of the organisations that a caller sees.

    Raises:
        BadParameterError: A filter, sort or cursor that does not fit.
    """
    like = await likeness.read(work, wanted.similar)
    query = _selected(work, like)
    if like is not None:
        query = query.where(likeness.is_like(OrganizationRow, like))
    if wanted.kind is not None:
        query = query.where(filters.of_vocabulary(OrganizationRow.kind, wanted.kind, "kind", "organization_kind"))
    if wanted.country is not None:
        query = query.where(filters.of_country(OrganizationRow.country, wanted.country))
    if wanted.parent_id is not None:
        parent = OrganizationRow.__table__.alias("parent").c
        parents = select(parent.id).where(any_of(parent.id, wanted.parent_id, "parent_id", UUID), seen(work, parent))
        query = query.where(OrganizationRow.parent_id.in_(parents))
    if wanted.identifier is not None:
        query = query.where(identifiers.having(OrganizationRow, wanted.identifier))
    if wanted.visibility is not None:
        query = query.where(filters.of_visibility(OrganizationRow.visibility, wanted.visibility))
    if listing.q is not None:
        query = query.where(found_by_words(OrganizationRow, without_legal_form(listing.q)))
    if listing.updated_since is not None:
        query = query.where(OrganizationRow.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="id")
    return Page(items=[answered(row, Organization) for row in rows], next=following)


def seen(work: Work, table: Any = OrganizationRow) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    """Return the condition that an organisation exists for the caller."""
    return policy.record_seen(
        work.caller, work.now, owner_id=table.owner_id, visibility=table.visibility, organization_id=table.id
    )


async def is_seen(work: Work, organization_id: UUID) -> bool:
    """Tell whether an organisation exists for the caller: what any foreign id in a body must pass."""
    query = select(OrganizationRow.id).where(OrganizationRow.id == organization_id, seen(work))
    return await work.session.scalar(query) is not None


def _seen_parent(work: Work) -> ColumnElement[Any]:
    parent = aliased(OrganizationRow)
    query = select(parent.id).where(parent.id == OrganizationRow.parent_id, seen(work, parent))
    return query.correlate(OrganizationRow).scalar_subquery()


def _selected(work: Work, like: likeness.Wanted | None = None) -> Select[*tuple[Any, ...]]:
    return select(
        OrganizationRow.id,
        OrganizationRow.owner_id,
        OrganizationRow.visibility,
        OrganizationRow.kind,
        OrganizationRow.name,
        OrganizationRow.aliases,
        OrganizationRow.country,
        OrganizationRow.subdivision,
        OrganizationRow.locale,
        OrganizationRow.timezone,
        _seen_parent(work).label("parent_id"),
        OrganizationRow.host_institution,
        OrganizationRow.website,
        identifiers.listed(OrganizationRow),
        OrganizationRow.version,
        OrganizationRow.created_at,
        OrganizationRow.updated_at,
        likeness.shown(OrganizationRow, like),
    ).where(seen(work))
