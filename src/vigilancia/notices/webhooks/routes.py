"""Routes of webhook endpoints."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from vigilancia.core.errors import BadParameterError, Fault
from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work
from vigilancia.notices.webhooks import queries, replaying, service
from vigilancia.notices.webhooks.schemas import (
    Delivery,
    Endpoint,
    EndpointIn,
    EndpointPatch,
    IssuedEndpoint,
    ReplayIn,
    ReplayPlanned,
    WebhookTest,
)

_WRITE = "webhooks:write"
_LISTING = {"listing": Provide(provide_wordless_listing)}


class WebhookController(Controller):
    """Addresses of your organisation that are told of events, signed as Standard Webhooks says."""

    path = "/webhook-endpoints"
    tags = ("Webhooks",)

    @get(operation_id="ListWebhookEndpoints", summary="List endpoints", scope="notices:read", dependencies=_LISTING)
    async def list_all(self, work: NamedDependency[Work], listing: NamedDependency[Listing]) -> Page[Endpoint]:
        """List your organisation's endpoints, in the order of their making; secrets are never shown again.

        Sort by `id`, `created_at`, `updated_at`.
        """
        return await queries.find(work, listing)

    @post(operation_id="CreateWebhookEndpoint", summary="Make an endpoint", scope=_WRITE, status_code=201)
    async def create(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[EndpointIn]
    ) -> Response[IssuedEndpoint]:
        """Make an endpoint; the secret its calls are signed with is in `secret`, this once.

        A repetition under the same `Idempotency-Key` answers the same endpoint with `secret` null: ask for another
        secret if the first answer was lost.
        """
        return await _issue(request, work, lambda: service.create(work, data), status_code=201)

    @get("/{endpoint_id:uuid}", operation_id="GetWebhookEndpoint", summary="Read an endpoint", scope="notices:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], endpoint_id: FromPath[UUID]
    ) -> Response[Endpoint]:
        """Read one endpoint, without its secret."""
        return answer(request, await queries.read(work, endpoint_id))

    @patch("/{endpoint_id:uuid}", operation_id="ChangeWebhookEndpoint", summary="Change an endpoint", scope=_WRITE)
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        endpoint_id: FromPath[UUID],
        data: JSONBody[EndpointPatch],
    ) -> Response[Endpoint]:
        """Change the given fields; `enabled: true` brings back one that was disabled.

        `full_payload: true` is a grant, kept with your token and the instant: events of your organisation's own cases
        then come with the case's number and the deadline's fields. Names and narratives never do.
        """
        await service.change(work, endpoint_id, data, expected_version(request))
        return answer(request, await queries.read(work, endpoint_id))

    @delete(
        "/{endpoint_id:uuid}",
        operation_id="DeleteWebhookEndpoint",
        summary="Delete an endpoint",
        scope=_WRITE,
        status_code=204,
    )
    async def remove(self, request: ApiRequest, work: NamedDependency[Work], endpoint_id: FromPath[UUID]) -> None:
        """Delete an endpoint and what was planned for it."""
        await service.remove(work, endpoint_id, expected_version(request))

    @post(
        "/{endpoint_id:uuid}/rotate-secret",
        operation_id="RotateWebhookSecret",
        summary="Give another secret",
        scope=_WRITE,
        status_code=200,
    )
    async def rotate(
        self, request: ApiRequest, work: NamedDependency[Work], endpoint_id: FromPath[UUID]
    ) -> Response[IssuedEndpoint]:
        """Make another secret, shown this once; for 24 hours calls are signed with the one before too."""

        async def rotated() -> tuple[UUID, str]:
            return endpoint_id, await service.rotate(work, endpoint_id)

        return await _issue(request, work, rotated, status_code=200)

    @post(
        "/{endpoint_id:uuid}/test",
        operation_id="TestWebhookEndpoint",
        summary="Send a test event",
        scope=_WRITE,
        status_code=202,
    )
    async def test(self, work: NamedDependency[Work], endpoint_id: FromPath[UUID]) -> WebhookTest:
        """Send a `webhook.test` event, signed and tried as any other."""
        return WebhookTest(event_id=await service.test(work, endpoint_id))

    @get(
        "/{endpoint_id:uuid}/deliveries",
        operation_id="ListWebhookDeliveries",
        summary="List deliveries",
        scope="notices:read",
        dependencies=_LISTING,
    )
    async def list_deliveries(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        endpoint_id: FromPath[UUID],
        status: FromQuery[str | None] = None,
        event_type: FromQuery[str | None] = None,
        since: FromQuery[datetime | None] = None,
    ) -> Page[Delivery]:
        """List what was sent or is to be sent, with every attempt and its status, newest first; kept for 30 days.

        Sort by `id` (the moment it was planned), `planned_at`, `updated_at`.
        """
        return await queries.deliveries(
            work, endpoint_id, listing, status=status, event_type=event_type, since=_instant(since)
        )

    @post(
        "/{endpoint_id:uuid}/replay",
        operation_id="ReplayWebhookEvents",
        summary="Send events again",
        scope=_WRITE,
        status_code=202,
    )
    async def replay(
        self, work: NamedDependency[Work], endpoint_id: FromPath[UUID], data: JSONBody[ReplayIn]
    ) -> ReplayPlanned:
        """Send one event again, or those of a time: the same `webhook-id`, a new timestamp.

        What your organisation may not see any more is left out. Of a time, 500 events are looked at by one request.
        """
        return await replaying.replay(work, endpoint_id, data)


async def _issue(
    request: ApiRequest,
    work: Work,
    make: Callable[[], Coroutine[Any, Any, tuple[UUID, str]]],
    *,
    status_code: int,
) -> Response[IssuedEndpoint]:
    made: dict[UUID, str] = {}

    async def create() -> UUID:
        endpoint_id, secret = await make()
        made[endpoint_id] = secret
        return endpoint_id

    return await create_once(
        request,
        work,
        create,
        lambda endpoint_id: queries.read_issued(work, endpoint_id, made.get(endpoint_id)),
        status_code=status_code,
    )


def _instant(given: datetime | None) -> datetime | None:
    if given is None:
        return None
    try:
        if given.tzinfo is not None:
            return given.astimezone(UTC)
    except OverflowError:
        pass  # said below, as of an instant without an offset
    fault = Fault(pointer="?since", code="format", params={"expected": "2026-03-02T15:00:00Z"})
    raise BadParameterError(faults=[fault])


controllers: list[type[Controller]] = [WebhookController]
