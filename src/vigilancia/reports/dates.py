"""Dates as people write them, no more precisely than they are known."""

from datetime import date
from typing import Protocol

import babel.dates

from vigilancia.core import i18n
from vigilancia.core.settings import Locale


class Dated(Protocol):
    """Something that went on from one day to another, as far as that is known."""

    @property
    def on(self) -> date | None:
        """The first day known."""
        ...

    @property
    def until(self) -> date | None:
        """The last day."""
        ...

    @property
    def precision(self) -> str:
        """How much of the two is known: day, month or year."""
        ...


def month(locale: Locale, on: date) -> str:
    """Write the month of a day: `junio de 2023`."""
    pattern = {"es": "MMMM 'de' y", "en": "MMMM y", "fr": "MMMM y"}[locale]
    return babel.dates.format_date(on, format=pattern, locale=locale)


def incident(locale: Locale, found: Dated, *, months_only: bool = False) -> str:
    """Write when something was done no more precisely than it is known; nothing, where no day is."""

    def written(on: date) -> str:
        if found.precision == "year":
            return str(on.year)
        return month(locale, on) if months_only or found.precision == "month" else i18n.long_date(on, locale)

    return " \u2013 ".join(dict.fromkeys(written(on) for on in (found.on, found.until) if on is not None))
