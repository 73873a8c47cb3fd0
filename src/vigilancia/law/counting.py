"""From a running clock to the days it may end on: where the count starts, what stops it, every reading of its term."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from vigilancia.law.arithmetic import Readings, clock_start, given, readings
from vigilancia.law.calendars import ONE_DAY, WorkingDays
from vigilancia.law.endings import Clock, Surroundings
from vigilancia.law.model import Suspension
from vigilancia.law.rules import Stop
from vigilancia.law.sessions import next_session
from vigilancia.law.shapes import Session


class Doubt(Struct, frozen=True, kw_only=True):
    """Days that may or may not have stopped a clock; only the latest reading takes them as stopped."""

    days: Suspension
    code: str  # "stop_open": no end is recorded. "stop_long": it went on for longer than the text allows
    since: date  # when it began


class Stops(Struct, frozen=True, kw_only=True):
    """What makes a clock stand still."""

    ended: list[Suspension]
    going_on: list[Suspension]  # no end is known, and none follows from a text
    doubts: list[Doubt]


class Count(Struct, frozen=True, kw_only=True):
    """A term counted."""

    start: date  # day zero, or the first day after the suspension it fell into
    found: Readings
    stops: Stops
    session: Session | None = None  # the one that is the next

    @property
    def doubt(self) -> Doubt | None:
        """What the latest reading is later for, where that is a stop and not a choice of calendars."""
        return self.stops.doubts[0] if self.stops.doubts and self.found.latest.due > self.found.earliest.due else None


def _calendars(clock: Clock, world: Surroundings) -> list[WorkingDays]:
    version = clock.version
    return [world.calendars[name] for name in version.term.calendars or version.roll.calendars]


def _recorded(clock: Clock, world: Surroundings) -> list[Suspension]:
    """Return the suspensions somebody recorded that concern this clock."""
    rule = clock.rule
    return [
        each
        for each in world.suspensions
        if (not each.actors or rule.actor in each.actors) and (not each.rules or rule.id in each.rules)
    ]


def _from_events(clock: Clock, stop: Stop, world: Surroundings) -> Stops:
    """Turn the events that begin and end a stop into days: from the first on, to the other with that day itself."""
    found = Stops(ended=[], going_on=[], doubts=[])

    def days(starts_on: date, ends_on: date | None) -> Suspension:
        source = stop.cites[0].source
        return Suspension(starts_on=starts_on, ends_on=ends_on, basis=stop.from_, labels=stop.labels, source=source)

    for begun in world.facts.speaking(stop.from_, since=clock.trigger.on):
        over = next((event.on for event in world.facts.speaking(*stop.until, since=begun.on)), None)
        limit = begun.on + timedelta(days=stop.at_most.count) if stop.at_most else None
        if over is None and limit is None:
            found.going_on.append(days(begun.on, None))
        elif over is None:
            found.doubts.append(Doubt(days=days(begun.on, limit), code="stop_open", since=begun.on))
        elif limit is None or over <= limit:
            found.ended.append(days(begun.on, over))
        else:
            found.ended.append(days(begun.on, limit))
            longer = days(limit + ONE_DAY, over)
            found.doubts.append(Doubt(days=longer, code="stop_long", since=begun.on))
    return found


def stops_of(clock: Clock, world: Surroundings) -> Stops:
    """Return everything that makes a clock stand still: what was recorded as such, and what follows from events."""
    recorded = _recorded(clock, world)
    following = [_from_events(clock, stop, world) for stop in clock.rule.stopped_by]
    return Stops(
        ended=[each for each in recorded if each.ends_on is not None]
        + [one for each in following for one in each.ended],
        going_on=[each for each in recorded if each.ends_on is None]
        + [one for each in following for one in each.going_on],
        doubts=[one for each in following for one in each.doubts],
    )


def _read(clock: Clock, world: Surroundings, suspensions: Sequence[Suspension]) -> tuple[date, Readings]:
    version, anchor = clock.version, clock.anchor_on
    start = clock_start(anchor, suspensions) if version.term.direction == "after" else anchor
    found = readings(
        start,
        term=version.term,
        roll=version.roll.policy,
        calendars=_calendars(clock, world),
        suspensions=suspensions,
    )
    return start, found


def count(clock: Clock, world: Surroundings) -> Count:
    """Count a clock's term.

    A stop whose end nobody recorded may have ended unseen: the earliest reading counts as if it had not stopped the
    clock, the latest as if it lasted as long as the text allows. One that went on for longer than that stopped the
    clock for the time allowed on the earliest reading, and to its end on the latest.

    Raises:
        CalendarHorizonError: The count runs past what a calendar, or a table of sessions, covers.
    """
    term, stops = clock.version.term, stops_of(clock, world)
    if term.unit == "agreed_date":
        found = given(clock.trigger.due_on or clock.trigger.on, _calendars(clock, world))
        return Count(start=clock.trigger.on, found=found, stops=stops)
    if term.unit == "next_session":
        session = next_session(world.mechanism.sessions[term.sessions or ""], clock.anchor_on, term.count or 0)
        found = given(session.opens_on, _calendars(clock, world))
        return Count(start=clock.anchor_on, found=found, stops=stops, session=session)
    start, found = _read(clock, world, stops.ended)
    if stops.doubts:
        _, longer = _read(clock, world, [*stops.ended, *(doubt.days for doubt in stops.doubts)])
        latest = max(found.latest, longer.latest, key=lambda reading: reading.due)
        found = Readings(each=found.each, earliest=found.earliest, latest=latest)
    return Count(start=start, found=found, stops=stops)


def set_instead(clock: Clock, counted: Readings, world: Surroundings) -> Readings:
    """Replace what was counted by the day the parties agreed, and either by the day somebody with authority set."""
    if clock.override is not None:
        return given(clock.override.due_on, _calendars(clock, world))
    if clock.extension is not None and clock.extension.due_on is not None:
        return given(clock.extension.due_on, _calendars(clock, world))
    return counted


def stopping(clock: Clock, counted: Count) -> Sequence[Stop]:
    """Return the stops of the rule files that shaped a count."""
    bases: Mapping[str, Stop] = {stop.from_: stop for stop in clock.rule.stopped_by}
    stopped = [*counted.stops.ended, *(doubt.days for doubt in counted.stops.doubts)]
    used = {each.basis for each in stopped if each.labels}
    return [stop for basis, stop in bases.items() if basis in used]
