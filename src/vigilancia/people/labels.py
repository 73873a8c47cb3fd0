"""Pseudonyms: drawn by lot and never used twice in a case, so that they tell nothing and stay with one person."""

import secrets
from collections.abc import Collection

from vigilancia.core import i18n
from vigilancia.core.settings import Locale

_LETTERS = "BCDFGHJKLMNPQRSTVWXYZ"  # no vowels: no words, no initials that read as one
_DIGITS = "23456789"


def draw(taken: Collection[str]) -> str:
    """Return a label such as `K7` that is free; longer ones once half of the shorter are taken."""
    digits = 1
    while 2 * len(taken) >= len(_LETTERS) * len(_DIGITS) ** digits:
        digits += 1
    while (label := _random(digits)) in taken:
        pass
    return label


def pseudonym(label: str, locale: Locale) -> str:
    """Return what a person is called where the name is not: `Persona K7`."""
    return i18n.t("people.pseudonym", locale, label=label)


def _random(digits: int) -> str:
    return secrets.choice(_LETTERS) + "".join(secrets.choice(_DIGITS) for _ in range(digits))
