"""Reading calendars: the days as published, and the closures this installation has added; everybody may."""

from collections import Counter
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.shapes import Calendar
from vigilancia.proceedings import words
from vigilancia.proceedings.calendars.schemas import CalendarSummary, CalendarWhole, Closure, ClosureLabels
from vigilancia.proceedings.models import ClosureRow

_CLOSURE = ClosureRow.__table__.c


async def listed(work: Work) -> list[CalendarSummary]:
    """List the calendars by id."""
    query = select(_CLOSURE.calendar).where(_CLOSURE.withdrawn_at.is_(None))
    counts = Counter(await work.session.scalars(query))
    return [
        CalendarSummary(**_summary(work, calendar, counts[name]))
        for name, calendar in sorted(loader.calendars().items())
    ]


async def read(work: Work, name: str) -> CalendarWhole:
    """Return a calendar whole.

    Raises:
        NotFoundError: There is none of that id.
    """
    calendar = _known(name)
    query = select(*_CLOSURE).where(_CLOSURE.calendar == name, _CLOSURE.withdrawn_at.is_(None))
    rows = (await work.session.execute(query.order_by(_CLOSURE.starts_on, _CLOSURE.id))).all()
    standing = [_closure(work, row) for row in rows]
    return CalendarWhole(**_summary(work, calendar, len(standing)), published=calendar, standing=standing)


async def closures(work: Work, name: str, listing: Listing) -> Page[Closure]:
    """List the closures of a calendar by day, those taken back too.

    Raises:
        NotFoundError: There is no such calendar.
    """
    _known(name)
    updated = func.coalesce(_CLOSURE.withdrawn_at, _CLOSURE.recorded_at, type_=_CLOSURE.recorded_at.type)
    query = select(*_CLOSURE).where(_CLOSURE.calendar == name)
    if listing.updated_since:
        query = query.where(updated >= listing.updated_since)
    sortable: dict[str, Any] = {"id": _CLOSURE.id, "starts_on": _CLOSURE.starts_on}
    sortable |= {"created_at": _CLOSURE.recorded_at, "updated_at": updated}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="starts_on")
    return Page(items=[_closure(work, row) for row in rows], next=following)


async def closure(work: Work, name: str, closure_id: UUID) -> Closure:
    """Read one closure.

    Raises:
        NotFoundError: The calendar has none of that id.
    """
    query = select(*_CLOSURE).where(_CLOSURE.id == closure_id, _CLOSURE.calendar == name)
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return _closure(work, row)


def _known(name: str) -> Calendar:
    found = loader.calendars().get(name)
    if found is None:
        raise NotFoundError
    return found


def _summary(work: Work, calendar: Calendar, closures: int) -> dict[str, Any]:
    return {
        "id": calendar.id,
        "title": words.label(calendar.titles, work.locale),
        "covers_from": calendar.covers_from,
        "covers_until": calendar.covers_until,
        "last_verified_on": calendar.last_verified_on,
        "closures": closures,
    }


def _closure(work: Work, row: Any) -> Closure:  # noqa: ANN401 - a row of the table
    return Closure(
        id=row.id,
        calendar=row.calendar,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        label=words.label(row.labels, work.locale),
        labels=msgspec.convert(row.labels, ClosureLabels),
        source=row.source,
        source_url=row.source_url,
        recorded_by=row.recorded_by if work.caller.role == "admin" else None,
        withdrawn_at=row.withdrawn_at,
        withdrawn_reason=row.withdrawn_reason,
        version=row.version,
        created_at=row.recorded_at,
        updated_at=row.withdrawn_at or row.recorded_at,
    )
