"""Facilities of one owner, as far as the registry tells: a company or parent company of the same name, or its number.

Nobody's word is taken for more than it says: names are compared without legal forms and accents and otherwise letter by
letter, and a facility whose company is not recorded is nobody's kin.
"""

import unicodedata
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import CompoundSelect, Select, and_, func, or_, select, union_all
from sqlalchemy.orm import aliased

from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import found_by_words
from vigilancia.core.work import Work
from vigilancia.registry.facilities.queries import seen
from vigilancia.registry.models import FacilityRow, IdentifierRow

_OF_THE_COMPANY = ("rfc", "ein", "bn", "lei")  # schemes that number a company; the others number a place or a file

Kinship = Literal["same_facility", "same_company", "same_number"]


class Kin(Struct, frozen=True, kw_only=True):
    """A facility, or another one of its owner.

    Attributes:
        by: What makes it kin: itself, a company or parent company of the same name, or a number of the same company.
        company: As recorded there: the name that is the same.
        products: Each in one spelling, without accents.
    """

    id: UUID
    name: str
    visibility: str
    by: Kinship
    company: str | None
    products: frozenset[str]
    hs_codes: frozenset[str]


async def kin_of(work: Work, facility_id: UUID) -> list[Kin]:
    """Return a facility and those of the same owner, as far as the caller sees them; itself first.

    Raises:
        NotFoundError: For this caller the facility does not exist.
    """
    row = FacilityRow
    names = (func.public.bare(row.company).label("bare"), func.public.bare(row.parent_company).label("bare_parent"))
    columns = (row.id, row.name, row.visibility, row.company, row.parent_company, row.products, row.hs_codes, *names)
    mine = (await work.session.execute(select(*columns).where(row.id == facility_id, seen(work)))).one_or_none()
    if mine is None:
        raise NotFoundError
    owners = {name for name in (mine.bare, mine.bare_parent) if name}
    found: CompoundSelect[UUID | None] = union_all(
        *(_owned_by(name) for name in sorted(owners)), _with_its_number(facility_id)
    )
    query = select(*columns).where(row.id != facility_id, row.id.in_(found), seen(work)).order_by(row.id)
    others = (await work.session.execute(query)).all()
    return [_kin(mine, "same_facility", mine.company or mine.parent_company)] + [
        _other(each, owners) for each in others
    ]


def _owned_by(bare: str) -> Select[UUID]:
    """Return the select of facilities whose company is called so; the index finds candidates by the name's words."""
    row = aliased(FacilityRow, name="owned")
    exact = or_(func.public.bare(row.company) == bare, func.public.bare(row.parent_company) == bare)
    return select(row.id).where(found_by_words(row, bare), exact)


def _with_its_number(facility_id: UUID) -> Select[UUID | None]:
    theirs, ours = aliased(IdentifierRow), aliased(IdentifierRow)
    same = and_(theirs.scheme == ours.scheme, theirs.value == ours.value, ours.facility_id == facility_id)
    wanted = select(theirs.facility_id).join(ours, same)
    return wanted.where(theirs.scheme.in_(_OF_THE_COMPANY), theirs.facility_id.is_not(None))


def _other(row: Any, owners: set[str]) -> Kin:  # noqa: ANN401 - a row
    if row.bare in owners:
        return _kin(row, "same_company", row.company)
    if row.bare_parent in owners:
        return _kin(row, "same_company", row.parent_company)
    return _kin(row, "same_number", row.company)


def _kin(row: Any, by: Kinship, company: str | None) -> Kin:  # noqa: ANN401
    return Kin(
        id=row.id,
        name=row.name,
        visibility=row.visibility,
        by=by,
        company=company,
        products=frozenset(map(_spelled, row.products)),
        hs_codes=frozenset(row.hs_codes),
    )


def _spelled(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())
