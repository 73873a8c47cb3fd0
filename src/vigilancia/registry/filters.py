"""Filters that the registry's lists share."""

from collections.abc import Collection
from typing import Any, get_args

from sqlalchemy import ColumnElement, func, or_

from vigilancia.core import vocabularies
from vigilancia.core.errors import BadParameterError, Fault
from vigilancia.core.paging import matches
from vigilancia.registry.checks import Visibility, is_country, is_subdivision
from vigilancia.registry.names import names_in


def of_vocabulary(column: Any, text: str, name: str, vocabulary: str) -> ColumnElement[bool]:  # noqa: ANN401 - a mapped column
    """Return the condition that a column holds one of the codes given; a code that is none is refused, not left empty.

    Raises:
        BadParameterError: A part is no code of the list.
    """
    return _among(column, text, name, vocabularies.codes(vocabulary), vocabulary)


def of_visibility(column: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401
    """Return the condition of the filter `visibility`.

    Raises:
        BadParameterError: A part is none.
    """
    return _among(column, text, "visibility", get_args(Visibility), ", ".join(get_args(Visibility)))


def of_country(column: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401
    """Return the condition of the filter `country`.

    Raises:
        BadParameterError: A part is no country.
    """
    return _shaped(column, text, "country", "ISO 3166-1 alpha-2", all(map(is_country, text.split(","))))


def of_subdivision(column: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401
    """Return the condition of the filter `subdivision`.

    Raises:
        BadParameterError: A part is none.
    """
    return _shaped(column, text, "subdivision", "ISO 3166-2", all(map(is_subdivision, text.split(","))))


def of_words(column: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401
    """Return the condition that a text holds the words of one of the names given, accents and legal forms ignored."""
    search = func.to_tsvector("simple", func.public.terms(func.coalesce(column, "")))
    return or_(*(matches(search, name) for name in names_in(text)))


def _among(column: Any, text: str, name: str, allowed: Collection[str], said: str) -> ColumnElement[bool]:  # noqa: ANN401
    parts = text.split(",")
    if any(part not in allowed for part in parts):
        raise BadParameterError(faults=[Fault(pointer=f"?{name}", code="code", params={"vocabulary": said})])
    return column.in_(parts)  # type: ignore[no-any-return]


def _shaped(column: Any, text: str, name: str, expected: str, fits: bool) -> ColumnElement[bool]:  # noqa: ANN401, FBT001
    if not fits:
        raise BadParameterError(faults=[Fault(pointer=f"?{name}", code="format", params={"expected": expected})])
    return column.in_(text.split(","))  # type: ignore[no-any-return]
