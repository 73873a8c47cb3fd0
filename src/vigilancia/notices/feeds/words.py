"""What an entry says of a deadline: the case's number, the step, whose act, the day, how sure, and where it is written.

Every word comes from the law's labels or from the catalogues; no field of the complaint but its number comes near.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import babel.dates
from msgspec import Struct

from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism

_OVER = ("met", "met_late", "void", "merged")


class Told(Struct, frozen=True, kw_only=True):
    """The words of one entry."""

    summary: str
    lines: list[str]


def told(row: Any, rule_sets: Mapping[str, Mechanism], locale: Locale) -> Told:  # noqa: ANN401 - a row of the source's statement
    """Write the words of a deadline in one language.

    Args:
        row: The deadline, its case's number, `status`, `merged`, `provisional`, `overridden`, and its first `source`.
        rule_sets: By digest; where its own is not among them the words are today's, and what newer files dropped is
            called by its id.
        locale: es, en or fr.
    """
    mechanism = rule_sets.get(row.digest or "") or loader.mechanism(row.mechanism)
    rule, actor = mechanism.rules.get(row.rule), mechanism.actors.get(row.actor)
    step = rule.titles[locale] if rule else row.rule
    state = "merged" if row.merged else row.status
    named = actor.labels[locale] if actor else row.actor
    side = actor.side if actor else "government"
    return Told(
        summary=_summary(row, state, step, locale),
        lines=[
            *_state(row, state, locale),
            *([] if state in _OVER else [i18n.t(f"notices.whose.{side}", locale, actor=_capital(named))]),
            *_days(row, locale),
            i18n.t(f"notices.sure.{row.confidence}", locale),
            *_source(row.source, locale),
        ],
    )


def _summary(row: Any, state: str, step: str, locale: Locale) -> str:  # noqa: ANN401
    said = f"[{row.reference}] {step}"
    if row.nature == "not_before":
        said = f"[{row.reference}] {i18n.t('notices.label.first_day', locale)}: {step}"
    prefix = {"met": "met", "met_late": "met", "void": "void", "merged": "void"}.get(state)
    return said if prefix is None else i18n.t(f"feeds.prefix.{prefix}", locale, summary=said)


def _state(row: Any, state: str, locale: Locale) -> Iterator[str]:  # noqa: ANN401
    if state == "met" and row.met_on is None:
        yield i18n.t("feeds.state.met_undated", locale)
    elif state in ("met", "met_late"):
        yield i18n.t(f"feeds.state.{state}", locale, day=i18n.long_date(row.met_on, locale))
    elif state != "pending":
        yield i18n.t(f"feeds.state.{state}", locale)


def _days(row: Any, locale: Locale) -> Iterator[str]:  # noqa: ANN401
    floor = row.nature == "not_before"
    label = i18n.t(f"notices.label.{'first_day' if floor else 'day'}", locale)
    yield i18n.t("feeds.day", locale, label=label, day=i18n.long_date(row.due_on, locale))
    if floor:
        yield i18n.t("feeds.floor", locale)
    else:
        yield i18n.t("notices.day.zone", locale, city=_city(row.zone, locale))
    if row.practice_on is not None:
        yield _with_day("practice", row.practice_on, locale)
    if row.latest_due_on != row.due_on:
        yield _with_day("latest_floor" if floor else "latest", row.latest_due_on, locale)
    if row.nature in ("soft", "indicative"):
        yield i18n.t("notices.day.soft", locale)
    if row.provisional:
        yield i18n.t("notices.day.provisional", locale)
    if row.overridden:
        yield i18n.t("feeds.overridden", locale)


def _source(source: Mapping[str, Any] | None, locale: Locale) -> Iterator[str]:
    if source:
        yield i18n.t("feeds.source", locale, title=source["title"], locator=source["locator"])


def _with_day(text: str, day: date, locale: Locale) -> str:
    return i18n.t(f"notices.day.{text}", locale, day=i18n.long_date(day, locale))


@lru_cache(maxsize=256)
def _city(zone: str, locale: Locale) -> str:
    return babel.dates.get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
