"""What crosses the wire: who is walled off a case."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

Reason = Annotated[str, Meta(min_length=1, max_length=2000)]


class WallIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to wall off, a contact or a token of any organisation, and why."""

    reason: Reason
    contact_id: UUID | None = None
    token_id: UUID | None = None


class Wall(Struct, frozen=True, kw_only=True):
    """Somebody for whom the case does not exist.

    Attributes:
        contact_id: The person, with every token it holds; none: one token is meant.
        token_id: The token; none: a person is meant.
        reason: In the words of who raised the wall; null once the complaint is erased.
    """

    id: UUID
    complaint_id: UUID
    contact_id: UUID | None
    token_id: UUID | None
    reason: str | None
    version: int
    created_at: datetime
