"""Secrets of endpoints and the signatures made with them (Standard Webhooks, `v1`: HMAC-SHA256)."""

import base64
import secrets
from datetime import UTC, datetime
from uuid import UUID

from standardwebhooks import Webhook

from vigilancia.core.crypto import KeyRing
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.models import EndpointRow

PREFIX = "whsec_"
_PURPOSE = "webhook-secret"


def new_secret() -> str:
    """Return a fresh secret, as its owner is shown it once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(figures().secret_bytes)).decode()


def seal(keys: KeyRing, secret: str, endpoint_id: UUID) -> bytes:
    """Seal a secret for the row of its endpoint."""
    return keys.seal(secret, purpose=_PURPOSE, subject=str(endpoint_id))


def valid(keys: KeyRing, endpoint: EndpointRow, now: datetime) -> list[str]:
    """Return the secrets that sign at an instant, newest first.

    Raises:
        KeyRingError: The ring lacks a key.
        cryptography.exceptions.InvalidTag: A sealed secret was moved or changed.
    """
    sealed = [endpoint.secret]
    if endpoint.previous_secret is not None and endpoint.previous_until is not None and endpoint.previous_until > now:
        sealed.append(endpoint.previous_secret)
    return [keys.open(one, purpose=_PURPOSE, subject=str(endpoint.id)) for one in sealed]


def headers(event_id: UUID, now: datetime, body: bytes, signing: list[str]) -> dict[str, str]:
    """Return the headers of one attempt.

    Args:
        event_id: The same in every attempt and replay: who has seen it may pass it over.
        now: The instant of this attempt; any zone.
        body: As it is sent.
        signing: The secrets that sign.
    """
    at = now.astimezone(UTC)  # the library drops a zone instead of minding it
    text = body.decode()
    signatures = [Webhook(secret).sign(str(event_id), at, text) for secret in signing]
    return {
        "content-type": "application/json",
        "webhook-id": str(event_id),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
