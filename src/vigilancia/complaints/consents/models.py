"""The table of answers about consent."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class ConsentRow(Base):
    """One answer about one purpose; never edited, only withdrawn."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("purpose IN ('store', 'share', 'counsel', 'file', 'publish', 'contact_again')", name="purpose"),
        CheckConstraint("mode IN ('spoken', 'written', 'interpreter', 'recorded')", name="mode"),
        CheckConstraint("answer IN ('given', 'refused')", name="answer"),
        CheckConstraint("(answer = 'given') = (until IS NOT NULL)", name="until_of_given"),
        CheckConstraint("until >= given_on", name="until_after"),
        CheckConstraint("withdrawn_at IS NULL OR answer = 'given'", name="withdrawn_was_given"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_on IS NULL)", name="withdrawn_whole"),
        CheckConstraint(
            "CASE WHEN purpose IN ('share', 'counsel') THEN receiver_id IS NOT NULL AND receiver_country IS NULL"
            " WHEN purpose = 'file' THEN num_nonnulls(receiver_id, receiver_country) = 1"
            " ELSE num_nonnulls(receiver_id, receiver_country) = 0 END",
            name="receiver",
        ),
        Index("ix_consent_complaint", "complaint_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)  # order of writing
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    person_id: Mapped[UUID | None]  # of a later room; none: the workers of the case as a whole
    purpose: Mapped[str]
    receiver_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    receiver_country: Mapped[str | None]  # of a government, ISO 3166-1
    text_id: Mapped[str]
    text_version: Mapped[int]
    language: Mapped[str]  # in which it was read or spoken
    mode: Mapped[str]
    answer: Mapped[str]
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))  # who asked; else whoever holds the token
    token_id: Mapped[UUID | None]
    given_on: Mapped[date]
    until: Mapped[date | None]  # the last day it holds, at the owner's seat
    note: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed under the complaint's key, "consent.note/<id>"
    withdrawn_at: Mapped[datetime | None]
    withdrawn_on: Mapped[date | None]  # the same, as a day at the owner's seat
    withdrawn_by: Mapped[UUID | None]  # token
    withdrawn_note: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed, "consent.withdrawn_note/<id>"
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
