"""Tables of the anonymous intake: receipts, and what was said under them."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class ReceiptSaltRow(Base):
    """The salt of all receipts of an installation: a receipt is looked up by its hash, so they share one."""

    __tablename__ = "receipt_salt"

    one: Mapped[bool] = mapped_column(primary_key=True)  # true: there is one
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class ReceiptRow(Base):
    """The receipt of a complaint that was told without a name."""

    __tablename__ = "intake_receipt"

    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)  # Argon2id
    last_return_on: Mapped[date | None]  # so that staff know whether a reply was fetched


class MessageRow(Base):
    """Something said between whoever told it and the staff of the organisation."""

    __tablename__ = "intake_message"
    __table_args__ = (Index("ix_intake_message_complaint", "complaint_id", "seq"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # UUIDv4: the instant must not show
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    by_staff: Mapped[bool]
    said_on: Mapped[date]  # at the seat of the organisation
    text: Mapped[bytes] = mapped_column(LargeBinary)  # sealed under the complaint's key, field "intake.message/<id>"
