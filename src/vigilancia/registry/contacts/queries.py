"""Reading contacts."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from vigilancia.access.contacts import contact_seen
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, fetch_page, matches
from vigilancia.core.work import Work
from vigilancia.registry.contacts.schemas import Contact
from vigilancia.registry.models import ContactRow
from vigilancia.registry.organizations import queries as organizations
from vigilancia.registry.rows import answered

_SORTABLE: dict[str, ColumnElement[Any]] = {
    "id": ContactRow.__table__.c.id,
    "name": func.public.es_sort(ContactRow.name),
    "created_at": ContactRow.__table__.c.created_at,
    "updated_at": ContactRow.__table__.c.updated_at,
}


async def read(work: Work, contact_id: UUID) -> Contact:
    """Return one contact.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    row = (await work.session.execute(_selected(work).where(ContactRow.id == contact_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return answered(row, Contact)


async def page(work: Work, listing: Listing, organization_id: UUID, *, desk: bool | None) -> Page[Contact]:
    """Return a page of an organisation's contacts that a caller sees.

    Raises:
        NotFoundError: For this caller the organisation does not exist.
        BadParameterError: A sort or cursor that does not fit.
    """
    if not await organizations.is_seen(work, organization_id):
        raise NotFoundError
    query = _selected(work).where(ContactRow.organization_id == organization_id)
    if desk is not None:
        query = query.where(ContactRow.desk.is_(desk))
    if listing.q is not None:
        query = query.where(matches(func.to_tsvector("simple", func.public.terms(ContactRow.name)), listing.q))
    if listing.updated_since is not None:
        query = query.where(ContactRow.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="id")
    return Page(items=[answered(row, Contact) for row in rows], next=following)


def seen(work: Work, table: Any = ContactRow) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    """Return the condition that a contact exists for the caller."""
    return contact_seen(
        work.caller,
        work.now,
        owner_id=table.owner_id,
        visibility=table.visibility,
        organization_id=table.organization_id,
        desk=table.desk,
    )


async def is_colleague(work: Work, contact_id: UUID, organization_id: UUID) -> bool:
    """Tell whether a contact of an organisation exists for the caller: what a foreign contact id must pass."""
    query = select(ContactRow.id).where(ContactRow.id == contact_id, ContactRow.organization_id == organization_id)
    return await work.session.scalar(query.where(seen(work))) is not None


def _selected(work: Work) -> Select[*tuple[Any, ...]]:
    deputy = aliased(ContactRow)
    mine = work.caller.organization_id
    near = true() if work.caller.is_system else or_(ContactRow.owner_id == mine, ContactRow.organization_id == mine)
    seen_deputy = select(deputy.id).where(deputy.id == ContactRow.deputy_id, seen(work, deputy))
    return select(
        ContactRow.id,
        ContactRow.organization_id,
        ContactRow.owner_id,
        ContactRow.visibility,
        ContactRow.name,
        ContactRow.desk,
        ContactRow.locale,
        ContactRow.timezone,
        ContactRow.working_hours,
        ContactRow.quiet_hours,
        ContactRow.holidays,
        case((near, ContactRow.away), else_=literal([], JSONB)).label("away"),
        case((near, ContactRow.digest)).label("digest"),
        case((near, ContactRow.calm)).label("calm"),
        ContactRow.channels,
        case((near, ContactRow.verified_by)).label("verified_by"),
        ContactRow.verified_at,
        seen_deputy.correlate(ContactRow).scalar_subquery().label("deputy_id"),
        ContactRow.unsubscribed_at,
        ContactRow.version,
        ContactRow.created_at,
        ContactRow.updated_at,
    ).where(seen(work))
