"""Sending again: one event, or those of a time, under the ids they had; only what may be seen still."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select, tuple_

from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.errors import Fault, InvalidError, NotFoundError
from vigilancia.core.tickets import errand
from vigilancia.core.work import Work
from vigilancia.notices.webhooks.events import TEST, told
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.models import DeliveryRow, EndpointRow, EventRow
from vigilancia.notices.webhooks.publishing import listening, plan, standing_of_endpoint
from vigilancia.notices.webhooks.schemas import ReplayIn, ReplayPlanned
from vigilancia.notices.webhooks.service import own, require_enabled
from vigilancia.notices.webhooks.waking import OPEN


async def replay(work: Work, endpoint_id: UUID, data: ReplayIn) -> ReplayPlanned:
    """Plan events again for an endpoint; what is still being sent is not planned twice.

    Raises:
        NotFoundError: For this caller there is no such endpoint, or no such event any more.
        ForbiddenError: The caller is of no organisation's staff.
        ConflictError: The endpoint is disabled.
        InvalidError: Neither an event nor a time, or both, or instants without an offset.
    """
    row = await own(work, endpoint_id)
    require_enabled(row)
    faults = list(_faults(data))
    if faults:
        raise InvalidError(faults=faults)
    async with errand(work.session):  # an event nobody was told of yet is nobody's; the conditions say whose it may be
        seen = (await work.session.execute(_seen(work, endpoint_id, data))).all()
    if data.event_id is not None and not any(_may(event) for event in seen):
        raise NotFoundError
    # An event that is still being sent needs no second delivery.
    pairs = [(event.id, endpoint_id, event.last + 1) for event in seen if _may(event) and not event.waiting]
    more = data.event_id is None and len(seen) == figures().replay_most
    return ReplayPlanned(planned=await plan(work, pairs), next=seen[-1].id if more else None)


def _may(event: Any) -> bool:  # noqa: ANN401 - a row of `_seen`
    return event.complaint_id is None or told(event.standing, event.type, event.changed) is not None


def _seen(work: Work, endpoint_id: UUID, data: ReplayIn) -> Any:  # noqa: ANN401 - a select
    """Return the select of the events asked for that the endpoint's organisation may know of, oldest first."""
    standing = standing_of_endpoint(work)
    sent = select(func.coalesce(func.max(DeliveryRow.replay), -1)).where(
        DeliveryRow.event_id == EventRow.id, DeliveryRow.endpoint_id == endpoint_id
    )
    waiting = exists().where(
        DeliveryRow.event_id == EventRow.id, DeliveryRow.endpoint_id == endpoint_id, DeliveryRow.status.in_(OPEN)
    )
    query = (
        select(EventRow.id, EventRow.type, EventRow.changed, EventRow.complaint_id)
        .add_columns(standing.label("standing"), sent.scalar_subquery().label("last"), waiting.label("waiting"))
        .select_from(EventRow)
        .join(EndpointRow, EndpointRow.id == endpoint_id)
        .outerjoin(ComplaintRow, ComplaintRow.id == EventRow.complaint_id)
        .where(or_(EventRow.organization_id == EndpointRow.organization_id, standing.is_not(None)))
    )
    if data.event_id is not None:
        return query.where(EventRow.id == data.event_id)
    query = query.where(EventRow.at >= data.since, listening(EventRow.type), EventRow.type != TEST)
    if data.until is not None:
        query = query.where(EventRow.at < data.until)
    if data.after is not None:
        after = select(EventRow.at, EventRow.id).where(EventRow.id == data.after).scalar_subquery()
        query = query.where(tuple_(EventRow.at, EventRow.id) > after)
    return query.order_by(EventRow.at, EventRow.id).limit(figures().replay_most)


def _faults(data: ReplayIn) -> Iterator[Fault]:
    if (data.event_id is None) == (data.since is None):
        yield Fault(pointer="/since", code="required" if data.since is None else "not_allowed")
    if data.event_id is not None and (data.until is not None or data.after is not None):
        yield Fault(pointer="/until" if data.until is not None else "/after", code="not_allowed")
    for name in ("since", "until"):
        at = getattr(data, name)
        if at is not None and at.tzinfo is None:
            yield Fault(pointer=f"/{name}", code="format", params={"expected": "2026-03-02T15:00:00Z"})
