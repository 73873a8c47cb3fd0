"""Delivery: each notice asked about once more at the moment of sending, every answer kept.

A notice is marked `sending` and the attempt written before the message leaves, the answer afterwards. A worker that
dies in between leaves a lease that runs out, and each message in flight is sent again under the same id. Mail goes one
message after the other; calls to services and web addresses go side by side, a few for each process.
"""

import asyncio
import logging
import time
import traceback
from collections.abc import Mapping
from datetime import timedelta
from email.errors import MessageError
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError

from vigilancia.core import jobs
from vigilancia.core.identity import SYSTEM
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import JobRow
from vigilancia.core.work import Desk, Work
from vigilancia.notices.channels.channel import Answer, Channel, OutageError, Send
from vigilancia.notices.channels.lanes import CALLS, MAIL, Lane
from vigilancia.notices.ending import end, fail, fall_back, give_up_old, suppress, waiting_since
from vigilancia.notices.letters import reading
from vigilancia.notices.models import ACKNOWLEDGED, OPEN, AttemptRow, NoticeRow
from vigilancia.notices.schedule import schedule

_IDLE_SECONDS = 1.0  # between two looks at the queue, while others of the lane are sending

logger = logging.getLogger(__name__)


class _Ready(Struct, frozen=True, kw_only=True):
    """A message about to leave."""

    notice_id: UUID
    send: Send
    attempt_id: UUID
    number: int


async def deliver_all(desk: Desk) -> int:
    """Deliver every mail that is due, until none is left or the time of one task is over.

    A second call in the same process returns at once; in other processes it takes other notices.

    Returns:
        How many notices came to an end or were tried.
    """
    return await _work_off(desk, MAIL)


async def call_all(desk: Desk) -> int:
    """Do the same for notices that go to services and web addresses."""
    return await _work_off(desk, CALLS)


async def _work_off(desk: Desk, lane: Lane) -> int:
    if not lane.one_at_a_time.acquire(blocking=False):
        return 0
    try:
        channels = lane.make(desk.settings)
        try:
            return await _Shift(desk, lane, channels).work()
        finally:
            for channel in channels.values():
                await channel.close()
    finally:
        lane.one_at_a_time.release()


class _Shift:
    """The time of one task, in which some hands take notices from one queue side by side."""

    def __init__(self, desk: Desk, lane: Lane, channels: Mapping[str, Channel]) -> None:
        self._desk = desk
        self._lane = lane
        self._channels = channels
        self._until = time.monotonic() + schedule().run_seconds
        self._sending = 0
        self._done = 0

    async def work(self) -> int:
        """Work until nothing is due, or the time is over."""
        if self._lane.width == 1:
            await self._take_while_due()  # not in a group, which would wrap what goes wrong
        else:
            async with asyncio.TaskGroup() as hands:
                for _ in range(self._lane.width):
                    hands.create_task(self._take_while_due())
        async with self._desk.work(SYSTEM) as work:
            await give_up_old(work, self._lane.job)
        if time.monotonic() >= self._until:
            self._desk.wake(frozenset({self._lane.job}))
        return self._done

    async def _take_while_due(self) -> None:
        while time.monotonic() < self._until:
            job = await self._claim()
            if job is None and self._sending:
                await asyncio.sleep(_IDLE_SECONDS)
                continue
            if job is None:
                return
            self._sending += 1
            try:
                if not await self._opened():
                    await self._wait_out(job)
                    return
                await _deliver(self._desk, self._channels, job)
                self._done += 1
            finally:
                self._sending -= 1

    async def _claim(self) -> JobRow | None:
        async with self._desk.work(SYSTEM) as work:
            lease = timedelta(seconds=schedule().lease_seconds)
            return await jobs.claim(work.session, self._lane.job, now=work.now, lease=lease)

    async def _wait_out(self, job: JobRow) -> None:
        """Put a notice back untouched that met no server; what has waited a while takes another way."""
        async with self._desk.work(SYSTEM) as work:
            pause = timedelta(seconds=schedule().outage_pause_seconds)
            await jobs.again(work.session, job.id, run_at=work.now + pause)
            since = await work.session.scalar(select(waiting_since).where(NoticeRow.id == job.subject_id))
            patience = timedelta(minutes=schedule().fallback_minutes)
            if since is not None and work.now - since >= patience and await fall_back(work, job.subject_id):
                await jobs.finish(work.session, job.id, now=work.now)

    async def _opened(self) -> bool:
        try:
            for channel in self._channels.values():
                await channel.open()
        except OutageError:
            return False
        return True


