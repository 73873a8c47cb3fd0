"""What crosses the wire of assignments."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class AssignmentIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person to take a run into hand: a contact your organisation keeps of itself."""

    contact_id: UUID


class Assignment(Struct, frozen=True, kw_only=True):
    """A run offered to one person of an organisation, and the answer.

    Attributes:
        state: `offered`, `accepted`, `declined`, or `ended`: another took it over.
        answered_at: When the person said yes or no.
        ended_at: When another took it over.
    """

    id: UUID
    escalation_id: UUID
    organization_id: UUID
    contact_id: UUID
    state: str
    offered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
