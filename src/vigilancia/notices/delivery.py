"""Delivery: one message after the other, each asked about once more at the moment of sending, every answer kept.

A notice is marked `sending` and the attempt written before the message leaves, the answer afterwards. A worker that
dies in between leaves a lease that runs out, and the one message in flight is sent again under the same Message-ID.
"""

import logging
import time
import traceback
from datetime import timedelta
from email.errors import MessageError
from email.message import EmailMessage
from threading import Lock
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError

from vigilancia.core import jobs
from vigilancia.core.identity import SYSTEM
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Desk, Work
from vigilancia.notices.ending import OPEN, end, give_up_old
from vigilancia.notices.letters import reading
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.mail import make_message
from vigilancia.notices.models import AttemptRow, NoticeRow
from vigilancia.notices.schedule import schedule
from vigilancia.notices.transport import Answer, OutageError, Transport, make_transport

logger = logging.getLogger(__name__)

_one_at_a_time = Lock()  # one message in flight for each process, however many tasks were woken


class _Ready(Struct, frozen=True, kw_only=True):
    """A message about to leave."""

    letter: Letter
    address: str
    message: EmailMessage
    attempt_id: UUID
    number: int


async def deliver_all(desk: Desk) -> int:
    """Deliver every notice that is due, until none is left or the time of one task is over.

    A second call in the same process returns at once; in other processes it takes other notices.

    Returns:
        How many notices came to an end or were tried.
    """
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        transport = make_transport(desk.settings)
        try:
            return await _deliver_while_due(desk, transport)
        finally:
            await transport.close()
    finally:
        _one_at_a_time.release()


async def _deliver_while_due(desk: Desk, transport: Transport) -> int:
    until = time.monotonic() + schedule().run_seconds
    done = 0
    while time.monotonic() < until:
        job = await _claim(desk)
        if job is None:
            return done
        try:
            await transport.open()
        except OutageError:
            await _wait_out(desk, job)
            return done
        await _deliver(desk, transport, job)
        done += 1
    desk.wake(frozenset({Job.DELIVER}))
    return done


async def _claim(desk: Desk) -> JobRow | None:
    async with desk.work(SYSTEM) as work:
        lease = timedelta(seconds=schedule().lease_seconds)
        return await jobs.claim(work.session, Job.DELIVER, now=work.now, lease=lease)


async def _wait_out(desk: Desk, job: JobRow) -> None:
    """Put a notice back untouched that met no server; what has waited too long by now has failed."""
    async with desk.work(SYSTEM) as work:
        pause = timedelta(seconds=schedule().outage_pause_seconds)
        await jobs.again(work.session, job.id, run_at=work.now + pause)
        await give_up_old(work)


async def _deliver(desk: Desk, transport: Transport, job: JobRow) -> None:
    try:
        ready = await _prepare(desk, job)
    except (DBAPIError, OSError):
        raise  # the database is away: the lease brings the notice back
    except Exception as error:  # noqa: BLE001 - whatever it is, the others must leave
        frames = "".join(traceback.format_tb(error.__traceback__))  # not its words: they may repeat an address
        logger.error("notice_unwritable notice=%s error=%s\n%s", job.subject_id, type(error).__name__, frames)  # noqa: TRY400
        await _put_aside(desk, job)
        return
    if ready is None:
        return
    answer = await transport.send(ready.message, ready.address, str(ready.letter.notice_id))
    async with desk.work(SYSTEM) as work:
        await _record(work, job, ready, answer)


async def _prepare(desk: Desk, job: JobRow) -> _Ready | None:
    """Ask once more whether it may be sent, and write down that it is; none when there is nothing to send.

    The lease is taken anew first: finding a server may have taken longer than it lasts, and then another worker has
    the notice.
    """
    async with desk.work(SYSTEM) as work:
        if not await jobs.hold_mine(work.session, job, until=work.now + timedelta(seconds=schedule().lease_seconds)):
            return None
        letter = await reading.read(work, job.subject_id)
        if letter is None or letter.status not in OPEN:
            await jobs.finish(work.session, job.id, now=work.now)
            return None
        if letter.obstacle is not None or letter.address is None:
            await end(work, letter.notice_id, "suppressed", reason=letter.obstacle or "no_address")
            await jobs.finish(work.session, job.id, now=work.now)
            return None
        try:
            message = make_message(work, letter, letter.address)
        except (ValueError, MessageError):
            await end(work, letter.notice_id, "failed", reason="bad_address")
            await jobs.finish(work.session, job.id, now=work.now)
            return None
        if not await _mark_sending(work, letter.notice_id):
            await jobs.finish(work.session, job.id, now=work.now)
            return None
        made = await work.session.scalar(
            select(func.count()).select_from(AttemptRow).where(AttemptRow.notice_id == letter.notice_id)
        )
        attempt_id, number = new_id(), (made or 0) + 1
        row = {"id": attempt_id, "notice_id": letter.notice_id, "number": number, "started_at": work.now}
        await work.session.execute(insert(AttemptRow).values(row))
        return _Ready(letter=letter, address=letter.address, message=message, attempt_id=attempt_id, number=number)


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
    notice_id, wait = ready.letter.notice_id, schedule().wait(ready.number)
    if answer.result == "retry" and wait is not None:
        await work.session.execute(
            update(NoticeRow)
            .where(NoticeRow.id == notice_id, NoticeRow.status == "sending")
            .values(status="planned", updated_at=work.now)
        )
        await jobs.again(work.session, job.id, run_at=work.now + wait)
        return
    match answer.result:
        case "retry":
            await end(work, notice_id, "failed", reason="gave_up")
        case "failed":
            await end(work, notice_id, "failed", reason="refused")
        case _:
            await end(work, notice_id, answer.result, reason=None)
    await jobs.finish(work.session, job.id, now=work.now)


async def _put_aside(desk: Desk, job: JobRow) -> None:
    """Take a notice off the head of the queue that cannot be written; a fault of ours must not hold up the others."""
    async with desk.work(SYSTEM) as work:
        wait = schedule().wait(job.tries)
        if wait is not None:
            await jobs.again(work.session, job.id, run_at=work.now + wait)
            return
        await end(work, job.subject_id, "failed", reason="internal")
        await jobs.finish(work.session, job.id, now=work.now)
