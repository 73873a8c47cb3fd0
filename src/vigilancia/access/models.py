"""Tables of access: tokens, the audit, what the privacy lead is told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class TokenRow(Base):
    """A bearer token of one organisation in one role; the token itself is shown once and never kept."""

    __tablename__ = "token"
    __table_args__ = (
        CheckConstraint("role IN ('admin', 'staff', 'partner', 'analyst')", name="role"),
        Index("ix_token_organization", "organization_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    role: Mapped[str]
    name: Mapped[str]
    scopes: Mapped[list[str]]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)  # SHA-256 of the token
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]  # to the minute
    revoked_at: Mapped[datetime | None]
    holder_id: Mapped[UUID | None]  # the contact who holds it
    replaces_id: Mapped[UUID | None]  # the token it was rotated from
    version: Mapped[int]


class AuditRow(Base):
    """Something that was read, written, taken out or refused.

    The application adds rows through functions of the database (migration 0025) and changes none.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_complaint", "complaint_id", "seq"),
        Index("ix_audit_organization", "organization_id", "seq"),
        Index("ix_audit_shown", "shown", postgresql_using="gin"),
        Index("ix_audit_reading", "token_id", "at", postgresql_where=text("action = 'read'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    at: Mapped[datetime]
    action: Mapped[str]
    what: Mapped[str]  # "complaint", "person", "file", "export", ...
    organization_id: Mapped[UUID | None]  # who
    role: Mapped[str | None]
    token_id: Mapped[UUID | None]
    holder_id: Mapped[UUID | None]
    complaint_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    why: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed under the complaint's key, else the house's
    facts: Mapped[dict[str, Any] | None]  # ids, codes, figures; never words
    shown: Mapped[list[UUID] | None]  # the cases on a page of a list
    content: Mapped[bytes | None] = mapped_column(LargeBinary)  # SHA-256 of what the row held before and after


class PrivacyAlertRow(Base):
    """Something that whoever answers for privacy in an organisation has to be told; the sweep tells it."""

    __tablename__ = "privacy_alert"
    __table_args__ = (
        UniqueConstraint("organization_id", "cause", "subject_id", "occasion"),
        Index("ix_privacy_alert_tell_pending", "id", postgresql_where=text("tell_pending")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    cause: Mapped[str]  # "consent_overridden", "unusual_reading", "identity_elsewhere", "file_changed", ...
    complaint_id: Mapped[UUID | None]
    subject_id: Mapped[UUID]  # the link, token, file ... it is about
    occasion: Mapped[str]  # so that one occasion is told once
    raised_at: Mapped[datetime]
    tell_pending: Mapped[bool]
    told_at: Mapped[datetime | None]
