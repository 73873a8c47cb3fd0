"""Tokens as they cross the wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from vigilancia.access.scopes import SCOPES
from vigilancia.core.bodies import Check, passes
from vigilancia.core.errors import Fault

DEFAULT_DAYS = 90
MAX_DAYS = 366
MAX_OVERLAP_HOURS = 24 * 7

TokenRole = Literal["admin", "staff", "partner", "analyst"]


def _find_scope_faults(value: list[str]) -> Iterator[Fault]:
    for place, scope in enumerate(value):
        if scope not in SCOPES:
            yield Fault(pointer=f"/{place}", code="code", params={"vocabulary": ", ".join(SCOPES)})
        elif scope in value[:place]:
            yield Fault(pointer=f"/{place}", code="duplicate")


Label = Annotated[str, Meta(min_length=1, max_length=200), passes(lambda text: bool(text.strip()), "too_short")]
Scopes = Annotated[list[str], Meta(max_length=len(SCOPES)), Check(find=_find_scope_faults)]


class TokenIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to make.

    Attributes:
        organization_id: On whose behalf it acts.
        role: `admin`, `staff`, `partner` or `analyst`.
        name: What it is for, so that one knows later which to revoke.
        scopes: What it may do, within its role; none given: all that its role may.
        expires_in_days: Days until it ends.
        holder_id: The contact of the organisation who holds it: two tokens of one holder are one person wherever a
            second person is asked for.
    """

    organization_id: UUID
    role: TokenRole
    name: Label
    scopes: Scopes | None = None
    expires_in_days: Annotated[int, Meta(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS
    holder_id: UUID | None = None


class RotationIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to be followed by another one.

    Attributes:
        overlap_hours: How long the old one still opens anything; 0: it ends at once.
        expires_in_days: Days until the new one ends.
    """

    overlap_hours: Annotated[int, Meta(ge=0, le=MAX_OVERLAP_HOURS)] = 24
    expires_in_days: Annotated[int, Meta(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS


class Token(Struct, frozen=True, kw_only=True):
    """A token without its text, which nobody can read again.

    Attributes:
        last_used_at: To the minute.
        revoked_at: From here on it opens nothing.
        holder_id: The contact who holds it.
        replaces_id: The token it was rotated from.
    """

    id: UUID
    organization_id: UUID
    role: TokenRole
    name: str
    scopes: list[str]
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    holder_id: UUID | None
    replaces_id: UUID | None
    version: int
    created_at: datetime


class IssuedToken(Token, frozen=True, kw_only=True):
    """A token just made.

    Attributes:
        token: Its text, shown this once; null where the request is a repetition under the same `Idempotency-Key`.
    """

    token: str | None
