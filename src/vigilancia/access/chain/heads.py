"""Heads: how far the chain had come and with which digest, signed with Ed25519, kept in the database and outside it.

Whoever can write to the database alone can make a new chain, but no head for it; whoever cuts off the ends of the
tables leaves a head outside that tells of more rows than there are.
"""

import json
import os
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from vigilancia.access.chain.rows import instant
from vigilancia.core.crypto import KeyRing
from vigilancia.core.settings import Settings

PURPOSE = "audit-head"
_CONTEXT = b"vigilancia/audit-head/1\n"  # so that a signature means this and nothing else
_PRIVATE = 0o600


class Head(Struct, frozen=True, kw_only=True):
    """The end of the chain at one moment.

    Attributes:
        position: Rows the chain had.
        digest: Of the last of them, hexadecimal.
        at: When it was signed.
        public_key: Ed25519, hexadecimal.
        signature: Over position, digest and instant, hexadecimal.
    """

    position: int
    digest: str
    at: str
    public_key: str
    signature: str


def sign(keys: KeyRing, position: int, digest: bytes, at: datetime) -> Head:
    """Return a head, signed with the newest key of the ring."""
    key = Ed25519PrivateKey.from_private_bytes(keys.derived(PURPOSE)[0])
    told, moment = digest.hex(), instant(at)
    return Head(
        position=position,
        digest=told,
        at=moment,
        public_key=key.public_key().public_bytes_raw().hex(),
        signature=key.sign(_signed(position, told, moment)).hex(),
    )


def public_keys(keys: KeyRing) -> list[str]:
    """Return the public keys that belong to a ring, newest first, hexadecimal."""
    private = (Ed25519PrivateKey.from_private_bytes(each) for each in keys.derived(PURPOSE))
    return [key.public_key().public_bytes_raw().hex() for key in private]


def holds(head: Head, known: Collection[str]) -> bool:
    """Tell whether a head was signed by one of the keys we know."""
    if head.public_key not in known:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.public_key))
        key.verify(bytes.fromhex(head.signature), _signed(head.position, head.digest, head.at))
    except (InvalidSignature, ValueError):
        return False
    return True


def of_row(row: Any) -> Head:  # noqa: ANN401 - a row of audit_head
    """Return a head as the table has it."""
    return Head(
        position=row.position,
        digest=row.digest.hex(),
        at=instant(row.at),
        public_key=row.public_key.hex(),
        signature=row.signature.hex(),
    )


def outside(settings: Settings) -> Path:
    """Return the file of heads outside the database."""
    return settings.data_dir / "audit" / "heads.jsonl"


def keep_outside(path: Path, head: Head) -> None:
    """Add a head to the file, and see it safely on the disk.

    Raises:
        OSError: The folder cannot be written to.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({name: getattr(head, name) for name in Head.__struct_fields__}) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read_outside(path: Path) -> Iterator[Head | None]:
    """Yield the heads of a file, oldest first; none for a line that is no head."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.strip():
                yield _head(line)


def last_day(path: Path) -> str | None:
    """Return the civil date, UTC, of the newest head outside; none where there is none."""
    days = [head.at[:10] for head in read_outside(path) if head is not None]
    return max(days, default=None)


def _head(line: str) -> Head | None:
    try:
        told = json.loads(line)
        return Head(
            position=int(told["position"]),
            **{name: str(told[name]) for name in Head.__struct_fields__ if name != "position"},
        )
    except (ValueError, KeyError, TypeError):
        return None


def _signed(position: int, digest: str, at: str) -> bytes:
    return _CONTEXT + rfc8785.dumps({"position": position, "digest": digest, "at": at})
