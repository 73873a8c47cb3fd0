"""What crosses the wire of the ledger."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt to deliver.

    Attributes:
        ended_at: None: it was cut off, by the end of its worker.
        result: `delivered`, `stored`, `retry` or `failed`.
        answer: The server's code and what it was said to.
    """

    number: int
    started_at: datetime
    ended_at: datetime | None
    result: str | None
    answer: str | None


class Notice(Struct, frozen=True, kw_only=True):
    """A row of the ledger: who was told about which rung of which deadline, and what became of it.

    Attributes:
        kind: `deadline`, `task`, `alarm`, `assignment`, `digest`, `calm`, `confirm`, `endpoint`, `search` or
            `privacy`.
        subject_id: What it is about: the deadline, task, complaint, contact, endpoint, saved search or privacy
            alert.
        escalation_id: The run of the ladder; none: it is no rung of one.
        revision: Of the deadline, when it was planned.
        rung: Days from the last day: `-10d`, `-3bd`, `0`, `+1d`; of other kinds the occasion.
        resend: 0 for the first by this channel.
        after_id: The notice it repeats (`after_why`: `resend`) or stands in for (`fallback`).
        address: Masked.
        status: `planned`, `sending`, `delivered`, `stored`, `failed` or `suppressed`.
        reason: Why it failed or was suppressed, as a code.
        due_at: When the rung fell due.
        hold_until: It waits until then for the recipient's next opening or digest.
        within_id: The digest it went out in.
        late: It was planned long after that.
        late_by: Seconds between the two, where it is late.
    """

    id: UUID
    kind: str
    subject_id: UUID
    complaint_id: UUID | None
    deadline_id: UUID | None
    escalation_id: UUID | None
    revision: int
    rung: str
    organization_id: UUID
    contact_id: UUID
    channel: str
    resend: int
    after_id: UUID | None
    after_why: str | None
    locale: str
    address: str | None
    status: str
    reason: str | None
    due_at: datetime
    late: bool
    late_by: int | None
    planned_at: datetime
    hold_until: datetime | None
    within_id: UUID | None
    ended_at: datetime | None
    updated_at: datetime
    attempts: list[Attempt]


class WebhookSecret(Struct, frozen=True, kw_only=True):
    """The secret of a contact's webhook, as Standard Webhooks writes it: `whsec_` and base64."""

    secret: str
