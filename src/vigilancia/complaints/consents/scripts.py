"""The words in which consent is asked: data, in versions; what somebody agreed to can be read again years later."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta, Struct

from vigilancia.core.strictyaml import DataFileError, parse
from vigilancia.core.vocabularies import Labels

Purpose = Literal["store", "share", "counsel", "file", "publish", "contact_again"]


class ConsentTextVersion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of a text; what was once used is never changed: a new version is added.

    Attributes:
        version: Its number.
        since: The day from which it is used.
        lasts_months: For how long a consent given to it holds, where whoever gives it does not say a shorter time.
        texts: The words; `{receiver}` stands where the receiver's name is said.
    """

    version: Annotated[int, Meta(ge=1)]
    since: date
    lasts_months: Annotated[int, Meta(ge=1, le=60)]
    texts: Labels


class ConsentText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text in which consent to one purpose is asked.

    Attributes:
        id: Its name.
        purpose: What for.
        titles: What it is called.
        needs_native_check: Whether a native speaker has yet to read the French words.
        versions: The oldest first; the last is the one in use.
    """

    id: str
    purpose: Purpose
    titles: Labels
    needs_native_check: bool
    versions: Annotated[list[ConsentTextVersion], Meta(min_length=1)]

    def version(self, number: int) -> ConsentTextVersion | None:
        """Return one version; none where there is none of that number."""
        return next((each for each in self.versions if each.version == number), None)


@cache
def load() -> Mapping[str, ConsentText]:
    """Return all texts by id, in alphabetical order; the files are read once for each process.

    Raises:
        DataFileError: A file does not fit, its name is not its id, or its versions do not follow one another.
    """
    texts: dict[str, ConsentText] = {}
    for path in sorted((files(__package__) / "texts").iterdir(), key=lambda entry: entry.name):
        if not path.name.endswith(".yaml"):
            continue
        text = parse(path.read_text(encoding="utf-8"), ConsentText, name=path.name)
        if path.name != f"{text.id}.yaml":
            raise DataFileError(path.name, f"holds the text {text.id!r}")
        if [each.version for each in text.versions] != list(range(1, len(text.versions) + 1)):
            raise DataFileError(path.name, "versions do not follow one another")
        texts[text.id] = text
    return MappingProxyType(texts)
