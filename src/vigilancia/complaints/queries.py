"""Reading complaints: one, or a page; each with as many statements as there are pages, not rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from vigilancia.access import policy
from vigilancia.complaints import filters, views
from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRelationRow, ComplaintRow
from vigilancia.complaints.schemas import Complaint
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work
from vigilancia.registry.models import FacilityRow

NARRATIVE = "narrative"  # the purpose under which the key ring seals it
_COLUMNS = [column for column in ComplaintRow.__table__.columns if column.key not in ("narrative", "search")]


async def read(work: Work, complaint_id: UUID) -> Complaint:
    """Read one complaint as far as the caller is shown it.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    query = select(*_COLUMNS, ComplaintRow.narrative, *_extras(work, ComplaintRow)).where(
        ComplaintRow.id == complaint_id
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None or row.view is None:
        raise NotFoundError
    narrative = None
    if row.narrative is not None and views.shows(row.view, "narrative"):
        narrative = work.keys.open(row.narrative, purpose=NARRATIVE, subject=str(complaint_id))
    return views.shape(row, row.view, narrative=narrative)


async def list_page(work: Work, listing: Listing, wanted: filters.Wanted) -> Page[Complaint]:
    """Read one page of the complaints that exist for the caller, each as far as the caller is shown it.

    What a row's view hides can neither be filtered nor sorted by, so that no question tells more than the answer.
    """
    case = filters.Case(ComplaintRow, work.caller, _standing(work, ComplaintRow))
    query: Select[Any] = select(*_COLUMNS, *_extras(work, ComplaintRow)).where(
        policy.seen(
            work.caller,
            work.now,
            complaint_id=ComplaintRow.id,
            owner_id=ComplaintRow.owner_id,
            confidentiality=ComplaintRow.confidentiality,
        ),
        *filters.conditions(case, listing, wanted),
    )
    rows, next_ = await fetch_page(
        work.session,
        query,
        listing,
        sortable={
            "id": ComplaintRow.__table__.c.id,
            "reference": ComplaintRow.__table__.c.reference,
            "received_on": case.received_on,
            "updated_at": case.updated_at,
        },
        default="-received_on",
    )
    return Page(items=[views.shape(row, row.view) for row in rows], next=next_)


def _standing(work: Work, complaint: type[ComplaintRow]) -> ColumnElement[Any]:
    return policy.standing(
        work.caller,
        work.now,
        complaint_id=complaint.id,
        owner_id=complaint.owner_id,
        confidentiality=complaint.confidentiality,
    )


def _extras(work: Work, complaint: type[ComplaintRow]) -> list[ColumnElement[Any]]:
    view = views.view_of(work.caller, _standing(work, complaint), complaint.confidentiality)
    return [view.label("view"), _plants(complaint).label("plants"), _kin(work, complaint).label("kin")]


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


def _kin(work: Work, complaint: type[ComplaintRow]) -> ColumnElement[Any]:
    other = aliased(ComplaintRow)
    relation = func.jsonb_build_object(
        "complaint_id", cast(ComplaintRelationRow.related_id, Text), "kind", ComplaintRelationRow.kind
    )
    visible = policy.seen(
        work.caller,
        work.now,
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


def _all(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.jsonb_agg(value, type_=JSONB), literal_column("'[]'::jsonb", JSONB), type_=JSONB)