async def _deliver(desk: Desk, channels: Mapping[str, Channel], job: JobRow) -> None:
    try:
        ready = await _prepare(desk, channels, job)
    except (DBAPIError, OSError):
        raise  # the database is away: the lease brings the notice back
    except Exception as error:  # noqa: BLE001 - whatever it is, the others must leave
        frames = "".join(traceback.format_tb(error.__traceback__))  # not its words: they may repeat an address
        logger.error("notice_unwritable notice=%s error=%s\n%s", job.subject_id, type(error).__name__, frames)  # noqa: TRY400
        await _put_aside(desk, job)
        return
    if ready is None:
        return
    answer = await ready.send()
    async with desk.work(SYSTEM) as work:
        await _record(work, job, ready, answer)


async def _prepare(desk: Desk, channels: Mapping[str, Channel], job: JobRow) -> _Ready | None:
    """Ask once more whether it may be sent, and write down that it is; none when there is nothing to send.

    The lease is taken anew first: finding a server may have taken longer than it lasts, and then another worker has
    the notice.
    """
    async with desk.work(SYSTEM) as work:
        if not await jobs.hold_mine(work.session, job, until=work.now + timedelta(seconds=schedule().lease_seconds)):
            return None
        send = await _written(work, channels, job.subject_id)
        if send is None or not await _mark_sending(work, job.subject_id):
            await jobs.finish(work.session, job.id, now=work.now)
            return None
        earlier = select(func.count()).select_from(AttemptRow).where(AttemptRow.notice_id == job.subject_id)
        attempt_id = new_id()
        made = insert(AttemptRow).values(
            id=attempt_id,
            notice_id=job.subject_id,
            number=earlier.scalar_subquery() + 1,
            started_at=work.now,
        )
        number = (await work.session.execute(made.returning(AttemptRow.number))).scalar_one()
        return _Ready(notice_id=job.subject_id, send=send, attempt_id=attempt_id, number=number)


async def _written(work: Work, channels: Mapping[str, Channel], notice_id: UUID) -> Send | None:
    """Write the letter, or end the notice where there is nothing to send."""
    letter = await reading.read(work, notice_id)
    if letter is None or letter.status not in OPEN:
        return None
    if letter.obstacle is not None or letter.address is None:
        await suppress(work, notice_id, letter.obstacle or "no_address")
        return None
    try:
        return channels[letter.channel].write(work, letter, letter.address)
    except (ValueError, MessageError):
        await fail(work, notice_id, "bad_address")
        return None


async def _mark_sending(work: Work, notice_id: UUID) -> bool:
    """Mark a notice as being sent; False when it ended since it was read, as by an acknowledgement."""
    marked = await work.session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == notice_id, NoticeRow.status.in_(OPEN))
        .values(status="sending", updated_at=work.now)
        .returning(NoticeRow.id)
        .execution_options(synchronize_session=False)
    )
    return marked.one_or_none() is not None


async def _record(work: Work, job: JobRow, ready: _Ready, answer: Answer) -> None:
    """Keep what the server said, and decide what becomes of the notice."""
    await work.session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == ready.attempt_id)
        .values(ended_at=work.now, result=answer.result, answer=answer.code)
    )
    wait = schedule().wait(ready.number)
    match answer.result:
        case "retry" if wait is not None:
            if await _goes_on(work, ready):
                await jobs.again(work.session, job.id, run_at=work.now + wait)
                return
        case "retry":
            await fail(work, ready.notice_id, "gave_up")
        case "failed":
            await fail(work, ready.notice_id, "refused")
        case _:
            await end(work, ready.notice_id, answer.result, reason=None)
    await jobs.finish(work.session, job.id, now=work.now)


async def _goes_on(work: Work, ready: _Ready) -> bool:
    """Put a notice back that was refused for now; False when it ended: another way is taken, or somebody answered."""
    if schedule().falls_back(ready.number) and await fall_back(work, ready.notice_id):
        return False
    back = await work.session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == ready.notice_id, NoticeRow.status == "sending", NoticeRow.reason.is_(None))
        .values(status="planned", updated_at=work.now)
        .returning(NoticeRow.id)
        .execution_options(synchronize_session=False)
    )
    if back.one_or_none() is not None:
        return True
    await end(work, ready.notice_id, "suppressed", reason=ACKNOWLEDGED)
    return False


async def _put_aside(desk: Desk, job: JobRow) -> None:
    """Take a notice off the head of the queue that cannot be written; a fault of ours must not hold up the others."""
    async with desk.work(SYSTEM) as work:
        wait = schedule().wait(job.tries)
        if wait is not None:
            await jobs.again(work.session, job.id, run_at=work.now + wait)
            return
        await fail(work, job.subject_id, "internal")
        await jobs.finish(work.session, job.id, now=work.now)
