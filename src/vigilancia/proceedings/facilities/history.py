"""One facility, all its cases, all mechanisms: what happened there, in one ordered list."""

from typing import Any, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, and_, join, literal, null, or_, select, true, union_all
from sqlalchemy.sql import Select

from vigilancia.access import fields, policy
from vigilancia.access.telling import start_of_month, tell
from vigilancia.complaints import views
from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRow
from vigilancia.core import i18n
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.proceedings import sight, words
from vigilancia.proceedings.models import EventRow, ProceedingRow
from vigilancia.proceedings.schemas import HistoryEntry
from vigilancia.registry.models import FacilityRow

RECEIVED = "complaint_received"


async def of_facility(work: Work, facility_id: UUID, listing: Listing) -> Page[HistoryEntry]:
    """List every case of a facility that the caller may see, with the events of its proceedings, oldest first.

    A case whose view does not name the facility is not listed: that it is about this one would be told by it. So
    analysts find public cases alone.

    Raises:
        NotFoundError: For this caller the facility does not exist.
    """
    seen = policy.record_seen(
        work.caller,
        work.now,
        owner_id=FacilityRow.owner_id,
        visibility=FacilityRow.visibility,
        facility_id=FacilityRow.id,
    )
    if not await work.session.scalar(select(true()).where(FacilityRow.id == facility_id, seen)):
        raise NotFoundError
    entry = union_all(_received(work, facility_id), _events(work, facility_id)).subquery("entry").c
    query = select(*entry)
    if listing.updated_since:
        coarse = work.caller.role == "analyst"
        query = query.where(
            entry.updated_at >= (start_of_month(listing.updated_since) if coarse else listing.updated_since)
        )
    sortable = {"id": entry.id, "on": entry.on, "updated_at": entry.updated_at}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="on")
    return Page(items=[_entry(work, row) for row in rows], next=following)


def _at(facility_id: UUID) -> ColumnElement[bool]:
    """Return the condition that a case is about a facility, as its main one or as another."""
    others = select(ComplaintFacilityRow.complaint_id).where(ComplaintFacilityRow.facility_id == facility_id)
    return or_(ComplaintRow.facility_id == facility_id, ComplaintRow.id.in_(others))


def _named_at(work: Work, facility_id: UUID) -> ColumnElement[bool]:
    """Return the condition that the view of a case names the facility, as it does where the case itself is read."""
    visibility = select(FacilityRow.visibility).where(FacilityRow.id == facility_id).scalar_subquery()
    standing = sight.standing_of(work)
    return or_(
        *(
            and_(views.in_views(work.caller, standing, ComplaintRow.confidentiality, [view]), visibility.in_(named))
            for view in get_args(policy.View)
            if (named := fields.places(view))
        )
    )


def _received(work: Work, facility_id: UUID) -> Select[Any]:
    columns = (
        ComplaintRow.id.label("id"),
        sight.day_shown(work, ComplaintRow.received_on).label("on"),
        literal(RECEIVED, Text()).label("type"),
        null().cast(Text()).label("kind"),
        ComplaintRow.id.label("complaint_id"),
        null().cast(Uuid()).label("proceeding_id"),
        null().cast(Text()).label("mechanism"),
        sight.instant_shown(work, ComplaintRow.updated_at).label("updated_at"),
    )
    return sight.select_cases(work, *columns).where(_at(facility_id), _named_at(work, facility_id), sight.seen_by(work))


def _events(work: Work, facility_id: UUID) -> Select[Any]:
    columns = (
        EventRow.id.label("id"),
        sight.day_shown(work, EventRow.on).label("on"),
        EventRow.type.label("type"),
        EventRow.kind.label("kind"),
        ProceedingRow.complaint_id.label("complaint_id"),
        ProceedingRow.id.label("proceeding_id"),
        ProceedingRow.mechanism.label("mechanism"),
        sight.instant_shown(work, EventRow.updated_at).label("updated_at"),
    )
    source = join(EventRow.__table__, ProceedingRow.__table__, ProceedingRow.id == EventRow.proceeding_id)
    query = sight.with_case(work, source, ProceedingRow.complaint_id, *columns)
    return query.where(
        EventRow.withdrawn_at.is_(None), _at(facility_id), _named_at(work, facility_id), sight.seen_by(work)
    )


def _entry(work: Work, row: Any) -> HistoryEntry:  # noqa: ANN401 - a row of the list query
    view = policy.view(work.caller, row.standing)
    if row.mechanism is None:
        label = i18n.t(f"proceedings.history.{row.type}", work.locale)
    else:
        label = words.event_label(loader.mechanisms().get(row.mechanism), row.type, work.locale)
    plain = ("id", "on", "type", "kind", "complaint_id", "reference", "proceeding_id", "mechanism")
    values = {name: getattr(row, name) for name in plain} | {"label": label}
    return HistoryEntry(**tell("history_entry", view, values))
