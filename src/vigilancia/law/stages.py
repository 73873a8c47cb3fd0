"""Where a procedure stands: the stage its newest stage-setting event led into, unless it was closed."""

from datetime import date

from vigilancia.law.facts import Facts
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Event, ExpectedEvent


def _closing(mechanism: Mechanism, facts: Facts) -> Event | None:
    """Return the event that closed the procedure: the first closing one that nothing reopened since."""
    closers = [name for name, event in mechanism.events.items() if event.closes]
    for event in facts.speaking(*closers):
        reopening = facts.all(*mechanism.events[event.type].reopened_by)
        if not any(other.on > event.on for other in reopening):
            return event
    return None


def stage_of(mechanism: Mechanism, facts: Facts) -> str:
    """Return the stage: where several events share the last day, the one furthest along.

    A day gone by changes nothing here: a panel that is late is still sitting.
    """
    order = {name: number for number, name in enumerate(mechanism.stages)}
    stage_setting = [name for name, event in mechanism.events.items() if event.stage is not None]
    closed = _closing(mechanism, facts)
    events = [closed] if closed else facts.speaking(*stage_setting)

    def place(event: Event) -> tuple[date, int]:
        return event.on, order[mechanism.events[event.type].stage or ""]

    newest = max(events, key=place, default=None)
    return (mechanism.events[newest.type].stage if newest else None) or next(iter(mechanism.stages))


def next_events(mechanism: Mechanism, stage: str) -> list[ExpectedEvent]:
    """Return what usually comes next; anything else may be recorded too."""
    return [ExpectedEvent(type=name, labels=mechanism.events[name].labels) for name in mechanism.stages[stage].next]
