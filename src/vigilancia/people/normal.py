"""The one form in which a name or a way to reach somebody is looked for."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

Kind = Literal["phone", "email", "address", "other"]

_SIGNIFICANT = 10  # digits of a number in Mexico, the United States and Canada, without what is dialled before it
_SILENT = re.compile("['`\u00b4\u2018\u2019\u02bb\u02bc]")  # glottal stops and accents, typed in many ways
_DIALLED = re.compile(r"[-+().\s/0-9]+")


def name(text: str) -> str:
    """Return a name without accents, case and punctuation, its words in the order of the alphabet.

    `PÉREZ LÓPEZ, María` and `María Pérez López` are one name; lists put the surname first, people do not.
    """
    return " ".join(sorted(_words(text).split()))


def contact(kind: Kind, value: str) -> str:
    """Return the form of one line: of a phone number its last ten digits, of the rest what `name` leaves, in order."""
    if kind == "phone":
        return "".join(char for char in value if char.isdecimal())[-_SIGNIFICANT:]
    if kind == "email":
        return unicodedata.normalize("NFKC", value).strip().casefold()
    return _words(value)


def guesses(value: str) -> Mapping[Kind, str]:
    """Return what a value typed without its kind may be, in the form of each kind it could be of."""
    found: dict[Kind, str] = {kind: contact(kind, value) for kind in ("address", "other")}
    if "@" in value:
        found["email"] = contact("email", value)
    if _DIALLED.fullmatch(value):
        found["phone"] = contact("phone", value)
    return {kind: form for kind, form in found.items() if form}


def _words(text: str) -> str:
    parts = unicodedata.normalize("NFKD", _SILENT.sub("", text))
    bare = "".join(char for char in parts if not unicodedata.combining(char)).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in bare).split())
