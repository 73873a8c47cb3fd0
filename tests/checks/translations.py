"""Every text exists in Spanish, English and French, with the same places, and every code that is used has words."""

import string
import sys

from vigilancia.core import errors, i18n, vocabularies
from vigilancia.core.settings import Locale


def faults() -> list[str]:
    """Return what is missing or differs, a line each."""
    found = []
    catalogues = {locale: i18n.catalogue(locale) for locale in i18n.LOCALES}
    every = set().union(*catalogues.values())
    for locale, texts in catalogues.items():
        found += [f"{locale}: no text {key}" for key in sorted(every - set(texts))]
        found += [f"{locale}: empty text {key}" for key, text in texts.items() if not text.strip()]
    for key in sorted(set.intersection(*(set(texts) for texts in catalogues.values()))):
        if len({places(texts[key]) for texts in catalogues.values()}) != 1:
            found.append(f"{key}: the places differ")
    found += [f"no words for error {code}" for code in sorted(_codes()) if not i18n.has(f"errors.{code}.title")]
    for name, vocabulary in vocabularies.load().items():
        for locale in i18n.LOCALES:
            found += [f"{name}.{code.code}: no {locale}" for code in vocabulary.codes if not _label(code, locale)]
    return found


def places(text: str) -> frozenset[str]:
    """Return the names in braces of a text."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def _label(code: vocabularies.Code, locale: Locale) -> str:
    return str(getattr(code.labels, locale)).strip()


def _codes() -> set[str]:
    kinds = [errors.VigilanciaError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return {kind.code for kind in kinds}


if __name__ == "__main__":
    lines = faults()
    print("\n".join(lines) or f"{len(i18n.catalogue('es'))} texts in {len(i18n.LOCALES)} languages")  # noqa: T201
    sys.exit(bool(lines))
