"""What workers do with files: scan them, read some of them again every night, sweep up."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from vigilancia.access import privacy
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import jobs, upkeep
from vigilancia.core.errors import GoneError, IntegrityError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job
from vigilancia.core.stores import StoreError
from vigilancia.core.work import Desk, Work
from vigilancia.evidence import custody, integrity, scanners
from vigilancia.evidence.access import FILE
from vigilancia.evidence.ciphering import DamagedError
from vigilancia.evidence.models import EvidenceRow
from vigilancia.evidence.shelf import Shelf

SAMPLE = 50  # files read again in a night: those that were not for the longest
EVERY = timedelta(hours=24)
TRIES = 5
PAUSE = timedelta(seconds=30)
LEASE = timedelta(minutes=15)
_CHORE = "evidence"

logger = logging.getLogger(__name__)


async def nightly(desk: Desk) -> None:
    """Once a day, plan which files are read again and which are scanned, and remove what was left half written.

    Safe to run twice, and side by side: the chore is noted with the transaction that plans it.
    """
    async with desk.work(SYSTEM) as work:
        if not await upkeep.due(work, _CHORE, every=EVERY):
            return
        kept = select(FILE.id).where(FILE.state == "kept")
        sample = kept.order_by(FILE.checked_at.nulls_first(), FILE.received_at).limit(SAMPLE)
        await work.enqueue_all(Job.RECHECK, list(await work.session.scalars(sample)))
        if work.settings.scan not in ("", "none"):
            again = kept.where(FILE.scan_status.in_(("unscanned", "failed"))).order_by(FILE.id).limit(SAMPLE * 10)
            await work.enqueue_all(Job.SCAN, list(await work.session.scalars(again)))
        before = work.now - EVERY
    await Shelf(desk.settings, desk.vault).sweep(before)


async def scan_due(desk: Desk) -> int:
    """Have every file scanned that waits for it; return how many pieces of work were taken up.

    Safe to run twice, and side by side: each file is leased to one worker, and a second scan says the same.
    """
    return await _work_off(desk, Job.SCAN, _scan)


async def recheck_due(desk: Desk) -> int:
    """Read every file again that waits for it; return how many pieces of work were taken up.

    Safe to run twice, and side by side: reading changes nothing, and one day's alarm is raised once.
    """
    return await _work_off(desk, Job.RECHECK, _recheck)


async def _work_off(desk: Desk, kind: Job, do: Callable[[Desk, UUID], Awaitable[None]]) -> int:
    taken = 0
    while (job := await _claim(desk, kind)) is not None:
        taken += 1
        try:
            await do(desk, job.subject_id)
        except (scanners.ScanError, StoreError, OSError) as error:
            logger.warning("file_put_off job=%s file=%s error=%s", kind.value, job.subject_id, error)
            if job.tries < TRIES:
                async with desk.work(SYSTEM) as work:
                    await jobs.again(work.session, job.id, run_at=work.now + PAUSE * 2**job.tries)
                continue
            if kind is Job.SCAN:
                await _say(desk, job.subject_id, "failed", None)
        async with desk.work(SYSTEM) as work:
            await jobs.finish(work.session, job.id, now=work.now)
    return taken


async def _claim(desk: Desk, kind: Job) -> jobs.JobRow | None:
    async with desk.work(SYSTEM) as work:
        return await jobs.claim(work.session, kind, now=work.now, lease=LEASE)


async def _scan(desk: Desk, file_id: UUID) -> None:
    if desk.settings.scan in ("", "none"):
        return  # switched off meanwhile
    found = await _find(desk, file_id)
    if found is None:
        return
    row, owner_id = found
    place = integrity.place_of(row)
    try:
        await integrity.require_whole(desk, place, owner_id)
        verdict = await scanners.scan(desk.settings.scan, Shelf(desk.settings, desk.vault).read(place))
    except (IntegrityError, DamagedError, GoneError):
        return  # told already; nothing is given out of it
    await _say(desk, file_id, verdict.result, verdict.found)


async def _say(desk: Desk, file_id: UUID, status: str, found: str | None) -> None:
    """Write down what a scan said; a find is told, once."""
    async with desk.work(SYSTEM) as work:
        row = await work.session.get(EvidenceRow, file_id, with_for_update=True)
        if row is None or row.state == "erased":
            return
        row.scan_status, row.scanned_at = status, work.now
        row.version, row.updated_at = row.version + 1, work.now
        facts = {"scan_status": status} | ({"found": found} if found else {})
        await custody.note(work, row, "scanned", facts=facts)
        if status == "infected":
            owner_id = await _owner_of(work, row.complaint_id)
            await privacy.raise_alert(work, owner_id, "file_infected", file_id, complaint_id=row.complaint_id)


async def _recheck(desk: Desk, file_id: UUID) -> None:
    found = await _find(desk, file_id)
    if found is None:
        return
    row, owner_id = found
    try:
        await integrity.require_whole(desk, integrity.place_of(row), owner_id)
    except (IntegrityError, GoneError):
        return  # told already
    async with desk.work(SYSTEM) as work:
        whole = update(EvidenceRow).where(FILE.id == file_id).values(checked_at=work.now, damaged_at=None)
        await work.session.execute(whole.execution_options(synchronize_session=False))


async def _find(desk: Desk, file_id: UUID) -> tuple[Any, UUID] | None:
    """Return the row of a file that is kept, and whose case it is."""
    async with desk.work(SYSTEM) as work:
        row = (await work.session.execute(select(*FILE).where(FILE.id == file_id, FILE.state == "kept"))).one_or_none()
        if row is None:
            return None
        return row, await _owner_of(work, row.complaint_id)


async def _owner_of(work: Work, complaint_id: UUID) -> UUID:
    query = select(ComplaintRow.owner_id).where(ComplaintRow.id == complaint_id)
    return (await work.session.execute(query)).scalar_one()
