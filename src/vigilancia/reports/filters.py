"""Which rows of a data set are asked for: its list's own filters, by the same names, in the body of a request."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import ColumnElement

from vigilancia.complaints import filters as complaint_filters
from vigilancia.complaints import queries as complaint_queries
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.bodies import read_body
from vigilancia.core.errors import BadParameterError, Fault, InvalidError
from vigilancia.core.paging import Listing, any_of
from vigilancia.core.work import Work
from vigilancia.notices.models import NoticeRow
from vigilancia.proceedings import sight
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.status import STATUSES, status_at

AnyOf = Annotated[str, Meta(min_length=1, max_length=2000)]  # one value, or several with commas


class ComplaintFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Complaints to export; none given: all the caller may see."""

    status: AnyOf | None = None
    facility_id: AnyOf | None = None
    owner_id: AnyOf | None = None
    handler_id: AnyOf | None = None
    allegation: AnyOf | None = None
    confidentiality: AnyOf | None = None
    risk_level: AnyOf | None = None
    tag: AnyOf | None = None
    external_id: AnyOf | None = None
    received_on_before: date | None = None
    received_on_after: date | None = None
    merged: bool | None = None
    updated_since: datetime | None = None
    q: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class DeadlineFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deadlines to export."""

    proceeding_id: AnyOf | None = None
    complaint_id: AnyOf | None = None
    status: AnyOf | None = None
    mechanism: AnyOf | None = None
    rule: AnyOf | None = None
    actor: AnyOf | None = None
    nature: AnyOf | None = None
    confidence: AnyOf | None = None
    due_on_before: date | None = None
    due_on_after: date | None = None
    updated_since: datetime | None = None


class NoticeFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Notices to export."""

    complaint_id: AnyOf | None = None
    deadline_id: AnyOf | None = None
    status: AnyOf | None = None
    channel: AnyOf | None = None
    organization_id: AnyOf | None = None
    contact_id: AnyOf | None = None
    rung: AnyOf | None = None
    updated_since: datetime | None = None


Filter = ComplaintFilter | DeadlineFilter | NoticeFilter
SHAPES: Mapping[str, type[Filter]] = {
    "complaints": ComplaintFilter,
    "deadlines": DeadlineFilter,
    "notices": NoticeFilter,
}


def read_filter(work: Work, dataset: str, raw: Mapping[str, Any]) -> Filter:
    """Read the filter of a request; a list of texts may stand for the same with commas.

    Args:
        work: Of the request; nothing is read from the database.
        dataset: Whose filter it is.
        raw: As sent.

    Raises:
        InvalidError: A name the list does not have, or a value that does not fit; every fault, under `/filter`.
    """
    flat = {name: _with_commas(value) for name, value in raw.items()}
    try:
        chosen: Filter = read_body(msgspec.json.encode(flat), SHAPES[dataset])
        list(conditions(work, chosen))
    except (InvalidError, BadParameterError) as error:
        faults = [
            Fault(pointer="/filter/" + at.pointer.lstrip("/?"), code=at.code, params=at.params) for at in error.faults
        ]
        raise InvalidError(faults=faults) from error
    return chosen


def conditions(work: Work, chosen: Filter) -> Iterator[ColumnElement[bool]]:
    """Return the conditions of a filter; what a caller is not shown cannot be asked for either.

    Raises:
        BadParameterError: A value does not fit.
    """
    if isinstance(chosen, ComplaintFilter):
        return _of_complaints(work, chosen)
    return _of_deadlines(work, chosen) if isinstance(chosen, DeadlineFilter) else _of_notices(chosen)


def _of_complaints(work: Work, chosen: ComplaintFilter) -> Iterator[ColumnElement[bool]]:
    given = msgspec.structs.asdict(chosen)
    listing = Listing(cursor=None, limit=1, sort=None, q=given.pop("q"), updated_since=given.pop("updated_since"))
    pointer = complaint_queries.pointer(work.caller, work.now)
    seen = complaint_filters.Case(ComplaintRow, work.caller, sight.standing_of(work), pointer)
    return complaint_filters.conditions(seen, listing, complaint_filters.Wanted(**given))


def _of_deadlines(work: Work, chosen: DeadlineFilter) -> Iterator[ColumnElement[bool]]:
    row = DeadlineRow.__table__.c
    for name in ("proceeding_id", "complaint_id"):
        yield from _any_of(row, chosen, name, UUID)
    for name in ("mechanism", "rule", "actor", "nature", "confidence"):
        yield from _any_of(row, chosen, name, str)
    if chosen.status is not None:
        if set(chosen.status.split(",")) - set(STATUSES):
            fault = Fault(pointer="?status", code="code", params={"vocabulary": ", ".join(STATUSES)})
            raise BadParameterError(faults=[fault])
        yield any_of(status_at(work.now), chosen.status, "status")
    due_on = sight.day_shown(work, row.due_on)
    if chosen.due_on_before is not None:
        yield due_on < chosen.due_on_before
    if chosen.due_on_after is not None:
        yield due_on > chosen.due_on_after
    if chosen.updated_since is not None:
        yield sight.changed_since(work, row.updated_at, chosen.updated_since)


def _of_notices(chosen: NoticeFilter) -> Iterator[ColumnElement[bool]]:
    row = NoticeRow.__table__.c
    for name in ("complaint_id", "deadline_id", "organization_id", "contact_id"):
        yield from _any_of(row, chosen, name, UUID)
    for name in ("status", "channel", "rung"):
        yield from _any_of(row, chosen, name, str)
    if chosen.updated_since is not None:
        yield row.updated_at >= chosen.updated_since


def _any_of(row: Any, chosen: Struct, name: str, type_: type) -> Iterator[ColumnElement[bool]]:  # noqa: ANN401 - columns
    text = getattr(chosen, name)
    if text is not None:
        yield any_of(row[name], text, name, type_)


def _with_commas(value: object) -> object:
    if isinstance(value, list) and value and all(isinstance(part, str) and "," not in part for part in value):
        return ",".join(value)
    return value
