"""What an installation does for itself: give a sign of life, forget what no longer counts, wake for what was missed."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from vigilancia.core import jobs, outbox
from vigilancia.core.http import KEY_LIFE
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job
from vigilancia.core.tables import HeartbeatRow, IdempotencyRow
from vigilancia.core.work import Desk, Work

KEEP_DONE_JOBS = timedelta(days=7)
CHORES_EVERY = timedelta(hours=1)

SWEEP = "sweep"
_TIDY = "tidy"


async def swept(work: Work) -> None:
    """Write that a worker climbed what was due: beat's own sign only says that it was sent to do so."""
    await _sign(work, SWEEP)


async def hourly(work: Work, chore: str, *, every: timedelta = CHORES_EVERY) -> bool:
    """Tell whether a chore is due: at most once an hour, and noted as done with the transaction that does it.

    Args:
        work: The transaction.
        chore: Its name.
        every: How often, where an hour is too often.
    """
    last = await work.session.scalar(select(HeartbeatRow.at).where(HeartbeatRow.name == chore))
    if last is not None and work.now - last < every:
        return False
    await _sign(work, chore)
    return True


async def tidy(work: Work) -> None:
    """Forget jobs done long ago and idempotency keys that ran out; at most once an hour."""
    if not await hourly(work, _TIDY):
        return
    await jobs.forget_done(work.session, before=work.now - KEEP_DONE_JOBS)
    await work.session.execute(delete(IdempotencyRow).where(IdempotencyRow.made_at <= work.now - KEY_LIFE))


async def relay(desk: Desk) -> None:
    """Wake the workers for every kind of work that waits: heals messages that were lost."""
    async with desk.work(SYSTEM) as work:
        kinds = await jobs.due_kinds(work.session, now=work.now)
        if await outbox.waiting(work.session):
            kinds |= {Job.PUBLISH}
    if kinds:
        desk.wake(kinds)


async def _sign(work: Work, name: str) -> None:
    sign = insert(HeartbeatRow).values(name=name, at=work.now)
    latest = func.greatest(HeartbeatRow.at, sign.excluded.at)
    await work.session.execute(sign.on_conflict_do_update(index_elements=["name"], set_={"at": latest}))
