"""The table of tasks."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class TaskRow(Base):
    """Something to be done by somebody of one organisation until a day, on the same ladders as deadlines."""

    __tablename__ = "complaint_task"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'cancelled')", name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_whole"),
        Index("ix_complaint_task_complaint", "complaint_id", "due_on", "id"),
        Index("ix_complaint_task_organization", "organization_id", "due_on", "id"),
        Index("ix_complaint_task_plan_pending", "id", postgresql_where=text("plan_pending")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))  # whose task it is
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))  # who does it; none: the desk
    proceeding_id: Mapped[UUID | None] = mapped_column(ForeignKey("proceeding.id"))
    deadline_id: Mapped[UUID | None] = mapped_column(ForeignKey("deadline.id"))  # the one it prepares for
    mechanism: Mapped[str | None]
    code: Mapped[str]  # what a message calls it: `supplement_evidence`, `prepare_meeting`, ..., `other`
    title: Mapped[str | None]  # of earlier releases
    words: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed: title, in own words; never in a message
    due_on: Mapped[date]
    zone: Mapped[str]
    state: Mapped[str]
    ended_at: Mapped[datetime | None]
    revision: Mapped[int]  # rises when the day moves, or a task that was ended is open again
    plan_pending: Mapped[bool]
    recorded_at: Mapped[datetime]  # of the current revision: tells history from news
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
