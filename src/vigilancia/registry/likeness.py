"""Names that look or sound alike, typing errors included: found by trigrams, without any extension of the database.

A name counts without its legal form and without accents; aliases count like the name, and so does the company that runs
a facility. What was typed is compared with each run of as many words in a name, and one more: likeness is the number
of trigrams that both have over the number that either has, and the best of all names counts.
"""

from math import ceil
from typing import Annotated, Any

from litestar.params import Parameter
from msgspec import Struct
from sqlalchemy import ARRAY, ColumnElement, Numeric, Text, and_, any_, cast, false, func, null, select

from vigilancia.core.paging import found_by
from vigilancia.core.work import Work
from vigilancia.registry.figures import figures
from vigilancia.registry.models import FacilityRow, OrganizationRow

_ROUNDING = 1e-9  # 0.4 of 15 are 6, whatever binary fractions make of it

Similar = Annotated[
    str | None,
    Parameter(description="A name to find the like of, typing errors included.", min_length=1, max_length=200),
]


class Wanted(Struct, frozen=True, kw_only=True):
    """A name to find the like of.

    Attributes:
        words: How many it has, without its legal form.
        trigrams: Of these words, each once.
    """

    words: int
    trigrams: list[str]


async def read(work: Work, text: str | None) -> Wanted | None:
    """Return what was typed as the database reads names; none where nothing was."""
    if text is None:
        return None
    query = select(func.public.bare(text).label("bare"), func.public.trigrams(cast(text, Text)).label("trigrams"))
    row = (await work.session.execute(query)).one()
    return Wanted(words=len(row.bare.split()), trigrams=row.trigrams)


def is_like(table: type[OrganizationRow] | type[FacilityRow], wanted: Wanted) -> ColumnElement[bool]:
    """Return the condition that a record has a name like the wanted one.

    Whoever is as like as it takes shares a share of the trigrams, so must have one at least of any selection that
    leaves out fewer than that: the index is asked for a selection without the commonest, those that begin a word.
    """
    least = figures().similar_from
    shared = ceil(least * len(wanted.trigrams) - _ROUNDING)
    if not shared:
        return false()
    telling = sorted(wanted.trigrams, key=lambda gram: gram.count(" "))[: len(wanted.trigrams) - shared + 1]
    gram = func.unnest(table.trigrams).column_valued("gram")
    in_both = select(func.count()).where(gram == any_(_texts(wanted.trigrams)))
    return and_(
        found_by(table, getattr(func.public, f"{table.__tablename__}_like")(_texts(telling))),
        in_both.correlate(table).scalar_subquery() >= shared,  # much cheaper to count than to compare names
        _likeness(table, wanted) >= least,
    )


def shown(table: type[OrganizationRow] | type[FacilityRow], wanted: Wanted | None) -> ColumnElement[Any]:
    """Return the column `similarity`: to two decimals, null where no like name was asked for."""
    if wanted is None:
        return cast(null(), Numeric(asdecimal=False)).label("similarity")
    return func.round(cast(_likeness(table, wanted), Numeric), 2, type_=Numeric(asdecimal=False)).label("similarity")


def _likeness(table: type[OrganizationRow] | type[FacilityRow], wanted: Wanted) -> ColumnElement[float]:
    names: Any = func.array_prepend(table.name, table.aliases)
    if table is FacilityRow:
        names = func.array_append(names, FacilityRow.company)
    return func.public.likeness(names, _texts(wanted.trigrams), wanted.words)


def _texts(texts: list[str]) -> ColumnElement[Any]:
    return cast(texts, ARRAY(Text))
