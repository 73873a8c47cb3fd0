"""Reading links: all of them for who reads the case, one's own for a party, public parties for everybody else."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from vigilancia.access import fields, policy, walls
from vigilancia.access.pseudonyms import Pseudonyms
from vigilancia.access.telling import tell
from vigilancia.complaints import views
from vigilancia.complaints.links.schemas import Link, Override, State
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core import sealing
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.registry.models import OrganizationRow

PURPOSE, END_REASON = "complaint_link.purpose", "complaint_link.end_reason"  # where they are sealed
_NEVER_SHOWN = ("accepted_by", "consent_overridden_at")
_COLUMNS = [column for column in LinkRow.__table__.columns if column.key not in _NEVER_SHOWN]
_COUNTED = ("read", "write")


async def read(work: Work, complaint_id: UUID, link_id: UUID) -> Link:
    """Read one link.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    row = (await work.session.execute(_select(work, complaint_id).where(LinkRow.id == link_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return await _shape(work, row)


async def override_of(work: Work, row: Any) -> dict[str, Any] | None:  # noqa: ANN401 - a mapped object or a row
    """Return what the override of a link says; none where there is none, or where the case was erased.

    Raises:
        StoreError: The key store is away.
    """
    said = await sealing.show(work.vault, row.complaint_id, place(row.id), row.words)
    return row.adverse_override or said or None


def place(link_id: UUID) -> str:
    """Return where the words of a link stand."""
    return sealing.place("complaint_link", link_id)


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
        named = or_(_reads_case(work), _own(work), _seen_as(work, "public"))
        party = any_of(LinkRow.__table__.c.organization_id, organization_id, "organization_id", UUID)
        query = query.where(named, party)
    if access is not None:
        told = or_(_reads_case(work), _own(work))
        query = query.where(told, any_of(LinkRow.__table__.c.access, access, "access"))
    if listing.updated_since is not None:
        query = query.where(or_(_reads_case(work), _own(work)), LinkRow.updated_at >= listing.updated_since)
    rows, next_ = await fetch_page(work.session, query, listing, sortable={"id": LinkRow.__table__.c.id}, default="id")
    if not rows and not await _may_ask(work, complaint_id):
        raise NotFoundError
    return Page(items=[await _shape(work, row) for row in rows], next=next_)


async def _may_ask(work: Work, complaint_id: UUID) -> bool:
    own = exists().where(LinkRow.complaint_id == complaint_id, _own(work))
    seen = exists().where(ComplaintRow.id == complaint_id, _standing(work).is_not(None))
    return bool(await work.session.scalar(select(or_(seen, own))))


def _select(work: Work, complaint_id: UUID) -> Select[Any]:
    public_party = and_(_seen_as(work, "public", "deidentified"), OrganizationRow.visibility == "public")
    return (
        select(
            *_COLUMNS,
            _standing(work).label("standing"),
            ComplaintRow.confidentiality,
            func.coalesce(_own(work), false()).label("own"),
        )
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
    """Return the condition that a link gives or offers the caller's organisation something, or did until it was ended.

    Of a link that a wall closes its party is told nothing: it would learn who it is in the case.
    """
    if work.caller.role not in ("staff", "partner", "admin"):
        return LinkRow.id.is_(None)
    return and_(
        LinkRow.organization_id == work.caller.organization_id,
        LinkRow.access != "none",
        policy.link_stands(LinkRow, work.now),
        walls.let_in(work.caller, LinkRow.complaint_id),
    )


def state_of(row: Any, now: datetime) -> State | None:  # noqa: ANN401 - a row or a mapped object
    """Return where the access that a link gives stands; none where it gives none."""
    if row.access == "none":
        return None
    if row.revoked_at is not None:
        return "revoked"
    if row.rejected_at is not None:
        return "rejected"
    if row.expires_at is not None and row.expires_at <= now:
        return "expired"
    return "offered" if row.access in _COUNTED and row.accepted_at is None else "accepted"


async def _shape(work: Work, row: Any) -> Link:  # noqa: ANN401 - a row of the query above
    reader = _reader(work, row)
    values = {name: getattr(row, name) for name in Link.__struct_fields__ if name != "state"}
    values["state"] = state_of(row, work.now)
    override = await override_of(work, row) if fields.shows("link", "adverse_override", reader) else None
    values["adverse_override"] = override and msgspec.convert(override, Override)
    for name, place_ in (("purpose", PURPOSE), ("end_reason", END_REASON)):
        shown = values[name] if fields.shows("link", name, reader) else None
        values[name] = await work.vault.open(row.complaint_id, shown, field=f"{place_}/{row.id}")
    return Link(**tell("link", reader, values, Pseudonyms(work.keys)))


def _reader(work: Work, row: Any) -> str:  # noqa: ANN401 - a row of the query above
    """Return which kind of reader of `access.fields` the caller is to a link."""
    standing = cast("policy.Standing | None", row.standing)
    view = standing and policy.view(work.caller, standing, public=row.confidentiality == "public")
    reads = view in ("full", "shared")
    if reads and standing == "owner":
        return "owner"
    if row.own:
        return "receiver"
    return "reader" if reads else str(view)
