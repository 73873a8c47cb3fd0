"""Tables of the chain; the application reads them, and writes them through functions of the database alone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class ContentRow(Base):
    """What a changed row held before and after, columns that changed only; nobody but the owner's role reads it.

    Erasure takes it away. Its digest stays in the audit's row.
    """

    __tablename__ = "audit_content"

    audit_id: Mapped[UUID] = mapped_column(primary_key=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # json: the text stays as written
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class QueueRow(Base):
    """A row of the audit that waits to be sealed; a trigger puts it here in the transaction that wrote it."""

    __tablename__ = "audit_queue"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class ChainRow(Base):
    """The place of a row in the chain."""

    __tablename__ = "audit_chain"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1, 2, 3 ...
    audit_id: Mapped[UUID] = mapped_column(unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)  # SHA-256 of the digest before and this row


class HeadRow(Base):
    """How far the chain had come at a sealing, signed."""

    __tablename__ = "audit_head"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)  # Ed25519, 32 bytes
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class CheckRow(Base):
    """One verification of the whole chain."""

    __tablename__ = "audit_check"
    __table_args__ = (Index("ix_audit_check_at", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    rows: Mapped[int]
    faults: Mapped[int]
