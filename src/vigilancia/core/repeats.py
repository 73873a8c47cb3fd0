"""Names that stand twice in one JSON object: every reader keeps one of the two values and loses the other unsaid."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any


class _Object(list[tuple[str, Any]]):
    """The pairs of a JSON object, all of them."""


def repeated_names(raw: bytes) -> list[str]:
    """Return the JSON Pointer of each name that stands more than once in its object.

    Args:
        raw: A body that is known to be JSON, and not nested beyond reason.
    """
    return list(_walk(json.loads(raw, object_pairs_hook=_Object), ""))


def _walk(value: object, pointer: str) -> Iterator[str]:
    if isinstance(value, _Object):
        for name, times in Counter(name for name, _ in value).items():
            if times > 1:
                yield f"{pointer}/{_escaped(name)}"
        for name, inner in value:
            yield from _walk(inner, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _walk(inner, f"{pointer}/{place}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1").replace("\x00", "�")[:80]
