"""The clock of a complaint as a picture in plain text, 80 columns: what happened, what is due, what passed."""

import textwrap
from collections.abc import Iterable
from datetime import date

from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.law.explain import DAY_COLUMN, STATUS_COLUMN, WIDTH
from vigilancia.law.texts import texts
from vigilancia.proceedings import words
from vigilancia.proceedings.clock.queries import Case, Due, Track
from vigilancia.proceedings.clock.schemas_beside import Suggestion
from vigilancia.proceedings.values import RULES_CHANGED, SUPERSEDED, TRIGGER_WITHDRAWN

_INDENT = DAY_COLUMN + STATUS_COLUMN
_MONTHS_ONLY = "deidentified"
_MISTAKES = (RULES_CHANGED, SUPERSEDED, TRIGGER_WITHDRAWN)
_Line = tuple[str, bool, str, str]  # day as shown, whether it is a deadline, its code, the text


def render(case: Case, locale: Locale) -> str:
    """Write a case's procedures one below the other, each with its events and days in order.

    Args:
        case: As the reader may see it.
        locale: es, en or fr.
    """
    heads = [i18n.t("clock.text.case", locale, reference=case.reference)] if case.reference else []
    heads.append(texts(locale).timeline["as_of"].format(on=i18n.long_date(case.as_of, locale)))
    blocks = ["\n".join(heads)]
    if not case.tracks:
        blocks.append(_wrapped(i18n.t("clock.text.nothing", locale)))
    blocks += [_track(case, track, locale) for track in sorted(case.tracks, key=_order)]
    return "\n\n".join(blocks) + "\n"


def _order(track: Track) -> tuple[bool, str, str]:
    return track.outcome.closed, track.mechanism.id, str(track.id)


def _track(case: Case, track: Track, locale: Locale) -> str:
    title = words.label(track.mechanism.labels, locale)
    lines = [_wrapped(title[:1].upper() + title[1:])]
    lines.append(_wrapped(texts(locale).timeline["stage"].format(stage=track.outcome.stage_labels[locale])))
    happened = [_event(case, track, number, locale) for number in range(len(track.events))]
    days = [_day(case, day, locale) for day in track.days if day.deadline.void_reason not in _MISTAKES]
    lines += [text for *_, text in sorted([*happened, *days])]
    return "\n".join([*lines, *_proposed(track.suggestions, locale)])


def _event(case: Case, track: Track, number: int, locale: Locale) -> _Line:
    event = track.events[number]
    on = _shown(case, event.on)
    kind = i18n.t(f"clock.text.kind.{event.kind}", locale)
    label = words.event_label(track.mechanism, event.type, locale)
    return on, False, event.type, _row(on, kind, label)


def _day(case: Case, day: Due, locale: Locale) -> _Line:
    deadline, told = day.deadline, texts(locale).timeline
    on = _shown(case, deadline.due_on)
    notes = [i18n.t("clock.text.ours", locale) if deadline.ours else deadline.actor_labels[locale]]
    if case.view != _MONTHS_ONLY:
        latest = deadline.latest_due_on if deadline.latest_due_on != deadline.due_on else None
        others = {"met_on": deadline.met_on, "practice": deadline.practice_on, "latest": latest}
        notes += [told[name].format(on=other.isoformat()) for name, other in others.items() if other is not None]
    notes.append(i18n.t(f"clock.text.confidence.{deadline.confidence}", locale))
    text = _row(on, texts(locale).statuses[day.status], deadline.titles[locale])
    return on, True, deadline.rule, f"{text}\n{_wrapped('; '.join(notes), _INDENT)}"


def _proposed(suggestions: Iterable[Suggestion], locale: Locale) -> list[str]:
    return [_wrapped(remark.text, 2, "! ") for remark in words.beside(suggestions, locale)]


def _shown(case: Case, day: date) -> str:
    return day.isoformat()[:7] if case.view == _MONTHS_ONLY else day.isoformat()


def _row(on: str, state: str, text: str) -> str:
    return _wrapped(text, _INDENT, on.ljust(DAY_COLUMN) + state.ljust(STATUS_COLUMN))


def _wrapped(text: str, indent: int = 0, head: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=head.ljust(indent), subsequent_indent=" " * indent, break_on_hyphens=False
    )
