"""Events sorted into what the rules ask about: which of them speak, in which round, before or after what.

Several people may state one fact, on different days and with different weight. What happened or was notified (or is
deemed to have happened) speaks; an announcement speaks only where nothing better is known.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from vigilancia.law.errors import UnknownEventError
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Event, EventKind
from vigilancia.law.rules import When

WITNESSED = frozenset[EventKind]({"happened", "notified"})
DRIVING = WITNESSED | {"deemed"}
_WEIGHT: dict[EventKind, int] = {"happened": 0, "notified": 1, "deemed": 2, "announced": 3, "published": 4}


def _order(event: Event) -> tuple[date, int, date, int, str]:
    return event.on, _WEIGHT[event.kind], event.due_on or date.min, event.place, event.id


def effective(events: Sequence[Event], *, agreed: bool = False) -> list[Event]:
    """Return the events that speak: the driving ones, or the announcements where there are only those.

    Args:
        events: Of one type.
        agreed: Whether the type carries an agreed day. Then an announcement of another day than any act before it
            tells of another agreement; nothing better is known of that one, so it speaks too.
    """
    driving = [event for event in events if event.kind in DRIVING]
    if not driving or not agreed:
        return driving or list(events)
    return sorted([*driving, *(event for event in events if _tells_more(event, driving))], key=_order)


def _tells_more(event: Event, driving: Sequence[Event]) -> bool:
    if event.kind in DRIVING or event.due_on is None:
        return False
    same = [act for act in driving if act.rule == event.rule]
    return all(act.on < event.on and act.due_on != event.due_on for act in same)


class Facts:
    """The events of one procedure; the order in which they were given does not matter."""

    def __init__(self, mechanism: Mechanism, events: Iterable[Event]) -> None:
        """Sort the events by day, weight and id.

        Raises:
            UnknownEventError: The mechanism does not know an event's type.
        """
        self._events = mechanism.events
        self.closers = [name for name, event in mechanism.events.items() if event.closes]
        self._by_type: dict[str, list[Event]] = defaultdict(list)
        for event in sorted(events, key=_order):
            if event.type not in mechanism.events:
                raise UnknownEventError(mechanism.id, event.type)
            self._by_type[event.type].append(event)

    def types(self) -> list[str]:
        """Return the types that were recorded, in the mechanism's order."""
        return [name for name in self._events if name in self._by_type]

    def all(self, *types: str) -> list[Event]:
        """Return every event of these types, earliest first."""
        return sorted((event for name in types for event in self._by_type.get(name, ())), key=_order)

    def speaking(self, *types: str, since: date | None = None, before: date | None = None) -> list[Event]:
        """Return the events that speak for each type between two days, earliest first.

        Args:
            types: Event types.
            since: First day looked at.
            before: First day no longer looked at.
        """
        found: list[Event] = []
        for name in types:
            if name not in self._by_type:
                continue
            inside = [
                event
                for event in self._by_type[name]
                if (since is None or event.on >= since) and (before is None or event.on < before)
            ]
            found += effective(inside, agreed=self._agreed(name))
        return sorted(found, key=_order) if len(types) > 1 else found

    def rounds(self, *names: str) -> list[list[Event]]:
        """Return the events that speak for these types, split where an event that reopens one of them came between."""
        reopened = {event.on for name in names for event in self.speaking(*self._events[name].reopened_by)}
        if not reopened:
            spoken = self.speaking(*names)
            return [spoken] if spoken else []
        rounds: dict[int, list[Event]] = defaultdict(list)
        for name in names:
            of_type: dict[int, list[Event]] = defaultdict(list)
            for event in self._by_type.get(name, ()):
                of_type[sum(day < event.on for day in reopened)].append(event)
            for number, events in of_type.items():
                rounds[number] += effective(events, agreed=self._agreed(name))
        return [sorted(rounds[number], key=_order) for number in sorted(rounds)]

    def _agreed(self, name: str) -> bool:
        return "due_on" in self._events[name].carries

    def hold(self, when: When | None, day: date) -> bool:
        """Tell whether a condition on what came before, on that day at the latest, holds."""
        if when is None:
            return True
        if when.earlier is not None and not any(event.on <= day for event in self.all(when.earlier)):
            return False
        return when.no_earlier is None or not any(event.on <= day for event in self.all(when.no_earlier))
