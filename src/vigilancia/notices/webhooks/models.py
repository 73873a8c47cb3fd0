"""Tables of webhooks: endpoints, events, deliveries, every attempt, and what owners were told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class EndpointRow(Base):
    """An address of an organisation that is told of events."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        CheckConstraint("(disabled_at IS NULL) = (disabled_reason IS NULL)", name="disabled_whole"),
        CheckConstraint("disabled_reason IN ('gone', 'failing', 'manual')", name="disabled_reason"),
        CheckConstraint("(previous_secret IS NULL) = (previous_until IS NULL)", name="previous_whole"),
        CheckConstraint("full_payload = (full_granted_at IS NOT NULL)", name="grant_whole"),
        Index("ix_webhook_endpoint_organization", "organization_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    url: Mapped[str]
    events: Mapped[list[str]]  # "*": all of them
    description: Mapped[str | None]
    secret: Mapped[bytes] = mapped_column(LargeBinary)  # sealed
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed; signs too until
    previous_until: Mapped[datetime | None]
    full_payload: Mapped[bool]
    full_granted_at: Mapped[datetime | None]
    full_granted_by: Mapped[UUID | None]  # token
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    first_failed_at: Mapped[datetime | None]  # start of the present run of failures
    last_failed_at: Mapped[datetime | None]
    hold_until: Mapped[datetime | None]  # by its own Retry-After
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class EventRow(Base):
    """Something that happened, once; ids and names of fields only."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        UniqueConstraint("source_id"),
        CheckConstraint("(complaint_id IS NULL) = (organization_id IS NOT NULL)", name="of_case_or_organization"),
        Index("ix_webhook_event_at", "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID]  # of the timeline entry, or of the row in the outbox
    type: Mapped[str]  # complaint.created, deadline.changed ...
    change: Mapped[str | None]  # set, moved, corrected ...
    changed: Mapped[list[str]]  # names of fields, never their values
    complaint_id: Mapped[UUID | None] = mapped_column(ForeignKey("complaint.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))  # whose alone it is
    proceeding_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    at: Mapped[datetime]


class DeliveryRow(Base):
    """One event to one endpoint; a replay is a delivery of its own. The key makes it single."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "endpoint_id", "replay"),
        CheckConstraint("status IN ('planned', 'sending', 'delivered', 'failed', 'suppressed')", name="status"),
        CheckConstraint("(status IN ('planned', 'sending')) = (ended_at IS NULL)", name="ended_whole"),
        CheckConstraint("(status IN ('failed', 'suppressed')) = (reason IS NOT NULL)", name="reason_whole"),
        Index("ix_webhook_delivery_endpoint", "endpoint_id", "id"),
        Index(
            "ix_webhook_delivery_due",
            "endpoint_id",
            "next_at",
            "id",
            postgresql_where=text("status IN ('planned', 'sending')"),
        ),
        Index("ix_webhook_delivery_open", "planned_at", postgresql_where=text("status IN ('planned', 'sending')")),
        Index("ix_webhook_delivery_planned", "planned_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_event.id", ondelete="CASCADE"))
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    replay: Mapped[int]  # 0: the first
    status: Mapped[str]
    reason: Mapped[str | None]  # why failed or suppressed: a code
    tries: Mapped[int]
    next_at: Mapped[datetime]  # of the next try; of the last one, once it ended
    planned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class AttemptRow(Base):
    """One attempt to deliver, and the answer's status."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        UniqueConstraint("delivery_id", "number"),
        Index("ix_webhook_attempt_ended", "ended_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="CASCADE"))
    number: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # none: it was cut off
    status_code: Mapped[int | None]
    error: Mapped[str | None]  # a code word, see core/outside.py
    delivered: Mapped[bool | None]


class LetterRow(Base):
    """That an endpoint's owner was told of a run of failures, once for each occasion."""

    __tablename__ = "webhook_letter"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "run_began_at", "occasion"),
        CheckConstraint("occasion IN ('failing', 'disabled')", name="occasion"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    run_began_at: Mapped[datetime]
    occasion: Mapped[str]
    written_at: Mapped[datetime]
