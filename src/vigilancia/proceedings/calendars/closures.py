"""Closures of calendars: days off declared since, recorded with their source; withdrawn, never edited."""

from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select, text

from vigilancia.core.errors import Fault, IllegalTransitionError, InvalidError, NotFoundError
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.proceedings.calendars.schemas import ClosureIn, ClosureWithdrawal
from vigilancia.proceedings.models import ClosureRow

# Acts are numbered one after the other (any number will do; it must not change): who sees one sees all before it.
ONE_AT_A_TIME = 8_240_603
MOST_DAYS = 366  # a slip of the year would stop every count


async def record(work: Work, calendar: str, data: ClosureIn) -> UUID:
    """Record that offices were or will be closed; open proceedings get proposals, new ones count it at once.

    Raises:
        NotFoundError: There is no such calendar.
        InvalidError: Days the calendar does not cover, more than a year, or that end before they begin.
    """
    known = loader.calendars().get(calendar)
    if known is None:
        raise NotFoundError
    ends_on = data.ends_on or data.starts_on
    covered = {"expected": f"{known.covers_from} .. {known.covers_until}"}
    faults = [
        Fault(pointer=f"/{name}", code="range", params=covered)
        for name, day in (("starts_on", data.starts_on), ("ends_on", ends_on))
        if not known.covers_from <= day <= known.covers_until
    ]
    if (ends_on - data.starts_on).days >= MOST_DAYS:
        faults.append(Fault(pointer="/ends_on", code="range", params={"expected": f"≤ {MOST_DAYS}"}))
    if ends_on < data.starts_on:
        faults.append(Fault(pointer="/ends_on", code="range", params={"expected": "≥ starts_on"}))
    if faults:
        raise InvalidError(faults=faults)
    row = {
        "id": new_id(),
        "calendar": calendar,
        "starts_on": data.starts_on,
        "ends_on": ends_on,
        "labels": msgspec.to_builtins(data.labels),
        "source": data.source,
        "source_url": data.source_url,
        "recorded_no": await _next_number(work),
        "recorded_at": work.now,
        "recorded_by": work.caller.token_id,
        "version": 1,
    }
    await work.session.execute(insert(ClosureRow).values(row))
    work.wakes.add(Job.PROPOSE)
    made: UUID = row["id"]
    return made


async def withdraw(work: Work, calendar: str, closure_id: UUID, data: ClosureWithdrawal) -> None:
    """Take a closure back; open proceedings that count it get proposals.

    Raises:
        NotFoundError: There is no such closure of this calendar.
        IllegalTransitionError: It was taken back before.
    """
    number = await _next_number(work)
    query = select(ClosureRow).where(ClosureRow.id == closure_id, ClosureRow.calendar == calendar).with_for_update()
    row = (await work.session.scalars(query)).one_or_none()
    if row is None:
        raise NotFoundError
    if row.withdrawn_at is not None:
        raise IllegalTransitionError(allowed=(), pointer="")
    row.withdrawn_no, row.withdrawn_at, row.withdrawn_reason = number, work.now, data.reason
    row.version += 1
    await work.session.flush()
    work.wakes.add(Job.PROPOSE)


async def _next_number(work: Work) -> int:
    """Return the next number, under a lock that ends with the transaction."""
    await work.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
    newest = select(func.greatest(func.max(ClosureRow.recorded_no), func.max(ClosureRow.withdrawn_no)))
    return (await work.session.scalar(newest) or 0) + 1
