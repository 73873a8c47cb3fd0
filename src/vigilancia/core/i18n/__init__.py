"""Words for people in Spanish, English and French, kept as YAML: `i18n/<locale>/<area>.yaml`, one mapping a file.

A key is `<area>.<path>`; every key exists in all three languages with the same `{places}` (a test says so).
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, cast

import babel.dates
from babel import Locale as BabelLocale

from vigilancia.core.settings import Locale
from vigilancia.core.strictyaml import parse

LOCALES: tuple[Locale, ...] = ("es", "en", "fr")


@cache
def catalogue(locale: Locale) -> Mapping[str, str]:
    """Return every text of one language by its full key."""
    texts: dict[str, str] = {}
    for file in sorted(files(__name__).joinpath(locale).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            words = parse(file.read_text("utf-8"), dict[str, Any], name=file.name)
            texts.update(_flatten(file.name.removesuffix(".yaml"), words))
    return texts


def t(key: str, locale: Locale, /, **places: object) -> str:
    """Return one text with its places filled.

    Args:
        key: `<area>.<path>`; with `count` among the places, `.one` or `.other` is added by the language's plural rule.
        locale: es, en or fr.
        places: Values for the `{places}`.

    Raises:
        KeyError: No such text: a fault of ours, found by the tests.
    """
    if "count" in places:
        rule = BabelLocale.parse(locale).plural_form
        form = rule(cast("int", places["count"]))
        key = f"{key}.{form if f'{key}.{form}' in catalogue(locale) else 'other'}"
    return catalogue(locale)[key].format_map(places)


def has(key: str, locale: Locale = "en") -> bool:
    """Tell whether a text exists."""
    return key in catalogue(locale)


def pick(accept_language: str, default: Locale) -> Locale:
    """Choose the language of an answer from an `Accept-Language` header (RFC 9110, 12.5.4).

    Args:
        accept_language: The header, possibly empty or malformed.
        default: Where nothing fits.
    """
    wanted: list[tuple[float, int, Locale]] = []
    for place, part in enumerate(accept_language.split(",")):
        tag, _, quality = "".join(part.split()).partition(";q=")
        base = tag.split("-")[0].lower()
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        if base in LOCALES and weight > 0:
            wanted.append((-weight, place, base))
    return min(wanted)[2] if wanted else default


def long_date(day: date, locale: Locale) -> str:
    """Return a civil date as people write it: `miércoles 14 de junio de 2023`."""
    pattern = {"es": "EEEE d 'de' MMMM 'de' y", "en": "EEEE d MMMM y", "fr": "EEEE d MMMM y"}[locale]
    if locale == "fr" and day.day == 1:
        pattern = "EEEE '1er' MMMM y"
    return babel.dates.format_date(day, format=pattern, locale=locale)


def country(code: str, locale: Locale) -> str:
    """Return the name of a country of ISO 3166; its code, where no name is known."""
    return str(BabelLocale.parse(locale).territories.get(code, code))


def _flatten(prefix: str, value: Any) -> dict[str, str]:  # noqa: ANN401 - YAML holds anything
    if isinstance(value, dict):
        return {key: text for name, inner in value.items() for key, text in _flatten(f"{prefix}.{name}", inner).items()}
    return {prefix: str(value)}
