"""Tables of notices: the ledger and every attempt to deliver."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base

OPEN = ("planned", "sending")
SENT = ("delivered", "stored")
# Why a notice rests. It stands on one that is `sending` too, where the answer came while the message was in flight.
ACKNOWLEDGED = "acknowledged"


class NoticeRow(Base):
    """One message to one contact by one channel; the key makes it single.

    Most tell of a rung of a deadline's ladder, or of a task's. For the other kinds `rung` names the occasion, such as
    the day of a digest, and `subject_id` is what it is about.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("subject_id", "revision", "rung", "contact_id", "channel", "resend"),
        CheckConstraint(
            "kind IN ('deadline', 'task', 'alarm', 'assignment', 'digest', 'calm', 'confirm', 'endpoint', 'search',"
            " 'privacy')",
            name="kind",
        ),
        CheckConstraint("(kind = 'deadline') = (deadline_id IS NOT NULL)", name="deadline_named"),
        CheckConstraint("deadline_id IS NULL OR subject_id = deadline_id", name="subject_is_deadline"),
        CheckConstraint("kind NOT IN ('deadline', 'task') OR run_id IS NOT NULL", name="rung_of_a_run"),
        CheckConstraint("(after_id IS NULL) = (after_why IS NULL)", name="after_whole"),
        CheckConstraint("after_why IN ('resend', 'fallback')", name="after_why"),
        CheckConstraint(
            "status IN ('planned', 'sending', 'delivered', 'stored', 'failed', 'suppressed')", name="status"
        ),
        CheckConstraint("(status IN ('planned', 'sending')) = (ended_at IS NULL)", name="ended_whole"),
        Index("ix_notice_complaint", "complaint_id", "id"),
        Index("ix_notice_organization", "organization_id", "id"),
        Index("ix_notice_open", "planned_at", postgresql_where=text("status IN ('planned', 'sending')")),
        Index("ix_notice_failed", "ended_at", postgresql_where=text("status = 'failed'")),
        Index("ix_notice_sent", "ended_at", postgresql_where=text("status IN ('delivered', 'stored')")),
        Index("ix_notice_run", "run_id", "organization_id"),
        Index("ix_notice_contact_open", "contact_id", postgresql_where=text("status IN ('planned', 'sending')")),
        Index("ix_notice_within", "within_id", postgresql_where=text("within_id IS NOT NULL")),
        Index("ix_notice_contact", "contact_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(server_default=text("'deadline'"))
    subject_id: Mapped[UUID]  # the deadline, task, complaint, contact, endpoint, search or alert it is about
    deadline_id: Mapped[UUID | None] = mapped_column(ForeignKey("deadline.id"))
    complaint_id: Mapped[UUID | None] = mapped_column(ForeignKey("complaint.id"))  # none: of no single case
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("escalation_run.id"))
    revision: Mapped[int]
    rung: Mapped[str]  # "-10d", "-3bd", "0", "+1d"; of other kinds the occasion
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    channel: Mapped[str]  # email, webhook, apprise
    place: Mapped[int] = mapped_column(server_default=text("0"))  # which of the contact's addresses of that kind
    resend: Mapped[int]  # 0: the first by this channel
    after_id: Mapped[UUID | None] = mapped_column(ForeignKey("notice.id"))  # the one it repeats or stands in for
    after_why: Mapped[str | None]  # resend, fallback
    locale: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]  # why failed or suppressed: a code
    due_at: Mapped[datetime]  # when the rung fell due
    late: Mapped[bool]  # planned long after it fell due
    planned_at: Mapped[datetime]
    hold_until: Mapped[datetime | None]  # the recipient's next opening, or digest; none: at once
    within_id: Mapped[UUID | None] = mapped_column(ForeignKey("notice.id"))  # the digest it went out in
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
