"""Tables of the registry: organisations, their contacts, facilities, and what they are registered under."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base

VISIBILITIES = ("private", "linked", "public")


class OrganizationRow(Base):
    """A party: union, worker centre, company, government body."""

    __tablename__ = "organization"
    __table_args__ = (
        CheckConstraint("visibility IN ('private', 'linked', 'public')", name="visibility"),
        Index("ix_organization_updated", "updated_at", "id"),
        Index("ix_organization_search", "search", postgresql_using="gin"),
        Index("ix_organization_trigrams", "trigrams", postgresql_using="gin"),
        Index("ix_organization_owner", "owner_id"),
        Index("ix_organization_parent", "parent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))  # itself for those who use the system
    visibility: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    aliases: Mapped[list[str]]
    country: Mapped[str | None]
    subdivision: Mapped[str | None]
    locale: Mapped[str | None]
    timezone: Mapped[str | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    host_institution: Mapped[str | None]
    website: Mapped[str | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    search: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("to_tsvector('simple', public.terms(name || ' ' || public.words(aliases)))", persisted=True)
    )
    trigrams: Mapped[list[str]] = mapped_column(
        Computed("public.trigrams(array_prepend(name, aliases))", persisted=True)
    )


class ContactRow(Base):
    """A person or a desk of an organisation that can be reached."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_organization", "organization_id", "id"),
        Index("ix_contact_digest", "digest_next_at", postgresql_where=text("digest_next_at IS NOT NULL")),
        Index("ix_contact_calm", "calm_next_at", postgresql_where=text("calm_next_at IS NOT NULL")),
        Index("ix_contact_ask", "id", postgresql_where=text("ask_pending")),
        CheckConstraint("(verified_by IS NULL) = (verified_at IS NULL)", name="verified_whole"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))  # who keeps this record
    visibility: Mapped[str]
    name: Mapped[str]
    desk: Mapped[bool]  # the organisation's own inbox
    locale: Mapped[str | None]
    timezone: Mapped[str | None]
    working_hours: Mapped[list[dict[str, Any]]]  # empty: always
    quiet_hours: Mapped[dict[str, Any] | None]  # {from, until}; may reach past midnight
    holidays: Mapped[str | None]  # id of a calendar of the law's data whose days off are rest days
    away: Mapped[list[dict[str, Any]]] = mapped_column(
        server_default=text("'[]'")
    )  # {from, until}: the deputy stands in
    channels: Mapped[list[dict[str, Any]]]  # {kind, address}
    channels_version: Mapped[int] = mapped_column(server_default=text("1"))  # rises when an address changes
    verified_by: Mapped[str | None]  # who vouched for the addresses
    verified_at: Mapped[datetime | None]
    ask_pending: Mapped[bool] = mapped_column(server_default=text("false"))  # its addresses must be confirmed
    unsubscribed_at: Mapped[datetime | None]  # by the one-click link: no e-mail any more
    digest: Mapped[dict[str, Any] | None]  # {every, weekday, at, empty, beside}
    digest_next_at: Mapped[datetime | None]
    calm: Mapped[bool] = mapped_column(server_default=text("true"))  # wants to be told each week that nothing is due
    calm_next_at: Mapped[datetime | None]
    deputy_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class FacilityRow(Base):
    """A place of work that a complaint is about."""

    __tablename__ = "facility"
    __table_args__ = (
        CheckConstraint("visibility IN ('private', 'linked', 'public')", name="visibility"),
        Index("ix_facility_updated", "updated_at", "id"),
        Index("ix_facility_search", "search", postgresql_using="gin"),
        Index("ix_facility_trigrams", "trigrams", postgresql_using="gin"),
        Index("ix_facility_owner", "owner_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    visibility: Mapped[str]
    name: Mapped[str]
    aliases: Mapped[list[str]]
    country: Mapped[str]
    subdivision: Mapped[str | None]
    municipality: Mapped[str | None]
    sector: Mapped[str | None]
    products: Mapped[list[str]]
    hs_codes: Mapped[list[str]]
    company: Mapped[str | None]
    parent_company: Mapped[str | None]
    workforce: Mapped[int | None]
    closed_on: Mapped[date | None]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "to_tsvector('simple', public.terms(name || ' ' || public.words(aliases) || ' ' || coalesce(company, '')"
            " || ' ' || coalesce(parent_company, '') || ' ' || coalesce(municipality, '')))",
            persisted=True,
        ),
    )
    trigrams: Mapped[list[str]] = mapped_column(
        Computed("public.trigrams(array_prepend(name, array_append(aliases, company)))", persisted=True)
    )


class CoverageFactRow(Base):
    """A fact that a mechanism's gate may ask about: that it holds of a facility towards a country, or does not."""

    __tablename__ = "coverage_fact"
    __table_args__ = (
        CheckConstraint("fact IN ('traded', 'competing', 'enforced_order')", name="fact"),
        Index("ix_coverage_fact_facility", "facility_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facility.id", ondelete="CASCADE"))
    fact: Mapped[str]
    country: Mapped[str]
    holds: Mapped[bool]
    on: Mapped[date | None]
    by: Mapped[str | None]  # who says so, or under which number
    source_url: Mapped[str | None]


class IdentifierRow(Base):
    """A number under which a party or a facility is registered; unique for each keeper of records."""

    __tablename__ = "identifier"
    __table_args__ = (
        UniqueConstraint("owner_id", "scheme", "value"),
        CheckConstraint("(organization_id IS NULL) <> (facility_id IS NULL)", name="one_subject"),
        Index("ix_identifier_organization", "organization_id"),
        Index("ix_identifier_facility", "facility_id"),
        Index("ix_identifier_value", "scheme", "value"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"))
    facility_id: Mapped[UUID | None] = mapped_column(ForeignKey("facility.id", ondelete="CASCADE"))
    scheme: Mapped[str]
    value: Mapped[str]


class SafeguardRow(Base):
    """The choices of an organisation; without a row the defaults of `Safeguards` hold."""

    __tablename__ = "safeguard"
    __table_args__ = (CheckConstraint("consent IN ('people', 'always')", name="consent"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    consent: Mapped[str]
    second_person: Mapped[list[str]]  # kinds of approval
    privacy_lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    version: Mapped[int]
    updated_at: Mapped[datetime]
