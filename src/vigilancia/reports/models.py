"""Tables of reports: exports asked for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class ExportRow(Base):
    """A data set somebody asked to take home."""

    __tablename__ = "export"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'expired')", name="status"),
        Index("ix_export_organization", "organization_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    token_id: Mapped[UUID | None]
    role: Mapped[str]  # of the requester: decides what rows and columns may be in it
    scopes: Mapped[list[str]]
    dataset: Mapped[str]
    format: Mapped[str]
    filter: Mapped[dict[str, Any]]
    profile: Mapped[str]
    locale: Mapped[str]
    purpose: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]
    rows: Mapped[int | None]
    bytes: Mapped[int | None]
    sha256: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
