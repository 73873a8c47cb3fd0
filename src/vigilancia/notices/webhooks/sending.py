"""Sending: several endpoints at a time, each by one worker, so that a slow one holds up nobody else.

The row of work is the endpoint's, not the delivery's. Whoever leases it sends what is due, for a little while, then
gives it back behind the others.
"""

import asyncio
import logging
import time
import traceback
from datetime import timedelta
from threading import Lock

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from vigilancia.core import jobs, outside
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Desk
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.trying import Ready, prepare, put_aside, record
from vigilancia.notices.webhooks.waking import settle

logger = logging.getLogger(__name__)

_OUTAGES = (DBAPIError, PoolTimeoutError, OSError)


class _Pump:
    """The calls of one process; a second task that was woken only tells the first to look again."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._again: asyncio.Event | None = None

    def begin(self) -> asyncio.Event | None:
        """Return the event to look at, or none where another task of this process is at it and was told."""
        with self._guard:
            if self._again is not None:
                self._again.set()  # tasks of one process share one loop: see workers/runner.py
                return None
            self._again = asyncio.Event()
            return self._again

    def end(self) -> None:
        with self._guard:
            self._again = None


_pump = _Pump()


async def post_all(desk: Desk) -> int:
    """Send every delivery that is due, until none is left or the time of one task is over.

    A second call in the same process returns at once; in other processes it takes other endpoints.

    Returns:
        How many times an endpoint was taken up.
    """
    again = _pump.begin()
    if again is None:
        return 0
    try:
        return await _drive(desk, again)
    finally:
        _pump.end()


async def _drive(desk: Desk, again: asyncio.Event) -> int:
    """Keep as many endpoints in flight as one process may, until none is due."""
    running: set[asyncio.Task[None]] = set()
    until, taken = time.monotonic() + figures().run_seconds, 0
    try:
        while True:
            again.clear()
            while len(running) < figures().in_flight and time.monotonic() < until:
                job = await _claim(desk)
                if job is None:
                    break
                taken += 1
                running.add(asyncio.create_task(_serve(desk, job)))
            if not running:
                break
            told = asyncio.create_task(again.wait())
            await asyncio.wait({*running, told}, return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            running = {task for task in running if not task.done()}
    finally:
        if running:
            await asyncio.wait(running)
    if time.monotonic() >= until:
        desk.wake(frozenset({Job.POST}))
    return taken


async def _claim(desk: Desk) -> JobRow | None:
    async with desk.work(SYSTEM) as work:
        lease = timedelta(seconds=figures().lease_seconds)
        return await jobs.claim(work.session, Job.POST, now=work.now, lease=lease)


async def _serve(desk: Desk, job: JobRow) -> None:
    """Send an endpoint's deliveries for a while; whatever goes wrong is its own matter."""
    try:
        await _send_some(desk, job)
        async with desk.work(SYSTEM) as work:
            await settle(work, job)
    except _OUTAGES as error:  # the database is away: the lease brings the endpoint back
        logger.warning("webhooks_put_off endpoint=%s error=%s", job.subject_id, type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others must leave
        frames = "".join(traceback.format_tb(error.__traceback__))  # not its words: they may repeat an address
        logger.error("webhook_unwritable endpoint=%s error=%s\n%s", job.subject_id, type(error).__name__, frames)  # noqa: TRY400
        await _put_aside(desk, job)


async def _send_some(desk: Desk, job: JobRow) -> None:
    until = time.monotonic() + figures().slice_seconds
    for _ in range(figures().slice_deliveries):
        if time.monotonic() >= until:
            return
        async with desk.work(SYSTEM) as work:
            ready = await prepare(work, job)
        if ready is None:
            return
        if isinstance(ready, Ready) and not await _send(desk, ready):
            return  # one that fails has its next turn behind the others


async def _send(desk: Desk, ready: Ready) -> bool:
    answer = await outside.post(
        ready.url,
        ready.content,
        ready.headers,
        allow_private=desk.settings.allow_private_targets,
        now=desk.now(),
    )
    async with desk.work(SYSTEM) as work:
        await record(work, ready, answer)
    return answer.ok


async def _put_aside(desk: Desk, job: JobRow) -> None:
    try:
        async with desk.work(SYSTEM) as work:
            await put_aside(work, job)
            await settle(work, job)
    except _OUTAGES as error:
        logger.warning("webhooks_put_off endpoint=%s error=%s", job.subject_id, type(error).__name__)
