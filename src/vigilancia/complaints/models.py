"""Tables of complaints: the case, the facilities and parties in it, its kin, and its timeline."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class ComplaintRow(Base):
    """A complaint that workers' rights were denied."""

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint("status IN ('intake', 'open', 'closed')", name="status"),
        CheckConstraint("confidentiality IN ('restricted', 'partners', 'public')", name="confidentiality"),
        Index("ix_complaint_owner", "owner_id", "updated_at", "id"),
        Index("ix_complaint_updated", "updated_at", "id"),
        Index("ix_complaint_received", "received_on", "id"),
        Index("ix_complaint_search", "search", postgresql_using="gin"),
        Index("ix_complaint_facility", "facility_id"),
        Index("ix_complaint_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        CheckConstraint("merged_into <> id", name="merged_into_another"),
        CheckConstraint("NOT sealed OR confidentiality = 'public' OR summary IS NULL", name="summary_sealed"),
        CheckConstraint("merged_into IS NULL OR status = 'closed'", name="merged_is_closed"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # UUIDv4: the instant of intake must not show
    reference: Mapped[str] = mapped_column(unique=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    facility_id: Mapped[UUID | None] = mapped_column(ForeignKey("facility.id"))  # the main one
    title: Mapped[str]  # a working label, in plain: no name of a worker belongs there
    summary: Mapped[str | None]  # in plain of public cases only
    summary_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # under the complaint's key, of all others
    narrative: Mapped[bytes | None] = mapped_column(LargeBinary)  # of earlier releases, sealed by the ring
    narrative_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # under the complaint's key
    sealed: Mapped[bool] = mapped_column(server_default=text("false"))  # nothing is left of earlier releases
    status: Mapped[str]
    channel: Mapped[str | None]
    received_on: Mapped[date]
    incidents: Mapped[list[dict[str, Any]]]
    allegations: Mapped[list[str]]
    affected_min: Mapped[int | None]
    affected_max: Mapped[int | None]
    groups: Mapped[list[str]]
    languages: Mapped[list[str]]
    interpreter_needed: Mapped[bool | None]
    risk_level: Mapped[str | None]
    confidentiality: Mapped[str]
    external_ids: Mapped[list[dict[str, Any]]]
    tags: Mapped[list[str]]
    source_urls: Mapped[list[str]]
    findings: Mapped[list[dict[str, Any]]]
    outcomes: Mapped[list[dict[str, Any]]]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("complaint.id"))  # the case that goes on for it
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "to_tsvector('spanish', public.terms(title || ' ' || coalesce(summary, '')))"
            " || to_tsvector('simple', public.terms(reference || ' ' || title || ' ' || coalesce(summary, '')))",
            persisted=True,
        ),
    )


class ComplaintFacilityRow(Base):
    """A facility a complaint is about; several plants may stand in one case."""

    __tablename__ = "complaint_facility"
    __table_args__ = (Index("ix_complaint_facility_facility", "facility_id", "complaint_id"),)

    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facility.id"), primary_key=True)


class ComplaintRelationRow(Base):
    """A case that has to do with another."""

    __tablename__ = "complaint_relation"
    __table_args__ = (
        CheckConstraint("kind IN ('same_facility', 'born_of', 'same_question')", name="kind"),
        CheckConstraint("complaint_id <> related_id", name="another"),
    )

    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    related_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)


class LinkRow(Base):
    """A party's place in a case, and what it may see of it."""

    __tablename__ = "complaint_link"
    __table_args__ = (
        UniqueConstraint("complaint_id", "organization_id", "role"),
        CheckConstraint("access IN ('none', 'alerts', 'read', 'write')", name="access"),
        CheckConstraint("NOT adverse OR access = 'none' OR adverse_override IS NOT NULL", name="adverse_sees_nothing"),
        Index("ix_complaint_link_organization", "organization_id", "complaint_id"),
        Index("ix_complaint_link_changed", "organization_id", "updated_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    role: Mapped[str]
    access: Mapped[str]
    accepted_at: Mapped[datetime | None]  # `read` and `write` count from here
    accepted_by: Mapped[UUID | None]  # token
    adverse: Mapped[bool]
    adverse_override: Mapped[dict[str, Any] | None]  # {}: see `words`; earlier {"by", "reason"}
    alerts_approved_by: Mapped[str | None]  # for roles outside the list of those who get alerts
    valid_from: Mapped[date | None]
    expires_at: Mapped[datetime | None]  # `read` and `write` always have one
    consent_overridden_at: Mapped[datetime | None]  # its access was given without a consent that was wanted
    source: Mapped[str | None]
    words: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed: what the override says; then it is `{}` above
    purpose: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed, field "complaint_link.purpose/<id>"
    rejected_at: Mapped[datetime | None]  # by the receiver
    revoked_at: Mapped[datetime | None]  # by the case's owner
    end_reason: Mapped[bytes | None] = mapped_column(LargeBinary)  # of either; field "complaint_link.end_reason/<id>"
    walled: Mapped[bool] = mapped_column(server_default=text("false"))  # kept by triggers, see `access.policy`
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WallRow(Base):
    """Somebody who may see nothing of a case, whatever the own organisation may; told by name, for a reason."""

    __tablename__ = "complaint_wall"
    __table_args__ = (
        CheckConstraint("num_nonnulls(contact_id, token_id) = 1", name="one_person"),
        UniqueConstraint("complaint_id", "contact_id"),
        UniqueConstraint("complaint_id", "token_id"),
        Index("ix_complaint_wall_contact", "contact_id", "complaint_id"),
        Index("ix_complaint_wall_token", "token_id", "complaint_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    # No foreign keys: a wall outlives the record of whom it keeps out, whose token may still be about.
    contact_id: Mapped[UUID | None]
    token_id: Mapped[UUID | None]
    reason: Mapped[bytes] = mapped_column(LargeBinary)  # sealed, field "complaint_wall.reason/<id>"
    made_by: Mapped[UUID | None]  # token
    created_at: Mapped[datetime]
    version: Mapped[int]


class AlarmRow(Base):
    """Somebody is being punished, or about to be: to be told at once to those who may act.

    Whoever records the danger leaves this mark; the escalation room tells, and clears `tell_pending`.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        UniqueConstraint("complaint_id", "cause", "subject_id", "occasion"),
        CheckConstraint("cause IN ('acute', 'dismissal')", name="cause"),
        Index("ix_alarm_tell_pending", "id", postgresql_where=text("tell_pending")),
        Index("ix_alarm_complaint", "complaint_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    cause: Mapped[str]
    subject_id: Mapped[UUID]  # the event; of `acute` the complaint
    occasion: Mapped[int]  # version of the complaint or event, so that the same mark is left once
    raised_at: Mapped[datetime]
    tell_pending: Mapped[bool]
    told_at: Mapped[datetime | None]


class TimelineRow(Base):
    """One thing that happened to a case; never edited, never removed."""

    __tablename__ = "timeline_entry"
    __table_args__ = (Index("ix_timeline_complaint", "complaint_id", "seq"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)  # order of writing
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    at: Mapped[datetime]
    type: Mapped[str]  # "complaint_logged", "link_accepted", "deadline_moved", ...
    organization_id: Mapped[UUID | None]  # who did it; none: the system
    token_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]  # the link, event, deadline, notice ... it is about
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    words: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed: {"before", "after"} of what stands as "changed"
