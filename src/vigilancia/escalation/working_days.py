"""Working days of rungs: counted once for each last day, with the calendars that the deadline's own count consulted.

A day off in any of them is off. A rule that consults none, and a task, count with the calendar of the country in whose
zone the day ends; where none is known there, and past the end of those that are, Saturdays and Sundays are off. The
count ends on a working day strictly before or after the last day: one working day before a Monday is the Friday.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from babel.core import get_global
from msgspec import Struct

from vigilancia.core.strictyaml import parse
from vigilancia.law import loader
from vigilancia.law.calendars import ONE_DAY, WEEKDAYS, WorkingDays, working_days
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.model import Closure
from vigilancia.law.shapes import Calendar
from vigilancia.notices import rungs


class _Data(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    weekend: list[str]
    countries: dict[str, list[str]]


class Office(Struct, frozen=True, kw_only=True):
    """Whose working days are counted.

    Attributes:
        names: Of the calendars, a day off in any of which is off; empty: only weekends are off.
        shelf: Every calendar by its id, as pinned.
        closures: Declared since, as pinned.
    """

    names: Sequence[str]
    shelf: Mapping[str, Calendar]
    closures: Sequence[Closure] = ()


@cache
def _data() -> _Data:
    file = files(__package__) / "data" / "working_days.yaml"
    return parse(file.read_text("utf-8"), _Data, name=file.name)


def calendars_of(zone: str) -> list[str]:
    """Return the calendars of the country a zone lies in; none is known of most countries.

    Args:
        zone: IANA name, such as `America/Tijuana`.
    """
    country = get_global("zone_territories").get(zone)
    return list(_data().countries.get(country or "", []))


def office(names: Iterable[str], zone: str, shelf: Mapping[str, Calendar], closures: Sequence[Closure] = ()) -> Office:
    """Return whose working days are counted.

    Args:
        names: Calendars that the count of the last day consulted; none: those of the zone's country.
        zone: Where the day ends.
        shelf: Calendars by id, those the proceeding is pinned to first of all.
        closures: That count for it.
    """
    known = {**loader.calendars(), **shelf}
    wanted = list(names) or calendars_of(zone)
    return Office(names=[name for name in wanted if name in known], shelf=known, closures=closures)


def count(office_: Office, names: Iterable[str], due_on: date) -> dict[str, int]:
    """Return how many calendar days from the last day each rung stands that counts working days; others are left out.

    Args:
        office_: Whose working days.
        names: Of rungs.
        due_on: The last day, itself not counted.
    """
    known = [working_days(office_.shelf[name], office_.shelf, office_.closures) for name in office_.names]
    wanted = [name for name in names if rungs.counts_working_days(name)]
    last = rungs.within_reason(due_on)
    return {name: (_walk(known, rungs.offset(name), last) - last).days for name in wanted}


def _walk(calendars: Sequence[WorkingDays], working: int, due_on: date) -> date:
    step = ONE_DAY if working > 0 else -ONE_DAY
    day, left = due_on, abs(working)
    while left:
        day += step
        left -= not (any(_off(calendar, day) for calendar in calendars) if calendars else _on_weekend(day))
    return day


def _off(calendar: WorkingDays, day: date) -> bool:
    try:
        return calendar.day_off(day) is not None
    except CalendarHorizonError:  # a warning on a weekday is better than none
        return _on_weekend(day)


def _on_weekend(day: date) -> bool:
    return WEEKDAYS[day.weekday()] in _data().weekend
