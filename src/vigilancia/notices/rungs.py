"""Rungs by name: `-10d`, `0`, `+1d` are days before or after the last day, at the place of the act."""

from datetime import date, datetime, timedelta

from vigilancia.core import clock

PATTERN = r"^(0|[+-][1-9][0-9]{0,2}d)$"


def offset(rung: str) -> int:
    """Return the days a rung stands behind the last day; negative before it.

    Raises:
        ValueError: Not the name of a rung.
    """
    return int(rung.removesuffix("d"))


def day(rung: str, due_on: date) -> date:
    """Return the civil date of a rung, at the authority's seat."""
    return due_on + timedelta(days=offset(rung))


def instant(rung: str, due_on: date, zone: str) -> datetime:
    """Return when a rung falls due: the first instant of its day in the deadline's zone, as UTC."""
    return clock.start_of_day(day(rung, due_on), zone)
