"""What crosses the wire: what wants a second person's yes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from vigilancia.complaints.approvals.service import Kind

Reason = Annotated[str, Meta(min_length=1, max_length=2000)]


class ApprovalIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a second person's yes is asked for.

    Attributes:
        kind: `close` or `publish` a complaint, or what another room asks for.
        complaint_id: The case.
        reason: Why; told to the owner's staff alone.
        subject_id: The person or file; of `close` and `publish` it is the complaint, and need not be said.
    """

    kind: Kind
    complaint_id: UUID
    reason: Reason
    subject_id: UUID | None = None


class Approval(Struct, frozen=True, kw_only=True):
    """Something one person asked for, and another decides on.

    Attributes:
        organization_id: The owner of the case, whose people decide.
        reason: In the asker's words: told to the owner's staff and to who asked.
        status: `asked`, `granted`, `refused`, or `used`; what lapsed before it was decided or used says `lapsed`.
        asked_by: The token.
        asked_holder: The contact who holds it, where that is known.
        expires_at: When the request lapses, or a yes ends.
    """

    id: UUID
    organization_id: UUID
    complaint_id: UUID
    kind: Kind
    subject_id: UUID
    reason: str | None
    status: str
    asked_by: UUID
    asked_holder: UUID | None
    asked_at: datetime
    decided_by: UUID | None
    decided_holder: UUID | None
    decided_at: datetime | None
    expires_at: datetime
    version: int
