"""What the law says, in the caller's language."""

from collections.abc import Iterable, Mapping
from datetime import date

import babel.dates

from vigilancia.core import i18n, vocabularies
from vigilancia.core.settings import Locale
from vigilancia.law import explain
from vigilancia.law.mechanism import EventType, Mechanism
from vigilancia.law.model import ExpectedEvent, Labels, Warning_
from vigilancia.proceedings.clock.schemas_beside import Suggestion
from vigilancia.proceedings.schemas import NextEvent, Remark

PARALLEL = "parallel_clock_running"


def label(labels: Labels, locale: Locale) -> str:
    """Return one of the three labels every code of the law has."""
    return labels[locale]


def event_label(mechanism: Mechanism | None, type_: str, locale: Locale) -> str:
    """Return the label of an event type; its code, where newer rule files dropped it."""
    events: Mapping[str, EventType] = mechanism.events if mechanism else {}
    known = events.get(type_)
    return known.labels[locale] if known else type_


def code_label(vocabulary: str, code: str | None, locale: Locale) -> str | None:
    """Return the label of a code of one of the code lists; the code itself, where the list does not have it."""
    found = (entry for entry in vocabularies.load()[vocabulary].codes if entry.code == code)
    return next((str(getattr(entry.labels, locale)) for entry in found), code)


def warnings(found: Iterable[Warning_], locale: Locale) -> list[Remark]:
    """Return warnings with their words, each once."""
    told = [Remark(code=each.code, text=explain.warning_text(each, locale)) for each in found]
    return list(dict.fromkeys(told))


def beside(suggestions: Iterable[Suggestion], locale: Locale) -> list[Remark]:
    """Return the warning that comes with each mechanism to be opened beside one."""
    return [
        Remark(
            code=PARALLEL,
            text=i18n.t("clock.beside.warning", locale, title=each.title, why=each.why, sentence=each.sentence),
        )
        for each in suggestions
    ]


def next_events(expected: Iterable[ExpectedEvent], locale: Locale) -> list[NextEvent]:
    """Return the events that usually come next, labelled."""
    return [NextEvent(type=each.type, label=each.labels[locale]) for each in expected]


def month(day: date, locale: Locale) -> str:
    """Return the month of a day as people write it: `junio de 2023`."""
    pattern = {"es": "MMMM 'de' y", "en": "MMMM y", "fr": "MMMM y"}[locale]
    return babel.dates.format_date(day, format=pattern, locale=locale)
