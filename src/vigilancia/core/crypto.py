"""The key ring: sealing short texts, and fingerprints that tell nothing without the key.

The ring holds one or more master keys, newest first; the newest seals, all of them open. Purposes never share a key:
each is derived from a master key by HKDF (RFC 5869).
"""

import base64
import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyRingError(ValueError):
    """The master keys are missing or not of the form `id:base64,id:base64`."""


class KeyRing:
    """Master keys by id, newest first."""

    def __init__(self, text: str) -> None:
        """Read a ring.

        Args:
            text: `id:base64-of-32-bytes`, comma separated, newest first.

        Raises:
            KeyRingError: A part has another form, or there is none.
        """
        self._keys: Mapping[str, bytes] = dict(_parse(part) for part in text.split(",") if part.strip())
        if not self._keys:
            msg = "no master key: set VIGILANCIA_MASTER_KEYS"
            raise KeyRingError(msg)
        self._newest = next(iter(self._keys))
        self._derived: dict[tuple[str, str], bytes] = {}

    @staticmethod
    def make(key_id: str) -> str:
        """Return the text of a fresh ring with one key."""
        return f"{key_id}:{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}"

    def seal(self, text: str, *, purpose: str, subject: str) -> bytes:
        """Encrypt a text with AES-256-GCM.

        Args:
            text: What to hide.
            purpose: What the key is for; opening wants the same.
            subject: The row it belongs to, so that a sealed value cannot be moved to another row.

        Returns:
            `key-id NUL nonce ciphertext`.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = AESGCM(self._derive(self._newest, purpose))
        return self._newest.encode() + b"\0" + nonce + cipher.encrypt(nonce, text.encode(), subject.encode())

    def open(self, sealed: bytes, *, purpose: str, subject: str) -> str:
        """Decrypt what `seal` made.

        Raises:
            KeyRingError: The ring lacks the key.
            cryptography.exceptions.InvalidTag: The value was changed, or belongs to another row or purpose.
        """
        key_id, _, rest = sealed.partition(b"\0")
        if key_id.decode() not in self._keys:
            msg = "the key ring lacks the key of this value"
            raise KeyRingError(msg)
        cipher = AESGCM(self._derive(key_id.decode(), purpose))
        return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], subject.encode()).decode()

    def fingerprint(self, data: bytes, *, purpose: str) -> bytes:
        """Return a keyed SHA-256 under the newest key: equal data, equal print; without the key it tells nothing."""
        return hmac.new(self._derive(self._newest, purpose), data, sha256).digest()

    def fingerprints(self, data: bytes, *, purpose: str) -> list[bytes]:
        """Return the keyed SHA-256 under every key of the ring, newest first: for secrets that outlive a rotation."""
        return [hmac.new(self._derive(key_id, purpose), data, sha256).digest() for key_id in self._keys]

    def verify(self, data: bytes, print_: bytes, *, purpose: str) -> bool:
        """Tell whether a fingerprint was made of this data under any key of the ring."""
        return any(
            hmac.compare_digest(hmac.new(self._derive(key_id, purpose), data, sha256).digest(), print_)
            for key_id in self._keys
        )

    def derived(self, purpose: str) -> list[bytes]:
        """Return the purpose's own key of every key of the ring, newest first."""
        return [self._derive(key_id, purpose) for key_id in self._keys]

    def _derive(self, key_id: str, purpose: str) -> bytes:
        known = self._derived.get((key_id, purpose))
        if known is None:
            kdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"vigilancia/{purpose}".encode())
            known = self._derived[key_id, purpose] = kdf.derive(self._keys[key_id])
        return known


def _parse(part: str) -> tuple[str, bytes]:
    key_id, _, encoded = part.strip().partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if not key_id or len(key) != _KEY_BYTES:
        msg = "a master key is not of the form id:base64-of-32-bytes"
        raise KeyRingError(msg)
    return key_id, key
