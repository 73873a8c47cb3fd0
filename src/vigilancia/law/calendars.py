"""Days on and days off: a calendar's frozen days, its weekend, and closures declared since."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.model import Closure, Skipped
from vigilancia.law.rules import Calendar

ONE_DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WorkingDays:
    """One calendar, ready to be asked about days."""

    def __init__(self, calendar: Calendar, others: Mapping[str, Calendar], closures: Sequence[Closure] = ()) -> None:
        """Join a calendar with those it extends and with the closures that concern any of them.

        Args:
            calendar: The calendar asked about.
            others: Every calendar of the mechanism, by id, for `extends`.
            closures: Closures of any calendar; those of calendars not in this chain change nothing.
        """
        self.id = calendar.id
        chain = [calendar]
        while chain[-1].extends is not None:
            chain.append(others[chain[-1].extends])
        self._chain = chain
        self._covers_from = max(each.covers_from for each in chain)
        self._covers_until = min(each.covers_until for each in chain)
        ids = {each.id for each in chain}
        self._closures = [closure for closure in closures if closure.calendar in ids]

    def day_off(self, day: date) -> Skipped | None:
        """Say why `day` is off, or nothing when it is a working day.

        Raises:
            CalendarHorizonError: The calendar does not reach that day.
        """
        if not self._covers_from <= day <= self._covers_until:
            raise CalendarHorizonError(self.id, day, self._covers_from, self._covers_until)
        for calendar in self._chain:
            if name := calendar.days.get(day):
                holiday = calendar.holidays[name]
                source = (holiday.cites or calendar.cites)[0].source
                return Skipped(on=day, why=f"{calendar.id}:{name}", labels=holiday.labels, source=source)
        for closure in self._closures:
            if closure.starts_on <= day <= (closure.ends_on or closure.starts_on):
                why = f"{closure.calendar}:{closure.id}"
                return Skipped(on=day, why=why, labels=closure.labels, source=closure.source)
        weekend = self._chain[0].weekend
        if WEEKDAYS[day.weekday()] in weekend.days:
            return Skipped(on=day, why="weekend", labels=weekend.labels)
        return None

    def working_day_before(self, day: date) -> date:
        """Return the nearest working day before `day`."""
        day -= ONE_DAY
        while self.day_off(day):
            day -= ONE_DAY
        return day
