"""What crosses the wire: a party's place in a case."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from vigilancia.complaints.consents.override import ConsentOverride
from vigilancia.core.bodies import OneOf

Role = Annotated[str, OneOf("link_role")]
Access = Annotated[str, OneOf("link_access")]
Person = Annotated[str, Meta(min_length=1, max_length=200)]
Source = Annotated[str, Meta(min_length=1, max_length=2000)]
Instant = Annotated[datetime, Meta(tz=True)]
Purpose = Annotated[str, Meta(min_length=1, max_length=2000)]
State = Literal["offered", "accepted", "rejected", "revoked", "expired"]


class Override(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who decided that an adverse party, or its parent or child, may have access all the same, and why."""

    by: Person
    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class LinkIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link to be recorded.

    Attributes:
        organization_id: The party; it may hold several roles, each by a link of its own.
        role: Its role in this case, no judgement of the party.
        access: `none` is a fact only; `alerts` counts at once; `read` and `write` from the party's acceptance.
        adverse: Accused, incumbent, company side; unsaid, it follows from the role.
        adverse_override: Wanted for any access of an adverse party, its parents and its children.
        alerts_approved_by: The person who approved alerts to a role that does not get them by itself.
        valid_from: The day since which the party has the role.
        expires_at: The instant at which the link's access ends; `read` and `write` end after 90 days where none is
            given, `alerts` do not.
        source: Where the fact is from.
        consent_override: The decision to give access without a consent that is missing.
        purpose: What the access is for; told to owner and receiver alone.
    """

    organization_id: UUID
    role: Role
    access: Access = "none"
    adverse: bool | None = None
    adverse_override: Override | None = None
    alerts_approved_by: Person | None = None
    valid_from: date | None = None
    expires_at: Instant | None = None
    source: Source | None = None
    consent_override: ConsentOverride | None = None
    purpose: Purpose | None = None


class LinkPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of a link to change; the party itself never does: record another link.

    `expires_at` extends or shortens a grant. Naming `access` of a link that was rejected or revoked offers it anew.
    """

    role: Role | UnsetType = UNSET
    access: Access | UnsetType = UNSET
    adverse: bool | UnsetType = UNSET
    adverse_override: Override | UnsetType | None = UNSET
    alerts_approved_by: Person | UnsetType | None = UNSET
    valid_from: date | UnsetType | None = UNSET
    expires_at: Instant | UnsetType | None = UNSET
    source: Source | UnsetType | None = UNSET
    consent_override: ConsentOverride | UnsetType | None = UNSET
    purpose: Purpose | UnsetType | None = UNSET


class Ending(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an offer is rejected, or a grant revoked; told to owner and receiver alone."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class Link(Struct, frozen=True, kw_only=True):
    """A party's place in a case, as far as the reader is shown it.

    Who reads the case sees what access each party has; who decided on it is shown to the case's owner. The party sees
    its own link. All others see only the roles of parties whose own record is public.

    Attributes:
        state: Of what it gives: `offered` until the party accepts `read` or `write`; `alerts` count as accepted at
            once; null for a mere fact.
        walled: Told to the owner: the party is adverse in this case, or stands above or below one that is.
        purpose: What the access is for; told to owner and receiver.
        end_reason: Why it was rejected or revoked; told to owner and receiver.
    """

    id: UUID
    complaint_id: UUID
    organization_id: UUID
    role: str
    access: str | None
    accepted_at: datetime | None
    adverse: bool | None
    adverse_override: Override | None
    alerts_approved_by: str | None
    valid_from: date | None
    expires_at: datetime | None
    source: str | None
    state: State | None
    walled: bool | None
    rejected_at: datetime | None
    revoked_at: datetime | None
    purpose: str | None
    end_reason: str | None
    version: int
    created_at: datetime | None
    updated_at: datetime | None
