"""The case report as a page: complete in itself, readable on a phone and on paper."""

from datetime import date
from decimal import Decimal
from functools import cache, partial

import babel.numbers
from jinja2 import Environment, PackageLoader, StrictUndefined

from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.reports import dates
from vigilancia.reports.schemas_report import Report


def render(report: Report) -> str:
    """Return the report as HTML in its language."""
    locale = report.locale
    return (
        environment()
        .get_template("report.html")
        .render(
            report=report,
            case=report.case,
            t=partial(_text, locale),
            day=partial(_day, locale, months_only=report.months_only),
            instant=lambda moment: i18n.long_date(moment.date(), locale),
            money=partial(_money, locale),
            incident=partial(dates.incident, locale, months_only=report.months_only),
        )
    )


@cache
def environment() -> Environment:
    """Return what makes pages of our templates: every value is escaped, and a missing one is an error."""
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
    return dates.month(locale, on) if months_only else i18n.long_date(on, locale)


def _money(locale: Locale, amount: str) -> str:
    """Write an amount with all its decimals; Spanish is written as in Mexico, with a point before them."""
    decimals = len(amount.partition(".")[2])
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return babel.numbers.format_decimal(Decimal(amount), format=pattern, locale={"es": "es_MX"}.get(locale, locale))
