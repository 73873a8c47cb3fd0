"""Tables of evidence: files, and who had them in hand."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class EvidenceRow(Base):
    """A file of a case, original or redacted copy; its bytes lie in the file store, under its id."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("state IN ('kept', 'erased')", name="state"),
        CheckConstraint("(state = 'erased') = (erased_at IS NOT NULL)", name="erased_whole"),
        CheckConstraint("metadata IN ('original', 'stripped', 'kept')", name="metadata"),
        CheckConstraint("(original_id IS NULL) = (metadata = 'original')", name="copy"),
        CheckConstraint("scan_status IN ('unscanned', 'pending', 'clean', 'infected', 'failed')", name="scan_status"),
        CheckConstraint("held_by > 0", name="held_by"),
        Index("ix_evidence_complaint", "complaint_id", "received_at", "id"),
        Index("ix_evidence_original", "original_id", "received_at", postgresql_where=text("original_id IS NOT NULL")),
        Index("ix_evidence_checked", "checked_at", postgresql_where=text("state = 'kept'")),
        Index(
            "ix_evidence_unscanned",
            "id",
            postgresql_where=text("state = 'kept' AND scan_status IN ('unscanned', 'failed')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID]  # no foreign key: hash and custody outlive an erased case
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))  # who handed it in
    original_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id"))  # of a redacted copy
    kind: Mapped[str]  # of the list `evidence`
    media_type: Mapped[str]  # by its content
    claimed_type: Mapped[str | None]  # what the sender called it, where that is another
    extension: Mapped[str]
    size: Mapped[int]  # bytes in the clear
    sha256: Mapped[str]  # of the bytes in the clear, at receipt
    # Sealed under the complaint's key, field "evidence.<column>/<id>":
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    title: Mapped[bytes | None] = mapped_column(LargeBinary)
    source: Mapped[bytes | None] = mapped_column(LargeBinary)
    transcript: Mapped[bytes | None] = mapped_column(LargeBinary)
    transcript_version: Mapped[int]  # 0: there is none
    transcript_language: Mapped[str | None]
    held_by: Mapped[int | None]  # how many people held it: a paper that few held exposes its source
    language: Mapped[str | None]
    obtained_on: Mapped[date | None]
    duration_seconds: Mapped[int | None]
    metadata_: Mapped[str] = mapped_column("metadata")  # what became of what the file says about its making
    scan_status: Mapped[str]
    scanned_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]  # last time it was read again and found whole
    damaged_at: Mapped[datetime | None]  # last time it was not; none again once it is whole
    state: Mapped[str]
    erased_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    version: Mapped[int]
    updated_at: Mapped[datetime]


class CustodyRow(Base):
    """Something that was done with a file; the application can add rows, and change none."""

    __tablename__ = "custody"
    __table_args__ = (
        Index("ix_custody_evidence", "evidence_id", "seq"),
        Index("ix_custody_complaint", "complaint_id", "seq"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    complaint_id: Mapped[UUID]
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id"))
    at: Mapped[datetime]
    action: Mapped[str]  # "received", "downloaded", ...: see custody.ACTIONS
    organization_id: Mapped[UUID | None]  # who; none: the system itself
    role: Mapped[str]
    token_id: Mapped[UUID | None]
    holder_id: Mapped[UUID | None]
    purpose: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed, field "custody.purpose/<id>"
    sha256: Mapped[str]  # of the file at that moment, as far as it was known
    facts: Mapped[dict[str, Any] | None]  # ids, codes, figures; never words
