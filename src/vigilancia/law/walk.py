"""The walk from an event to the last day, written down step by step; its words are in the text files."""

from collections.abc import Mapping
from datetime import date

from vigilancia.law.arithmetic import Readings
from vigilancia.law.counting import Count
from vigilancia.law.endings import Clock
from vigilancia.law.model import Step
from vigilancia.law.rules import Term


def steps_of(clock: Clock, mechanism: str, counted: Count, found: Readings, practice_on: date | None) -> list[Step]:
    """Write down the walk.

    Args:
        clock: What runs.
        mechanism: Id of the mechanism its codes belong to.
        counted: What the term amounts to.
        found: The same, or the day agreed or set instead.
        practice_on: The day on which practice acts, where that is another.
    """
    steps = [_beginning(clock)]
    if counted.start != clock.anchor_on and clock.version.term.unit != "agreed_date":
        steps.append(Step(code="clock_moved", on=counted.start))
    steps += [_end_of_count(clock.version.term, counted), *_roll(clock, counted), *_other_readings(counted)]
    due_on, computed = found.earliest.due, counted.found.earliest.due
    if clock.extension is not None and clock.extension.due_on is not None:
        agreed = clock.extension.due_on
        steps.append(Step(code="extended", on=agreed, params={"from_on": computed.isoformat()}))
        computed = agreed
    if clock.override is not None:
        steps.append(Step(code="overridden", on=due_on, params={"from_on": computed.isoformat()}))
    if practice_on is not None:
        steps.append(Step(code="practice", on=practice_on))
    return [_named(step, mechanism) for step in steps]


def _named(step: Step, mechanism: str) -> Step:
    """Say which mechanism a step's codes belong to, so that its words can be found."""
    if not step.params.keys() & {"rule", "event"}:
        return step
    return Step(code=step.code, on=step.on, params={"mechanism": mechanism, **step.params})


def _beginning(clock: Clock) -> Step:
    """Say what set the clock going, and which day is day zero."""
    kind: Mapping[str, str] = {"kind": clock.trigger.kind}
    if clock.parent is not None:
        return Step(code="hangs_on", on=clock.anchor_on, params={"rule": clock.parent.rule})
    if clock.anchor_on != clock.trigger.on and clock.rule.counts_from == "due_on":
        carried = {"event": clock.trigger.type, "event_on": clock.trigger.on.isoformat()}
        return Step(code="trigger_carries", on=clock.anchor_on, params={**kind, **carried})
    return Step(code="trigger", on=clock.trigger.on, params={**kind})


def _end_of_count(term: Term, counted: Count) -> Step:
    """Say where the count ends; the raw day, before any roll."""
    raw = counted.found.earliest.raw
    if term.unit == "agreed_date":
        return Step(code="agreed", on=raw)
    if term.unit == "next_session":
        return Step(code="session", on=raw, params={"count": term.count or 0, "sessions": term.sessions or ""})
    params: dict[str, str | int] = {"count": term.count or 0, "unit": term.unit, "direction": term.direction}
    return Step(code="counted", on=raw, params=params)


def _roll(clock: Clock, counted: Count) -> list[Step]:
    """Say what became of a last day that is a day off."""
    reading = counted.found.earliest
    if reading.due != reading.raw:
        return [Step(code="rolled", on=reading.due, params={"from_on": reading.raw.isoformat()})]
    if reading.raw_day_off and clock.version.roll.policy == "none":
        return [Step(code="not_rolled", on=reading.raw, params={"why": reading.raw_day_off.why})]
    return []


def _other_readings(counted: Count) -> list[Step]:
    """Say which other days the same term may be read to give."""
    each, latest = counted.found.each, counted.found.latest.due
    if latest == counted.found.earliest.due:
        return []
    if (doubt := counted.doubt) is not None:
        return [Step(code=f"latest_{doubt.code}", on=latest, params={"event": doubt.days.basis})]
    readings = [Step(code="reading", on=one.due, params={"calendar": one.calendars[0]}) for one in each]
    return [*readings, Step(code="latest", on=latest)]
