"""The case report as a page: complete in itself, readable on a phone and on paper."""

from datetime import date
from decimal import Decimal
from functools import cache, partial

import babel.dates
import babel.numbers
from jinja2 import Environment, PackageLoader, StrictUndefined

from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.reports.schemas_report import Report, ReportIncident


def render(report: Report) -> str:
    """Return the report as HTML in its language."""
    locale = report.locale
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            case=report.case,
            t=partial(_text, locale),
            day=partial(_day, locale, months_only=report.months_only),
            instant=lambda moment: i18n.long_date(moment.date(), locale),
            money=partial(_money, locale),
            incident=partial(_incident, locale, report.months_only),
        )
    )


@cache
def _environment() -> Environment:
    loader = PackageLoader("vigilancia.reports")
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _text(locale: Locale, key: str, **places: object) -> str:
    return i18n.t(f"reports.{key}", locale, **places)


def _day(locale: Locale, on: date, *, months_only: bool) -> str:
    return _month(locale, on) if months_only else i18n.long_date(on, locale)


def _month(locale: Locale, on: date) -> str:
    pattern = {"es": "MMMM 'de' y", "en": "MMMM y", "fr": "MMMM y"}[locale]
    return babel.dates.format_date(on, format=pattern, locale=locale)


def _money(locale: Locale, amount: str) -> str:
    """Write an amount with all its decimals; Spanish is written as in Mexico, with a point before them."""
    decimals = len(amount.partition(".")[2])
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return babel.numbers.format_decimal(Decimal(amount), format=pattern, locale={"es": "es_MX"}.get(locale, locale))


def _incident(locale: Locale, months_only: bool, found: ReportIncident) -> str:  # noqa: FBT001 - bound once above
    """Write when something was done no more precisely than it is known."""

    def written(on: date) -> str:
        if found.precision == "year":
            return str(on.year)
        return _day(locale, on, months_only=months_only or found.precision == "month")

    return " \u2013 ".join(dict.fromkeys(written(on) for on in (found.on, found.until) if on is not None))
