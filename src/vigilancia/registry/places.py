"""How finely a place is told: never finer than the municipality, and to strangers of small places only the state."""

from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, func, null, or_

from vigilancia.access import policy
from vigilancia.core.paging import found_by_words, matches
from vigilancia.core.work import Work
from vigilancia.registry.figures import figures
from vigilancia.registry.models import FacilityRow

PlacePrecision = Literal["municipality", "subdivision"]


def is_told(work: Work, table: Any = FacilityRow) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    """Return the condition that the caller is told in which municipality a facility lies."""
    return or_(
        table.workforce.is_(None),
        table.workforce >= figures().municipality_from_workforce,
        policy.plant_known(work.caller, work.now, owner_id=table.owner_id, facility_id=table.id),
    )


def municipality(work: Work, table: Any = FacilityRow) -> ColumnElement[Any]:  # noqa: ANN401
    """Return the municipality of a facility where the caller is told it, else null."""
    return case((is_told(work, table), table.municipality), else_=null())


def precision(work: Work) -> ColumnElement[Any]:
    """Return how finely the caller is told where a facility lies, whether or not anything is recorded."""
    return case((is_told(work), "municipality"), else_="subdivision")


def has_words(work: Work, words: str) -> ColumnElement[bool]:
    """Return the condition that a facility has all these words; its municipality counts only for who is told it.

    The index finds candidates by all words. Those found by a municipality they keep from the caller are then left out.
    """
    names = (
        FacilityRow.name,
        func.public.words(FacilityRow.aliases),
        func.coalesce(FacilityRow.company, ""),
        func.coalesce(FacilityRow.parent_company, ""),
    )
    named = func.to_tsvector("simple", func.public.terms(func.concat_ws(" ", *names)))
    return and_(found_by_words(FacilityRow, words), or_(is_told(work), matches(named, words)))
