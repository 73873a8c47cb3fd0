"""Rungs by name: days before or after the last day, at the place of the act.

`-10d`, `0`, `+1d` are calendar days. `-3bd`, `+2bd` are working days: how many calendar days those are from a given
last day was counted when the run was planned and frozen with its ladder, so that no holiday declared later moves a
rung unseen. Whoever asks for a day of a rung hands in what was frozen; this module is the only one that adds days.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

from vigilancia.core import clock
from vigilancia.law.calendars import FIRST_DAY, LAST_DAY

PATTERN = r"^(0|[+-][1-9][0-9]{0,2}b?d)$"
NOTHING_FROZEN: Mapping[str, int] = MappingProxyType({})


def counts_working_days(rung: str) -> bool:
    """Tell whether a rung is so many working days away, not calendar days."""
    return rung.endswith("bd")


def offset(rung: str) -> int:
    """Return how many days, or working days, a rung stands behind the last day; negative before it.

    Raises:
        ValueError: Not the name of a rung.
    """
    return int(rung.removesuffix("d").removesuffix("b"))


def within_reason(due_on: date) -> date:
    """Return a last day, or the nearest that a calendar could know: a slip of the year must not stop every ladder."""
    return min(max(due_on, FIRST_DAY), LAST_DAY)


def day(rung: str, due_on: date, frozen: Mapping[str, int] = NOTHING_FROZEN) -> date:
    """Return the civil date of a rung, at the authority's seat.

    Args:
        rung: Its name.
        due_on: The last day.
        frozen: Calendar days from the last day of each rung that counts working days, as its run froze them.

    Raises:
        KeyError: The rung counts working days, and nobody froze how many calendar days they are.
    """
    return within_reason(due_on) + timedelta(days=frozen[rung] if counts_working_days(rung) else offset(rung))


def instant(rung: str, due_on: date, zone: str, frozen: Mapping[str, int] = NOTHING_FROZEN) -> datetime:
    """Return when a rung falls due: the first instant of its day in the deadline's zone, as UTC; else as for `day`."""
    return clock.start_of_day(day(rung, due_on, frozen), zone)
