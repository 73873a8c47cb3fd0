"""The clock of a complaint: all its procedures side by side, what may come next in each, and what to do now."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from vigilancia.core.work import Work
from vigilancia.law.rules import Rule
from vigilancia.proceedings import sight, words
from vigilancia.proceedings.clock import sentences
from vigilancia.proceedings.clock.queries import Case, Due, Track
from vigilancia.proceedings.clock.schemas import (
    ClosedProceeding,
    ComplaintClock,
    DueBy,
    MostUrgent,
    NextStep,
    OpenProceeding,
)
from vigilancia.proceedings.clock.schemas_beside import Suggestion
from vigilancia.proceedings.schemas import NextEvent

_AHEAD = ("pending", "missed", "exceeded", "in_force")
_FLOOR = "not_before"
_Urgency = tuple[bool, bool, date, str]


def compose(work: Work, case: Case) -> ComplaintClock:
    """Write the clock of a case in the caller's language, as far as the caller may see it."""
    going_on = [(track, _steps(work, case, track)) for track in case.tracks if not track.outcome.closed]
    going_on.sort(key=lambda pair: (*_first(pair[1]), pair[0].mechanism.id, str(pair[0].id)))
    dated = [(track, step) for track, steps in going_on for step in steps if step.by is not None]
    return ComplaintClock(
        complaint_id=case.complaint_id,
        reference=case.reference,
        as_of=case.as_of,
        most_urgent=_most_urgent(*min(dated, key=lambda pair: _urgency(pair[1]))) if dated else None,
        suggestions=_each_once(suggestion for track in case.tracks for suggestion in track.suggestions),
        proceedings=[OpenProceeding(**_standing(work, case, track), next=steps) for track, steps in going_on],
        closed=[
            ClosedProceeding(**_standing(work, case, track))
            for track in sorted(case.tracks, key=lambda track: (track.mechanism.id, str(track.id)))
            if track.outcome.closed
        ],
    )


def _standing(work: Work, case: Case, track: Track) -> dict[str, Any]:
    return {
        "id": track.id,
        "mechanism": track.mechanism.id,
        "title": words.label(track.mechanism.labels, work.locale),
        "stage": track.outcome.stage,
        "stage_label": words.label(track.outcome.stage_labels, work.locale),
        "sentence": sentences.where_it_stands(case, track, work.locale),
    }


def _steps(work: Work, case: Case, track: Track) -> list[NextStep]:
    """Return what may come next: days that are open, overdue or floors, then events that have no day."""
    ahead = [day for day in track.days if day.status in _AHEAD]
    rules = {day.id: track.mechanism.rules.get(day.deadline.rule) for day in ahead}
    steps = [_dated(work, case, track, day, rules[day.id]) for day in ahead]
    covered = {type_ for rule in rules.values() if rule for type_ in rule.satisfied_by}
    following = words.next_events(track.outcome.next_events, work.locale)
    undated = [_undated(work, event) for event in following if event.type not in covered]
    return sorted(steps, key=_urgency) + undated


def _dated(work: Work, case: Case, track: Track, day: Due, rule: Rule | None) -> NextStep:
    deadline, locale = day.deadline, work.locale
    return NextStep(
        rule=deadline.rule,
        deadline_id=day.id,
        title=words.label(deadline.titles, locale),
        events=[
            NextEvent(type=type_, label=words.event_label(track.mechanism, type_, locale))
            for type_ in (rule.satisfied_by if rule else ())
        ],
        ours=deadline.ours,
        actor=deadline.actor,
        who=words.label(deadline.actor_labels, locale),
        by=DueBy(
            due_on=sight.cut(case.view, deadline.due_on),
            latest_due_on=sight.cut(case.view, deadline.latest_due_on),
            practice_on=sight.cut(case.view, deadline.practice_on),
        ),
        status=day.status,
        nature=deadline.nature,
        confidence=deadline.confidence,
        sentence=sentences.of_day(case, track, day, locale, work.now),
    )


def _undated(work: Work, event: NextEvent) -> NextStep:
    return NextStep(
        rule=None,
        deadline_id=None,
        title=event.label,
        events=[event],
        ours=False,
        actor=None,
        who=None,
        by=None,
        status=None,
        nature=None,
        confidence=None,
        sentence=sentences.of_event(event, work.locale),
    )


def _urgency(step: NextStep) -> _Urgency:
    """Return what steps are ordered by: our own first, floors after last days, then by the day as it is shown."""
    day = step.by.due_on if step.by else date.max
    return not step.ours, step.nature == _FLOOR, day, step.rule or ""


def _first(steps: list[NextStep]) -> _Urgency:
    return min((_urgency(step) for step in steps), default=(True, True, date.max, ""))


def _most_urgent(track: Track, step: NextStep) -> MostUrgent:
    fields = {name: getattr(step, name) for name in NextStep.__struct_fields__}
    return MostUrgent(**fields, proceeding_id=track.id, mechanism=track.mechanism.id)


def _each_once(found: Iterable[Suggestion]) -> list[Suggestion]:
    return list({suggestion.mechanism: suggestion for suggestion in found}.values())
