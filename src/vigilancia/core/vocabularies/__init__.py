"""The code lists: stable codes with labels in Spanish, English and French, one YAML file a list.

A code is never reused and never renamed; a list may grow. French labels still want a native speaker, and each file
says so.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from vigilancia.core.strictyaml import DataFileError, parse


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One word or phrase in the three languages of the product."""

    es: str
    en: str
    fr: str


class Code(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of a list.

    `limb` and `scian` are for sectors only: the treaty's branch of a priority sector, and the code of the North
    American industry classification (Mexican edition) where a single one fits.
    """

    code: str
    labels: Labels
    limb: str | None = None
    scian: str | None = None


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code list; an `open` one takes other codes of the same shape, which then have no label here."""

    id: str
    titles: Labels
    needs_native_check: bool  # the French labels were not yet read by a native speaker
    codes: tuple[Code, ...]
    note: str | None = None
    open: bool = False


@cache
def load() -> Mapping[str, Vocabulary]:
    """Return all lists by id, in alphabetical order; the files are read once for each process.

    Raises:
        DataFileError: A file does not fit, its name is not its id, or a code occurs twice.
    """
    lists: dict[str, Vocabulary] = {}
    for path in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if not path.name.endswith(".yaml"):
            continue
        vocabulary = parse(path.read_text(encoding="utf-8"), Vocabulary, name=path.name)
        if path.name != f"{vocabulary.id}.yaml":
            raise DataFileError(path.name, f"holds the list {vocabulary.id!r}")
        if len({entry.code for entry in vocabulary.codes}) != len(vocabulary.codes):
            raise DataFileError(path.name, "a code occurs twice")
        lists[vocabulary.id] = vocabulary
    return MappingProxyType(lists)


@cache
def codes(name: str) -> frozenset[str]:
    """Return the codes of one list.

    Raises:
        KeyError: There is no list of that name.
    """
    return frozenset(entry.code for entry in load()[name].codes)
