"""Days on and days off: a calendar's frozen days, its weekend, and closures declared since."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate, compress

import msgspec

from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.model import Closure, Skipped
from vigilancia.law.shapes import Calendar

ONE_DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Where nobody's days off matter a day may still be a typing error; no procedure of ours knows days beyond these.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_KEPT = 256  # tables kept in a process: one for each calendar, set of calendars and set of closures in use


def _every_day(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


class WorkingDays:
    """One calendar, ready to be asked about days."""

    def __init__(self, chain: Sequence[Calendar], closures: Sequence[Closure] = ()) -> None:
        """Join a calendar with those it extends and with the closures that concern any of them.

        Args:
            chain: The calendar asked about, then the ones it extends, each followed by its own.
            closures: Closures of any calendar; those of calendars not in this chain change nothing.
        """
        self.id = chain[0].id
        self.covers_from = max(each.covers_from for each in chain)
        self.covers_until = min(each.covers_until for each in chain)
        self.weekend = {WEEKDAYS.index(day) for day in chain[0].weekend.days}
        self._weekend_labels = chain[0].weekend.labels
        self.named: dict[date, Skipped] = {}  # holidays and closures; of several on one day the first
        for calendar in chain:
            self._name_holidays(calendar)
        ids = {each.id for each in chain}
        for closure in closures:
            if closure.calendar in ids:
                self._name_closure(closure)

    def _name_holidays(self, calendar: Calendar) -> None:
        for day, name in calendar.days.items():
            holiday = calendar.holidays[name]
            source = (holiday.cites or calendar.cites)[0].source
            off = Skipped(on=day, why=f"{calendar.id}:{name}", labels=holiday.labels, source=source)
            self.named.setdefault(day, off)

    def _name_closure(self, closure: Closure) -> None:
        why = f"{closure.calendar}:{closure.id}"
        first = max(closure.starts_on, self.covers_from)
        for day in _every_day(first, min(closure.ends_on or closure.starts_on, self.covers_until)):
            off = Skipped(on=day, why=why, labels=closure.labels, source=closure.source)
            self.named.setdefault(day, off)

    def require(self, day: date) -> None:
        """Refuse a day of which nothing is known.

        Raises:
            CalendarHorizonError: The calendar does not reach that day.
        """
        if not self.covers_from <= day <= self.covers_until:
            raise CalendarHorizonError(self.id, day, self.covers_from, self.covers_until)

    def day_off(self, day: date) -> Skipped | None:
        """Say why `day` is off, or nothing when it is a working day.

        Raises:
            CalendarHorizonError: The calendar does not reach that day.
        """
        self.require(day)
        if off := self.named.get(day):
            return off
        if day.weekday() in self.weekend:
            return Skipped(on=day, why="weekend", labels=self._weekend_labels)
        return None

    def working_day_before(self, day: date) -> date:
        """Return the nearest working day before `day`."""
        day -= ONE_DAY
        while self.day_off(day):
            day -= ONE_DAY
        return day


def working_days(calendar: Calendar, others: Mapping[str, Calendar], closures: Sequence[Closure] = ()) -> WorkingDays:
    """Return a calendar ready to be asked; made once in a process for each set of closures.

    Args:
        calendar: The calendar asked about.
        others: Every calendar of the mechanism, by id, for `extends`.
        closures: Declared since the calendars were frozen.
    """
    chain = [calendar]
    while chain[-1].extends is not None:
        chain.append(others[chain[-1].extends])
    return _working_days(tuple(chain), msgspec.json.encode(closures) if closures else b"")


@lru_cache(_KEPT)
def _working_days(chain: tuple[Calendar, ...], closures: bytes) -> WorkingDays:
    return WorkingDays(chain, msgspec.json.decode(closures, type=list[Closure]) if closures else ())


class Days:
    """Several calendars taken together: a day off in any of them is off; none of them: no day is off."""

    def __init__(self, calendars: Sequence[WorkingDays]) -> None:
        """Keep the calendars; the list of working days is made when it is first wanted."""
        self.calendars = [calendar.id for calendar in calendars]
        self._calendars = calendars

    def why_off(self, day: date) -> Skipped | None:
        """Say why a day is off in the first calendar that has it off.

        Raises:
            CalendarHorizonError: A calendar does not reach that day.
        """
        self._require(day)
        return next((reason for calendar in self._calendars if (reason := calendar.day_off(day))), None)

    def walk(self, start: date, step: timedelta) -> Iterator[tuple[date, Skipped | None]]:
        """Walk from a day, itself left out, and say of each whether it is off; endless, until a calendar ends."""
        while True:
            start += step
            yield start, self.why_off(start)

    def working_day_after(self, start: date, count: int) -> date:
        """Return the `count`th working day after a day, itself not counted; looked up, not walked.

        Raises:
            CalendarHorizonError: The count runs past the end of a calendar.
        """
        first, _, up_to, working = self._table
        number = start.toordinal() - first
        if not 0 <= number < len(up_to):
            self._require(start)  # the first day must be known too
        place = up_to[number] + count - 1
        if place >= len(working):
            self._require(date.fromordinal(first + len(up_to)))  # past the end of one of them: it says so
        return working[place]

    def off_between(self, start: date, end: date) -> list[Skipped]:
        """Say of each day off between two days that all the calendars cover, themselves left out, why it is off."""
        first, works, *_ = self._table
        found, until = [], end.toordinal() - first
        place = works.find(False, start.toordinal() - first + 1, until)
        while place >= 0:
            if off := self.why_off(date.fromordinal(first + place)):
                found.append(off)
            place = works.find(False, place + 1, until)
        return found

    def _require(self, day: date) -> None:
        if not self._calendars and not FIRST_DAY <= day <= LAST_DAY:
            raise CalendarHorizonError("none", day, FIRST_DAY, LAST_DAY)
        for calendar in self._calendars:
            calendar.require(day)

    @cached_property
    def _table(self) -> "tuple[int, bytearray, array[int], list[date]]":
        """Return what a count is looked up in, over the span that all the calendars cover.

        The first day's number; for each day whether all of them work on it, and how many working days there are up to
        and with it; the working days.
        """
        first = max(calendar.covers_from for calendar in self._calendars)
        last = min(calendar.covers_until for calendar in self._calendars)
        every = [*_every_day(first, last)]
        works = bytearray(b"\1" * len(every))
        for calendar in self._calendars:
            for weekday in calendar.weekend:
                begin = (weekday - first.weekday()) % len(WEEKDAYS)
                works[begin :: len(WEEKDAYS)] = bytes(len(works[begin :: len(WEEKDAYS)]))
            for day in calendar.named:
                if first <= day <= last:
                    works[(day - first).days] = False
        return first.toordinal(), works, array("i", accumulate(works)), [*compress(every, works)]


@lru_cache(_KEPT)
def together(calendars: tuple[WorkingDays, ...]) -> Days:
    """Return calendars taken together, with their table kept for the next count."""
    return Days(calendars)
