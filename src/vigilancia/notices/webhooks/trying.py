"""One delivery: what is read before a try, asked about once more, and what is written after it.

The delivery is marked `sending` and the attempt written before the call, the answer afterwards. A worker that dies in
between leaves a lease that runs out, and the event is sent again under the same id.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, insert, select, update

from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import jobs
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import JobRow
from vigilancia.core.outside import Answer
from vigilancia.core.work import Work
from vigilancia.notices.webhooks import body, failing, secrets
from vigilancia.notices.webhooks.events import told
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.models import AttemptRow, DeliveryRow, EndpointRow, EventRow
from vigilancia.notices.webhooks.publishing import standing_of_endpoint
from vigilancia.notices.webhooks.waking import OPEN
from vigilancia.proceedings.models import DeadlineRow

_BUSY = (429, 503)
_GONE = 410


class Ready(Struct, frozen=True, kw_only=True):
    """A call about to be made."""

    delivery_id: UUID
    endpoint_id: UUID
    attempt_id: UUID
    number: int
    url: str
    content: bytes
    headers: dict[str, str]


async def prepare(work: Work, job: JobRow) -> Ready | UUID | None:
    """Take the endpoint's next due delivery, and write down that it is tried.

    Returns:
        What is to be sent; or the id of a delivery that ended unsent; or none where nothing is due, or another worker
        has the endpoint by now.
    """
    if not await jobs.hold_mine(work.session, job, until=work.now + timedelta(seconds=figures().lease_seconds)):
        return None
    row = (await work.session.execute(_next(work, job.subject_id))).one_or_none()
    if row is None:
        return None
    delivery: DeliveryRow = row.DeliveryRow
    endpoint: EndpointRow = row.EndpointRow
    changed = _told(row)
    if changed is None or endpoint.disabled_at is not None:
        await _end(work, delivery.id, "suppressed", "no_access" if changed is None else "endpoint_disabled")
        return delivery.id
    attempt_id, number = new_id(), delivery.tries + 1
    await work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery.id)
        .values(status="sending", tries=number, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    attempt = {"id": attempt_id, "delivery_id": delivery.id, "number": number, "started_at": work.now}
    await work.session.execute(insert(AttemptRow).values(attempt))
    content = body.make(row.EventRow, _about(row, changed), work.settings.base_url)
    return Ready(
        delivery_id=delivery.id,
        endpoint_id=endpoint.id,
        attempt_id=attempt_id,
        number=number,
        url=endpoint.url,
        content=content,
        headers=secrets.headers(row.EventRow.id, work.now, content, secrets.valid(work.keys, endpoint, work.now)),
    )


async def record(work: Work, ready: Ready, answer: Answer) -> None:
    """Keep the answer's status, and decide what becomes of the delivery and of its endpoint."""
    if await failing.locked(work, ready.endpoint_id) is None:
        return  # it was deleted meanwhile, with all that was planned for it
    await work.session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == ready.attempt_id)
        .values(ended_at=work.now, status_code=answer.status, error=answer.error, delivered=answer.ok)
    )
    if answer.ok:
        await _end(work, ready.delivery_id, "delivered", None)
        await failing.mend(work, ready.endpoint_id)
        return
    if answer.status == _GONE:
        await _end(work, ready.delivery_id, "failed", "gone")
        await failing.disable(work, ready.endpoint_id, "gone")
        return
    planned_at = await work.session.scalar(select(DeliveryRow.planned_at).where(DeliveryRow.id == ready.delivery_id))
    wait = figures().wait(ready.number)
    asked = answer.retry_after if answer.status in _BUSY else None
    if wait is None or planned_at is None:
        await _end(work, ready.delivery_id, "failed", "gave_up")
    else:
        last = planned_at + timedelta(hours=figures().give_up_hours)
        at = min(work.now + max(wait, asked or wait), last)
        if at <= work.now:
            await _end(work, ready.delivery_id, "failed", "gave_up")
        else:
            await _again(work, ready, at)
    await failing.note(work, ready.endpoint_id, hold_until=work.now + asked if asked else None)


async def put_aside(work: Work, job: JobRow) -> None:
    """Put off a delivery at the head of its queue that cannot be written; a fault of ours must not hold up the others.

    It is taken up again as after a failed try, and fails like one at last; its endpoint is not blamed.
    """
    first = (
        select(DeliveryRow.id, DeliveryRow.tries)
        .where(DeliveryRow.endpoint_id == job.subject_id, DeliveryRow.status.in_(OPEN), DeliveryRow.next_at <= work.now)
        .order_by(DeliveryRow.next_at, DeliveryRow.id)
        .limit(1)
    )
    found = (await work.session.execute(first)).one_or_none()
    if found is None:
        return
    wait = figures().wait(found.tries + 1)
    if wait is None:
        await _end(work, found.id, "failed", "internal")
        return
    await work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == found.id)
        .values(status="planned", tries=found.tries + 1, next_at=work.now + wait, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )


def _next(work: Work, endpoint_id: UUID) -> Any:  # noqa: ANN401 - a select of five tables
    return (
        select(DeliveryRow, EventRow, EndpointRow, DeadlineRow, ComplaintRow.reference)
        .add_columns(standing_of_endpoint(work).label("standing"))
        .join(EventRow, EventRow.id == DeliveryRow.event_id)
        .join(EndpointRow, EndpointRow.id == DeliveryRow.endpoint_id)
        .outerjoin(ComplaintRow, ComplaintRow.id == EventRow.complaint_id)
        .outerjoin(DeadlineRow, DeadlineRow.id == EventRow.subject_id)
        .where(DeliveryRow.endpoint_id == endpoint_id, DeliveryRow.status.in_(OPEN), DeliveryRow.next_at <= work.now)
        .order_by(DeliveryRow.next_at, DeliveryRow.id)
        .limit(1)
        .with_for_update(of=DeliveryRow)
        .execution_options(populate_existing=True)
    )


def _told(row: Row[*tuple[Any, ...]]) -> list[str] | None:
    """Return the changed fields that may be told; none where the event may not be sent at all."""
    event: EventRow = row.EventRow
    if event.complaint_id is None:
        return [] if event.organization_id == row.EndpointRow.organization_id else None
    return told(row.standing, event.type, event.changed)


def _about(row: Row[*tuple[Any, ...]], changed: list[str]) -> body.About:
    endpoint: EndpointRow = row.EndpointRow
    deadline: DeadlineRow | None = row.DeadlineRow
    full = endpoint.full_payload and row.standing == "owner"
    if deadline is None:
        return body.About(changed=changed, full=full, reference=row.reference)
    return body.About(
        changed=changed,
        rule=deadline.rule,
        mechanism=deadline.mechanism,
        due_on=deadline.due_on,
        revision=deadline.revision,
        full=full,
        reference=row.reference,
        latest_due_on=deadline.latest_due_on,
        nature=deadline.nature,
        actor=deadline.actor,
        closes_at=deadline.closes_at,
    )


async def _again(work: Work, ready: Ready, at: datetime) -> None:
    await work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == ready.delivery_id, DeliveryRow.status == "sending")
        .values(status="planned", next_at=at, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )


async def _end(work: Work, delivery_id: UUID, status: str, reason: str | None) -> None:
    await work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery_id, DeliveryRow.status.in_(OPEN))
        .values(status=status, reason=reason, ended_at=work.now, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
