"""Reading endpoints and what became of their deliveries: their own organisation's alone."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select, true

from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.notices.webhooks.models import AttemptRow, DeliveryRow, EndpointRow, EventRow
from vigilancia.notices.webhooks.schemas import Delivery, Endpoint, IssuedEndpoint, WebhookAttempt
from vigilancia.notices.webhooks.waking import OPEN

_ENDPOINTS: dict[str, ColumnElement[Any]] = {
    "id": EndpointRow.__table__.c.id,
    "created_at": EndpointRow.__table__.c.created_at,
    "updated_at": EndpointRow.__table__.c.updated_at,
}
_DELIVERIES: dict[str, ColumnElement[Any]] = {
    "id": DeliveryRow.__table__.c.id,
    "planned_at": DeliveryRow.__table__.c.planned_at,
    "updated_at": DeliveryRow.__table__.c.updated_at,
}


async def find(work: Work, listing: Listing) -> Page[Endpoint]:
    """Return a page of the organisation's endpoints.

    Raises:
        BadParameterError: A sort or cursor that does not fit.
    """
    query = select(EndpointRow).where(_mine(work))
    if listing.updated_since is not None:
        query = query.where(EndpointRow.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_ENDPOINTS, default="id")
    return Page(items=[Endpoint(**_fields(row.EndpointRow, work.now)) for row in rows], next=following)


async def read(work: Work, endpoint_id: UUID) -> Endpoint:
    """Return one endpoint, without its secret.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    return Endpoint(**_fields(await _row(work, endpoint_id), work.now))


async def read_issued(work: Work, endpoint_id: UUID, secret: str | None) -> IssuedEndpoint:
    """Return one endpoint with the secret just made; none on a repetition, because it can be shown only once.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    return IssuedEndpoint(**_fields(await _row(work, endpoint_id), work.now), secret=secret)


async def deliveries(
    work: Work,
    endpoint_id: UUID,
    listing: Listing,
    *,
    status: str | None,
    event_type: str | None,
    since: datetime | None,
) -> Page[Delivery]:
    """Return a page of an endpoint's deliveries with their attempts, newest first unless asked otherwise.

    Args:
        work: On whose behalf.
        endpoint_id: Whose.
        listing: Cursor, limit, sort, changed since.
        status: One status or several with commas.
        event_type: One type of event or several with commas.
        since: Planned at or after this instant.

    Raises:
        NotFoundError: For this caller the endpoint does not exist.
        BadParameterError: A filter, sort or cursor does not fit.
    """
    await _row(work, endpoint_id)
    query: Select[*tuple[Any, ...]] = (
        select(DeliveryRow, EventRow.type, EventRow.at)
        .join(EventRow, EventRow.id == DeliveryRow.event_id)
        .where(DeliveryRow.endpoint_id == endpoint_id)
    )
    query = _narrowed(query, status, event_type, since)
    if listing.updated_since is not None:
        query = query.where(DeliveryRow.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_DELIVERIES, default="-id")
    attempts = await _attempts(work, [row.DeliveryRow.id for row in rows])
    return Page(items=[_delivery(row, attempts[row.DeliveryRow.id]) for row in rows], next=following)


def _narrowed(
    query: Select[*tuple[Any, ...]], status: str | None, event_type: str | None, since: datetime | None
) -> Select[*tuple[Any, ...]]:
    if status is not None:
        query = query.where(any_of(DeliveryRow.__table__.c.status, status, "status"))
    if event_type is not None:
        query = query.where(any_of(EventRow.__table__.c.type, event_type, "event_type"))
    return query if since is None else query.where(DeliveryRow.planned_at >= since)


def _mine(work: Work) -> ColumnElement[bool]:
    if work.caller.is_system:
        return true()
    return EndpointRow.organization_id == work.caller.organization_id


async def _row(work: Work, endpoint_id: UUID) -> EndpointRow:
    query = select(EndpointRow).where(EndpointRow.id == endpoint_id, _mine(work))
    row = (await work.session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFoundError
    return row


def _fields(row: EndpointRow, now: datetime) -> dict[str, Any]:
    rotating = row.previous_until is not None and row.previous_until > now
    return {
        "id": row.id,
        "url": row.url,
        "events": row.events,
        "description": row.description,
        "enabled": row.disabled_at is None,
        "disabled_at": row.disabled_at,
        "disabled_reason": row.disabled_reason,
        "first_failed_at": row.first_failed_at,
        "previous_secret_until": row.previous_until if rotating else None,
        "full_payload": row.full_payload,
        "full_payload_granted_at": row.full_granted_at,
        "full_payload_granted_by": row.full_granted_by,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


async def _attempts(work: Work, delivery_ids: Sequence[UUID]) -> dict[UUID, list[WebhookAttempt]]:
    query = select(AttemptRow).where(AttemptRow.delivery_id.in_(delivery_ids)).order_by(AttemptRow.number)
    found: dict[UUID, list[WebhookAttempt]] = defaultdict(list)
    for row in await work.session.scalars(query):
        found[row.delivery_id].append(
            WebhookAttempt(
                number=row.number,
                started_at=row.started_at,
                ended_at=row.ended_at,
                status_code=row.status_code,
                error=row.error,
            )
        )
    return found


def _delivery(row: Row[*tuple[Any, ...]], attempts: list[WebhookAttempt]) -> Delivery:
    delivery: DeliveryRow = row.DeliveryRow
    return Delivery(
        id=delivery.id,
        event_id=delivery.event_id,
        event_type=row.type,
        event_at=row.at,
        replay=delivery.replay,
        status=delivery.status,
        reason=delivery.reason,
        next_at=delivery.next_at if delivery.status in OPEN else None,
        planned_at=delivery.planned_at,
        ended_at=delivery.ended_at,
        attempts=attempts,
    )
