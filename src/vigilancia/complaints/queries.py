"""Reading complaints: one, or a page; each with as many statements as there are pages, not rows."""

from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from vigilancia.access import policy
from vigilancia.access.pseudonyms import Pseudonyms
from vigilancia.complaints import filters, sealed, views
from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRelationRow, ComplaintRow
from vigilancia.complaints.schemas import Complaint, ComplaintPage
from vigilancia.complaints.tombstones.queries import in_order_of_change, join_page, refuse_gone
from vigilancia.core.errors import NotFoundError
from vigilancia.core.identity import Caller, Role
from vigilancia.core.paging import Listing, fetch_page
from vigilancia.core.work import Work
from vigilancia.registry.models import FacilityRow

ANY_TIME = datetime.min.replace(tzinfo=UTC)  # a prepared statement is given the real instant when it runs
_NOT_LISTED = ("narrative", "narrative_sealed", "search")
_COLUMNS = [column for column in ComplaintRow.__table__.columns if column.key not in _NOT_LISTED]


async def read(work: Work, complaint_id: UUID) -> Complaint:
    """Read one complaint as far as the caller is shown it.

    Raises:
        NotFoundError: For this caller it does not exist.
        GoneError: It was erased, and the caller had seen it.
    """
    asked = {"complaint_id": complaint_id, **policy.binds(work.caller, work.now)}
    row = (await work.session.execute(_reading(work.caller.role), asked)).one_or_none()
    if row is None or row.view is None:
        await refuse_gone(work, complaint_id)  # also of what is only hidden: the two cost the same
        raise NotFoundError
    narrative = await sealed.narrative_of(work, row) if views.shows(row.view, "narrative") else None
    names = Pseudonyms(work.keys)
    return views.shape(row, row.view, names, summary=await _summary(work, row), narrative=narrative)


async def list_page(work: Work, listing: Listing, wanted: filters.Wanted, *, tombstones: bool = False) -> ComplaintPage:
    """Read one page of the complaints that exist for the caller, each as far as the caller is shown it.

    What a row's view hides can neither be filtered nor sorted by, so that no question tells more than the answer.

    Args:
        work: On whose behalf.
        listing: Of the request.
        wanted: Its filters.
        tombstones: Whether to tell which cases were erased; the list is then in the order of `updated_at`.

    Raises:
        BadParameterError: A filter, sort or cursor does not fit.
    """
    case = case_for(work.caller.role)
    query: Select[Any] = select(*_COLUMNS, *_extras(work.caller.role)).where(
        policy.seen(
            work.caller,
            work.now,
            complaint_id=ComplaintRow.id,
            owner_id=ComplaintRow.owner_id,
            confidentiality=ComplaintRow.confidentiality,
        ),
        *filters.conditions(case, listing, wanted),
    )
    if tombstones:
        listing = msgspec.structs.replace(listing, sort=in_order_of_change(listing.sort))
    rows, next_ = await fetch_page(
        work.session,
        query,
        listing,
        sortable={
            "id": ComplaintRow.__table__.c.id,
            "reference": case.reference,
            "received_on": case.received_on,
            "updated_at": case.updated_at,
        },
        default="-received_on",
        params=policy.binds(work.caller, work.now),
    )
    await work.vault.warm([row.id for row in rows if row.summary_sealed is not None and _tells(row)])
    names = Pseudonyms(work.keys)
    items = [views.shape(row, row.view, names, summary=await _summary(work, row)) for row in rows]
    if not tombstones:
        return ComplaintPage(items=items, next=next_)
    return await join_page(work, listing, items, next_)


async def _summary(work: Work, row: Any) -> str | None:  # noqa: ANN401 - a row of the queries here
    return await sealed.summary_of(work, row) if _tells(row) else None


def _tells(row: Any) -> bool:  # noqa: ANN401
    return views.shows(row.view, "summary")


@cache
def _reading(role: Role) -> Select[Any]:
    """Return the statement that reads one complaint, built once for a role."""
    return select(*_COLUMNS, ComplaintRow.narrative, ComplaintRow.narrative_sealed, *_extras(role)).where(
        ComplaintRow.id == bindparam("complaint_id", type_=Uuid())
    )


@cache
def case_for(role: Role) -> filters.Case:
    """Return the columns of a complaint as callers of a role are shown them, built once; see `policy.binds`."""
    anyone = policy.any_caller(role)
    return filters.Case(ComplaintRow, anyone, standing(role), pointer(anyone, ANY_TIME))


@cache
def standing(role: Role) -> ColumnElement[Any]:
    """Return how a caller of a role stands to a row, built once; `policy.binds` says who asks and when."""
    return policy.standing(
        policy.any_caller(role),
        ANY_TIME,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=ComplaintRow.confidentiality,
    )


@cache
def _extras(role: Role) -> list[ColumnElement[Any]]:
    view = views.view_of(policy.any_caller(role), standing(role), ComplaintRow.confidentiality)
    return [
        view.label("view"),
        _plants(ComplaintRow).label("plants"),
        _kin(role, ComplaintRow).label("kin"),
        pointer(policy.any_caller(role), ANY_TIME).label("pointer"),
    ]


def _plants(complaint: type[ComplaintRow]) -> ColumnElement[Any]:
    pair = func.jsonb_build_array(cast(ComplaintFacilityRow.facility_id, Text), FacilityRow.visibility)
    return (
        select(_all(pair))
        .select_from(ComplaintFacilityRow)
        .join(FacilityRow, FacilityRow.id == ComplaintFacilityRow.facility_id)
        .where(ComplaintFacilityRow.complaint_id == complaint.id)
        .correlate(complaint)
        .scalar_subquery()
    )


def _kin(role: Role, complaint: type[ComplaintRow]) -> ColumnElement[Any]:
    other = aliased(ComplaintRow)
    relation = func.jsonb_build_object(
        "complaint_id", cast(ComplaintRelationRow.related_id, Text), "kind", ComplaintRelationRow.kind
    )
    visible = policy.seen(
        policy.any_caller(role),
        ANY_TIME,
        complaint_id=other.id,
        owner_id=other.owner_id,
        confidentiality=other.confidentiality,
    )
    return (
        select(_all(relation))
        .select_from(ComplaintRelationRow)
        .join(other, other.id == ComplaintRelationRow.related_id)
        .where(ComplaintRelationRow.complaint_id == complaint.id, visible)
        .correlate(complaint)
        .scalar_subquery()
    )


def pointer(caller: Caller, now: datetime) -> ColumnElement[Any]:
    """Return the SQL expression of the case a complaint is merged into: null where the caller does not see that one.

    An analyst sees it only where it is public: else what is public of the one would name the other's case.
    """
    other = aliased(ComplaintRow)
    visible = policy.seen(
        caller,
        now,
        complaint_id=other.id,
        owner_id=other.owner_id,
        confidentiality=other.confidentiality,
    )
    if caller.role == "analyst":
        visible = other.confidentiality == "public"
    return (
        select(other.id).where(other.id == ComplaintRow.merged_into, visible).correlate(ComplaintRow).scalar_subquery()
    )


def _all(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.jsonb_agg(value, type_=JSONB), literal_column("'[]'::jsonb", JSONB), type_=JSONB)
