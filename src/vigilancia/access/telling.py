"""Laying the table of fields over values: what one kind of reader is told of one record."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any
from uuid import UUID

from msgspec import Struct, field, structs
from sqlalchemy import func

from vigilancia.access.fields import TABLE, Told
from vigilancia.access.pseudonyms import Pseudonyms
from vigilancia.core.strictyaml import parse

_COUNTRY = re.compile(r"[A-Z]{2}")
# Of which kind of record an id is, where its name does not say so.
_KINDS = {"owner_id": "organization"}
_COARSEST = ("month", "year")


class _Ranges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    from_: list[int] = field(name="from")


def tell(resource: str, reader: str, values: Mapping[str, Any], names: Pseudonyms | None = None) -> dict[str, Any]:
    """Return the fields of a record as a kind of reader is told them.

    Lists of things with a table of their own (`each`) are left to the caller, who knows their types.

    Args:
        resource: Of which kind the record is.
        reader: A column of its table.
        values: Every field as it is.
        names: The pseudonyms of the installation; not wanted where the table of the resource has none.

    Raises:
        KeyError: A field that the table does not know.
    """
    lines = TABLE[resource]
    told = {name: _told(lines[name][reader], name, value, names) for name, value in values.items()}
    if names is not None and "reference" in told and lines["reference"][reader] == "pseudonym":
        told["reference"] = names.of_case(values["id"])
    return told


def month_of(day: date) -> date:
    """Return the first day of a day's month: as much as analysts see."""
    return day.replace(day=1)


def start_of_month(instant: datetime) -> datetime:
    """Return the first instant of an instant's month, UTC."""
    return instant.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@cache
def spans() -> tuple[tuple[int, int | None], ...]:
    """Return the spans of numbers of workers, least and most; the last is open.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "ranges.yaml"
    begins = parse(file.read_text("utf-8"), _Ranges, name=file.name).from_
    return (*((least, after - 1) for least, after in pairwise(begins)), (begins[-1], None))


def least_of(number: int | None) -> int | None:
    """Return the least of the span a number lies in."""
    return None if number is None else max(least for least, _ in spans() if least <= number)


def most_of(number: int | None) -> int | None:
    """Return the most of the span a number lies in; none where the span is open."""
    if number is None:
        return None
    return next(most for least, most in reversed(spans()) if least <= number)


def _told(way: Told, name: str, value: Any, names: Pseudonyms | None) -> Any:  # noqa: ANN401 - a field of any type
    if way == "empty":
        return []
    if way == "no" or value is None:
        return None
    if way == "pseudonym":
        return _pseudonym(name, value, names)
    return _COARSER[way](value) if way in _COARSER else value


def _month(value: date) -> date:
    return start_of_month(value) if isinstance(value, datetime) else month_of(value)


def _span(value: Any) -> Any:  # noqa: ANN401 - a struct with `min` and `max`
    return structs.replace(value, min=least_of(value.min), max=most_of(value.max))


def _code(value: str) -> str | None:
    return value if _COUNTRY.fullmatch(value) else None


def _precision(value: str) -> str:
    return value if value in _COARSEST else _COARSEST[0]


_COARSER: Mapping[Told, Callable[[Any], Any]] = {
    "month": _month,
    "range": _span,
    "code": _code,
    "coarse": _precision,
}


def _pseudonym(name: str, value: Any, names: Pseudonyms | None) -> UUID | None:  # noqa: ANN401 - a field
    if names is None or not isinstance(value, UUID):
        return None  # a reference is made of the record's id
    return names.of(_KINDS.get(name, name.removesuffix("_id")), value)


def month_only(day: Any) -> Any:  # noqa: ANN401 - a date column
    """Return the SQL expression of a day cut to its month, as analysts see it."""
    return func.date_trunc("month", day)
