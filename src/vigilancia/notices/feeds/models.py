"""Tables of calendar feeds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class FeedRow(Base):
    """A feed of one organisation about one case, all its cases, or one contact's; its secret is never kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint("num_nonnulls(complaint_id, organization_id, contact_id) = 1", name="one_subject"),
        CheckConstraint("organization_id IS NULL OR organization_id = owner_id", name="own_organization"),
        CheckConstraint("locale IN ('es', 'en', 'fr')", name="locale"),
        Index("ix_calendar_feed_owner", "owner_id", "id"),
        Index("ix_calendar_feed_contact", "contact_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))  # whose access is asked at each reading
    complaint_id: Mapped[UUID | None] = mapped_column(ForeignKey("complaint.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    name: Mapped[str]
    locale: Mapped[str]
    alarms: Mapped[bool]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)  # SHA-256 of the secret
    made_by: Mapped[UUID | None]  # token
    created_at: Mapped[datetime]
    last_read_at: Mapped[datetime | None]  # roughly: so that one knows which feed is still in use
    revoked_at: Mapped[datetime | None]
    version: Mapped[int]
