"""The only place that asks the machine for the time; everything else is handed an instant."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def now(offset_seconds: int = 0) -> datetime:
    """Return the present instant, UTC.

    Args:
        offset_seconds: Seconds added, from `CLOCK_OFFSET`; 0 outside tests.
    """
    return datetime.now(UTC) + timedelta(seconds=offset_seconds)


def local_date(instant: datetime, zone: str) -> date:
    """Return the civil date of an aware instant at an authority's seat.

    Args:
        instant: Aware instant.
        zone: IANA zone name, such as `America/New_York`.
    """
    return instant.astimezone(ZoneInfo(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """Return the first instant of a civil date in a zone, as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
