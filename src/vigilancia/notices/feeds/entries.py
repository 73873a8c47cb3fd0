"""What stands in a feed, whatever it is about: one all-day entry for each date."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

EntryStatus = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


class Entry(Struct, frozen=True, kw_only=True):
    """One date in a calendar (RFC 5545, 3.6.1: VEVENT).

    Attributes:
        id: Of the deadline or task: the UID is made of it, and never changes.
        day: A civil date, without a zone: the whole day, wherever the reader is.
        summary: One line.
        lines: The text under it.
        status: `TENTATIVE`: not sure; `CANCELLED`: the date no longer applies.
        sequence: How many times it changed; never goes down.
        changed_at: When it last changed, UTC.
        open: Whether something is still to come: only then it may ring.
    """

    id: UUID
    day: date
    summary: str
    lines: list[str]
    status: EntryStatus
    sequence: int
    changed_at: datetime
    open: bool
