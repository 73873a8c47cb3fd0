"""What of a row of the audit is sealed, and how: RFC 8785 canonical JSON, SHA-256, each digest over the one before.

The form is part of every digest ever made: it may be added to, and never changed.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import ColumnElement

from vigilancia.access.models import AuditRow

FIRST = bytes(32)  # what stands before the first row
_SAFE = 2**53 - 1  # RFC 8785, 3.2.2.3: beyond it two readers of JSON may read two numbers

_AUDIT = AuditRow.__table__.c
NAMES = (
    *("id", "seq", "at", "action", "what", "organization_id", "role", "token_id", "holder_id", "complaint_id"),
    *("subject_id", "shown", "why", "facts", "content"),
)
COLUMNS: tuple[ColumnElement[Any], ...] = tuple(_AUDIT[name] for name in NAMES)


def plain(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of a query that has COLUMNS
    """Return a row as JSON knows it; what is null is left out.

    Args:
        row: Of a query that has `COLUMNS`.
    """
    return {name: _plain(value) for name in NAMES if (value := getattr(row, name)) is not None}


def link(before: bytes, row: Mapping[str, Any]) -> bytes:
    """Return the digest of a row in its place: SHA-256 of the digest before and the row's canonical JSON.

    Args:
        before: Digest of the place before; `FIRST` before the first.
        row: As `plain` returns it.
    """
    return sha256(before + rfc8785.dumps(dict(row))).digest()


def instant(moment: datetime) -> str:
    """Return an instant as it is sealed: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> Any:  # noqa: ANN401 - what a column holds
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, UUID):  # the driver has a class of its own
        return str(value)
    convert = _FORMS.get(type(value))
    return convert(value) if convert is not None else value


def _whole(value: int) -> int | str:
    return value if abs(value) <= _SAFE else str(value)


_FORMS: dict[type, Callable[[Any], Any]] = {
    datetime: instant,
    int: _whole,
    bytes: bytes.hex,
}
