"""YAML read strictly: every fault with its file and line, nothing guessed.

PyYAML alone keeps the last of two equal keys and turns some words into dates and truth values behind the writer's
back. Here a repeated key, an alias or a float is a fault, and dates stay text until a shape asks for a date.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import yaml
from msgspec import Struct

Plain = dict[str, "Plain"] | list["Plain"] | str | int | bool | None
Place = tuple[str | int, ...]
T = TypeVar("T")

_FAULT_AT = re.compile(r"(?P<message>.*?) - at (?P<in_key>`key` in )?`\$(?P<path>.*)`$")
_NO_DATE = "Invalid RFC3339 encoded date"
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN_KEY = re.compile(r"unknown field `([^`]+)`")
_MISSING_KEY = re.compile(r"missing required field `([^`]+)`")
_MAX_BYTES = 1_000_000


class Fault(Struct, frozen=True, kw_only=True):
    """Why a file does not load."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Write it as compilers do, so that editors can jump there."""
        return f"{self.file}:{self.line}: {self.message}"


class FaultError(Exception):
    """Reading stopped at one fault; callers collect it."""

    def __init__(self, fault: Fault) -> None:
        """Carry the fault."""
        super().__init__(str(fault))
        self.fault = fault


class Document(Struct, frozen=True, kw_only=True):
    """A file's plain data, and the line on which each part of it stands."""

    file: str
    data: Plain
    lines: dict[Place, int]

    def line(self, *place: str | int) -> int:
        """Return the line of the nearest known part that holds `place`."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fault(self, message: str, *place: str | int) -> Fault:
        """Make a fault about a part of this document."""
        return Fault(file=self.file, line=self.line(*place), message=message)

    def _find(self, place: list[str | int]) -> list[str | int]:
        """Find a key that is named under some member of a table; the shape's error does not say which member."""
        return next(self._like(place), place)

    def _lacking(self, place: list[str | int], key: str) -> list[str | int]:
        """Find the member of a table that has no such key; the shape's error does not say which member."""
        fitting = (known for known in self._like(place) if key not in cast("dict[str, Plain]", self._value(known)))
        return next(fitting, place)

    def _like(self, place: list[str | int]) -> Iterator[list[str | int]]:
        """Go through the known places that fit one in which a member of a table is not named."""
        for known in self.lines:
            if len(known) == len(place) and all(step in ("", at) for step, at in zip(place, known, strict=True)):
                yield [*known]

    def shaped(self, shape: type[T]) -> T:
        """Convert the data to a shape.

        Raises:
            FaultError: A key is unknown, missing or of the wrong kind.
        """
        try:
            return msgspec.convert(self.data, shape)
        except msgspec.ValidationError as error:
            found = _FAULT_AT.match(str(error))
            message, in_key, path = found.groups() if found else (str(error), None, "")
            place: list[str | int] = [int(number) if number.isdigit() else key for key, number in _STEP.findall(path)]
            if unknown := _UNKNOWN_KEY.search(message):
                place = self._find([*place, unknown[1]])
            if missing := _MISSING_KEY.search(message):
                place = self._lacking(place, missing[1])
                message += "".join(f", in `{step}`" for step in place[-1:] if isinstance(step, str))
            if message == _NO_DATE:
                place, said = self._wrong_key(place) if in_key else (place, self._value(place))
                message = f"{said!r} is not a day that exists, as YYYY-MM-DD"
            raise FaultError(self.fault(message, *place)) from error

    def _value(self, place: list[str | int]) -> Plain:
        """Return what stands at a place."""
        found: Any = self.data
        for step in place:
            found = found[step]
        return cast("Plain", found)

    def _wrong_key(self, place: list[str | int]) -> tuple[list[str | int], str]:
        """Find the key that is no date, in a table of which the shape's error says only where it is."""
        table = self._value(place)
        keys = [key for key in table if not _is_date(key)] if isinstance(table, dict) else []
        return [*place, keys[0]], keys[0]


def _is_date(text: str) -> bool:
    try:
        msgspec.convert(text, date)
    except msgspec.ValidationError:
        return False
    return True


class _Reader:
    """Turns composed nodes into plain data and remembers their lines."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}
        self.seen: set[int] = set()

    def refuse(self, node: yaml.Node, message: str) -> FaultError:
        return FaultError(Fault(file=self.file, line=node.start_mark.line + 1, message=message))

    def plain(self, node: yaml.Node, place: Place) -> Plain:
        if id(node) in self.seen:
            raise self.refuse(node, "aliases are not allowed")
        self.seen.add(id(node))
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*place, number)) for number, item in enumerate(node.value)]
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.refuse(key_node, "a key must be a plain word")
            key = key_node.value
            if key in found:
                raise self.refuse(key_node, f"the key {key!r} stands twice")
            self.lines[(*place, key)] = key_node.start_mark.line + 1
            found[key] = self.plain(value_node, (*place, key))
        return found

    def scalar(self, node: yaml.Node) -> Plain:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        text = str(node.value)
        if kind in {"str", "timestamp"}:
            return text
        if kind == "int" and text.isascii() and text.isdecimal():
            return int(text)
        if kind == "bool" and text in {"true", "false"}:
            return text == "true"
        if kind == "null":
            return None
        raise self.refuse(
            node, f"{text!r} is neither text, a whole number, true, false nor null; quote it if it is text"
        )


def read_yaml(path: Path, name: str) -> Document:
    """Read one file.

    Args:
        path: Where it is.
        name: What to call it in faults.

    Raises:
        FaultError: It cannot be read, or is not the strict YAML described above.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise FaultError(Fault(file=name, line=1, message="the file is too large for a rule file"))
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise FaultError(Fault(file=name, line=1, message=f"cannot be read: {error}")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = str(getattr(error, "problem", None) or error).split("\n")[0]
        raise FaultError(Fault(file=name, line=line, message=f"is not YAML: {problem}")) from error
    if node is None:
        raise FaultError(Fault(file=name, line=1, message="the file is empty"))
    reader = _Reader(name)
    return Document(file=name, data=reader.plain(node, ()), lines=reader.lines)
