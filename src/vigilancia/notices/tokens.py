"""The secret in a notice's link: it names one notice, serves one purpose and ends on its own."""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from vigilancia.core.crypto import KeyRing

_PURPOSE = "acknowledge"
_ID_BYTES = 16
_INSTANT_BYTES = 5  # seconds since 1970
_PRINT_BYTES = 32
_LENGTH = 70  # of the text


class Claim(Struct, frozen=True):
    """What a token says, its print verified."""

    notice_id: UUID
    expires_at: datetime


def make(keys: KeyRing, notice_id: UUID, expires_at: datetime) -> str:
    """Return the token of a notice, safe in an address."""
    claim = notice_id.bytes + int(expires_at.timestamp()).to_bytes(_INSTANT_BYTES, "big")
    packed = claim + keys.fingerprint(claim, purpose=_PURPOSE)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(keys: KeyRing, token: str) -> Claim | None:
    """Return what a token says, expired or not; none when no key of the ring made it."""
    if len(token) > 2 * _LENGTH:
        return None
    try:
        packed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    claim, print_ = packed[: _ID_BYTES + _INSTANT_BYTES], packed[_ID_BYTES + _INSTANT_BYTES :]
    if len(print_) != _PRINT_BYTES or not keys.verify(claim, print_, purpose=_PURPOSE):
        return None
    instant = datetime.fromtimestamp(int.from_bytes(claim[_ID_BYTES:], "big"), UTC)
    return Claim(UUID(bytes=claim[:_ID_BYTES]), instant)
