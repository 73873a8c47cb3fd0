"""Reading a body: strict, and with every fault at once.

msgspec stops at the first thing that does not fit; a caseworker on a bad line deserves all of them. So a body that
does not fit is walked a second time, field by field, only to gather what is wrong.
"""

import difflib
import types
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from vigilancia.core import vocabularies
from vigilancia.core.errors import BrokenBodyError, Fault, InvalidError
from vigilancia.core.repeats import repeated_names

MAX_DEPTH = 50
_FIRST_INSTANT = datetime(1900, 1, 1, tzinfo=UTC)  # the database keeps the very first ones as minus infinity


class OneOf(msgspec.Struct, frozen=True):
    """Says that a text is a code of a list: `Annotated[str, OneOf("allegation")]`."""

    vocabulary: str


class Check(msgspec.Struct, frozen=True):
    """Says what a text, a list or an object must hold beyond its type: `Annotated[str, Check(find)]`.

    `find` is given the value once it fits its type, and yields faults whose pointers begin at that value.
    """

    find: Callable[[Any], Iterable[Fault]]


def passes(test: Callable[[str], bool], code: str, **params: str) -> Check:
    """Return the check that a text passes a test; if not, the fault has this code."""
    fault = Fault(pointer="", code=code, params=params)
    return Check(find=lambda value: () if test(value) else (fault,))


def read_body(raw: bytes, type_: Any) -> Any:  # noqa: ANN401 - whatever type the route declares
    """Read a JSON body as a value of a type.

    Args:
        raw: The bytes of the body.
        type_: What the route takes, usually a Struct that forbids unknown fields.

    Raises:
        BrokenBodyError: No JSON, or nested beyond reason.
        InvalidError: JSON that does not fit, with every fault.
    """
    try:
        value = msgspec.json.decode(raw)
    except RecursionError as error:
        raise BrokenBodyError(faults=[Fault(pointer="", code="deep")]) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenBodyError(faults=[Fault(pointer="", code="json")]) from error
    if _too_deep(value):
        raise BrokenBodyError(faults=[Fault(pointer="", code="deep")])
    faults = [Fault(pointer=pointer, code="named_twice") for pointer in repeated_names(raw)]
    faults += _faults(value, type_, "")
    if faults:
        raise InvalidError(faults=faults)
    return msgspec.convert(value, type_)


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _faults(value: Any, type_: Any, pointer: str) -> Iterator[Fault]:  # noqa: ANN401 - JSON of any shape
    bare, notes = _bare(type_)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        yield from list(_struct_faults(value, bare, pointer)) or _check_faults(value, notes, pointer)
    elif get_origin(bare) in (list, tuple) and isinstance(value, list):
        faults = list(_own_faults(value, type_, pointer, leaf=False))
        for place, inner in enumerate(value):
            faults += _faults(inner, get_args(bare)[0], f"{pointer}/{place}")
        yield from faults or _check_faults(value, notes, pointer)
    elif get_origin(bare) in (Union, types.UnionType):
        if value is None and type(None) in get_args(bare):
            return
        members = [member for member in get_args(bare) if member not in (type(None), msgspec.UnsetType)]
        yield from _faults(value, Annotated[members[0], *notes] if notes else members[0], pointer)
    else:
        yield from _own_faults(value, type_, pointer, leaf=True)


def _struct_faults(value: Any, type_: type[msgspec.Struct], pointer: str) -> Iterator[Fault]:  # noqa: ANN401
    if not isinstance(value, dict):
        yield Fault(pointer=pointer, code="type", params={"expected": "object"})
        return
    hints = get_type_hints(type_, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(type_)}
    for name in value:
        if name not in fields:
            nearest = difflib.get_close_matches(name, fields, n=1, cutoff=0.0)
            escaped = name.replace("~", "~0").replace("/", "~1").replace("\x00", "�")[:80]
            yield Fault(pointer=f"{pointer}/{escaped}", code="unknown_field", params={"nearest": nearest[0]})
    for name, field in fields.items():
        if name in value:
            yield from _faults(value[name], hints[field.name], f"{pointer}/{name}")
        elif field.required:
            yield Fault(pointer=f"{pointer}/{name}", code="required")


