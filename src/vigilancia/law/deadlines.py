"""From one rule and one trigger to one deadline: its day, its computation, and whether it was met or ended."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from vigilancia.law.arithmetic import Readings
from vigilancia.law.calendars import ONE_DAY
from vigilancia.law.counting import Count, count, set_instead, stopping
from vigilancia.law.endings import Clock, Surroundings, ending_of
from vigilancia.law.facts import DRIVING
from vigilancia.law.mechanism import Actor, Mechanism
from vigilancia.law.model import Citation, Computation, Confidence, Deadline, Event, Warning_
from vigilancia.law.rules import Rule, version_name
from vigilancia.law.shapes import Cite
from vigilancia.law.walk import steps_of

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


def _confidence(clock: Clock, counted: Count, world: Surroundings) -> Confidence:
    """Return how sure the date is: as its weakest element that shaped it."""
    if clock.override is not None:
        return clock.override.confidence
    if clock.extension is not None and world.mechanism.extensions is not None:
        return world.mechanism.extensions.confidence
    sure, found = clock.version.confidence, counted.found
    shaped = [sure.term, sure.unit, sure.anchor]
    every = [*found.each, found.latest]
    if any(reading.raw_day_off for reading in every):
        shaped.append(sure.roll)
    holidays = any(":" in day.why for reading in every for day in reading.skipped)
    if holidays and sure.calendars is not None:
        shaped.append(sure.calendars)
    shaped += [stop.confidence for stop in stopping(clock, counted)]
    if clock.parent is not None:
        shaped.append(clock.parent.confidence)
    return weakest(shaped)


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
    given = clock.extension is not None or clock.override is not None
    return clock.version.roll.policy == "none" and not given and clock.rule.nature != "not_before"


def _announced(clock: Clock) -> list[Event]:
    """Return the announcements the day hangs on, in place of acts."""
    return [event for event in (clock.trigger, clock.extension) if event is not None and event.kind not in DRIVING]


def _provisional(clock: Clock) -> bool:
    hangs = clock.parent is not None and clock.parent.computation.provisional
    return clock.override is None and (hangs or bool(_announced(clock)))


def _about_readings(clock: Clock, counted: Count, found: Readings) -> list[Warning_]:
    """Say that the earliest and the latest reading are different days, and why."""
    if found.latest.due == found.earliest.due:
        return []
    params: dict[str, str | int] = {"on": found.earliest.due.isoformat(), "latest_on": found.latest.due.isoformat()}
    if (doubt := counted.doubt) is not None:
        event = {"event": doubt.days.basis, "since_on": doubt.since.isoformat()}
        return [Warning_(code=doubt.code, params={**params, **event})]
    code = "floor_readings_differ" if clock.rule.nature == "not_before" else "readings_differ"
    return [Warning_(code=code, params=params)]


def _warnings(
    clock: Clock,
    world: Surroundings,
    counted: Count,
    found: Readings,
    practice_on: date | None,
    confidence: Confidence,
) -> list[Warning_]:
    """Say what a person should know about the date itself."""
    rule, reading = clock.rule, found.earliest
    warnings = []
    if clock.override is None:
        warnings += [
            Warning_(code="provisional", params={"event": event.type, "kind": event.kind})
            for event in _announced(clock)
        ]
    else:
        warnings.append(Warning_(code="overridden", params={"from_on": counted.found.earliest.due.isoformat()}))
    warnings += _about_readings(clock, counted, found)
    if practice_on is not None:
        warnings.append(Warning_(code="expected_earlier", params={"on": practice_on.isoformat()}))
    elif reading.raw_day_off and _stays(clock):
        warnings.append(Warning_(code="last_day_is_day_off", params={"on": reading.due.isoformat()}))
    if rule.runs_only_if is not None and not world.facts.all(rule.runs_only_if):
        warnings.append(Warning_(code="condition_open", params={"event": rule.runs_only_if}))
    if confidence == "unverified":
        warnings.append(Warning_(code="unverified"))
    return warnings


def _computation(
    clock: Clock, world: Surroundings, counted: Count, found: Readings, practice_on: date | None
) -> Computation:
    trigger, version = clock.trigger, clock.version
    earliest, latest = counted.found.earliest, counted.found.latest
    return Computation(
        anchor_event=trigger.type,
        anchor_event_id=trigger.id,
        anchor_labels=world.mechanism.events[trigger.type].labels,
        anchor_on=clock.anchor_on,
        clock_starts_on=counted.start,
        quantity=version.term.count,
        unit=version.term.unit,
        calendars=version.term.calendars or version.roll.calendars,
        roll=version.roll.policy,
        raw_due_on=earliest.raw,
        skipped=earliest.skipped,
        latest_skipped=latest.skipped if latest.due != earliest.due else [],
        steps=steps_of(clock, world.mechanism.id, counted, found, practice_on),
        extended_from=earliest.due if clock.extension else None,
        overridden_from=_before_override(clock, earliest.due) if clock.override else None,
        provisional=_provisional(clock),
        rule_version=version_name(version),
        rules_digest=world.mechanism.digest,
    )


def _before_override(clock: Clock, computed: date) -> date:
    """Return the day that would hold without the override: the one agreed, or the one counted."""
    agreed = clock.extension.due_on if clock.extension else None
    return agreed or computed


def _cites(clock: Clock, world: Surroundings, counted: Count, *, practised: bool) -> list[Cite]:
    """Return everything the date rests on."""
    cites = [*clock.version.cites, *(cite for stop in stopping(clock, counted) for cite in stop.cites)]
    if counted.session is not None:
        table = world.mechanism.sessions[clock.version.term.sessions or ""]
        cites += counted.session.cites or table.cites
    if clock.extension is not None and world.mechanism.extensions is not None:
        cites += world.mechanism.extensions.cites
    if practised and clock.rule.practice is not None:
        cites += clock.rule.practice.cites
    return cites


def _stands_still(clock: Clock, counted: Count, due_on: date) -> bool:
    """Tell whether a suspension without a known end holds a count that is not over."""
    given = clock.version.term.unit in {"agreed_date", "next_session"} or clock.override is not None
    return not given and any(each.starts_on <= due_on for each in counted.stops.going_on)


def deadline(clock: Clock, world: Surroundings) -> Deadline:
    """Compute one deadline.

    Raises:
        CalendarHorizonError: A day lies past what a calendar covers.
    """
    rule, mechanism = clock.rule, world.mechanism
    counted = count(clock, world)
    found = set_instead(clock, counted.found, world)
    due_on, latest = found.earliest.due, found.latest.due
    practice_on = _practice_on(rule, world, counted.start, due_on) if clock.override is None else None
    confidence = _confidence(clock, counted, world)
    ending = ending_of(clock, world, due_on, latest, standing=_stands_still(clock, counted, due_on))
    closes_at, zone = closing(due_on, mechanism.actors[rule.actor])
    warnings = _warnings(clock, world, counted, found, practice_on, confidence) + ending.warnings
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
        raw_due_on=counted.found.earliest.raw,
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
        silence_counts_as=rule.on_expiry.emits if rule.on_expiry else None,
        computation=_computation(clock, world, counted, found, practice_on),
        citation=cited(_cites(clock, world, counted, practised=practice_on is not None), mechanism),
        confidence=confidence,
        warnings=[
            Warning_(code=warning.code, params={"mechanism": mechanism.id, **warning.params}) for warning in warnings
        ],
    )
