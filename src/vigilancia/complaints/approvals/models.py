"""The table of what wanted a second person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class ApprovalRow(Base):
    """Something one person asked for and another decided on."""

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint("kind IN ('identity', 'close', 'publish', 'unmask', 'export_identity')", name="kind"),
        CheckConstraint("status IN ('asked', 'granted', 'refused', 'used')", name="status"),
        CheckConstraint("decided_by <> asked_by", name="second_person"),
        CheckConstraint("decided_holder <> asked_holder", name="second_holder"),
        Index("ix_approval_organization", "organization_id", "id"),
        Index("ix_approval_subject", "kind", "subject_id", "asked_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))  # whose people decide
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    kind: Mapped[str]
    subject_id: Mapped[UUID]  # the person, file ...; of `close` and `publish` the complaint
    why: Mapped[bytes] = mapped_column(LargeBinary)  # sealed under the complaint's key, field "approval.why/<id>"
    status: Mapped[str]
    asked_by: Mapped[UUID]  # token
    asked_holder: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_holder: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    version: Mapped[int]
