"""What crosses the wire: entries of a timeline."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class Actor(Struct, frozen=True, kw_only=True):
    """Who did it; no organisation: the system itself. The token is told to those who read the case."""

    organization_id: UUID | None
    token_id: UUID | None


class Entry(Struct, frozen=True, kw_only=True):
    """One thing that happened to a case.

    Attributes:
        id: Of the entry.
        complaint_id: Of the case.
        at: Instant, UTC; for analysts the first of its month.
        type: Such as `complaint_logged`, `link_accepted`, `event_recorded`, `deadline_moved`.
        actor: Who did it; null where the reader's view hides it.
        subject_id: The link, event, deadline or notice it is about.
        before: Changed fields as they were; null where there were none or the reader's view hides them.
        after: Changed fields as they became; a changed narrative or summary stands as `changed`.
    """

    id: UUID
    complaint_id: UUID
    at: datetime
    type: str
    actor: Actor | None
    subject_id: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
