"""The engine: dated events in; stage, next events, deadlines and warnings out. Pure, and deaf to the events' order."""

from collections.abc import Sequence

from vigilancia.law.calendars import WorkingDays
from vigilancia.law.deadlines import deadline
from vigilancia.law.endings import Clock, Surroundings
from vigilancia.law.facts import Facts
from vigilancia.law.model import Closure, Deadline, Event, Outcome, Suspension, Warning_
from vigilancia.law.oddities import about_clocks, about_extensions, about_order, about_statements
from vigilancia.law.rules import Mechanism, Rule, Variant, Version
from vigilancia.law.stages import next_events, stage_of


def _in_force(rule: Rule, variant: str | None, trigger: Event) -> Version | None:
    """Return the version that governs a trigger: the one in force on its day."""
    for version in rule.versions:
        until = version.in_force.until
        if version.variant == variant and version.in_force.from_ <= trigger.on and (not until or trigger.on <= until):
            return version
    return None


def _needs_day(rule: Rule) -> bool:
    return any(version.term.unit == "agreed_date" for version in rule.versions)


def _triggers(rule: Rule, variant: Variant, facts: Facts) -> list[Event]:
    """Return the events that set the rule going, earliest first."""
    chosen: list[Event] = []
    for events in facts.rounds(variant.trigger or rule.trigger):
        found = [event for event in events if facts.hold(variant.when, event.on)]
        if _needs_day(rule):
            found = [event for event in found if event.due_on is not None]
        if rule.repeat == "each":
            seen = {event.on: event for event in reversed(found)}
            chosen += [seen[day] for day in sorted(seen)]
        elif found:
            chosen.append(found[0] if rule.repeat == "first" else found[-1])
    return chosen


def _extension(rule: Rule, trigger: Event, later: Event | None, world: Surroundings) -> Event | None:
    """Return the newest agreement that moves this clock's day."""
    if world.mechanism.extensions is None:
        return None
    moved = {rule.id, rule.follows} - {None}
    agreed = [
        event
        for event in world.facts.speaking(world.mechanism.extensions.event, since=trigger.on)
        if event.rule in moved and event.due_on is not None and (later is None or event.on < later.on)
    ]
    return agreed[-1] if agreed else None


def _clocks(rule: Rule, world: Surroundings) -> tuple[list[Clock], list[Warning_]]:
    """Return every clock a rule has running or had."""
    clocks, warnings = [], []
    variants: list[tuple[str | None, Variant]] = [*rule.variants.items()] or [(None, Variant())]
    for name, variant in variants:
        triggers = _triggers(rule, variant, world.facts)
        for trigger, later in zip(triggers, [*triggers[1:], None], strict=False):
            version = _in_force(rule, name, trigger)
            if version is None:
                params: dict[str, str | int] = {"rule": rule.id, "on": trigger.on.isoformat()}
                warnings.append(Warning_(code="not_in_force", params=params))
                continue
            clock = Clock(
                rule=rule,
                version=version,
                gives_way_to=variant.gives_way_to,
                trigger=trigger,
                until=later.on if later else None,
                extension=_extension(rule, trigger, later, world),
            )
            clocks.append(clock)
    return clocks, warnings


def run(
    mechanism: Mechanism,
    events: Sequence[Event],
    *,
    closures: Sequence[Closure] = (),
    suspensions: Sequence[Suspension] = (),
) -> Outcome:
    """Work out what the events amount to under a mechanism.

    Args:
        mechanism: As the loader read it.
        events: All that stand recorded; their order does not matter.
        closures: Days off declared since the calendars were frozen.
        suspensions: Days on which time does not run.

    Raises:
        UnknownEventError: An event of a type the mechanism does not name.
        CalendarHorizonError: A count runs past what a calendar covers.
    """
    facts = Facts(mechanism, events)
    world = Surroundings(
        mechanism=mechanism,
        facts=facts,
        calendars={
            name: WorkingDays(calendar, mechanism.calendars, closures) for name, calendar in mechanism.calendars.items()
        },
        suspensions=sorted(suspensions, key=lambda each: (each.starts_on, each.basis)),
    )
    clocks: list[Clock] = []
    warnings: list[Warning_] = []
    for rule in mechanism.rules.values():
        running, refused = _clocks(rule, world)
        clocks += running
        warnings += refused
    pairs = [(clock, deadline(clock, world)) for clock in clocks]
    warnings += about_statements(mechanism, facts) + about_order(mechanism, facts)
    warnings += about_clocks(pairs, facts) + about_extensions(mechanism, facts, clocks)
    stage = stage_of(mechanism, facts)
    return Outcome(
        stage=stage,
        stage_labels=mechanism.stages[stage].labels,
        closed=mechanism.stages[stage].closed,
        next_events=next_events(mechanism, stage),
        deadlines=sorted((each for _, each in pairs), key=_by_day),
        warnings=[_of(mechanism, warning) for warning in warnings],
    )


def _by_day(each: Deadline) -> tuple[str, str, str]:
    return each.due_on.isoformat(), each.rule, each.trigger_event_id


def _of(mechanism: Mechanism, warning: Warning_) -> Warning_:
    """Say which mechanism a warning's codes belong to, so that its words can be found."""
    return Warning_(code=warning.code, params={"mechanism": mechanism.id, **warning.params})
