"""The next session: for bodies that act when they meet, not a number of days later."""

from datetime import date, timedelta

from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.shapes import Session, SessionTable


def next_session(table: SessionTable, start: date, days_between: int = 0) -> Session:
    """Return the first session that opens on or after a day.

    Args:
        table: The body's sessions.
        start: Day zero.
        days_between: Calendar days that must lie in between; 0: a session that opens that very day is the next one.

    Raises:
        CalendarHorizonError: No session is known from that day on, or the table does not reach back to it.
    """
    first = start + timedelta(days=days_between)
    if start >= table.covers_from:
        for session in sorted(table.sessions, key=lambda each: each.opens_on):
            if session.opens_on >= first:
                return session
    raise CalendarHorizonError(table.id, first, table.covers_from, table.covers_until)
