"""What crosses the wire of webhook endpoints."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

Url = Annotated[str, Meta(min_length=1, max_length=2000, description="`https://…`, without user or password.")]
EventNames = Annotated[
    list[Annotated[str, Meta(max_length=60)]],
    Meta(min_length=1, max_length=30, description='Types of events, or `["*"]` for all of them.'),
]
Description = Annotated[str, Meta(max_length=200)]


class EndpointIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address to be told of events."""

    url: Url
    events: EventNames
    description: Description | None = None


class EndpointPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be changed.

    Attributes:
        enabled: True enables again what was disabled, and begins no old failure anew; false disables it.
        full_payload: True grants, in your name, that events of your organisation's own cases come with the case's
            number and the deadline's fields; false takes that back.
    """

    url: Url | UnsetType = UNSET
    events: EventNames | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    full_payload: bool | UnsetType = UNSET


class Endpoint(Struct, frozen=True, kw_only=True):
    """An address of your organisation that is told of events.

    Attributes:
        disabled_reason: `gone` (it answered 410), `failing` (for days), `manual`.
        first_failed_at: When the present run of failures began; none: the last call was answered with 2xx.
        previous_secret_until: Until when the secret before the present one signs too.
        full_payload_granted_by: The token that granted the fuller form.
    """

    id: UUID
    url: str
    events: list[str]
    description: str | None
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    first_failed_at: datetime | None
    previous_secret_until: datetime | None
    full_payload: bool
    full_payload_granted_at: datetime | None
    full_payload_granted_by: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


class IssuedEndpoint(Endpoint, frozen=True, kw_only=True):
    """An endpoint with its new secret.

    Attributes:
        secret: `whsec_…`, shown this once; null where the same request is repeated.
    """

    secret: str | None


class WebhookAttempt(Struct, frozen=True, kw_only=True):
    """One attempt.

    Attributes:
        ended_at: None: it is under way, or was cut off by the end of its worker.
        status_code: Of the answer; none where there was none.
        error: `timeout`, `dns`, `refused`, `unreachable`, `tls`, `broken`, `redirect`, `private_address`, ...
    """

    number: int
    started_at: datetime
    ended_at: datetime | None
    status_code: int | None
    error: str | None


class Delivery(Struct, frozen=True, kw_only=True):
    """One event to one endpoint.

    Attributes:
        event_id: The `webhook-id` it is sent with, the same in every attempt and replay.
        replay: 0 for the first.
        status: `planned`, `sending`, `delivered`, `failed` or `suppressed`.
        reason: Why failed (`gave_up`, `gone`, `internal`) or suppressed (`no_access`, `endpoint_disabled`).
        next_at: When it is tried next; none once it ended.
    """

    id: UUID
    event_id: UUID
    event_type: str
    event_at: datetime
    replay: int
    status: str
    reason: str | None
    next_at: datetime | None
    planned_at: datetime
    ended_at: datetime | None
    attempts: list[WebhookAttempt]


class ReplayIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to send again: one event, or all of a time.

    Attributes:
        since: From this instant on.
        until: Before this one; none: to the newest.
        after: `next` of the answer before, where one request was not enough.
    """

    event_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: UUID | None = None


class ReplayPlanned(Struct, frozen=True, kw_only=True):
    """What was planned.

    Attributes:
        planned: How many deliveries; what is still being sent is not planned twice.
        next: Where more may be left than one request looks at: ask again with `after`. None: that was all.
    """

    planned: int
    next: UUID | None


class WebhookTest(Struct, frozen=True, kw_only=True):
    """A test that is on its way.

    Attributes:
        event_id: Its `webhook-id`; what became of it stands among the deliveries.
    """

    event_id: UUID
