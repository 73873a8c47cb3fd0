"""Keyset lists: an opaque cursor, a closed set of fields to sort by, the id as the last tie-break.

The page after a cursor holds what sorts behind the last row seen; rows written meanwhile repeat and hide nothing.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar.params import Parameter
from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, and_, any_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.core.errors import BadParameterError, Fault

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_VERSION = 1

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `next` is the cursor of the page after it, null on the last."""

    items: list[T]
    next: str | None


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What every list takes."""

    cursor: str | None
    limit: int
    sort: str | None
    q: str | None
    updated_since: datetime | None


Cursor = Annotated[str | None, Parameter(description="`next` of the page before.", max_length=2000)]
Limit = Annotated[int, Parameter(description="Rows on a page.", ge=1, le=MAX_LIMIT)]
Sort = Annotated[str | None, Parameter(description="Fields, comma separated; `-` for descending.")]
Since = Annotated[datetime | None, Parameter(description="Changed at or after this instant.")]
Words = Annotated[str | None, Parameter(description="Words to find, accents ignored.", max_length=200)]


async def provide_listing(
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
    sort: Sort = None,
    q: Words = None,
    updated_since: Since = None,
) -> Listing:
    """Gather the parameters every list with words shares; used as the dependency `listing`.

    Raises:
        BadParameterError: An instant that does not say its offset from UTC, or none that the calendar has.
    """
    return Listing(cursor=cursor, limit=limit, sort=sort, q=q, updated_since=_instant(updated_since))


async def provide_wordless_listing(
    cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT, sort: Sort = None, updated_since: Since = None
) -> Listing:
    """Gather what lists without words to search share: there `q` is unknown, and refused rather than passed over.

    Raises:
        BadParameterError: As for lists with words.
    """
    return Listing(cursor=cursor, limit=limit, sort=sort, q=None, updated_since=_instant(updated_since))


def _instant(given: datetime | None) -> datetime | None:
    if given is None:
        return None
    try:
        if given.tzinfo is not None:
            return given.astimezone(UTC)
    except OverflowError:
        pass  # said below, as of an instant without an offset
    fault = Fault(pointer="?updated_since", code="format", params={"expected": "2026-03-02T15:00:00Z"})
    raise BadParameterError(faults=[fault])


async def fetch_page(
    session: AsyncSession,
    query: Select[Any],
    listing: Listing,
    *,
    sortable: Mapping[str, ColumnElement[Any]],
    default: str,
    params: Mapping[str, Any] | None = None,
) -> tuple[Sequence[Any], str | None]:
    """Run a list query for one page.

    Args:
        session: The transaction.
        query: Select of the rows, filtered, without order or limit.
        listing: Cursor, limit and sort asked for.
        sortable: The closed list of fields, never null; must hold `id`.
        default: Sort where none is asked for, such as `-received_on`.
        params: Values of the query's own bind parameters, where it has parts that were prepared once.

    Returns:
        The rows, and the cursor of the next page or none.

    Raises:
        BadParameterError: An unknown sort field, or a cursor of another list.
    """
    terms = _terms(listing.sort or default, sortable)
    keys = [sortable[name] for name, _ in terms]
    if listing.cursor:
        query = query.where(_after(terms, keys, _decode(listing.cursor, terms, keys)))
    order = [key.desc() if down else key.asc() for key, (_, down) in zip(keys, terms, strict=True)]
    labelled = [key.label(f"_key_{place}") for place, key in enumerate(keys)]
    page = query.add_columns(*labelled).order_by(*order).limit(listing.limit + 1)
    rows = (await session.execute(page, dict(params or {}))).all()
    if len(rows) <= listing.limit:
        return rows, None
    last = rows[listing.limit - 1]
    return rows[: listing.limit], _encode(terms, [getattr(last, f"_key_{place}") for place in range(len(keys))])


def cursor_after(listing: Listing, sort: str, values: Sequence[Any]) -> str:
    """Return the cursor of the page behind a row, for lists that are put together from several.

    Args:
        listing: Of the request.
        sort: As `fetch_page` was given it, where the request says none; must end with the id.
        values: Of the row's fields in the order of the sort.
    """
    terms = [(part.removeprefix("-"), part.startswith("-")) for part in (listing.sort or sort).split(",")]
    return _encode(terms, list(values))


def slice_page(items: Sequence[T], cursor: str | None, limit: int, *, key: Callable[[T], str]) -> Page[T]:
    """Return one page of a short list that is in memory, in the order of its keys.

    Raises:
        BadParameterError: A cursor of another list.
    """
    after = _decode(cursor, [("id", False)], [literal("")])[0] if cursor else None
    left = sorted((item for item in items if after is None or key(item) > after), key=key)
    more = len(left) > limit
    return Page(items=left[:limit], next=_encode([("id", False)], [key(left[limit - 1])]) if more else None)


def matches(search: ColumnElement[Any], words: str, *, stemmer: str = "simple") -> ColumnElement[bool]:
    """Return the condition that a search column holds all words, accents and case ignored, each as a prefix or a stem.

    Args:
        search: A tsvector column over folded text.
        words: As typed; anything but letters and digits parts words.
        stemmer: A text search configuration whose stems the column also holds.
    """
    return search.op("@@", is_comparison=True)(_query(words, stemmer))


def found_by_words(row: Any, words: str, *, stemmer: str = "simple") -> ColumnElement[bool]:  # noqa: ANN401 - a table
    """Return the condition of `matches` on the column `search` of a table with many rows, so that its index serves.

    Below a policy the index of a condition that PostgreSQL does not hold to be leakproof is never used, so a function
    of the owner's asks it, and returns the ids of the rows that the asker sees.

    Args:
        row: The mapped class of complaints, organisations or facilities, or an alias of it.
        words: As typed.
        stemmer: As for `matches`.
    """
    return found_by(row, getattr(func.public, f"{row.__tablename__}_saying")(_query(words, stemmer)))


def found_by(row: Any, ids: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a mapped class, a call of a function
    """Return the condition that a row is among the ids that a function returns; the index of the ids serves."""
    listed = func.array(select(ids).scalar_subquery(), type_=ARRAY(Uuid()))
    return row.id == any_(listed)  # type: ignore[no-any-return]


def _query(words: str, stemmer: str) -> ColumnElement[Any]:
    """Return words as a question: all of them as prefixes, or all of them as stems."""
    tokens = "".join(char if char.isalnum() else " " for char in words).split()
    if not tokens:
        return func.plainto_tsquery("simple", "")
    prefix = func.to_tsquery("simple", func.public.fold(" & ".join(f"{token}:*" for token in tokens)))
    if stemmer == "simple":
        return prefix
    return prefix.op("||")(func.plainto_tsquery(stemmer, func.public.fold(" ".join(tokens))))


def any_of(column: ColumnElement[Any], text: str, name: str, type_: type = str) -> ColumnElement[bool]:
    """Return the condition of a filter parameter: one value or several with commas.

    Raises:
        BadParameterError: A value is not of the type.
    """
    return column.in_([convert_parameter(part, name, type_) for part in text.split(",")])


def convert_parameter(text: str, name: str, type_: type[T]) -> T:
    """Read one value of a query parameter.

    Raises:
        BadParameterError: It is not of the type; the fault names the parameter, never the value.
    """
    try:
        return msgspec.convert(text, type_, strict=False)
    except msgspec.ValidationError as error:
        expected = {UUID: "uuid", date: "date"}.get(type_, "type")
        fault = Fault(pointer=f"?{name}", code=expected, params={"expected": type_.__name__})
        raise BadParameterError(faults=[fault]) from error


def _terms(sort: str, sortable: Mapping[str, ColumnElement[Any]]) -> list[tuple[str, bool]]:
    terms = [(part.strip().removeprefix("-"), part.strip().startswith("-")) for part in sort.split(",")]
    names = [name for name, _ in terms]
    if any(name not in sortable for name in names) or len(set(names)) != len(names):
        allowed = ", ".join(sorted(sortable))
        raise BadParameterError(faults=[Fault(pointer="?sort", code="sort", params={"allowed": allowed})])
    return terms if "id" in names else [*terms, ("id", terms[-1][1])]


def _after(terms: list[tuple[str, bool]], keys: list[ColumnElement[Any]], values: list[Any]) -> ColumnElement[bool]:
    behind = []
    for place, (_, down) in enumerate(terms):
        same = [keys[before] == values[before] for before in range(place)]
        key = keys[place]
        behind.append(and_(*same, key < values[place] if down else key > values[place]))
    return or_(*behind)


def _encode(terms: list[tuple[str, bool]], values: list[Any]) -> str:
    packed = msgspec.json.encode([_VERSION, [("-" if down else "") + name for name, down in terms], values])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _decode(cursor: str, terms: list[tuple[str, bool]], keys: list[ColumnElement[Any]]) -> list[Any]:
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        version, names, values = msgspec.json.decode(packed, type=tuple[int, list[str], list[Any]])
        types = [key.type.python_type for key in keys]
        found = [msgspec.convert(value, type_) for value, type_ in zip(values, types, strict=True)]
    except (ValueError, RecursionError, NotImplementedError, msgspec.MsgspecError) as error:
        raise BadParameterError(faults=[Fault(pointer="?cursor", code="cursor")]) from error
    if version != _VERSION or names != [("-" if down else "") + name for name, down in terms]:
        raise BadParameterError(faults=[Fault(pointer="?cursor", code="cursor")])
    return found
