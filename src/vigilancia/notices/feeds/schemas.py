"""What crosses the wire of calendar feeds."""

import unicodedata
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from vigilancia.core.bodies import passes
from vigilancia.core.settings import Locale


def _is_one_line(text: str) -> bool:
    return not any(unicodedata.category(char) == "Cc" for char in text)


Name = Annotated[
    str,
    Meta(min_length=1, max_length=200),
    passes(lambda text: bool(text.strip()), "too_short"),
    passes(_is_one_line, "format", expected="one line"),
]


class CalendarFeedIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feed to make: exactly one of `complaint_id`, `organization_id` and `contact_id`.

    Attributes:
        complaint_id: The dates of one case that you see.
        organization_id: Your own: the dates of all cases it owns, reads, or is told about.
        contact_id: Of your own organisation: the dates of the cases this contact handles (a desk: also of those nobody
            handles), and of other organisations' cases that yours is told about.
        name: How the calendar is called; it stands in the feed. None: a name that says which kind it is.
        locale: Language of the entries; none: the contact's, else the organisation's.
        alarms: Whether entries bring an alarm some days before; many programs ignore alarms of feeds.
    """

    complaint_id: UUID | None = None
    organization_id: UUID | None = None
    contact_id: UUID | None = None
    name: Name | None = None
    locale: Locale | None = None
    alarms: bool = False


class CalendarFeed(Struct, frozen=True, kw_only=True):
    """A feed without its address, which nobody can read again.

    Attributes:
        owner_id: The organisation whose access is asked at each reading.
        made_by: The token it was made with.
        last_read_at: Roughly.
        revoked_at: From here on its address is not found.
    """

    id: UUID
    owner_id: UUID
    complaint_id: UUID | None
    organization_id: UUID | None
    contact_id: UUID | None
    name: str
    locale: Locale
    alarms: bool
    made_by: UUID | None
    created_at: datetime
    last_read_at: datetime | None
    revoked_at: datetime | None
    version: int


class IssuedCalendarFeed(CalendarFeed, frozen=True, kw_only=True):
    """A feed just made.

    Attributes:
        url: Its address, shown this once: whoever has it reads the feed. Null where the request is a repetition under
            the same `Idempotency-Key`.
    """

    url: str | None
