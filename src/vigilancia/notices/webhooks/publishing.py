"""From the outbox to events, and from events to deliveries for those who may see them.

One transaction takes a batch out of the outbox: rows that a rival holds are passed over, and a batch whose worker dies
is taken again. An event is written once for its source and planned once for each endpoint: unique keys decide.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, any_, column, delete, or_, select, values
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import insert

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow, TimelineRow
from vigilancia.core.identity import SYSTEM
from vigilancia.core.ids import new_id
from vigilancia.core.tables import OutboxRow
from vigilancia.core.tickets import errand
from vigilancia.core.work import Desk, Work
from vigilancia.notices.webhooks.events import EVERYTHING, TEST, read_entry, told
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.models import DeliveryRow, EndpointRow, EventRow
from vigilancia.notices.webhooks.waking import wake_endpoints


async def publish_all(desk: Desk) -> int:
    """Publish whatever waits in the outbox, batch by batch; return how many rows left it."""
    done = 0
    while True:
        async with desk.work(SYSTEM) as work:
            taken = await publish(work)
        done += taken
        if taken < figures().publish_batch:
            return done


async def publish(work: Work) -> int:
    """Publish one batch; return how many rows left the outbox."""
    rows = await _take(work)
    happened = [event for row in rows if (event := _event(row)) is not None]
    if happened:
        written = insert(EventRow.__table__).on_conflict_do_nothing()  # type: ignore[arg-type]
        connection = await work.session.connection()
        fresh = (await connection.execute(written.returning(EventRow.id), happened)).scalars().all()
        await plan(work, await _listeners(work, fresh))
    if rows:
        await work.session.execute(delete(OutboxRow).where(OutboxRow.seq.in_([row.seq for row in rows])))
    return len(rows)


async def plan(work: Work, pairs: Sequence[tuple[UUID, UUID, int]]) -> int:
    """Plan deliveries, and the work of sending them.

    Args:
        work: The transaction.
        pairs: Event, endpoint, and number of the replay; 0 for the first. What is planned already stays as it is.

    Returns:
        How many are new.
    """
    if not pairs:
        return 0
    rows = [
        {
            "id": new_id(),
            "event_id": event_id,
            "endpoint_id": endpoint_id,
            "replay": replay,
            "status": "planned",
            "tries": 0,
            "next_at": work.now,
            "planned_at": work.now,
            "updated_at": work.now,
        }
        for event_id, endpoint_id, replay in sorted(pairs, key=lambda pair: pair[1])
    ]
    connection = await work.session.connection()
    fresh = insert(DeliveryRow.__table__).on_conflict_do_nothing()  # type: ignore[arg-type]
    new = (await connection.execute(fresh.returning(DeliveryRow.endpoint_id), rows)).scalars().all()
    await wake_endpoints(work, sorted(set(new)))
    return len(new)


async def count_told(work: Work, complaint_id: UUID, types: Sequence[str]) -> dict[str, int]:
    """Return how many endpoints would be told of an event of each type in a case, as things are; one statement."""
    kinds = values(column("type", Text()), name="kinds").data([(type_,) for type_ in types])
    query = (
        select(kinds.c.type, standing_of_endpoint(work).label("standing"))
        .select_from(kinds)
        .join(EndpointRow, listening(kinds.c.type))
        .join(ComplaintRow, ComplaintRow.id == complaint_id)
    )
    async with errand(work.session):  # others' endpoints are counted, and nothing else is told of them
        rows = (await work.session.execute(query)).all()
    return dict(Counter(row.type for row in rows if told(row.standing, row.type, []) is not None))


def listening(type_: Any) -> Any:  # noqa: ANN401 - columns
    """Return the condition that an endpoint is enabled and asked for events of a type."""
    asked = or_(value(EVERYTHING) == any_(EndpointRow.events), type_ == any_(EndpointRow.events), type_ == TEST)
    return EndpointRow.disabled_at.is_(None) & asked


def standing_of_endpoint(work: Work) -> Any:  # noqa: ANN401
    """Return the expression of how an endpoint's organisation stands to the case of an event."""
    return policy.standing_of(
        EndpointRow.organization_id,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=ComplaintRow.confidentiality,
    )


async def _take(work: Work) -> Sequence[Row[*tuple[Any, ...]]]:
    """Take the oldest rows that nobody holds, each with the entry it stands for."""
    entry = TimelineRow.__table__.c
    query = (
        select(
            OutboxRow.seq,
            OutboxRow.source_id,
            OutboxRow.type,
            OutboxRow.organization_id,
            OutboxRow.subject_id,
            OutboxRow.at,
            entry.complaint_id,
            entry.type.label("entry_type"),
            entry.subject_id.label("entry_subject_id"),
            entry.at.label("entry_at"),
            entry.before,
            entry.after,
        )
        .outerjoin(TimelineRow, TimelineRow.id == OutboxRow.source_id)
        .order_by(OutboxRow.seq)
        .limit(figures().publish_batch)
        .with_for_update(of=OutboxRow, skip_locked=True)
    )
    return (await work.session.execute(query)).all()


def _event(row: Row[*tuple[Any, ...]]) -> dict[str, Any] | None:
    known = {"id": new_id(), "source_id": row.source_id}
    if row.type is not None:
        own = {"organization_id": row.organization_id, "subject_id": row.subject_id, "at": row.at}
        return {**known, **own, "type": row.type, "changed": [], "change": None} | _NO_CASE
    if row.entry_type is None:
        return None
    happened = read_entry(row.entry_type, row.entry_subject_id, row.before, row.after)
    if happened is None:
        return None
    return {
        **known,
        "type": happened.type,
        "change": happened.change,
        "changed": happened.changed,
        "complaint_id": row.complaint_id,
        "organization_id": None,
        "proceeding_id": happened.proceeding_id,
        "subject_id": row.entry_subject_id,
        "at": row.entry_at,
    }


_NO_CASE = {"complaint_id": None, "proceeding_id": None}


async def _listeners(work: Work, event_ids: Sequence[UUID]) -> list[tuple[UUID, UUID, int]]:
    """Return which endpoints are told of which events, asked with one statement."""
    if not event_ids:
        return []
    query = (
        select(EventRow.id, EventRow.type, EventRow.changed, EventRow.complaint_id, EndpointRow.id.label("endpoint_id"))
        .add_columns(standing_of_endpoint(work).label("standing"))
        .select_from(EventRow)
        .join(EndpointRow, listening(EventRow.type))
        .outerjoin(ComplaintRow, ComplaintRow.id == EventRow.complaint_id)
        .where(EventRow.id.in_(event_ids), EndpointRow.created_at <= EventRow.at)
        .where(or_(EventRow.organization_id.is_(None), EventRow.organization_id == EndpointRow.organization_id))
    )
    rows = await work.session.execute(query)
    return [
        (row.id, row.endpoint_id, 0)
        for row in rows
        if row.complaint_id is None or told(row.standing, row.type, row.changed) is not None
    ]
