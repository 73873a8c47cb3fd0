"""The engine's words, kept as data: one file a language, every code in each of them."""

from datetime import date
from functools import cache
from typing import Literal

from msgspec import Struct

from vigilancia.law.loader import DATA, mechanisms
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Confidence, EventKind, Labels, Status
from vigilancia.law.yamlfile import read_yaml

Locale = Literal["es", "en", "fr"]
Params = dict[str, str | int]


class Texts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One language's words."""

    weekdays: list[str]  # from Monday
    months: list[str]  # from January
    first: str  # how the first of a month is written
    day: str
    span: str
    zones: dict[str, str]  # how people call the place whose midnight counts
    steps: dict[str, str]
    confidence: dict[Confidence, str]
    sure: dict[Confidence, str]  # the same in a word or two, beside a date
    kinds: dict[EventKind, str]
    statuses: dict[Status, str]
    timeline: dict[str, str]
    warnings: dict[str, str]

    def written(self, on: date) -> str:
        """Write a day out in full."""
        return self.day.format(
            weekday=self.weekdays[on.weekday()],
            day=self.first if on.day == 1 else on.day,
            month=self.months[on.month - 1],
            year=on.year,
        )


@cache
def texts(locale: Locale) -> Texts:
    """Return a language's words; read once."""
    path = DATA / "texts" / f"{locale}.yaml"
    return read_yaml(path, path.name).shaped(Texts)


def _found_in(name: str | None) -> list[Mechanism]:
    known = mechanisms()
    return [known[name]] if name is not None and name in known else list(known.values())


def event_label(event: str, locale: Locale, mechanism: str | None = None) -> str:
    """Return an event's label; the code itself, where no mechanism of ours has it."""
    return _label([each.events[event].labels for each in _found_in(mechanism) if event in each.events], event, locale)


def rule_title(rule: str, locale: Locale, mechanism: str | None = None) -> str:
    """Return a rule's title, or its id."""
    return _label([each.rules[rule].titles for each in _found_in(mechanism) if rule in each.rules], rule, locale)


def calendar_title(calendar: str, locale: Locale) -> str:
    """Return a calendar's title, or its id."""
    found = [each.calendars[calendar].titles for each in mechanisms().values() if calendar in each.calendars]
    return _label(found, calendar, locale)


def sessions_title(table: str, locale: Locale) -> str:
    """Return the title of a table of sessions, or its id."""
    found = [each.sessions[table].titles for each in mechanisms().values() if table in each.sessions]
    return _label(found, table, locale)


def source_title(source: str) -> str:
    """Return the title of a source of the rule files; any other source is its own name, as a closure's."""
    return next((each.sources[source].title for each in mechanisms().values() if source in each.sources), source)


def _label(found: list[Labels], code: str, locale: Locale) -> str:
    return found[0][locale] if found else code


def filled(template: str, params: Params, locale: Locale) -> str:
    """Put parameters into a text: days written out, codes by their labels.

    Args:
        template: With a place for each parameter it wants; parameters without a place are left out.
        params: `on` and `…_on` are days in ISO form; `event`, `other`, `rule`, `calendar`, `sessions`, `kind` codes.
        locale: The language of the words.
    """
    words = texts(locale)
    mechanism = str(params["mechanism"]) if "mechanism" in params else None
    ready: Params = {}
    for key, value in params.items():
        text = str(value)
        if key == "on" or key.endswith("_on"):
            ready[key] = words.written(date.fromisoformat(text))
        elif key in {"event", "other"}:
            ready[key] = event_label(text, locale, mechanism)
        elif key == "rule":
            ready[key] = rule_title(text, locale, mechanism)
        elif key == "calendar":
            ready[key] = calendar_title(text, locale)
        elif key == "sessions":
            ready[key] = sessions_title(text, locale)
        elif key == "kind":
            ready[key] = next((word for kind, word in words.kinds.items() if kind == text), text)
        else:
            ready[key] = value
    return template.format(**ready)
