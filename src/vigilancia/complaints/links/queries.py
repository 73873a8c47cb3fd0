"""Reading links: all of them for who reads the case, one's own for a party, public parties for everybody else."""

from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from vigilancia.access import policy
from vigilancia.complaints import views
from vigilancia.complaints.links.schemas import Link, Override
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.registry.models import OrganizationRow

_COLUMNS = [column for column in LinkRow.__table__.columns if column.key != "accepted_by"]
# What the public is not told of a party: what it may see, and whatever else is between it and the owner.
_NOT_PUBLIC = ("access", "accepted_at", "adverse", "expires_at", "created_at", "updated_at")


async def read(work: Work, complaint_id: UUID, link_id: UUID) -> Link:
    """Read one link.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    row = (await work.session.execute(_select(work, complaint_id).where(LinkRow.id == link_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return _shape(work, row)


async def list_page(
    work: Work,
    complaint_id: UUID,
    listing: Listing,
    *,
    role: str | None = None,
    organization_id: str | None = None,
    access: str | None = None,
) -> Page[Link]:
    """Read one page of a case's links.

    Raises:
        NotFoundError: The caller sees neither the case nor a link of its own.
    """
    query = _select(work, complaint_id)
    if role is not None:
        query = query.where(any_of(LinkRow.__table__.c.role, role, "role"))
    if organization_id is not None:
        query = query.where(any_of(LinkRow.__table__.c.organization_id, organization_id, "organization_id", UUID))
    if access is not None:
        told = or_(_reads_case(work), _own(work))
        query = query.where(told, any_of(LinkRow.__table__.c.access, access, "access"))
    if listing.updated_since is not None:
        query = query.where(or_(_reads_case(work), _own(work)), LinkRow.updated_at >= listing.updated_since)
    rows, next_ = await fetch_page(work.session, query, listing, sortable={"id": LinkRow.__table__.c.id}, default="id")
    if not rows and not await _may_ask(work, complaint_id):
        raise NotFoundError
    return Page(items=[_shape(work, row) for row in rows], next=next_)


async def _may_ask(work: Work, complaint_id: UUID) -> bool:
    own = exists().where(LinkRow.complaint_id == complaint_id, _own(work))
    seen = exists().where(ComplaintRow.id == complaint_id, _standing(work).is_not(None))
    return bool(await work.session.scalar(select(or_(seen, own))))


def _select(work: Work, complaint_id: UUID) -> Select[Any]:
    public_party = and_(_seen_as(work, "public", "deidentified"), OrganizationRow.visibility == "public")
    return (
        select(*_COLUMNS, _standing(work).label("standing"), ComplaintRow.confidentiality)
        # A party sees what it is offered before it sees the case, and who reads the case, parties that others keep.
        .outerjoin(ComplaintRow, ComplaintRow.id == LinkRow.complaint_id)
        .outerjoin(OrganizationRow, OrganizationRow.id == LinkRow.organization_id)
        .where(LinkRow.complaint_id == complaint_id, or_(_reads_case(work), _own(work), public_party))
    )


def _standing(work: Work) -> ColumnElement[Any]:
    return policy.standing(
        work.caller,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=ComplaintRow.confidentiality,
    )


def _seen_as(work: Work, *wanted: policy.View) -> ColumnElement[bool]:
    return views.in_views(work.caller, _standing(work), ComplaintRow.confidentiality, wanted)


def _reads_case(work: Work) -> ColumnElement[bool]:
    return _seen_as(work, "full", "shared")


def _own(work: Work) -> ColumnElement[bool]:
    """Return the condition that a link gives, or offers, the caller's organisation something."""
    if work.caller.role not in ("staff", "partner", "admin"):
        return LinkRow.id.is_(None)
    return and_(
        LinkRow.organization_id == work.caller.organization_id,
        LinkRow.access != "none",
        policy.link_counts(LinkRow, work.now),
    )


def _shape(work: Work, row: Any) -> Link:  # noqa: ANN401 - a row of the query above
    fields = {name: getattr(row, name) for name in Link.__struct_fields__}
    override = fields["adverse_override"]
    fields["adverse_override"] = override and msgspec.convert(override, Override)
    own = row.organization_id == work.caller.organization_id and row.access != "none"
    standing = cast("policy.Standing | None", row.standing)
    view = standing and policy.view(work.caller, standing, public=row.confidentiality == "public")
    if view not in ("full", "shared") and not own:
        fields |= dict.fromkeys(_NOT_PUBLIC)
    if standing != "owner":
        fields |= {"adverse_override": None, "alerts_approved_by": None}
    return Link(**fields)
