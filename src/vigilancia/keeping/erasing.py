"""Carrying an erasure out: rows, then the key, then files; a worker may die at any line and another goes on.

Rows go first, with one transaction, for nothing can be sealed or recorded any more once they are gone: a key destroyed
before could be made anew by somebody who records this moment, and a hold that comes in between would come too late.
The transaction begins only when the key store answers. From there nothing leads back: the key goes as soon as the
store lets go of it, and whatever fails after that, disk or database, is tried again until it succeeds.
"""

import hashlib
import logging
from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from vigilancia.access import audit
from vigilancia.core import jobs
from vigilancia.core.errors import VigilanciaError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job
from vigilancia.core.vault import key_id
from vigilancia.core.work import Desk, Work
from vigilancia.keeping import asking, copies, forgetting, tombs, wiping
from vigilancia.keeping.facts import held
from vigilancia.keeping.models import ErasureRow
from vigilancia.keeping.schemas import Erasure

PAUSE = timedelta(seconds=10)
LONGEST = timedelta(hours=1)
_DOUBLINGS = 8
_OUTAGES = (SQLAlchemyError, OSError, VigilanciaError)

logger = logging.getLogger(__name__)


class NotYetError(VigilanciaError):
    """An export is being written that may hold the case: its file must be waited for."""

    code, status = "unavailable", 503


async def work_off(desk: Desk) -> int:
    """Carry out every erasure that waits, one after the other; return how many were taken up.

    Safe to run twice and side by side: a lease keeps rivals from the same one, and what one has done the next finds.
    """
    taken = 0
    while (job := await _claim(desk)) is not None:
        taken += 1
        try:
            await carry_out(desk, job.subject_id)
        except _OUTAGES as error:
            # An id and a class: neither says whose case it is.
            logger.warning("erasure_put_off erasure=%s error=%s", job.subject_id, type(error).__name__)
            async with desk.work(SYSTEM) as work:
                pause = min(PAUSE * 2 ** min(job.tries, _DOUBLINGS), LONGEST)
                await jobs.again(work.session, job.id, run_at=work.now + pause)
            continue
        async with desk.work(SYSTEM) as work:
            await jobs.finish(work.session, job.id, now=work.now)
    return taken


async def carry_out(desk: Desk, erasure_id: UUID) -> None:
    """Carry one erasure as far as it goes; what is done already is not done again.

    Raises:
        StoreError: The key store or the file store is away; to be tried again.
        OSError: A file could not be removed; to be tried again.
        NotYetError: An export is still being written.
        sqlalchemy.exc.SQLAlchemyError: The database is away, or somebody was in the way; to be tried again.
    """
    async with desk.work(SYSTEM) as work:
        await wipe(work, erasure_id)
    async with desk.work(SYSTEM) as work:
        await finish(work, erasure_id)


async def wipe(work: Work, erasure_id: UUID) -> None:
    """Wipe the rows of a case that is to be erased, unless somebody holds it.

    Raises:
        StoreError: The key store is away: nothing was wiped.
    """
    asked = select(ErasureRow.complaint_id).where(ErasureRow.id == erasure_id)
    complaint_id = (await work.session.execute(asked)).scalar_one()
    case = await asking.lock(work, complaint_id)  # before the erasure's own row, as everybody else does
    row = await _locked(work, erasure_id)
    if row.state != "asked":
        return
    if row.cause != "restored" and await work.session.scalar(select(held(complaint_id))):
        row.state, row.ended_at, row.version = "stopped", work.now, row.version + 1
        await asking.refuse_held(work, complaint_id)
        return
    await work.vault.is_erased(complaint_id)  # asks the store itself; the key may be remembered
    key = await work.vault.find(complaint_id)
    if case is not None:
        await tombs.raise_tombstone(work, case)
        work.session.expunge(case)
    rows = await wiping.wipe(work, complaint_id)
    await forgetting.wiped(work, complaint_id)
    row.state, row.wiped_at, row.version = "wiped", work.now, row.version + 1
    row.key_id = key_id(key) if key is not None else None
    row.rows = rows


async def finish(work: Work, erasure_id: UUID) -> None:
    """Destroy the key and remove the files of a case whose rows are gone, and write the receipt.

    Raises:
        StoreError: A store is away.
        OSError: A file could not be removed.
        NotYetError: An export is still being written.
    """
    row = await _locked(work, erasure_id)
    if row.state != "wiped" or row.wiped_at is None:
        return
    await work.vault.erase(row.complaint_id)
    files = await forgetting.last(work, row.complaint_id)
    if await copies.being_made(work, row.wiped_at):
        raise NotYetError
    files += await copies.remove(work, row.complaint_id, row.wiped_at)
    await forgetting.wiped(work, row.complaint_id)
    row.files = [msgspec.to_builtins(file) for file in files]
    row.state, row.ended_at, row.version = "done", work.now, row.version + 1
    row.digest = digest_of(row)
    facts = {"cause": row.cause, "rule": row.rule, "digest": row.digest}
    await audit.note(work, "write", "erasure", complaint_id=row.complaint_id, subject_id=row.id, facts=facts)


def digest_of(row: ErasureRow) -> str:
    """Return the SHA-256 of a receipt: JSON with sorted names, without `digest` and `version`."""
    told = {name: getattr(row, name) for name in Erasure.__struct_fields__ if name not in ("digest", "version")}
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


async def _claim(desk: Desk) -> jobs.JobRow | None:
    async with desk.work(SYSTEM) as work:
        return await jobs.claim(work.session, Job.ERASE, now=work.now)


async def _locked(work: Work, erasure_id: UUID) -> ErasureRow:
    query = select(ErasureRow).where(ErasureRow.id == erasure_id).with_for_update()
    found: ErasureRow = (await work.session.execute(query.execution_options(populate_existing=True))).scalar_one()
    return found
