"""Tables of what changes a clock: suspensions, and days set in place of computed ones."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class SuspensionRow(Base):
    """Days on which time does not run in a proceeding, as somebody recorded them with a legal basis."""

    __tablename__ = "suspension"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        Index("ix_suspension_proceeding", "proceeding_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proceeding_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]  # the last day suspended; none: still going on
    basis: Mapped[str]  # code of suspension_basis
    citation: Mapped[str]
    source_url: Mapped[str | None]
    actors: Mapped[list[str]]
    rules: Mapped[list[str]]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int]


class OverrideRow(Base):
    """A day that somebody with authority set in place of a computed one; one at a time stands for a deadline."""

    __tablename__ = "deadline_override"
    __table_args__ = (
        CheckConstraint("confidence IN ('primary', 'secondary', 'practice', 'unverified')", name="confidence"),
        Index(
            "uq_deadline_override_standing", "deadline_id", unique=True, postgresql_where=text("withdrawn_at IS NULL")
        ),
        Index("ix_deadline_override_proceeding", "proceeding_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"))
    proceeding_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding.id"))
    due_on: Mapped[date]
    authority: Mapped[str]
    reason: Mapped[str]
    confidence: Mapped[str]
    token_id: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
