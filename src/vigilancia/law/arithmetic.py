"""Counting: from day zero to the last day in time.

Day zero is not counted, the last day is. Where nobody has said whose holidays are meant, each candidate calendar gives
a reading; the earliest is the one to act on, and all days off together give the latest.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from vigilancia.law.calendars import ONE_DAY, Days, WorkingDays, together
from vigilancia.law.model import Skipped, Suspension
from vigilancia.law.rules import Direction, RollPolicy, Term

MONTHS = 12


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


def months_from(start: date, months: int) -> date:
    """Return the same day of another month, or that month's last day where it is shorter.

    Args:
        start: Day zero.
        months: How many months later; negative: earlier.
    """
    year, month = divmod(start.year * MONTHS + start.month - 1 + months, MONTHS)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _why_stopped(day: date, suspensions: Sequence[Suspension]) -> Skipped | None:
    suspension = suspended(day, suspensions)
    if suspension is None:
        return None
    labels = suspension.labels or dict.fromkeys(("es", "en", "fr"), suspension.basis)
    return Skipped(on=day, why="suspension", labels=labels, source=suspension.source)


def _in_days(start: date, term: Term) -> int:
    """Return a term of months as the calendar days they have, counted from this very day; any other as it is."""
    count = term.count or 0
    if term.unit != "calendar_months":
        return count
    return abs((months_from(start, count if term.direction == "after" else -count) - start).days)


def _counted(
    start: date, term: Term, days: Days, suspensions: Sequence[Suspension], pace: timedelta
) -> tuple[date, list[Skipped]]:
    """Return the day the count ends on and the days left out on the way."""
    left, business = _in_days(start, term), term.unit == "business_days"
    if not suspensions and term.direction == "after":
        end = days.working_day_after(start, left) if business else start + timedelta(days=left)
        days.why_off(end)  # past the calendar's end nothing may be promised, of plain days neither
        return end, days.off_between(start, end) if business else []
    skipped: list[Skipped] = []
    for day, off in days.walk(start, pace):
        stopped = _why_stopped(day, suspensions) or (off if business else None)
        if stopped:
            skipped.append(stopped)
            continue
        left -= 1
        if not left:
            return day, skipped
    raise AssertionError  # a walk ends only where a calendar does


def _pace(direction: Direction) -> timedelta:
    return ONE_DAY if direction == "after" else -ONE_DAY


def read(start: date, *, term: Term, roll: RollPolicy, days: Days, suspensions: Sequence[Suspension] = ()) -> Reading:
    """Count a term from day zero and roll.

    Args:
        start: Day zero, not counted.
        term: `count` of 1 or more, in `unit`, to one side of day zero. Calendar days skip suspended days only, business
            days days off too. Months run to the same day of the last month, clamped to its end; days suspended on the
            way are added after it.
        roll: What to do when the count ends on a day off.
        days: Those on which nobody works; each calendar must cover the days counted.
        suspensions: Ended ones that stop this clock.

    Raises:
        CalendarHorizonError: The count runs past what a calendar covers.
    """
    days.why_off(start)  # the first day must be known too
    raw, skipped = _counted(start, term, days, suspensions, _pace(term.direction))
    due, raw_day_off = raw, days.why_off(raw)
    if roll != "none":
        pace = ONE_DAY if roll == "next" else -ONE_DAY
        while off := _why_stopped(due, suspensions) or days.why_off(due):
            skipped.append(off)
            due += pace
    return Reading(
        calendars=days.calendars,
        raw=raw,
        due=due,
        skipped=sorted(skipped, key=lambda each: each.on),
        raw_day_off=raw_day_off,
    )


def readings(
    start: date,
    *,
    term: Term,
    roll: RollPolicy,
    calendars: Sequence[WorkingDays],
    suspensions: Sequence[Suspension] = (),
) -> Readings:
    """Read the term on each candidate calendar and on all together; arguments as for `read`."""

    def on(*chosen: WorkingDays) -> Reading:
        return read(start, term=term, roll=roll, days=together(chosen), suspensions=suspensions)

    each = [on(calendar) for calendar in calendars]
    everything = [*each, on(*calendars)]
    return Readings(
        each=each,
        earliest=min(everything, key=lambda reading: reading.due),
        latest=max(reversed(everything), key=lambda reading: reading.due),
    )


def given(day: date, calendars: Sequence[WorkingDays]) -> Readings:
    """Read a day that is not counted: one the parties agreed, somebody set, or a body meets on. It never rolls.

    Raises:
        CalendarHorizonError: The day lies past what a calendar covers.
    """
    days = together(tuple(calendars))
    reading = Reading(calendars=days.calendars, raw=day, due=day, skipped=[], raw_day_off=days.why_off(day))
    return Readings(each=[reading], earliest=reading, latest=reading)
