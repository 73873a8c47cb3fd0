"""Who is shown which field: one table for answers of the API, lists, filters, sorting, files and webhooks.

A column is a kind of reader: a view of the case (`access.policy.View`), or, where a resource asks for more, what its
heading says. A cell says how the field is told:

* `yes`: as it is;
* `no`: not at all: null; it cannot be filtered or sorted by;
* `empty`: not at all: the empty list;
* `month`: the first day of the month, for days and instants alike;
* `pseudonym`: what stands for the record here and everywhere else (`access.pseudonyms`);
* `range`: the span of workers that the number lies in;
* `code`: a country's code, where it is one; names and words not;
* `coarse`: how far a day is known, never finer than the month;
* `each`: a list of things that have a table of their own.

The table is `data/fields.txt`; how it is laid over values is `access.telling`.
"""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, cast, get_args

Told = Literal["yes", "no", "empty", "month", "pseudonym", "range", "code", "coarse", "each"]
Table = Mapping[str, Mapping[str, Told]]  # field -> reader -> how it is told

_HIDDEN: tuple[Told, ...] = ("no", "empty")


def read(text: str) -> Mapping[str, Table]:
    """Read tables by resource.

    Args:
        text: As `data/fields.txt` is written.

    Raises:
        ValueError: A line that does not fit its heading, or names a field twice.
    """
    tables: dict[str, Table] = {}
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    begins = [place for place, line in enumerate(lines) if line.startswith("[")]
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        tables[lines[begin].strip("[] ")] = _read(lines[begin + 1].split(), lines[begin + 2 : end])
    return MappingProxyType(tables)


def _read(heading: list[str], lines: list[str]) -> Table:
    table: dict[str, Mapping[str, Told]] = {}
    for name, *cells in (line.split() for line in lines):
        if name in table or len(cells) != len(heading) or not set(cells) <= set(get_args(Told)):
            msg = f"the line of {name} does not fit its table"
            raise ValueError(msg)
        table[name] = MappingProxyType(dict(zip(heading, cast("list[Told]", cells), strict=True)))
    return MappingProxyType(table)


TABLE = read((files(__package__) / "data" / "fields.txt").read_text("utf-8"))


def told(resource: str, field: str, reader: str) -> Told:
    """Return how a field is told to a kind of reader.

    Raises:
        KeyError: The table knows no such field or reader: nobody is shown what nobody decided on.
    """
    return TABLE[resource][field][reader]


def shows(resource: str, field: str, reader: str) -> bool:
    """Tell whether a kind of reader is told a field at all, be it coarsened."""
    return told(resource, field, reader) not in _HIDDEN


def readers(resource: str, field: str, *ways: Told) -> list[str]:
    """Return the kinds of reader that are told a field in one of some ways; without ways: as it is."""
    return [reader for reader, way in TABLE[resource][field].items() if way in (ways or ("yes",))]


def hidden(resource: str, reader: str) -> frozenset[str]:
    """Return the fields that a kind of reader is not told."""
    return frozenset(name for name, row in TABLE[resource].items() if row[reader] in _HIDDEN)


def places(reader: str) -> tuple[str, ...]:
    """Return of which visibility a place of work must be for a kind of reader to be told which one it is."""
    return tuple(name for name in TABLE["facility_named"] if shows("facility_named", name, reader))
