"""Tables of saved searches and of the cases they found."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class SearchRow(Base):
    """A filter that an organisation keeps, and the contact who is told what newly fits it."""

    __tablename__ = "saved_search"
    __table_args__ = (
        Index("ix_saved_search_owner", "owner_id", "id"),
        Index("ix_saved_search_contact", "contact_id"),
        Index("ix_saved_search_looked", "looked_at", "id", postgresql_where=text("active")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))  # whose access is asked
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    name: Mapped[str]
    filter: Mapped[dict[str, Any]]
    active: Mapped[bool]
    looked_at: Mapped[datetime]  # what changed until then was looked at, but for what was committed late
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MatchRow(Base):
    """A case that a search found; its key promises that it is found once."""

    __tablename__ = "saved_search_match"
    __table_args__ = (
        CheckConstraint("NOT silent OR told_at IS NULL", name="silent_untold"),
        Index(
            "ix_saved_search_match_untold", "saved_search_id", postgresql_where=text("told_at IS NULL AND NOT silent")
        ),
    )

    saved_search_id: Mapped[UUID] = mapped_column(ForeignKey("saved_search.id", ondelete="CASCADE"), primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    matched_at: Mapped[datetime]
    silent: Mapped[bool]  # it fitted already when the search began to look: never told
    told_at: Mapped[datetime | None]
