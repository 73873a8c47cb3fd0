"""Organisations as they cross the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from vigilancia.core.bodies import OneOf
from vigilancia.core.settings import Locale
from vigilancia.registry.checks import Country, Name, Names, Subdivision, Visibility, WebAddress, Zone
from vigilancia.registry.identifiers import Identifier, Identifiers

Kind = Annotated[str, OneOf("organization_kind")]


class OrganizationIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation to record.

    Attributes:
        kind: Code of the list `organization_kind`.
        name: As it calls itself.
        aliases: Other names, initials, former names; searched like the name.
        country: ISO 3166-1 alpha-2.
        subdivision: ISO 3166-2, of that country.
        locale: In which language it is written to.
        timezone: IANA zone of its seat.
        parent_id: The organisation it belongs to, which hears of missed deadlines.
        host_institution: Where it is housed, such as a university.
        website: http(s).
        identifiers: Numbers it is registered under; unique for each keeper of records.
        visibility: `private` to its keeper, `linked` also to those with access to a case that involves it, or `public`.
    """

    kind: Kind
    name: Name
    aliases: Names = []
    country: Country | None = None
    subdivision: Subdivision | None = None
    locale: Locale | None = None
    timezone: Zone | None = None
    parent_id: UUID | None = None
    host_institution: Name | None = None
    website: WebAddress | None = None
    identifiers: Identifiers = []
    visibility: Visibility = "linked"


class OrganizationPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; lists are replaced whole."""

    kind: Kind | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    aliases: Names | UnsetType = UNSET
    country: Country | UnsetType | None = UNSET
    subdivision: Subdivision | UnsetType | None = UNSET
    locale: Locale | UnsetType | None = UNSET
    timezone: Zone | UnsetType | None = UNSET
    parent_id: UUID | UnsetType | None = UNSET
    host_institution: Name | UnsetType | None = UNSET
    website: WebAddress | UnsetType | None = UNSET
    identifiers: Identifiers | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET


class Organization(Struct, frozen=True, kw_only=True):
    """An organisation as a caller sees it; `parent_id` is null where the caller may not see the parent.

    Attributes:
        similarity: In answers to `similar`, how like its most like name is, 0 to 1; null in all others.
    """

    id: UUID
    owner_id: UUID
    visibility: Visibility
    kind: str
    name: str
    aliases: list[str]
    country: str | None
    subdivision: str | None
    locale: Locale | None
    timezone: str | None
    parent_id: UUID | None
    host_institution: str | None
    website: str | None
    identifiers: list[Identifier]
    version: int
    created_at: datetime
    updated_at: datetime
    similarity: float | None
