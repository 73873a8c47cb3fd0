"""Tables of escalation: ladders, their runs, acknowledgements, and what somebody muted."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class PolicyRow(Base):
    """A ladder of an organisation; the installation's default is data in the package, not a row."""

    __tablename__ = "escalation_policy"
    __table_args__ = (Index("ix_escalation_policy_owner", "owner_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str]
    mechanism: Mapped[str | None]  # none: every one
    rule: Mapped[str | None]
    actor: Mapped[str | None]
    nature: Mapped[str | None]  # of a deadline, or `task`
    rungs: Mapped[list[dict[str, Any]]]
    active: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RunRow(Base):
    """The climb of the ladder of one deadline or one task, as frozen when it started."""

    __tablename__ = "escalation_run"
    __table_args__ = (
        Index("ix_escalation_run_due", "next_at", "id", postgresql_where=text("next_at IS NOT NULL")),
        Index("ix_escalation_run_complaint", "complaint_id", "id"),
        Index("ix_escalation_run_policy", "policy_id", postgresql_where=text("next_at IS NOT NULL")),
        CheckConstraint("(deadline_id IS NULL) <> (task_id IS NULL)", name="one_subject"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID | None] = mapped_column(ForeignKey("deadline.id"), unique=True)
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("complaint_task.id"), unique=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    policy_id: Mapped[UUID | None] = mapped_column(ForeignKey("escalation_policy.id"))
    ladder: Mapped[dict[str, Any]]  # frozen copy
    revision: Mapped[int]  # of the deadline the plan below was made for
    next_rung: Mapped[str | None]
    next_at: Mapped[datetime | None]  # what the sweep reads; none: silent
    silent_reason: Mapped[str | None]  # met, void, history, done, merged
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RungRow(Base):
    """A rung that was climbed: when it was due, when it spoke."""

    __tablename__ = "escalation_rung"
    __table_args__ = (
        Index("ix_escalation_rung_unreachable", "climbed_at", postgresql_where=text("result = 'unreachable'")),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("escalation_run.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    rung: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    climbed_at: Mapped[datetime]
    result: Mapped[str]  # spoke, passed_over, unreachable, muted


class MuteRow(Base):
    """Somebody who works on the case said: this rung need not speak, whatever day it falls on."""

    __tablename__ = "escalation_mute"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("escalation_run.id"), primary_key=True)
    rung: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str | None]  # of earlier releases
    words: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed: reason
    token_id: Mapped[UUID | None]
    at: Mapped[datetime]


class AssignmentRow(Base):
    """A run put into one person's hands within an organisation; it counts once the person said yes."""

    __tablename__ = "escalation_assignment"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'accepted', 'declined', 'ended')", name="state"),
        Index(
            "uq_escalation_assignment_offered",
            "run_id",
            "organization_id",
            unique=True,
            postgresql_where=text("state = 'offered'"),
        ),
        Index(
            "uq_escalation_assignment_accepted",
            "run_id",
            "organization_id",
            unique=True,
            postgresql_where=text("state = 'accepted'"),
        ),
        Index("ix_escalation_assignment_run", "run_id", "organization_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("escalation_run.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    state: Mapped[str]
    offered_by: Mapped[UUID | None]  # token; none: by the link of a notice
    offered_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AcknowledgementRow(Base):
    """Somebody of an organisation said: we have it. Reminders to that organisation rest until it ends."""

    __tablename__ = "acknowledgement"
    __table_args__ = (Index("ix_acknowledgement_run", "run_id", "organization_id", "until"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("escalation_run.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))  # by the link in a notice
    token_id: Mapped[UUID | None]  # by the API
    at: Mapped[datetime]
    until: Mapped[datetime]
