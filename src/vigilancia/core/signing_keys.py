"""Keys that this installation signs with: Ed25519 (RFC 8032), derived from the master keys, one for each purpose.

Nothing more has to be kept: whoever has the ring has them, a fresh master key brings fresh ones, and what an older
one signed is still known by its public key.
"""

from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vigilancia.core.crypto import KeyRing

_ID_CHARS = 16


def signing_key(ring: KeyRing, purpose: str) -> Ed25519PrivateKey:
    """Return the key that signs for a purpose now, of the newest master key."""
    return Ed25519PrivateKey.from_private_bytes(ring.derived(f"signing/{purpose}")[0])


def public_keys(ring: KeyRing, purpose: str) -> list[Ed25519PublicKey]:
    """Return the public keys for a purpose, of every master key of the ring, the newest first."""
    secrets = ring.derived(f"signing/{purpose}")
    return [Ed25519PrivateKey.from_private_bytes(secret).public_key() for secret in secrets]


def to_pem(key: Ed25519PublicKey) -> str:
    """Return a public key as PEM, as OpenSSL reads it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(key: Ed25519PublicKey) -> str:
    """Return the short name of a public key, to be read out and compared."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:_ID_CHARS]
