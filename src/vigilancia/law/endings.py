"""How a deadline ended: by the act, by something that implies it, or without it."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from vigilancia.law.calendars import WorkingDays
from vigilancia.law.facts import WITNESSED, Facts
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Event, Override, Suspension, Warning_
from vigilancia.law.rules import Rule, Version


class Clock(Struct, frozen=True, kw_only=True):
    """A rule set going by an event, or by the last day of another rule."""

    rule: Rule
    version: Version
    gives_way_to: list[str]
    trigger: Event
    anchor_on: date  # day zero
    until: date | None  # the day from which a later trigger of the same rule answers for what comes
    extension: Event | None
    override: Override | None
    parent: Deadline | None = None  # the deadline this one hangs on


class Surroundings(Struct, frozen=True, kw_only=True):
    """What every deadline of one run shares."""

    mechanism: Mechanism
    facts: Facts
    calendars: Mapping[str, WorkingDays]
    suspensions: Sequence[Suspension]


class Ending(Struct, frozen=True, kw_only=True):
    """How a deadline ended, if it did."""

    met: bool = False
    met_on: date | None = None
    void_reason: str | None = None
    warnings: list[Warning_]


def ending_of(clock: Clock, world: Surroundings, due_on: date, latest: date, *, standing: bool) -> Ending:
    """Find out whether the act was done, is implied, or is no longer due."""
    rule, since, facts = clock.rule, clock.trigger.on, world.facts
    implied = _done(rule, facts.speaking(*rule.implied_by, since=since, before=clock.until))
    acts = _done(rule, facts.speaking(*rule.satisfied_by, since=since, before=clock.until))
    given_way = _stated(facts.speaking(*clock.gives_way_to, since=since, before=clock.until))
    if given_way and not any(act.on < given_way[0].on for act in [*acts, *implied]):
        return Ending(void_reason=given_way[0].type, warnings=[])
    if implied and (not acts or implied[0].on < acts[0].on):
        return Ending(met=True, warnings=[])
    if acts:
        return _met(rule, acts[0], due_on, latest)
    overtaken = facts.speaking(*rule.void_by, since=since, before=clock.until)
    overtaken += [each for each in facts.speaking(*rule.ended_by, since=since, before=clock.until) if each.on <= due_on]
    ends = [*_stated(overtaken), *facts.speaking(*facts.closers, since=since)]
    if ends:
        return Ending(void_reason=min(ends, key=lambda event: (event.on, event.place, event.id)).type, warnings=[])
    if clock.parent is not None and clock.parent.void:
        return Ending(void_reason=clock.parent.void_reason, warnings=[])
    warnings = [Warning_(code="kept_despite_silence", params={"event": event.type}) for event in overtaken[:1]]
    return Ending(void_reason="suspended" if standing else None, warnings=warnings)


def _stated(events: Sequence[Event]) -> list[Event]:
    """Leave out what is only deemed: silence ends no other clock, as the act may have come and not been recorded."""
    return [event for event in events if event.kind != "deemed"]


def _done(rule: Rule, acts: Sequence[Event]) -> list[Event]:
    """Leave out what silence on this very day counts as: that is not the act."""
    silence = rule.on_expiry.emits if rule.on_expiry else None
    return [act for act in acts if not (act.kind == "deemed" and act.type == silence)]


def _met(rule: Rule, act: Event, due_on: date, latest: date) -> Ending:
    """Weigh the act: an announcement made after the last day does not prove that the act was late."""
    if rule.nature == "not_before":
        return Ending(met=True, met_on=act.on, warnings=[])
    if act.on > due_on and act.kind not in WITNESSED:
        warning = Warning_(code="met_by_announcement", params={"event": act.type, "on": act.on.isoformat()})
        return Ending(met=True, warnings=[warning])
    warnings = []
    if due_on < act.on <= latest:
        params: dict[str, str | int] = {"on": act.on.isoformat(), "latest_on": latest.isoformat()}
        warnings.append(Warning_(code="late_on_one_reading", params=params))
    return Ending(met=True, met_on=act.on, warnings=warnings)
