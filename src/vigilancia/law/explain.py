"""Why this day: a deadline's computation in plain sentences, and a whole outcome on a terminal."""

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date

from vigilancia.law.calendars import ONE_DAY
from vigilancia.law.model import Citation, Deadline, Outcome, Skipped, Step, Warning_
from vigilancia.law.status import status_on
from vigilancia.law.texts import Locale, Params, filled, source_title, texts

WIDTH = 80
DAY_COLUMN = 12
STATUS_COLUMN = 16
# Warnings whose words stand among a deadline's notes already.
_NOTED = frozenset({"unverified", "readings_differ", "floor_readings_differ", "expected_earlier"})


def warning_text(warning: Warning_, locale: Locale) -> str:
    """Return a warning's words; its code, where no text is known for it."""
    template = texts(locale).warnings.get(warning.code)
    return filled(template, warning.params, locale) if template else warning.code


def _runs(skipped: Sequence[Skipped]) -> Iterator[tuple[Skipped, Skipped]]:
    """Join neighbouring days that were left out for one reason: first and last of each run."""
    first = last = None
    for day in skipped:
        if first and last and day.why == last.why and day.on == last.on + ONE_DAY:
            last = day
            continue
        if first and last:
            yield first, last
        first = last = day
    if first and last:
        yield first, last


def _left_out(skipped: Sequence[Skipped], locale: Locale) -> list[str]:
    words, lines = texts(locale), []
    for first, last in _runs(skipped):
        days = words.written(first.on)
        if last is not first:
            days = words.span.format(first=days, last=words.written(last.on))
        label = first.labels.get(locale, first.why)
        if first.source is not None:
            label = words.steps["with_source"].format(label=label, source=source_title(first.source))
        lines.append(words.steps["left_out"].format(on=days, label=label))
    return lines


def _step(step: Step, deadline: Deadline, locale: Locale) -> str:
    computation = deadline.computation
    code = step.code
    params: Params = {**step.params, **({"on": step.on.isoformat()} if step.on else {})}
    if code == "counted":
        code = f"counted_{computation.unit}" + ("_before" if params.get("direction") == "before" else "")
    elif code == "latest" and deadline.nature == "not_before":
        code = "latest_floor"
    elif code == "trigger":
        code = "trigger" if computation.quantity is not None else "trigger_agreed"
        event = computation.anchor_labels.get(locale, computation.anchor_event)
        day = texts(locale).written(computation.anchor_on)
        return texts(locale).steps[code].format(event=_capital(event), on=day)
    return _capital(filled(texts(locale).steps[code], params, locale))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cited(citation: Citation, locale: Locale) -> str:
    template = texts(locale).steps["quoted" if citation.quote else "cited"]
    return template.format(title=citation.title, locator=citation.locator, quote=citation.quote)


def explain(deadline: Deadline, locale: Locale) -> list[str]:
    """Return the reasons for a deadline's day, one sentence or two a line, in the order of the count."""
    words, computation = texts(locale), deadline.computation
    lines: list[str] = []
    for step in computation.steps:
        lines.append(_step(step, deadline, locale))
        if step.code == "counted":
            lines += _left_out(computation.skipped, locale)
        if step.code == "latest":
            on_the_way = {day.on for day in computation.skipped}
            extra = [day for day in computation.latest_skipped if day.on not in on_the_way]
            lines += _left_out(extra, locale)
    last = "first_day" if deadline.nature == "not_before" else "last_day"
    zone = words.zones.get(deadline.zone, deadline.zone)
    lines.append(words.steps[last].format(on=words.written(deadline.due_on), zone=zone))
    if effect := deadline.effect_labels.get(locale):
        unsure = deadline.effect_confidence == "unverified"
        lines.append(words.steps["effect_unverified" if unsure else "effect"].format(effect=effect))
    lines.append(words.confidence[deadline.confidence])
    lines += [_cited(citation, locale) for citation in deadline.citation]
    return lines


def explained(deadline: Deadline, locale: Locale) -> str:
    """Return the reasons for a deadline's day as text of 80 columns."""
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in explain(deadline, locale))


def _wrapped(text: str, indent: int, head: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=head.ljust(indent), subsequent_indent=" " * indent)


def timeline(outcome: Outcome, locale: Locale, as_of: date) -> str:
    """Return an outcome as text of 80 columns: stage, each deadline with its status on a day, and the warnings.

    Args:
        outcome: What the engine found.
        locale: The language of the words.
        as_of: The civil day on which statuses are taken.
    """
    words = texts(locale)
    indent = DAY_COLUMN + STATUS_COLUMN
    blocks = [
        _wrapped(words.timeline["stage"].format(stage=outcome.stage_labels[locale]), 0),
        _wrapped(words.timeline["as_of"].format(on=words.written(as_of)), 0),
        "",
    ]
    for silence in outcome.silences:
        event, on = silence.labels[locale], words.written(silence.event.on)
        blocks.insert(-1, _wrapped(words.timeline["silence"].format(event=event, on=on), 2, "* "))
    if not outcome.deadlines:
        blocks.append(_wrapped(words.timeline["nothing"], 0))
    for deadline in outcome.deadlines:
        state = words.statuses[status_on(deadline, as_of)]
        head = deadline.due_on.isoformat().ljust(DAY_COLUMN) + state.ljust(STATUS_COLUMN)
        blocks.append(_wrapped(deadline.titles[locale], indent, head))
        notes = [deadline.actor_labels[locale]]
        if deadline.met_on is not None:
            notes.append(words.timeline["met_on"].format(on=deadline.met_on.isoformat()))
        if deadline.latest_due_on != deadline.due_on:
            notes.append(words.timeline["latest"].format(on=deadline.latest_due_on.isoformat()))
        if deadline.practice_on is not None:
            notes.append(words.timeline["practice"].format(on=deadline.practice_on.isoformat()))
        notes.append(words.sure[deadline.confidence])
        blocks.append(_wrapped("; ".join(notes), indent))
        said = [warning for warning in deadline.warnings if warning.code not in _NOTED]
        blocks += [_wrapped(warning_text(warning, locale), indent + 2, " " * indent + "! ") for warning in said]
    if outcome.warnings:
        blocks.append("")
        blocks += [_wrapped(warning_text(warning, locale), 2, "! ") for warning in outcome.warnings]
    return "\n".join(blocks) + "\n"
