"""What retention is counted from: how and when cases ended, and whether somebody holds them. One statement for many."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Date, Select, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from vigilancia.complaints.models import ComplaintRow, TimelineRow
from vigilancia.core.work import Work
from vigilancia.keeping.models import ErasureRow, HoldRow, WarningRow
from vigilancia.proceedings.models import EventRow, ProceedingRow
from vigilancia.registry.contacts.rounds import zone_of
from vigilancia.registry.models import OrganizationRow

# The entries that tell a change of a case's own status; others have a `status` of something else.
_STATUS_TOLD = (
    *("complaint_logged", "complaint_changed", "complaint_status_changed"),
    *("complaint_merged", "complaint_unmerged"),
)


class Procedure(Struct, frozen=True, kw_only=True):
    """A procedure of a case: its mechanism, and the types of what happened in it."""

    mechanism: str
    events: list[str]


class Facts(Struct, frozen=True, kw_only=True):
    """A case as retention looks at it.

    Attributes:
        complaint_id: Of the case.
        reference: Its name for people.
        owner_id: Whose it is.
        status: `intake`, `open` or `closed`.
        zone: Where its owner is.
        closed_at: When it was closed last.
        was_open: Whether it ever was more than intake.
        last_event: Day of the last thing that happened in its procedures.
        procedures: Its procedures.
        merged: The cases merged into it, which go with it.
        held: Whether somebody holds it, or one of those.
        warned: Days on which its owner was warned, by the day counted from.
    """

    complaint_id: UUID
    reference: str
    owner_id: UUID
    status: str
    zone: str
    closed_at: datetime | None
    was_open: bool
    last_event: date | None
    procedures: list[Procedure]
    merged: list[UUID]
    held: bool
    warned: dict[date, date]


async def of(work: Work, complaint_id: UUID) -> Facts | None:
    """Return the facts of one case; none where it is not there."""
    return next(iter(await _read(work, _query(ComplaintRow.id == complaint_id))), None)


async def of_closed(work: Work, *, owner_id: UUID | None, after: UUID | None, most: int) -> list[Facts]:
    """Return closed cases that stand for themselves, by id; those merged into others go with these.

    Args:
        work: The transaction.
        owner_id: Of one organisation only; none: of all.
        after: The last id of the batch before.
        most: How many.
    """
    wanted = [ComplaintRow.status == "closed", ComplaintRow.merged_into.is_(None), ~_being_erased()]
    if owner_id is not None:
        wanted.append(ComplaintRow.owner_id == owner_id)
    if after is not None:
        wanted.append(ComplaintRow.id > after)
    return await _read(work, _query(*wanted).order_by(ComplaintRow.id).limit(most))


def held(complaint_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of whatever is queried
    """Return the condition that somebody holds a case."""
    return exists().where(HoldRow.complaint_id == complaint_id, HoldRow.released_at.is_(None))


def _being_erased() -> ColumnElement[bool]:
    return exists().where(ErasureRow.complaint_id == ComplaintRow.id, ErasureRow.state.in_(("asked", "wiped")))


def _query(*conditions: ColumnElement[bool]) -> Select[Any]:
    told = TimelineRow.__table__.c
    own = (told.complaint_id == ComplaintRow.id, told.type.in_(_STATUS_TOLD))
    closed_at = select(func.max(told.at)).where(*own, told.after["status"].astext == "closed").scalar_subquery()
    was_open = exists().where(*own, told.after["status"].astext == "open")
    stands = EventRow.withdrawn_at.is_(None)
    last = (
        select(func.max(EventRow.on))
        .join(ProceedingRow, ProceedingRow.id == EventRow.proceeding_id)
        .where(ProceedingRow.complaint_id == ComplaintRow.id, stands)
        .scalar_subquery()
    )
    happened = (
        select(func.coalesce(func.jsonb_agg(EventRow.type), func.jsonb_build_array()))
        .where(EventRow.proceeding_id == ProceedingRow.id, stands)
        .correlate(ProceedingRow)
        .scalar_subquery()
    )
    procedure = func.jsonb_build_object("mechanism", ProceedingRow.mechanism, "events", happened)
    procedures = (
        select(func.jsonb_agg(aggregate_order_by(procedure, ProceedingRow.id), type_=JSONB))
        .where(ProceedingRow.complaint_id == ComplaintRow.id)
        .correlate(ComplaintRow)
        .scalar_subquery()
    )
    other = aliased(ComplaintRow)
    merged = select(func.array_agg(other.id)).where(other.merged_into == ComplaintRow.id).scalar_subquery()
    other_held = exists().where(other.merged_into == ComplaintRow.id, held(other.id))
    warned = (
        select(func.jsonb_object_agg(WarningRow.counted_from, WarningRow.warned_on, type_=JSONB))
        .where(WarningRow.complaint_id == ComplaintRow.id)
        .scalar_subquery()
    )
    return (
        select(
            ComplaintRow.id.label("complaint_id"),
            ComplaintRow.reference,
            ComplaintRow.owner_id,
            ComplaintRow.status,
            OrganizationRow.timezone,
            closed_at.label("closed_at"),
            was_open.label("was_open"),
            cast(last, Date).label("last_event"),
            procedures.label("procedures"),
            merged.label("merged"),
            or_(held(ComplaintRow.id), other_held).label("held"),
            warned.label("warned"),
        )
        .join(OrganizationRow, OrganizationRow.id == ComplaintRow.owner_id)
        .where(*conditions)
    )


async def _read(work: Work, query: Select[Any]) -> list[Facts]:
    return [_facts(row) for row in await work.session.execute(query)]


def _facts(row: Any) -> Facts:  # noqa: ANN401 - a row of the query above
    return Facts(
        complaint_id=row.complaint_id,
        reference=row.reference,
        owner_id=row.owner_id,
        status=row.status,
        zone=zone_of(row.timezone),
        closed_at=row.closed_at,
        was_open=row.was_open or row.status == "open",
        last_event=row.last_event,
        procedures=[Procedure(**each) for each in row.procedures or ()],
        merged=sorted(row.merged or ()),
        held=row.held,
        warned={date.fromisoformat(day): date.fromisoformat(on) for day, on in (row.warned or {}).items()},
    )
