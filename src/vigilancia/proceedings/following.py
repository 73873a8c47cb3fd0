"""What follows for each deadline of a proceeding: from its rows and an outcome of the engine to steps to be taken.

Pure: nothing is read or written here. An event makes deadlines follow under the proceeding's own pin (`after_event`);
another pin makes them follow anew (`under_another_pin`), and what that would change can be shown before it is done
(`visible`, `changes_in`).

A deadline that is met or has ended stays as it was when the pin moves, and stays so at every event after it: its row
keeps the pin it was met or ended under. Only where the other rules say that it is not met, or has not ended, does it
follow them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from vigilancia.law.model import Deadline, Event, Nature, Outcome
from vigilancia.proceedings.circumstances import Circumstances, Pin
from vigilancia.proceedings.values import RULES_CHANGED, SUPERSEDED, TRIGGER_WITHDRAWN, computed, new_trigger

# A difference here makes a revision: it is another day, or another kind of day.
DAYS = ("due_on", "latest_due_on", "nature", "void")
# A difference here is told: on the timeline, in the answer, in a proposal, and to whoever plans notices.
TOLD = (*DAYS, "practice_on", "closes_at", "met", "met_on", "void_reason")
_NO_LONGER = (TRIGGER_WITHDRAWN, SUPERSEDED, RULES_CHANGED)
_Key = tuple[str, UUID]


class Step(Struct, frozen=True, kw_only=True):
    """What is to be done about one deadline.

    Attributes:
        row: The deadline as it stands; none: it is new.
        deadline: As the engine gives it; none: it no longer follows.
        fixed: Columns to write where they differ; empty: its row stays as it is.
        kept: The pin it stays under, where that is not the proceeding's.
    """

    row: Any
    deadline: Deadline | None
    fixed: dict[str, Any]
    kept: Pin | None


class State(Struct, frozen=True, kw_only=True):
    """A deadline as far as a difference is told."""

    nature: Nature
    due_on: date
    latest_due_on: date
    practice_on: date | None
    closes_at: datetime
    met: bool
    met_on: date | None
    void: bool
    void_reason: str | None


class Change(Struct, frozen=True, kw_only=True):
    """What another pin would do to one deadline; without `before` it is new, without `after` it no longer follows."""

    change: Literal["add", "move", "drop"]
    rule: str
    trigger_event_id: UUID
    deadline_id: UUID | None
    before: State | None
    after: State | None


def after_event(
    rows: Iterable[Any], events: Sequence[Event], world: Circumstances, kept: Mapping[Pin, Circumstances]
) -> list[Step]:
    """Return what follows from a proceeding's events as they are now.

    Args:
        rows: Its deadlines.
        events: That stand.
        world: What it is computed from.
        kept: The circumstances of the pins that met and ended deadlines stayed under.

    Raises:
        CalendarHorizonError: A count runs past what a calendar covers.
        UnknownEventError: An event the rule set does not name.
    """
    once = {pin: _by_key(each.run(events)) for pin, each in kept.items()}
    standing = {event.id for event in events}
    steps = []
    for row, now in _pairs(rows, _by_key(world.run(events))):
        pin = kept_pin(row) if row is not None else None
        then = once.get(pin, {}).get((row.rule, row.trigger_event_id)) if pin is not None else None
        if then is not None and _stays(then, now):
            steps.append(Step(row=row, deadline=then, fixed=computed(then), kept=pin))
        else:
            steps.append(_step(row, now, standing, gone=SUPERSEDED))
    return steps


def under_another_pin(
    rows: Iterable[Any], events: Sequence[Event], outcome: Outcome, present: Pin, *, light: bool = False
) -> list[Step]:
    """Return what would follow from the same events under another pin.

    Args:
        rows: The proceeding's deadlines, in line with its events.
        events: That stand.
        outcome: What they amount to under the other pin.
        present: The pin they are under now.
        light: Whether the rows have only the columns whose difference is told.
    """
    standing = {event.id for event in events}
    steps = []
    for row, now in _pairs(rows, _by_key(outcome)):
        if now is None and row.void_reason in _NO_LONGER:
            continue
        step = _step(row, now, standing, gone=RULES_CHANGED, light=light)
        if row is not None and _stays(row, now) and (now is None or visible(step)):
            step = Step(row=row, deadline=now, fixed={}, kept=kept_pin(row) or present)
        steps.append(step)
    return steps


def kept_pin(row: Any) -> Pin | None:  # noqa: ANN401 - a mapped object or a row of its columns
    """Return the pin a deadline stayed under; none: its proceeding's."""
    return Pin(digest=row.kept_digest, mark=row.kept_mark) if row.kept_digest is not None else None


def differing(step: Step) -> set[str]:
    """Return the columns that a step would change."""
    return {name for name in step.fixed if getattr(step.row, name) != step.fixed[name]}


def visible(step: Step) -> bool:
    """Tell whether a step changes what people act on; other words do not."""
    return step.row is None or not differing(step).isdisjoint(TOLD)


def changes_in(steps: Iterable[Step]) -> list[Change]:
    """Return the visible changes of steps, by rule and trigger."""
    found = []
    for step in steps:
        if not visible(step):
            continue
        source: Any = step.row if step.row is not None else step.deadline
        before = None if step.row is None else _state({name: getattr(step.row, name) for name in TOLD})
        after = None if step.deadline is None else _state({name: getattr(step.deadline, name) for name in TOLD})
        found.append(
            Change(
                change="add" if before is None else "drop" if after is None else "move",
                rule=source.rule,
                trigger_event_id=UUID(str(source.trigger_event_id)),
                deadline_id=step.row.id if step.row is not None else None,
                before=before,
                after=after,
            )
        )
    return sorted(found, key=lambda each: (each.rule, str(each.trigger_event_id)))


def _state(fields: dict[str, Any]) -> State:
    return State(**fields)


def _by_key(outcome: Outcome) -> dict[_Key, Deadline]:
    return {(each.rule, new_trigger(each)): each for each in outcome.deadlines}


def _pairs(rows: Iterable[Any], following: Mapping[_Key, Deadline]) -> list[tuple[Any, Deadline | None]]:
    """Join rows and deadlines: first what follows, in the order of its days, then the rows that no longer do."""
    left = {(row.rule, row.trigger_event_id): row for row in rows}
    pairs: list[tuple[Any, Deadline | None]] = [(left.pop(key, None), each) for key, each in following.items()]
    return pairs + [(row, None) for row in left.values()]


def _stays(then: Any, now: Deadline | None) -> bool:  # noqa: ANN401 - a row or a deadline of the engine
    """Tell whether a deadline is met or ended, and other rules do not say otherwise."""
    if then.met:
        return now is None or now.met
    return bool(then.void) and (now is None or now.void)


def _step(row: Any, now: Deadline | None, standing: set[str], *, gone: str, light: bool = False) -> Step:  # noqa: ANN401
    if now is not None:
        fixed = {name: getattr(now, name) for name in TOLD} if light and row is not None else computed(now)
        return Step(row=row, deadline=now, fixed=fixed, kept=None)
    reason = gone if str(row.trigger_event_id) in standing else TRIGGER_WITHDRAWN
    if reason != TRIGGER_WITHDRAWN and row.void_reason in (SUPERSEDED, RULES_CHANGED):
        reason = row.void_reason
    fixed = {"met": False, "met_on": None, "void": True, "void_reason": reason}
    if not light:
        fixed["speaks_at"] = None
    return Step(row=row, deadline=None, fixed=fixed, kept=None)
