"""Which clocks run: each rule's triggers, the version in force, and what moves or replaces its day."""

from collections.abc import Sequence

from vigilancia.law.endings import Clock, Surroundings
from vigilancia.law.facts import Facts
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Event, Override, Warning_
from vigilancia.law.rules import Rule, Variant, Version, triggers
from vigilancia.law.shapes import InForce


def _covers(span: InForce, event: Event) -> bool:
    return span.from_ <= event.on and (span.until is None or event.on <= span.until)


def _in_force(mechanism: Mechanism, rule: Rule, variant: str | None, trigger: Event) -> Version | None:
    """Return the version that governs a trigger: the one in force on its day, while the mechanism itself is."""
    if not _covers(mechanism.in_force, trigger):
        return None
    return next(
        (version for version in rule.versions if version.variant == variant and _covers(version.in_force, trigger)),
        None,
    )


def _needs_day(rule: Rule) -> bool:
    agreed = any(version.term.unit == "agreed_date" for version in rule.versions)
    return agreed or rule.counts_from == "due_on"


def _set_going(rule: Rule, variant: Variant, facts: Facts) -> list[Event]:
    """Return the events that set the rule going, earliest first."""
    chosen: list[Event] = []
    for events in facts.rounds(*([variant.trigger] if variant.trigger else triggers(rule))):
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


def _override(rule: Rule, trigger: Event, overrides: Sequence[Override]) -> Override | None:
    """Return the newest day that somebody set for this very deadline."""
    mine = [each for each in overrides if each.rule == rule.id and each.trigger_event_id == trigger.id]
    return mine[-1] if mine else None


def _not_in_force(rule: Rule, trigger: Event, world: Surroundings) -> Warning_:
    """Say that no version governs a trigger.

    Raises:
        CalendarHorizonError: The trigger lies past what a calendar of the rule covers: then more is unknown than that.
    """
    for name in {name for version in rule.versions for name in version.roll.calendars}:
        if trigger.on > world.calendars[name].covers_until:
            world.calendars[name].day_off(trigger.on)
    return Warning_(code="not_in_force", params={"rule": rule.id, "on": trigger.on.isoformat()})


def clocks(rule: Rule, world: Surroundings, overrides: Sequence[Override]) -> tuple[list[Clock], list[Warning_]]:
    """Return every clock that events set going for a rule, and a warning for each event no version governs.

    Raises:
        CalendarHorizonError: Such an event lies past what a calendar of the rule covers.
    """
    running, warnings = [], []
    variants: list[tuple[str | None, Variant]] = [*rule.variants.items()] or [(None, Variant())]
    for name, variant in variants:
        events = _set_going(rule, variant, world.facts)
        for trigger, later in zip(events, [*events[1:], None], strict=False):
            version = _in_force(world.mechanism, rule, name, trigger)
            if version is None:
                warnings.append(_not_in_force(rule, trigger, world))
                continue
            carried = trigger.due_on if rule.counts_from == "due_on" else None
            clock = Clock(
                rule=rule,
                version=version,
                gives_way_to=variant.gives_way_to,
                trigger=trigger,
                anchor_on=carried or trigger.on,
                until=later.on if later else None,
                extension=_extension(rule, trigger, later, world),
                override=_override(rule, trigger, overrides),
            )
            running.append(clock)
    return running, warnings


def hanging(
    rule: Rule, parents: Sequence[tuple[Clock, Deadline]], world: Surroundings, overrides: Sequence[Override]
) -> tuple[list[Clock], list[Warning_]]:
    """Return the clocks of a rule that counts from another's last day: one for each deadline of that rule."""
    running, warnings = [], []
    for parent, deadline in parents:
        version = _in_force(world.mechanism, rule, None, parent.trigger)
        if version is None:
            warnings.append(_not_in_force(rule, parent.trigger, world))
            continue
        clock = Clock(
            rule=rule,
            version=version,
            gives_way_to=[],
            trigger=parent.trigger,
            anchor_on=deadline.due_on,
            until=parent.until,
            extension=_extension(rule, parent.trigger, None, world),
            override=_override(rule, parent.trigger, overrides),
            parent=deadline,
        )
        running.append(clock)
    return running, warnings
