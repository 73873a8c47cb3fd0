"""Tables of keeping: holds, warnings given, and erasures."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class HoldRow(Base):
    """Somebody said: this case must not be erased, whatever rule or request says so."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint("(released_at IS NULL) = (release_reason IS NULL)", name="released_whole"),
        Index("ix_legal_hold_complaint", "complaint_id", "id"),
        Index("ix_legal_hold_review", "review_on", postgresql_where=text("released_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))  # the owner of the case
    reason: Mapped[bytes] = mapped_column(LargeBinary)  # sealed under the complaint's key, "legal_hold.reason/<id>"
    review_on: Mapped[date]
    placed_at: Mapped[datetime]
    placed_by: Mapped[UUID | None]  # token
    placed_holder: Mapped[UUID | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None]
    release_reason: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed, "legal_hold.release_reason/<id>"
    version: Mapped[int]


class WarningRow(Base):
    """That the owner was warned of a coming erasure; a case that was opened and closed again is warned of anew."""

    __tablename__ = "retention_warning"
    __table_args__ = (Index("ix_retention_warning_organization", "organization_id"),)

    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    counted_from: Mapped[date] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    rule: Mapped[str]
    warned_at: Mapped[datetime]
    warned_on: Mapped[date]  # where the owner is
    hold_noted_at: Mapped[datetime | None]  # that it would have been erased then, and was held


class ErasureRow(Base):
    """An erasure, from the moment it was asked for; what is left of it is the receipt.

    `asked`: nothing is gone yet, and a hold still wins. `wiped`: every row is gone, with one transaction. `done`: the
    key is destroyed and every file removed. `stopped`: a hold won.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("cause IN ('request', 'retention', 'restored')", name="cause"),
        CheckConstraint("(cause = 'retention') = (rule IS NOT NULL)", name="rule_of_retention"),
        CheckConstraint("state IN ('asked', 'wiped', 'done', 'stopped')", name="state"),
        CheckConstraint("(state IN ('wiped', 'done')) = (wiped_at IS NOT NULL)", name="wiped_whole"),
        CheckConstraint("(state IN ('done', 'stopped')) = (ended_at IS NOT NULL)", name="ended_whole"),
        Index("uq_erasure_running", "complaint_id", unique=True, postgresql_where=text("state IN ('asked', 'wiped')")),
        Index("ix_erasure_organization", "organization_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID]  # no foreign key: the complaint goes, this stays
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))  # the owner
    cause: Mapped[str]
    rule: Mapped[str | None]
    rules_version: Mapped[int | None]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID | None]  # token; none: the system, by a rule
    asked_holder: Mapped[UUID | None]
    wiped_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    key_id: Mapped[str | None]  # short name of the key that is destroyed; none: the case had none
    rows: Mapped[dict[str, Any]]  # table: how many rows went
    files: Mapped[list[dict[str, Any]]]  # {room, name, sha256}: what was removed
    digest: Mapped[str | None]  # SHA-256 of the receipt, also in the audit
    version: Mapped[int]
