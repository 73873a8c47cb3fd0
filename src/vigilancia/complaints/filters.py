"""What a list of complaints can be narrowed by; every filter looks only at rows whose view shows the field."""

from collections.abc import Iterator
from datetime import date
from typing import Any, get_args
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Date, False_, True_, and_, case, cast, exists, func, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from vigilancia.access import fields
from vigilancia.access.policy import View
from vigilancia.access.telling import start_of_month
from vigilancia.complaints import views
from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRow
from vigilancia.core.errors import BadParameterError, Fault
from vigilancia.core.identity import Caller
from vigilancia.core.paging import Listing, any_of, convert_parameter, found_by_words
from vigilancia.registry.models import FacilityRow


class Wanted(Struct, frozen=True, kw_only=True):
    """The filters of the list, as given: texts with commas for any-of."""

    status: str | None = None
    facility_id: str | None = None
    owner_id: str | None = None
    handler_id: str | None = None
    allegation: str | None = None
    confidentiality: str | None = None
    risk_level: str | None = None
    tag: str | None = None
    external_id: str | None = None
    received_on_before: date | None = None
    received_on_after: date | None = None
    merged: bool | None = None


class Case:
    """The columns of a complaint as the caller is shown them."""

    def __init__(
        self, row: type[ComplaintRow], caller: Caller, standing: ColumnElement[Any], pointer: ColumnElement[Any]
    ) -> None:
        """Bind the table, who asks, how that caller stands to a row, and which case the caller sees it merged into."""
        self.row = row
        self.pointer = pointer
        self._caller = caller
        self._standing = standing

    def shown(self, field: str) -> ColumnElement[bool]:
        """Return the condition that the row's view shows a field."""
        return views.shown(self._caller, self._standing, self.row.confidentiality, field)

    def exactly(self, field: str) -> ColumnElement[bool]:
        """Return the condition that the row's view shows a field as it is: neither coarsened nor under another name."""
        return self.seen_as(*fields.readers("complaint", field))

    def seen_as(self, *wanted: str) -> ColumnElement[bool]:
        """Return the condition that the row is seen in one of these views."""
        return views.in_views(self._caller, self._standing, self.row.confidentiality, wanted)

    @property
    def reference(self) -> ColumnElement[str]:
        """The reference; the empty text where a pseudonym stands for it, so that sorting tells nothing."""
        told = self.exactly("reference")
        column = self.row.__table__.c.reference
        return column if isinstance(told, True_) else case((told, column), else_=literal("", Text))

    @property
    def received_on(self) -> ColumnElement[date]:
        """The day of receipt; its month for analysts; the first day of all where it is hidden, so that it sorts."""
        month = cast(func.date_trunc("month", self.row.received_on), Date)
        return case(
            (~self.shown("received_on"), literal(date.min, Date)),
            (self.seen_as(*fields.readers("complaint", "received_on", "month")), month),
            else_=self.row.received_on,
        )

    @property
    def updated_at(self) -> ColumnElement[Any]:
        """The instant of the last change; its month for analysts."""
        column = self.row.__table__.c.updated_at
        coarse = self.coarse
        if isinstance(coarse, False_):
            return column  # bare, so that its index serves
        return case((coarse, func.date_trunc("month", column, "UTC", type_=column.type)), else_=column)

    @property
    def coarse(self) -> ColumnElement[bool]:
        """The condition that the row's view is told the month of the last change alone."""
        return self.seen_as(*fields.readers("complaint", "updated_at", "month"))


def conditions(rows: Case, listing: Listing, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """Return the conditions of a list request.

    Raises:
        BadParameterError: A value does not fit its filter.
    """
    columns = rows.row.__table__.c
    for name, type_ in (
        ("status", str),
        ("confidentiality", str),
        ("risk_level", str),
        ("owner_id", UUID),
        ("handler_id", UUID),
    ):
        text = getattr(wanted, name)
        if text is not None:
            yield and_(rows.exactly(name), any_of(columns[name], text, name, type_))
    yield from _lists(rows, wanted, columns)
    if wanted.received_on_before is not None:
        yield and_(rows.shown("received_on"), rows.received_on < wanted.received_on_before)
    if wanted.received_on_after is not None:
        yield and_(rows.shown("received_on"), rows.received_on > wanted.received_on_after)
    if wanted.merged is not None:
        yield and_(rows.shown("merged_into"), rows.pointer.is_not(None) if wanted.merged else rows.pointer.is_(None))
    if listing.q is not None:
        words = and_(rows.shown("summary"), found_by_words(rows.row, listing.q, stemmer="spanish"))
        yield or_(and_(rows.exactly("reference"), columns.reference == listing.q.strip().upper()), words)
    if listing.updated_since is not None:
        month = start_of_month(listing.updated_since)
        yield or_(columns.updated_at >= listing.updated_since, and_(rows.coarse, rows.updated_at >= month))


def _lists(rows: Case, wanted: Wanted, columns: Any) -> Iterator[ColumnElement[bool]]:  # noqa: ANN401 - a column collection
    if wanted.facility_id is not None:
        ids = [convert_parameter(part, "facility_id", UUID) for part in wanted.facility_id.split(",")]
        yield _at_facility(rows, ids)
    if wanted.allegation is not None:
        codes = wanted.allegation.split(",")
        in_incidents = or_(*(columns.incidents.contains([{"allegation": code}]) for code in codes))
        yield and_(rows.shown("allegations"), or_(_overlaps(columns.allegations, codes), in_incidents))
    if wanted.tag is not None:
        yield and_(rows.shown("tags"), _overlaps(columns.tags, wanted.tag.split(",")))
    if wanted.external_id is not None:
        names = [_external(part) for part in wanted.external_id.split(",")]
        held = or_(*(columns.external_ids.contains([name]) for name in names))
        yield and_(rows.shown("external_ids"), held)


def _at_facility(rows: Case, ids: list[UUID]) -> ColumnElement[bool]:
    """Return the condition that a row is about one of some facilities, as far as its view names them.

    How the caller stands to the row is asked outside the subqueries: inside one, it would be asked of any case at all.
    """

    def about_one(visibilities: tuple[str, ...]) -> ColumnElement[bool]:
        return exists().where(
            ComplaintFacilityRow.complaint_id == rows.row.id,
            ComplaintFacilityRow.facility_id.in_(ids),
            FacilityRow.id == ComplaintFacilityRow.facility_id,
            FacilityRow.visibility.in_(visibilities),
        )

    return or_(
        *(
            and_(rows.seen_as(view), about_one(visibilities))
            for view in get_args(View)
            if (visibilities := fields.places(view))
        )
    )


def _overlaps(column: Column[Any], values: list[str]) -> ColumnElement[bool]:
    return column.op("&&", is_comparison=True)(cast(values, ARRAY(Text)))


def _external(text: str) -> dict[str, str]:
    system, colon, id_ = text.partition(":")
    if not colon or not system or not id_:
        fault = Fault(pointer="?external_id", code="format", params={"expected": "system:id"})
        raise BadParameterError(faults=[fault])
    return {"system": system, "id": id_}
