"""A letter as it would leave this moment: whether it may, where to, and what it says."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from vigilancia.core.settings import Locale
from vigilancia.notices.content import Content


class Letter(Struct, frozen=True, kw_only=True):
    """A notice of any kind, about to be sent.

    Attributes:
        notice_id: Its row in the ledger.
        kind: `deadline`, `task`, `digest` ...
        channel: By which it goes.
        organization_id: Whose contact it speaks to.
        contact_id: To whom.
        planned_at: When it was planned.
        status: Of the notice.
        locale: Of the recipient.
        address: Where to; none: there is none any more.
        obstacle: Why it must not be sent now, as a code; none: send it.
        thread: What messages of one thread share, safe in a Message-ID.
        content: What it says.
        link: Address behind its button; none: there is no button.
        complaint_id: Of the case; none: it is of no single case. Filled in by `reading`, as the next two are.
        deadline_id: Of the deadline; none: it is of another kind.
        rung: Of the ladder; of other kinds the occasion.
        due_on: The last day it tells of; none: it tells of none.
    """

    notice_id: UUID
    kind: str
    channel: str
    organization_id: UUID
    contact_id: UUID
    planned_at: datetime
    status: str
    locale: Locale
    address: str | None
    obstacle: str | None
    thread: str
    content: Content
    link: str | None
    complaint_id: UUID | None = None
    deadline_id: UUID | None = None
    rung: str = ""
    due_on: date | None = None
