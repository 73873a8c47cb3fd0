"""Codes with their words, in the language of the report."""

from functools import cache

from babel import Locale as BabelLocale

from vigilancia.core import i18n, vocabularies
from vigilancia.core.settings import Locale
from vigilancia.reports.schemas_report import Coded


def coded(vocabulary: str, code: str, locale: Locale) -> Coded:
    """Return a code with its label; a code of an open list that has none stands for itself."""
    return Coded(code=code, label=_labels(vocabulary, locale).get(code, code))


def maybe(vocabulary: str, code: str | None, locale: Locale) -> Coded | None:
    """Return a code with its label, or nothing for nothing."""
    return None if code is None else coded(vocabulary, code, locale)


def country(code: str, locale: Locale) -> Coded:
    """Return a country of ISO 3166 with its name."""
    return Coded(code=code, label=i18n.country(code, locale))


def language(tag: str, locale: Locale) -> Coded:
    """Return a language tag with the name of its language, where we or Unicode's data have one."""
    base = tag.split("-", maxsplit=1)[0].lower()
    own = f"reports.language.{base}"
    label = i18n.t(own, locale) if i18n.has(own) else BabelLocale.parse(locale).languages.get(base, tag)
    return Coded(code=tag, label=label)


def speaker(name: str | None, locale: Locale) -> str | None:
    """Return who states a thing: a country's code becomes its name, any other name stays."""
    return country(name, locale).label if name is not None and len(name) == len("MX") and name.isupper() else name


@cache
def _labels(vocabulary: str, locale: Locale) -> dict[str, str]:
    return {entry.code: getattr(entry.labels, locale) for entry in vocabularies.load()[vocabulary].codes}
