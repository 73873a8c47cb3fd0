"""When a contact is there: its working intervals, less quiet hours, holidays of its place and days away."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from vigilancia.law import loader
from vigilancia.law.calendars import working_days
from vigilancia.notices.schedule import schedule
from vigilancia.registry.contacts.rounds import DAYS

_ONE_DAY = timedelta(days=1)
_ONE_MINUTE = timedelta(minutes=1)
_MIDNIGHT = "24:00"
_Span = tuple[datetime, datetime]  # first instant, and the first one after; UTC


class Times(Struct, frozen=True, kw_only=True):
    """A contact's own time.

    Attributes:
        zone: IANA name.
        working_hours: `days`, `from` and `until`; empty: always.
        quiet_hours: `from` and `until` of every day; they may reach past midnight.
        holidays: Id of a calendar of the law's data; its days off, weekends apart, are days on which nobody is there.
        away: `from` and `until`, both days included.
    """

    zone: str
    working_hours: Sequence[Mapping[str, Any]] = ()
    quiet_hours: Mapping[str, Any] | None = None
    holidays: str | None = None
    away: Sequence[Mapping[str, Any]] = ()

    @property
    def always(self) -> bool:
        """Whether the contact may be written to at any instant."""
        return not (self.working_hours or self.quiet_hours or self.holidays or self.away)


def opening(times: Times, instant: datetime) -> datetime | None:
    """Return the first instant, not before `instant`, at which the contact is there, as UTC.

    Args:
        times: Of the contact.
        instant: Aware instant.

    Returns:
        The instant itself while it is there; none: it is not, for longer than anybody should wait (`delivery.yaml`).
    """
    if times.always:
        return instant
    day = instant.astimezone(ZoneInfo(times.zone)).date()
    for ahead in range(schedule().looked_ahead_days):
        for begins, ends in spans(times, day + ahead * _ONE_DAY):
            if ends > instant:
                return max(begins, instant)
    return None


def spans(times: Times, day: date) -> Iterator[_Span]:
    """Yield the times of one civil day at which the contact is there, in order."""
    if _is_off(times, day):
        return
    for begins, ends in _less_quiet(times.quiet_hours, _worked(times, day)):
        first, after = _instant(day, begins, times.zone), _instant(day, ends, times.zone)
        if first < after:  # an hour that summer time skips is none
            yield first, after


def _is_off(times: Times, day: date) -> bool:
    if any(str(span["from"]) <= day.isoformat() <= str(span["until"]) for span in times.away):
        return True
    calendar = loader.calendars().get(times.holidays or "")
    return calendar is not None and day in working_days(calendar, loader.calendars()).named


def _worked(times: Times, day: date) -> list[tuple[str, str]]:
    """Return the working intervals of a day, in order, those that touch or overlap as one."""
    if not times.working_hours:
        return [("00:00", _MIDNIGHT)]
    today = DAYS[day.weekday()]
    joined: list[tuple[str, str]] = []
    for begins, ends in sorted((span["from"], span["until"]) for span in times.working_hours if today in span["days"]):
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((begins, ends))
    return joined


def _less_quiet(quiet: Mapping[str, Any] | None, worked: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    if quiet is None:
        yield from worked
        return
    begins, ends = quiet["from"], quiet["until"]
    loud = [(ends, begins)] if begins > ends else [("00:00", begins), (ends, _MIDNIGHT)]
    for one in worked:
        for other in loud:
            first, after = max(one[0], other[0]), min(one[1], other[1])
            if first < after:
                yield first, after


def _instant(day: date, clock: str, zone: str) -> datetime:
    """Return when a clock shows a time: the first of two, and where summer time skips it the end of the gap."""
    if clock == _MIDNIGHT:
        day, clock = day + _ONE_DAY, "00:00"
    place, wanted = ZoneInfo(zone), datetime.combine(day, time.fromisoformat(clock))
    instant = wanted.replace(tzinfo=place).astimezone(UTC)
    if instant.astimezone(place).replace(tzinfo=None) == wanted:
        return instant
    while (instant - _ONE_MINUTE).astimezone(place).replace(tzinfo=None) > wanted:
        instant -= _ONE_MINUTE
    return instant
