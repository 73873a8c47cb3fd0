"""Tables of tombstones."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class TombstoneRow(Base):
    """A case that was erased; months, codes and ranges only."""

    __tablename__ = "tombstone"
    __table_args__ = (
        Index("ix_tombstone_erased", "erased_at", "complaint_id"),
        Index("ix_tombstone_owner", "owner_id"),
    )

    complaint_id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    was_public: Mapped[bool]  # everybody had seen it
    erased_at: Mapped[datetime]
    received_in: Mapped[date]  # first day of the month of receipt
    status: Mapped[str]
    country: Mapped[str | None]  # of the main place of work
    subdivision: Mapped[str | None]
    sector: Mapped[str | None]
    mechanisms: Mapped[list[str]]
    outcomes: Mapped[list[str]]  # codes
    workers: Mapped[str | None]  # a range, such as "10-49"
    deadlines: Mapped[str | None]  # a range


class TombstoneReaderRow(Base):
    """An organisation that had been given a place in the erased case from which it saw something of it."""

    __tablename__ = "tombstone_reader"
    __table_args__ = (Index("ix_tombstone_reader_organization", "organization_id", "complaint_id"),)

    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("tombstone.complaint_id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
