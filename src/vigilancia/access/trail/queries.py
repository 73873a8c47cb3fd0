"""Reading the audit, and saying who it was as far as the caller may know."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Boolean, ColumnElement, Select, Text, Uuid, case, column, or_, select, table

from vigilancia.access import policy
from vigilancia.access.audit import open_reason
from vigilancia.access.chain import heads
from vigilancia.access.chain.models import HeadRow
from vigilancia.access.contacts import contact_seen
from vigilancia.access.models import AuditRow, TokenRow
from vigilancia.access.trail.schemas import AuditEntry, AuditHead, Whoever
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.tickets import errand
from vigilancia.core.work import Work

_AUDIT, _HEAD = AuditRow.__table__.c, HeadRow.__table__.c
_SHOWN = (
    *("id", "at", "action", "what", "organization_id", "role", "token_id", "holder_id", "complaint_id", "subject_id"),
    *("why", "facts"),
)
_organization = table(
    "organization",
    column("id", Uuid()),
    column("owner_id", Uuid()),
    column("visibility", Text()),
    column("name", Text()),
).alias("audit_organization")
_holder = table(
    "contact",
    column("id", Uuid()),
    column("organization_id", Uuid()),
    column("owner_id", Uuid()),
    column("visibility", Text()),
    column("name", Text()),
    column("desk", Boolean()),
).alias("audit_holder")


class Narrowed(Struct, frozen=True, kw_only=True):
    """What the audit may be narrowed to; several values with commas."""

    action: str | None = None
    what: str | None = None
    complaint_id: str | None = None
    token_id: str | None = None


async def own_page(work: Work, listing: Listing, wanted: Narrowed) -> Page[AuditEntry]:
    """Return a page of what the caller's organisation did, the newest first.

    Raises:
        BadParameterError: A filter, sort or cursor that does not fit.
    """
    query = _narrowed(_selected(work), listing, wanted)
    query = query.where(_AUDIT.organization_id == work.caller.organization_id)
    if wanted.complaint_id is not None:
        query = query.where(any_of(_AUDIT.complaint_id, wanted.complaint_id, "complaint_id", UUID))
    if wanted.token_id is not None:
        query = query.where(any_of(_AUDIT.token_id, wanted.token_id, "token_id", UUID))
    return await _page(work, query, listing)


async def page_of_case(work: Work, complaint_id: UUID, listing: Listing, wanted: Narrowed) -> Page[AuditEntry]:
    """Return a page of who came near a case, the newest first; the caller has asked whether it may be told.

    Raises:
        BadParameterError: A filter, sort or cursor that does not fit.
    """
    near = or_(_AUDIT.complaint_id == complaint_id, _AUDIT.shown.contains([complaint_id]))
    async with errand(work.session):  # others' readings of one's own case; names are told by the conditions below
        return await _page(work, _narrowed(_selected(work), listing, wanted).where(near), listing)


async def heads_page(work: Work, listing: Listing) -> Page[AuditHead]:
    """Return a page of signed heads, the newest first.

    Raises:
        BadParameterError: A sort or cursor that does not fit.
    """
    query = select(*_HEAD)
    if listing.updated_since is not None:
        query = query.where(_HEAD.at >= listing.updated_since)
    sortable: dict[str, ColumnElement[Any]] = {"id": _HEAD.position, "position": _HEAD.position}
    rows, next_ = await fetch_page(work.session, query, listing, sortable=sortable, default="-position")
    found = [heads.of_row(row) for row in rows]
    return Page(
        items=[AuditHead(**{name: getattr(head, name) for name in AuditHead.__struct_fields__}) for head in found],
        next=next_,
    )


def _selected(work: Work) -> Select[Any]:
    """Return the select of rows with the names of who it was."""
    organization, holder = _organization.c, _holder.c
    known = policy.record_seen(
        work.caller,
        work.now,
        owner_id=organization.owner_id,
        visibility=organization.visibility,
        organization_id=organization.id,
    )
    met = contact_seen(
        work.caller,
        work.now,
        owner_id=holder.owner_id,
        visibility=holder.visibility,
        organization_id=holder.organization_id,
        desk=holder.desk,
    )
    return (
        select(
            *(_AUDIT[name] for name in _SHOWN),
            TokenRow.name.label("token"),
            case((known, organization.name)).label("organization"),
            case((met, holder.name)).label("holder"),
        )
        .select_from(AuditRow.__table__)
        .outerjoin(TokenRow, TokenRow.id == _AUDIT.token_id)
        .outerjoin(_organization, organization.id == _AUDIT.organization_id)
        .outerjoin(_holder, holder.id == _AUDIT.holder_id)
    )


def _narrowed(query: Select[Any], listing: Listing, wanted: Narrowed) -> Select[Any]:
    if wanted.action is not None:
        query = query.where(any_of(_AUDIT.action, wanted.action, "action"))
    if wanted.what is not None:
        query = query.where(any_of(_AUDIT.what, wanted.what, "what"))
    if listing.updated_since is not None:
        query = query.where(_AUDIT.at >= listing.updated_since)
    return query


async def _page(work: Work, query: Select[Any], listing: Listing) -> Page[AuditEntry]:
    sortable: dict[str, ColumnElement[Any]] = {"id": _AUDIT.id, "seq": _AUDIT.seq}
    rows, next_ = await fetch_page(work.session, query, listing, sortable=sortable, default="-seq")
    return Page(items=[await _told(work, row) for row in rows], next=next_)


async def _told(work: Work, row: Any) -> AuditEntry:  # noqa: ANN401 - a row of the select above
    facts = row.facts or {}
    return AuditEntry(
        id=row.id,
        at=row.at,
        action=row.action,
        what=row.what,
        who=Whoever(**{name: getattr(row, name) for name in Whoever.__struct_fields__}),
        why=await open_reason(work, row.id, row.complaint_id, row.why),
        operation=facts.get("operation"),
        change=facts.get("op"),
        fields=facts.get("fields", []),
        status=facts.get("status"),
        searched=bool(facts.get("searched")),
        cases=facts.get("count"),
        complaint_id=row.complaint_id,
        subject_id=row.subject_id,
    )
