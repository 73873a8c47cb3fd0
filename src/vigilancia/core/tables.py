"""Tables of the furniture: idempotency keys, the scheduler's heartbeat, the outbox, attempts.

Jobs are in `core/jobs.py`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class IdempotencyRow(Base):
    """A creation that a client may safely repeat: an id and a keyed fingerprint, never the body."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_made", "made_at"),)

    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)  # SHA-256 of the header
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    resource_id: Mapped[UUID]
    made_at: Mapped[datetime]


class HeartbeatRow(Base):
    """When a process last gave a sign of life."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)  # "beat", "worker"
    at: Mapped[datetime]


class KeyStoreRow(Base):
    """The mark of the key store this database was written with: one row, see `core/sealing/mark.py`."""

    __tablename__ = "key_store"
    __table_args__ = (CheckConstraint("one", name="one"),)

    one: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    mark: Mapped[UUID]
    since: Mapped[datetime]


class OutboxRow(Base):
    """One thing to be told: an entry of a timeline, or something of one organisation that is on no timeline."""

    __tablename__ = "event_outbox"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    source_id: Mapped[UUID] = mapped_column(unique=True)  # of the timeline entry, or made for this row
    type: Mapped[str | None]  # none: the entry says
    organization_id: Mapped[UUID | None]  # whose alone it is
    subject_id: Mapped[UUID | None]
    at: Mapped[datetime | None]


class AttemptRow(Base):
    """How often something was tried within one hour."""

    __tablename__ = "attempt"

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)  # SHA-256 of what it was tried on
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]


class TicketKeyRow(Base):
    """What the database checks tickets with (`core/tickets.py`); only the owner's role may read it."""

    __tablename__ = "ticket_key"

    mark: Mapped[str] = mapped_column(primary_key=True)
    inner_block: Mapped[bytes] = mapped_column(LargeBinary)
    outer_block: Mapped[bytes] = mapped_column(LargeBinary)
