"""The secret in a letter's link: it names one row, serves one purpose and ends on its own."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from vigilancia.core.crypto import KeyRing

Purpose = Literal["acknowledge", "unsubscribe", "confirm", "assignment"]

_ID_BYTES = 16
_INSTANT_BYTES = 5  # seconds since 1970
_PRINT_BYTES = 32
_LENGTH = 70  # of the text


class Claim(Struct, frozen=True):
    """What a token says, its print verified."""

    subject_id: UUID  # the notice; of `confirm` and `unsubscribe` too
    expires_at: datetime


def make(keys: KeyRing, purpose: Purpose, subject_id: UUID, expires_at: datetime) -> str:
    """Return a token for one purpose, safe in an address."""
    claim = subject_id.bytes + int(expires_at.timestamp()).to_bytes(_INSTANT_BYTES, "big")
    packed = claim + keys.fingerprint(claim, purpose=purpose)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(keys: KeyRing, purpose: Purpose, token: str) -> Claim | None:
    """Return what a token says, expired or not; none when no key of the ring made it, or for another purpose."""
    if len(token) > 2 * _LENGTH:
        return None
    try:
        packed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if base64.urlsafe_b64encode(packed).decode().rstrip("=") != token:
        return None  # the last character has bits to spare: only one spelling of a token counts
    claim, print_ = packed[: _ID_BYTES + _INSTANT_BYTES], packed[_ID_BYTES + _INSTANT_BYTES :]
    if len(print_) != _PRINT_BYTES or not keys.verify(claim, print_, purpose=purpose):
        return None
    instant = datetime.fromtimestamp(int.from_bytes(claim[_ID_BYTES:], "big"), UTC)
    return Claim(UUID(bytes=claim[:_ID_BYTES]), instant)
