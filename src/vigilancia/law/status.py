"""What a deadline is on a given day: the one definition, which lists and sweeps repeat in SQL and a test compares."""

from datetime import UTC, date, datetime, time, timedelta

from vigilancia.law.model import Deadline, Nature, Status

A_DAY = timedelta(days=1)
NOON = time(12)


def status(
    *,
    nature: Nature,
    due_on: date,
    closes_at: datetime,
    met: bool,
    met_on: date | None,
    void: bool,
    now: datetime,
) -> Status:
    """Return the status at `now`.

    An act done is met, on whatever day it was; it is late only when its own day is known and lies after the last day.
    A floor is reached when its first allowed day begins, a day before `closes_at`; it is never late and never missed.
    Only a mandatory day can be missed.

    Args:
        nature: The rule's.
        due_on: Last day in time; for a floor the first day allowed.
        closes_at: UTC, the start of the day after `due_on` at the actor's authority.
        met: Whether the act was recorded or is implied.
        met_on: Its day, where that is known.
        void: Whether it ended unmet.
        now: UTC.
    """
    if met:
        late = nature != "not_before" and met_on is not None and met_on > due_on
        return "met_late" if late else "met"
    if void:
        return "void"
    if nature == "not_before":
        return "in_force" if now >= closes_at - A_DAY else "pending"
    if now < closes_at:
        return "pending"
    return "missed" if nature == "mandatory" else "exceeded"


def noon(day: date) -> datetime:
    """Return the instant at which a civil day is looked at: noon UTC, when the Americas have that day everywhere."""
    return datetime.combine(day, NOON, UTC)


def status_on(deadline: Deadline, as_of: date) -> Status:
    """Return a deadline's status on a civil day."""
    return status(
        nature=deadline.nature,
        due_on=deadline.due_on,
        closes_at=deadline.closes_at,
        met=deadline.met,
        met_on=deadline.met_on,
        void=deadline.void,
        now=noon(as_of),
    )
