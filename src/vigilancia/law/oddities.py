"""What a careful reader would remark on: nothing is refused, everything odd is said."""

from collections.abc import Sequence

from vigilancia.law.endings import Clock
from vigilancia.law.facts import DRIVING, Facts
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Warning_


def about_statements(mechanism: Mechanism, facts: Facts) -> list[Warning_]:
    """Remark on one fact stated for several days, on results that exclude each other, and on agreed days left out."""
    warnings = []
    for name in facts.types():
        kind = mechanism.events[name]
        for stated in facts.rounds(name):
            days = sorted({event.on for event in stated if event.kind in DRIVING})
            if len(days) > 1 and not kind.repeats:
                params = {"event": name, "on": days[0].isoformat(), "other_on": days[-1].isoformat()}
                warnings.append(Warning_(code="stated_differently", params={**params}))
        warnings += [
            Warning_(code="results_differ", params={"event": name, "other": other})
            for other in kind.contradicts
            if facts.all(other)
        ]
        for event in facts.all(name):
            if "due_on" in kind.carries and event.due_on is None:
                warnings.append(Warning_(code="agreed_day_missing", params={"event": name, "on": event.on.isoformat()}))
            if event.due_on is not None and event.due_on < event.on:
                params = {"event": name, "on": event.on.isoformat(), "due_on": event.due_on.isoformat()}
                warnings.append(Warning_(code="agreed_day_past", params={**params}))
            if "rule" in kind.carries and event.rule not in mechanism.rules:
                params = {"event": name, "on": event.on.isoformat(), "rule": event.rule or ""}
                warnings.append(Warning_(code="extended_rule_unknown", params={**params}))
    return warnings


def about_order(mechanism: Mechanism, facts: Facts) -> list[Warning_]:
    """Remark on events without, or before, any of those they usually follow."""
    warnings = []
    for name in facts.types():
        usual = mechanism.events[name].after
        if not usual:
            continue
        before = facts.all(*usual)
        first = facts.speaking(name)[0]
        if not any(event.on <= first.on for event in before):
            code = "unusual_order" if before else "earlier_step_missing"
            other = before[0].type if before else usual[0]
            params = {"event": name, "on": first.on.isoformat(), "other": other}
            warnings.append(Warning_(code=code, params={**params}))
    return warnings


def about_clocks(pairs: Sequence[tuple[Clock, Deadline]], facts: Facts) -> list[Warning_]:
    """Remark on acts before their floor, and on acts dated before the event that asked for them."""
    warnings = []
    for clock, deadline in pairs:
        rule = clock.rule
        if deadline.met_on is not None and rule.nature == "not_before" and deadline.met_on < deadline.due_on:
            params = {"rule": rule.id, "on": deadline.met_on.isoformat(), "floor_on": deadline.due_on.isoformat()}
            warnings.append(Warning_(code="floor_not_respected", params={**params}))
        early = facts.speaking(*rule.satisfied_by, before=clock.trigger.on)
        if not early or deadline.met:
            continue
        others = {other.trigger.on for other, _ in pairs if other.rule is rule}
        if not any(day < clock.trigger.on for day in others):
            params = {"rule": rule.id, "event": early[-1].type, "on": early[-1].on.isoformat()}
            warnings.append(Warning_(code="act_before_trigger", params={**params}))
    return warnings


def about_extensions(mechanism: Mechanism, facts: Facts, clocks: Sequence[Clock]) -> list[Warning_]:
    """Remark on agreed extensions that moved nothing."""
    if mechanism.extensions is None:
        return []
    running = {clock.rule.id for clock in clocks if clock.extension is not None}
    return [
        Warning_(code="extension_moved_nothing", params={"rule": event.rule, "on": event.on.isoformat()})
        for event in facts.all(mechanism.extensions.event)
        if event.rule in mechanism.rules and event.rule not in running
    ]
