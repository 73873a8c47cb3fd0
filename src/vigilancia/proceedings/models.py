"""Tables of proceedings: a procedure under one mechanism, what happened in it, and the deadlines that follow."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class ProceedingRow(Base):
    """A procedure opened for a complaint under one mechanism."""

    __tablename__ = "proceeding"
    __table_args__ = (Index("ix_proceeding_complaint", "complaint_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    mechanism: Mapped[str]
    rules_digest: Mapped[str]  # of the rule files the deadlines were last computed from
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]


class EventRow(Base):
    """A dated act or fact of a proceeding."""

    __tablename__ = "proceeding_event"
    __table_args__ = (
        CheckConstraint("kind IN ('happened', 'notified', 'announced', 'published', 'deemed')", name="kind"),
        Index("ix_proceeding_event_proceeding", "proceeding_id", "on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proceeding_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding.id"))
    type: Mapped[str]
    on: Mapped[date]
    kind: Mapped[str]
    due_on: Mapped[date | None]
    rule: Mapped[str | None]  # of an extension: the rule whose day it moves
    stated_by: Mapped[str | None]
    note: Mapped[str | None]
    sources: Mapped[list[str]]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int]


class EventRevisionRow(Base):
    """An event as it stood before a correction or a withdrawal, with the reason."""

    __tablename__ = "event_revision"
    __table_args__ = (UniqueConstraint("event_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding_event.id"))
    version: Mapped[int]  # the version that was replaced
    replaced_at: Mapped[datetime]
    reason: Mapped[str]
    token_id: Mapped[UUID | None]
    was: Mapped[dict[str, Any]]


class DeadlineRow(Base):
    """A deadline as the rules fix it now; earlier states are its revisions.

    What is stored is what the law's engine computed; whether it is met, missed or void is derived
    (`proceedings/status.py`).
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("proceeding_id", "rule", "trigger_event_id"),
        CheckConstraint("nature IN ('mandatory', 'soft', 'indicative', 'not_before')", name="nature"),
        Index("ix_deadline_due", "due_on", "id"),
        Index("ix_deadline_complaint", "complaint_id"),
        Index("ix_deadline_updated", "updated_at", "id"),
        Index("ix_deadline_plan_pending", "id", postgresql_where=text("plan_pending")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proceeding_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding.id"))
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    mechanism: Mapped[str]
    rule: Mapped[str]
    trigger_event_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding_event.id"))
    revision: Mapped[int]
    actor: Mapped[str]
    nature: Mapped[str]
    due_on: Mapped[date]
    latest_due_on: Mapped[date]
    raw_due_on: Mapped[date]
    practice_on: Mapped[date | None]
    closes_at: Mapped[datetime]  # first instant too late, UTC
    zone: Mapped[str]  # of the actor's authority
    met: Mapped[bool]
    met_on: Mapped[date | None]
    void: Mapped[bool]
    void_reason: Mapped[str | None]
    confidence: Mapped[str]
    rule_version: Mapped[str]
    computation: Mapped[dict[str, Any]]
    citation: Mapped[list[dict[str, Any]]]
    warnings: Mapped[list[dict[str, Any]]]
    plan_pending: Mapped[bool]  # its ladder must be planned anew: set at every change, cleared by the escalation room
    trigger_recorded_at: Mapped[datetime]  # of the current revision's trigger: tells history from news
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DeadlineRevisionRow(Base):
    """A deadline as it stood before it was recomputed."""

    __tablename__ = "deadline_revision"
    __table_args__ = (UniqueConstraint("deadline_id", "revision"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"))
    revision: Mapped[int]
    replaced_at: Mapped[datetime]
    was: Mapped[dict[str, Any]]
