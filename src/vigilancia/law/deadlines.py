"""From one rule and one trigger to one deadline: its day, its computation, and whether it was met or ended."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from vigilancia.law.arithmetic import Readings, agreed, clock_start, readings
from vigilancia.law.calendars import ONE_DAY
from vigilancia.law.endings import Clock, Surroundings, ending_of
from vigilancia.law.facts import DRIVING
from vigilancia.law.model import (
    Citation,
    Computation,
    Confidence,
    Deadline,
    Event,
    Step,
    Suspension,
    Warning_,
)
from vigilancia.law.rules import Actor, Cite, Mechanism, Rule, Version, version_name

FROM_SUREST: tuple[Confidence, ...] = ("primary", "secondary", "practice", "unverified")


def closing(due_on: date, actor: Actor) -> tuple[datetime, str]:
    """Return the first instant too late and the zone it was read in: the next day's start, where that comes first."""
    instants = (
        (datetime.combine(due_on + ONE_DAY, time(), ZoneInfo(zone)).astimezone(UTC), zone) for zone in actor.zones
    )
    return min(instants)


def cited(cites: Sequence[Cite], mechanism: Mechanism) -> list[Citation]:
    """Resolve citations against the mechanism's sources."""
    return [
        Citation(
            source=cite.source,
            locator=cite.locator,
            quote=cite.quote,
            title=mechanism.sources[cite.source].title,
            url=mechanism.sources[cite.source].url,
        )
        for cite in cites
    ]


def weakest(confidences: Sequence[Confidence]) -> Confidence:
    """Return the least sure of several confidences."""
    return max(confidences, key=FROM_SUREST.index)


def _confidence(version: Version, found: Readings) -> Confidence:
    """Return how sure the date is: as its weakest element that shaped it."""
    sure = version.confidence
    shaped = [sure.term, sure.unit, sure.anchor]
    every = [*found.each, found.latest]
    if any(reading.raw_day_off for reading in every):
        shaped.append(sure.roll)
    holidays = any(":" in day.why for reading in every for day in reading.skipped)
    if holidays and sure.calendars is not None:
        shaped.append(sure.calendars)
    return weakest(shaped)


def _steps(clock: Clock, start: date, found: Readings) -> list[Step]:
    """Write down the walk from the trigger to the last day."""
    trigger, term, roll = clock.trigger, clock.version.term, clock.version.roll
    reading = found.earliest
    steps = [Step(code="trigger", on=trigger.on, params={"kind": trigger.kind})]
    if start != trigger.on:
        steps.append(Step(code="clock_moved", on=start))
    if term.count is None:
        steps.append(Step(code="agreed", on=reading.raw))
    else:
        steps.append(Step(code="counted", on=reading.raw, params={"count": term.count, "unit": term.unit}))
    if reading.due != reading.raw:
        steps.append(Step(code="rolled", on=reading.due, params={"from_on": reading.raw.isoformat()}))
    elif reading.raw_day_off and roll.policy == "none":
        steps.append(Step(code="not_rolled", on=reading.raw, params={"why": reading.raw_day_off.why}))
    if found.latest.due != reading.due:
        steps += [Step(code="reading", on=each.due, params={"calendar": each.calendars[0]}) for each in found.each]
        steps.append(Step(code="latest", on=found.latest.due))
    return steps


def _stopped(clock: Clock, world: Surroundings) -> tuple[list[Suspension], list[Suspension]]:
    """Return the suspensions that concern a clock: those that ended, and those still going on."""
    mine = [
        each
        for each in world.suspensions
        if (not each.actors or clock.rule.actor in each.actors) and (not each.rules or clock.rule.id in each.rules)
    ]
    return [each for each in mine if each.ends_on is not None], [each for each in mine if each.ends_on is None]


def _practice_on(rule: Rule, world: Surroundings, start: date, due_on: date) -> date | None:
    """Return the day practice acts on, where the last day is a day off for the actor."""
    if rule.practice is None:
        return None
    calendar = world.calendars[rule.practice.calendars[0]]
    if calendar.day_off(due_on) is None:
        return None
    day = calendar.working_day_before(due_on)
    return day if day > start else None


def _stays(clock: Clock) -> bool:
    """Tell whether a last day that is a day off stays; a floor has no last day, and an extension is agreed."""
    return clock.version.roll.policy == "none" and clock.extension is None and clock.rule.nature != "not_before"


def _announced(clock: Clock) -> list[Event]:
    """Return the announcements the day hangs on, in place of acts."""
    return [event for event in (clock.trigger, clock.extension) if event is not None and event.kind not in DRIVING]


