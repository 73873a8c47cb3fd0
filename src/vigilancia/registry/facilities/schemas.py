"""Facilities as they cross the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from vigilancia.core.bodies import OneOf
from vigilancia.registry.checks import Country, HsCode, Name, Names, Subdivision, Visibility
from vigilancia.registry.coverage_facts import CoverageFact, CoverageFacts
from vigilancia.registry.identifiers import Identifier, Identifiers
from vigilancia.registry.places import PlacePrecision

Sector = Annotated[str, OneOf("sector")]
HsCodes = Annotated[list[HsCode], Meta(max_length=50)]
Headcount = Annotated[int, Meta(ge=0, le=10_000_000)]


class FacilityIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A facility to record; only name and country are required.

    Attributes:
        name: Of the plant, mine, call centre.
        aliases: Other names, former names; searched like the name.
        country: ISO 3166-1 alpha-2.
        subdivision: ISO 3166-2, of that country.
        municipality: Name, or INEGI code in Mexico.
        sector: Code of the list `sector`.
        products: What is made or done there.
        hs_codes: Of the products, two to ten digits in pairs (Harmonized System).
        company: Who runs it.
        parent_company: Who owns the company.
        workforce: People who work there, about.
        identifiers: Numbers it is registered under; unique for each keeper of records.
        closed_on: The day it closed.
        visibility: `private` to its keeper, `linked` also to those with access to a case about it, or `public`.
        coverage_facts: What is known that a mechanism's gates ask about; each says that a fact holds, or does not.
    """

    name: Name
    country: Country
    aliases: Names = []
    subdivision: Subdivision | None = None
    municipality: Name | None = None
    sector: Sector | None = None
    products: Names = []
    hs_codes: HsCodes = []
    company: Name | None = None
    parent_company: Name | None = None
    workforce: Headcount | None = None
    identifiers: Identifiers = []
    closed_on: date | None = None
    visibility: Visibility = "linked"
    coverage_facts: CoverageFacts = []


class FacilityPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields to change; lists are replaced whole."""

    name: Name | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    aliases: Names | UnsetType = UNSET
    subdivision: Subdivision | UnsetType | None = UNSET
    municipality: Name | UnsetType | None = UNSET
    sector: Sector | UnsetType | None = UNSET
    products: Names | UnsetType = UNSET
    hs_codes: HsCodes | UnsetType = UNSET
    company: Name | UnsetType | None = UNSET
    parent_company: Name | UnsetType | None = UNSET
    workforce: Headcount | UnsetType | None = UNSET
    identifiers: Identifiers | UnsetType = UNSET
    closed_on: date | UnsetType | None = UNSET
    visibility: Visibility | UnsetType = UNSET
    coverage_facts: CoverageFacts | UnsetType = UNSET


class Facility(Struct, frozen=True, kw_only=True):
    """A facility as a caller sees it.

    Attributes:
        municipality: Null where it is unknown, or kept from the caller: of small places the public learns the state.
        place_precision: How finely the caller is told where it lies: `municipality` or `subdivision`.
        coverage_facts: To strangers of small places, and to analysts unless the record is public, without `by` and
            `source_url`, and with `on` cut to its month.
        similarity: In answers to `similar`, how like its most like name is, 0 to 1; null in all others.
    """

    id: UUID
    owner_id: UUID
    visibility: Visibility
    name: str
    aliases: list[str]
    country: str
    subdivision: str | None
    municipality: str | None
    place_precision: PlacePrecision
    sector: str | None
    products: list[str]
    hs_codes: list[str]
    company: str | None
    parent_company: str | None
    workforce: int | None
    identifiers: list[Identifier]
    closed_on: date | None
    version: int
    created_at: datetime
    updated_at: datetime
    similarity: float | None
    coverage_facts: list[CoverageFact]
