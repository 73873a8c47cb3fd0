"""Counting: from the day of an event to the last day in time, one day after the other.

The day of the event is not counted, the last day is. Where nobody has said whose holidays are meant, each candidate
calendar gives a reading; the earliest is the one to act on, and all days off together give the latest.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from vigilancia.law.calendars import ONE_DAY, WorkingDays
from vigilancia.law.model import Skipped, Suspension
from vigilancia.law.rules import RollPolicy, Unit


class Reading(Struct, frozen=True, kw_only=True):
    """A count on one calendar, or on several whose days off are all off."""

    calendars: list[str]
    raw: date  # where the count ended
    due: date  # after the roll
    skipped: list[Skipped]
    raw_day_off: Skipped | None  # why the day the count ended on is a day off, if it is


class Readings(Struct, frozen=True, kw_only=True):
    """Every reading of one term."""

    each: list[Reading]  # one for each candidate calendar
    earliest: Reading
    latest: Reading


def suspended(day: date, suspensions: Sequence[Suspension]) -> Suspension | None:
    """Return the ended suspension that covers `day`, if any."""
    for suspension in suspensions:
        if suspension.ends_on is not None and suspension.starts_on <= day <= suspension.ends_on:
            return suspension
    return None


def clock_start(day: date, suspensions: Sequence[Suspension]) -> date:
    """Return the day from which to count: `day`, or the first day after the suspensions it falls into."""
    while (suspension := suspended(day, suspensions)) is not None and suspension.ends_on is not None:
        if suspension.ends_on == date.max:
            return date.max  # past every calendar; the count will say so
        day = suspension.ends_on + ONE_DAY
    return day


def _why_off(day: date, calendars: Sequence[WorkingDays]) -> Skipped | None:
    for calendar in calendars:
        if reason := calendar.day_off(day):
            return reason
    return None


def _why_stopped(day: date, suspensions: Sequence[Suspension]) -> Skipped | None:
    suspension = suspended(day, suspensions)
    if suspension is None:
        return None
    labels = dict.fromkeys(("es", "en", "fr"), suspension.basis)
    return Skipped(on=day, why="suspension", labels=labels, source=suspension.source)


def read(
    start: date,
    *,
    count: int,
    unit: Unit,
    roll: RollPolicy,
    calendars: Sequence[WorkingDays],
    suspensions: Sequence[Suspension] = (),
) -> Reading:
    """Count `count` units after `start` and roll; a day off in any of `calendars` is off.

    Args:
        start: Day zero, not counted.
        count: 1 or more, in `unit`.
        unit: `calendar_days` skips suspended days only, `business_days` days off too.
        roll: What to do when the count ends on a day off.
        calendars: Those whose days off count; each must cover every day walked.
        suspensions: Ended ones that stop this clock.

    Raises:
        CalendarHorizonError: The count runs past what a calendar covers.
    """
    _why_off(start, calendars)  # the first day must be known too
    skipped: list[Skipped] = []
    day, left = start, count
    while left:
        day += ONE_DAY
        off = _why_off(day, calendars)  # asked for plain days too: past the calendar's end nothing may be promised
        stopped = _why_stopped(day, suspensions) or (off if unit == "business_days" else None)
        if stopped:
            skipped.append(stopped)
        else:
            left -= 1
    raw, raw_day_off = day, _why_off(day, calendars)
    if roll != "none":
        pace = ONE_DAY if roll == "next" else -ONE_DAY
        while off := _why_stopped(day, suspensions) or _why_off(day, calendars):
            skipped.append(off)
            day += pace
    return Reading(
        calendars=[calendar.id for calendar in calendars],
        raw=raw,
        due=day,
        skipped=sorted(skipped, key=lambda each: each.on),
        raw_day_off=raw_day_off,
    )


def readings(
    start: date,
    *,
    count: int,
    unit: Unit,
    roll: RollPolicy,
    calendars: Sequence[WorkingDays],
    suspensions: Sequence[Suspension] = (),
) -> Readings:
    """Read the term on each candidate calendar and on all together; arguments as for `read`."""

    def on(*chosen: WorkingDays) -> Reading:
        return read(start, count=count, unit=unit, roll=roll, calendars=chosen, suspensions=suspensions)

    each = [on(calendar) for calendar in calendars]
    together = on(*calendars)
    everything = [*each, together]
    return Readings(
        each=each,
        earliest=min(everything, key=lambda reading: reading.due),
        latest=max([together, *each], key=lambda reading: reading.due),
    )


def agreed(day: date, calendars: Sequence[WorkingDays]) -> Readings:
    """Read a day the parties agreed: nothing is counted and nothing rolls.

    Raises:
        CalendarHorizonError: The day lies past what a calendar covers.
    """
    reading = Reading(
        calendars=[calendar.id for calendar in calendars],
        raw=day,
        due=day,
        skipped=[],
        raw_day_off=_why_off(day, calendars),
    )
    return Readings(each=[reading], earliest=reading, latest=reading)