def _own_faults(value: Any, type_: Any, pointer: str, *, leaf: bool) -> Iterator[Fault]:  # noqa: ANN401
    bare, notes = _bare(type_)
    if not leaf:
        for meta in notes:
            if isinstance(meta, msgspec.Meta) and meta.max_length is not None and len(value) > meta.max_length:
                yield Fault(pointer=pointer, code="too_many", params={"limit": str(meta.max_length)})
            if isinstance(meta, msgspec.Meta) and meta.min_length is not None and len(value) < meta.min_length:
                yield Fault(pointer=pointer, code="too_short")
        return
    if isinstance(value, str) and "\x00" in value:
        yield Fault(pointer=pointer, code="nul")
        return
    try:
        read = msgspec.convert(value, type_)
        if isinstance(read, datetime) and read.tzinfo is not None and read.astimezone(UTC) < _FIRST_INSTANT:
            raise OverflowError  # noqa: TRY301 - answered as the instants that no calendar has
    except (msgspec.ValidationError, ValueError, OverflowError):
        yield _leaf_fault(value, bare, notes, pointer)
        return
    for note in notes:
        if isinstance(note, OneOf) and value not in vocabularies.codes(note.vocabulary):
            yield Fault(pointer=pointer, code="code", params={"vocabulary": note.vocabulary})
    yield from _check_faults(value, notes, pointer)


def _check_faults(value: Any, notes: tuple[Any, ...], pointer: str) -> Iterator[Fault]:  # noqa: ANN401
    for note in notes:
        if isinstance(note, Check):
            for fault in note.find(value):
                yield msgspec.structs.replace(fault, pointer=pointer + fault.pointer)


def _leaf_fault(value: Any, bare: Any, notes: tuple[Any, ...], pointer: str) -> Fault:  # noqa: ANN401
    meta = next((note for note in notes if isinstance(note, msgspec.Meta)), msgspec.Meta())
    if get_origin(bare) is Literal:
        return Fault(pointer=pointer, code="code", params={"vocabulary": ", ".join(map(str, get_args(bare)))})
    if bare is str and isinstance(value, str):
        return _text_fault(value, meta, pointer)
    if bare in (date, UUID) and isinstance(value, str):
        return Fault(pointer=pointer, code="date" if bare is date else "uuid")
    if bare is int and isinstance(value, int) and not isinstance(value, bool):
        return Fault(pointer=pointer, code="range", params={"expected": f"{meta.ge} … {meta.le}"})
    names = {str: "text", int: "whole number", bool: "true or false", datetime: "instant", Decimal: "decimal text"}
    names |= {date: "YYYY-MM-DD", UUID: "id", float: "number"}
    expected = names.get(bare, "list" if get_origin(bare) in (list, tuple) else "object")
    return Fault(pointer=pointer, code="type", params={"expected": expected})


def _text_fault(value: str, meta: msgspec.Meta, pointer: str) -> Fault:
    if meta.max_length is not None and len(value) > meta.max_length:
        return Fault(pointer=pointer, code="too_long", params={"limit": str(meta.max_length)})
    if meta.min_length is not None and len(value) < meta.min_length:
        return Fault(pointer=pointer, code="too_short")
    return Fault(pointer=pointer, code="format", params={"expected": meta.pattern or "text"})


def _bare(type_: Any) -> tuple[Any, tuple[Any, ...]]:  # noqa: ANN401
    if get_origin(type_) is Annotated:
        inner, *notes = get_args(type_)
        bare, more = _bare(inner)
        return bare, (*more, *notes)
    return type_, ()
