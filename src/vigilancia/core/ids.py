"""Identifiers: UUIDv7 for rows, random references for people."""

import secrets
from uuid import UUID, uuid4

import uuid_utils

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L, U: read aloud over the telephone without doubt
_REFERENCE_LENGTH = 6


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): sorts by the moment it was made."""
    return UUID(int=uuid_utils.uuid7().int)


def untimed_id() -> UUID:
    """Return a UUIDv4, for what must not tell the instant of its making."""
    return uuid4()


def new_reference(year: int) -> str:
    """Return a random case reference such as `VIG-2026-7K3M9Q`; the year is that of receipt, the rest tells nothing."""
    return f"VIG-{year:04}-" + "".join(secrets.choice(_ALPHABET) for _ in range(_REFERENCE_LENGTH))
