"""When a contact is written to by the clock: its digest, and the weekly message that nothing fell due."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from vigilancia.core.strictyaml import parse

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ONE_DAY = timedelta(days=1)


class _Rounds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    zone: str
    calm_weekday: str
    calm_at: str


@cache
def _rounds() -> _Rounds:
    file = files("vigilancia.registry") / "data" / "rounds.yaml"
    return parse(file.read_text("utf-8"), _Rounds, name=file.name)


def zone_of(*chosen: str | None) -> str:
    """Return the first zone that somebody chose, the contact's before its organisation's; else the data's."""
    return next((zone for zone in chosen if zone), _rounds().zone)


def next_digest(digest: Mapping[str, Any] | None, zone: str, after: datetime) -> datetime | None:
    """Return the first instant later than `after` at which a digest is due, as UTC; none: there is no digest.

    Args:
        digest: `every`, `at` and `weekday`, as recorded.
        zone: Of the contact.
        after: Aware instant.
    """
    if digest is None:
        return None
    return _next(after, zone, digest["at"], digest.get("weekday") if digest["every"] == "week" else None)


def next_calm(zone: str, after: datetime) -> datetime:
    """Return the first instant later than `after` at which a calm week is told, as UTC."""
    return _next(after, zone, _rounds().calm_at, _rounds().calm_weekday)


def _next(after: datetime, zone: str, at: str, weekday: str | None) -> datetime:
    """Return the next time the clock of a place shows `at`; an hour that summer time skips is the one after."""
    place = ZoneInfo(zone)
    day = after.astimezone(place).date()
    while True:
        instant = datetime.combine(day, time.fromisoformat(at), place).astimezone(UTC)
        if instant > after and (weekday is None or DAYS[day.weekday()] == weekday):
            return instant
        day += _ONE_DAY