def _warnings(
    clock: Clock, world: Surroundings, found: Readings, practice_on: date | None, confidence: Confidence
) -> list[Warning_]:
    """Say what a person should know about the date itself."""
    rule, reading = clock.rule, found.earliest
    warnings = [
        Warning_(code="provisional", params={"event": event.type, "kind": event.kind}) for event in _announced(clock)
    ]
    if found.latest.due != reading.due:
        params: dict[str, str | int] = {"on": reading.due.isoformat(), "latest_on": found.latest.due.isoformat()}
        code = "floor_readings_differ" if rule.nature == "not_before" else "readings_differ"
        warnings.append(Warning_(code=code, params=params))
    if practice_on is not None:
        warnings.append(Warning_(code="expected_earlier", params={"on": practice_on.isoformat()}))
    elif reading.raw_day_off and _stays(clock):
        warnings.append(Warning_(code="last_day_is_day_off", params={"on": reading.due.isoformat()}))
    if rule.runs_only_if is not None and not world.facts.all(rule.runs_only_if):
        warnings.append(Warning_(code="condition_open", params={"event": rule.runs_only_if}))
    if confidence == "unverified":
        warnings.append(Warning_(code="unverified"))
    return warnings


def _computation(clock: Clock, world: Surroundings, start: date, found: Readings, steps: list[Step]) -> Computation:
    trigger, version = clock.trigger, clock.version
    earliest, latest = found.earliest, found.latest
    return Computation(
        anchor_event=trigger.type,
        anchor_event_id=trigger.id,
        anchor_labels=world.mechanism.events[trigger.type].labels,
        anchor_on=trigger.on,
        clock_starts_on=start,
        quantity=version.term.count,
        unit=version.term.unit,
        calendars=version.term.calendars or version.roll.calendars,
        roll=version.roll.policy,
        raw_due_on=earliest.raw,
        skipped=earliest.skipped,
        latest_skipped=latest.skipped if latest.due != earliest.due else [],
        steps=steps,
        extended_from=earliest.due if clock.extension else None,
        provisional=bool(_announced(clock)),
        rule_version=version_name(version),
        rules_digest=world.mechanism.digest,
    )


def _read(clock: Clock, world: Surroundings, ended: Sequence[Suspension]) -> tuple[date, Readings]:
    """Return the day the clock starts from and every reading of its term."""
    term, roll, trigger = clock.version.term, clock.version.roll, clock.trigger
    calendars = [world.calendars[name] for name in term.calendars or roll.calendars]
    if term.count is None:
        return trigger.on, agreed(trigger.due_on or trigger.on, calendars)
    start = clock_start(trigger.on, ended)
    found = readings(start, count=term.count, unit=term.unit, roll=roll.policy, calendars=calendars, suspensions=ended)
    return start, found


def _extend(clock: Clock, found: Readings, world: Surroundings) -> Readings:
    """Replace what was computed by the day the parties agreed instead, where they did."""
    if clock.extension is None or clock.extension.due_on is None:
        return found
    calendars = [world.calendars[name] for name in clock.version.term.calendars or clock.version.roll.calendars]
    return agreed(clock.extension.due_on, calendars)


def deadline(clock: Clock, world: Surroundings) -> Deadline:
    """Compute one deadline.

    Raises:
        CalendarHorizonError: A day lies past what a calendar covers.
    """
    rule, mechanism = clock.rule, world.mechanism
    ended, going_on = _stopped(clock, world)
    start, computed = _read(clock, world, ended)
    found = _extend(clock, computed, world)
    due_on, latest = found.earliest.due, found.latest.due
    practice_on = _practice_on(rule, world, start, due_on)
    steps = _steps(clock, start, computed)
    confidence = _confidence(clock.version, computed)
    cites = clock.version.cites
    if clock.extension is not None and mechanism.extensions is not None:
        steps.append(Step(code="extended", on=due_on, params={"from_on": computed.earliest.due.isoformat()}))
        confidence, cites = mechanism.extensions.confidence, [*cites, *mechanism.extensions.cites]
    if practice_on is not None and rule.practice is not None:
        steps.append(Step(code="practice", on=practice_on))
        cites = [*cites, *rule.practice.cites]
    standing = clock.version.term.count is not None and any(each.starts_on <= due_on for each in going_on)
    ending = ending_of(clock, world, due_on, latest, standing=standing)
    closes_at, zone = closing(due_on, mechanism.actors[rule.actor])
    return Deadline(
        rule=rule.id,
        trigger_event_id=clock.trigger.id,
        titles=rule.titles,
        actor=rule.actor,
        actor_labels=mechanism.actors[rule.actor].labels,
        ours=mechanism.actors[rule.actor].side == "workers",
        nature=rule.nature,
        due_on=due_on,
        latest_due_on=latest,
        raw_due_on=computed.earliest.raw,
        practice_on=practice_on,
        closes_at=closes_at,
        zone=zone,
        met_on=ending.met_on,
        met=ending.met,
        void=ending.void_reason is not None,
        void_reason=ending.void_reason,
        effect_on_expiry=rule.on_expiry.effect if rule.on_expiry else None,
        effect_labels=rule.on_expiry.labels if rule.on_expiry else {},
        effect_confidence=rule.on_expiry.confidence if rule.on_expiry else None,
        computation=_computation(clock, world, start, computed, steps),
        citation=cited(cites, mechanism),
        confidence=confidence,
        warnings=[
            Warning_(code=warning.code, params={"mechanism": mechanism.id, **warning.params})
            for warning in _warnings(clock, world, found, practice_on, confidence) + ending.warnings
        ],
    )
