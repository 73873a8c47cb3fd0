"""What crosses the wire: what newer rules or closures would change in a proceeding, and what a person says to it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from vigilancia.law.model import Nature
from vigilancia.proceedings.schemas import Reason

ProposalStatus = Literal["pending", "accepted", "declined", "superseded"]
ReasonCode = Literal["rules_changed", "closure_added", "closure_withdrawn"]


class ProposedState(Struct, frozen=True, kw_only=True):
    """A deadline as it is, or would be; readers of de-identified rows get months for days, and no `closes_at`."""

    nature: Nature
    due_on: date
    latest_due_on: date
    practice_on: date | None
    closes_at: datetime | None
    met: bool
    met_on: date | None
    void: bool
    void_reason: str | None


class ProposedChange(Struct, frozen=True, kw_only=True):
    """What would happen to one deadline: `add` has no `before`, `drop` no `after`."""

    change: Literal["add", "move", "drop"]
    rule: str
    title: str
    trigger_event_id: UUID
    deadline_id: UUID | None
    before: ProposedState | None
    after: ProposedState | None


class ProposalReason(Struct, frozen=True, kw_only=True):
    """Why, in the caller's language; a closure can be read under its calendar."""

    code: ReasonCode
    text: str
    closure_id: UUID | None
    calendar: str | None
    source: str | None


class Proposal(Struct, frozen=True, kw_only=True):
    """What newer rules or closures would change in a proceeding; nothing moves until somebody accepts.

    `decision_reason` and `decided_by` (a token) are for those who see the case itself.
    """

    id: UUID
    proceeding_id: UUID
    complaint_id: UUID
    reference: str | None
    mechanism: str
    title: str
    status: ProposalStatus
    reasons: list[ProposalReason]
    changes: list[ProposedChange]
    from_digest: str
    to_digest: str
    decided_at: datetime | None
    decided_by: UUID | None
    decision_reason: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class ProposalFilters(Struct, frozen=True, kw_only=True):
    """What a list of proposals may be narrowed by; several values of one field with commas."""

    status: str | None = None
    complaint_id: str | None = None
    proceeding_id: str | None = None
    mechanism: str | None = None


class Acceptance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a proposal is accepted, where there is something to say."""

    reason: Reason | None = None


class Refusal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a proposal is declined."""

    reason: Reason
