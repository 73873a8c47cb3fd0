"""What an installation does for itself: give a sign of life, forget what no longer counts, wake for what was missed."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from vigilancia.core import jobs
from vigilancia.core.http import KEY_LIFE
from vigilancia.core.identity import SYSTEM
from vigilancia.core.tables import HeartbeatRow, IdempotencyRow
from vigilancia.core.work import Desk, Work

KEEP_DONE_JOBS = timedelta(days=7)
TIDY_EVERY = timedelta(hours=1)

_SWEEP = "sweep"
_TIDY = "tidy"


async def swept(work: Work) -> None:
    """Write that a sweep ran: beat's own sign says that it was sent, this one that a worker did it."""
    await _sign(work, _SWEEP)


async def tidy(work: Work) -> None:
    """Forget jobs done long ago and idempotency keys that ran out; at most once an hour."""
    last = await work.session.scalar(select(HeartbeatRow.at).where(HeartbeatRow.name == _TIDY))
    if last is not None and work.now - last < TIDY_EVERY:
        return
    await _sign(work, _TIDY)
    await jobs.forget_done(work.session, before=work.now - KEEP_DONE_JOBS)
    await work.session.execute(delete(IdempotencyRow).where(IdempotencyRow.made_at <= work.now - KEY_LIFE))


async def relay(desk: Desk) -> None:
    """Wake the workers for every kind of work that waits: heals messages that were lost."""
    async with desk.work(SYSTEM) as work:
        kinds = await jobs.due_kinds(work.session, now=work.now)
    if kinds:
        desk.wake(kinds)


async def _sign(work: Work, name: str) -> None:
    sign = insert(HeartbeatRow).values(name=name, at=work.now)
    latest = func.greatest(HeartbeatRow.at, sign.excluded.at)
    await work.session.execute(sign.on_conflict_do_update(index_elements=["name"], set_={"at": latest}))
