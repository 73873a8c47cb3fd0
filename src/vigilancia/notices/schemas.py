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
        escalation_id: The run of the ladder.
        revision: Of the deadline, when it was planned.
        rung: Days from the last day: `-10d`, `0`, `+1d`.
        resend: 0 for the first.
        address: Masked.
        status: `planned`, `sending`, `delivered`, `stored`, `failed` or `suppressed`.
        reason: Why it failed or was suppressed, as a code.
        due_at: When the rung fell due.
        late: It was planned long after that.
        late_by: Seconds between the two, where it is late.
    """

    id: UUID
    complaint_id: UUID
    deadline_id: UUID
    escalation_id: UUID
    revision: int
    rung: str
    organization_id: UUID
    contact_id: UUID
    channel: str
    resend: int
    locale: str
    address: str | None
    status: str
    reason: str | None
    due_at: datetime
    late: bool
    late_by: int | None
    planned_at: datetime
    ended_at: datetime | None
    updated_at: datetime
    attempts: list[Attempt]
