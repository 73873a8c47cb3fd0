"""The table of people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base

_EMPTY = (
    "removed_at IS NULL OR (name IS NULL AND contact IS NULL AND contact_safe IS NULL AND notes IS NULL"
    " AND name_print IS NULL AND contact_prints = '{}' AND print_key IS NULL)"
)


class PersonRow(Base):
    """A worker, a witness or who stands by them; the words are sealed, field `person.<column>/<id>`."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("complaint_id", "label"),
        CheckConstraint(_EMPTY, name="removed_is_empty"),
        Index("ix_person_name_print", "name_print", postgresql_where=text("name_print IS NOT NULL")),
        Index("ix_person_print_key", "print_key", "id", postgresql_where=text("print_key IS NOT NULL")),
        Index("ix_person_contact_prints", "contact_prints", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))  # who recorded the person
    label: Mapped[str]  # what the pseudonym is made of, such as K7: drawn by lot, tells nothing
    role: Mapped[str]
    spoken_language: Mapped[str | None]
    written_language: Mapped[str | None]
    interpreter_needed: Mapped[bool | None]
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact: Mapped[bytes | None] = mapped_column(LargeBinary)  # JSON of the lines, sealed
    contact_safe: Mapped[bytes | None] = mapped_column(LargeBinary)
    notes: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_print: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_prints: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    print_key: Mapped[str | None]  # id of the master key under which the prints were made; none: there are none
    shared_with: Mapped[list[UUID]]  # linked organisations that the owner lets know who it is
    removed_at: Mapped[datetime | None]  # the words are gone; the row stays, for the audit speaks of it
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
