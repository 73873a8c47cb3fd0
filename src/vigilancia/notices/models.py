"""Tables of notices: the ledger and every attempt to deliver."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class NoticeRow(Base):
    """One message to one contact about one rung of one deadline; the key makes it single."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("deadline_id", "revision", "rung", "contact_id", "channel", "resend"),
        CheckConstraint(
            "status IN ('planned', 'sending', 'delivered', 'stored', 'failed', 'suppressed')", name="status"
        ),
        CheckConstraint("(status IN ('planned', 'sending')) = (ended_at IS NULL)", name="ended_whole"),
        Index("ix_notice_complaint", "complaint_id", "id"),
        Index("ix_notice_organization", "organization_id", "id"),
        Index("ix_notice_open", "planned_at", postgresql_where=text("status IN ('planned', 'sending')")),
        Index("ix_notice_failed", "ended_at", postgresql_where=text("status = 'failed'")),
        Index("ix_notice_run", "run_id", "organization_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"))
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    run_id: Mapped[UUID] = mapped_column(ForeignKey("escalation_run.id"))
    revision: Mapped[int]
    rung: Mapped[str]  # "-10d", "0", "+1d"
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    channel: Mapped[str]  # email
    resend: Mapped[int]  # 0: the first
    locale: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]  # why failed or suppressed: a code
    due_at: Mapped[datetime]  # when the rung fell due
    late: Mapped[bool]  # planned long after it fell due
    planned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class AttemptRow(Base):
    """One attempt to deliver a notice, and the answer."""

    __tablename__ = "notice_attempt"
    __table_args__ = (UniqueConstraint("notice_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notice.id"))
    number: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # none: it was cut off
    result: Mapped[str | None]  # delivered, stored, retry, failed
    answer: Mapped[str | None]  # the server's code and class, never the text of a message
