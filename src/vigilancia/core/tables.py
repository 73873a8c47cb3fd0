"""Tables of the furniture: idempotency keys and the scheduler's heartbeat. Jobs are in `core/jobs.py`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary
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
