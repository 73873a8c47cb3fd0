"""Making exports: claim, write, confirm. A worker may die at any line and another takes the export up again."""

import asyncio
import errno
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import msgspec
import psycopg
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from vigilancia.access.service import holder_of
from vigilancia.core import jobs
from vigilancia.core.identity import SYSTEM, Caller, Role
from vigilancia.core.jobs import Job
from vigilancia.core.settings import Locale
from vigilancia.core.stores import StoreError
from vigilancia.core.tickets import Asks
from vigilancia.core.work import Desk, Work
from vigilancia.notices.webhooks.announcing import announce
from vigilancia.notices.webhooks.events import EXPORT_READY
from vigilancia.reports import copying, datasets, dictionary, places, unsealing
from vigilancia.reports.columns import Profile
from vigilancia.reports.datasets import DatasetName, Format
from vigilancia.reports.filters import SHAPES
from vigilancia.reports.models import ExportRow
from vigilancia.reports.noting import note_export

LEASE = timedelta(minutes=2)
HOLD_SECONDS = 30
TRIES = 5
LIFE = timedelta(days=7)
PAUSE = timedelta(seconds=5)
_OUTAGES = (SQLAlchemyError, psycopg.Error, OSError, StoreError)
_DISK = (errno.ENOSPC, errno.EDQUOT)

logger = logging.getLogger(__name__)


class _FailedError(Exception):
    """The export cannot be made; carries the code that its row will show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def make_due(desk: Desk) -> int:
    """Make every export that waits, one after the other; return how many pieces of work were taken up.

    Safe to run twice and side by side: a lease keeps rivals from the same export, and is renewed while the file is
    written; when its worker dies it runs out and another begins anew. Only one of them can set the export to done.
    """
    taken = 0
    while (job := await _claim(desk)) is not None:
        taken += 1
        await _work_off(desk, job)
    return taken


async def make_export(desk: Desk, export_id: UUID) -> None:
    """Make one export's file, unless that was done; its row ends in `done` or `failed`.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database is away; to be tried again.
        OSError: The same, as asyncpg says it.
        psycopg.Error: The same, while rows were coming.
    """
    plan = await _begin(desk, export_id)
    if plan is None:
        return
    part = places.new_part(desk.settings.exports_dir, export_id)
    try:
        written = await asyncio.to_thread(_write, plan, export_id, part)
        await _confirm(desk, export_id, part, written)
    except _FailedError as failed:
        logger.warning("export_failed export=%s reason=%s", export_id, failed.reason)
        await _fail(desk, export_id, failed.reason)
    finally:
        await asyncio.to_thread(places.discard, part)


async def _claim(desk: Desk) -> jobs.JobRow | None:
    async with desk.work(SYSTEM) as work:
        return await jobs.claim(work.session, Job.EXPORT, now=work.now, lease=LEASE)


async def _work_off(desk: Desk, job: jobs.JobRow) -> None:
    if job.tries > TRIES:
        await _fail(desk, job.subject_id, "gave_up")
        await asyncio.to_thread(places.sweep, desk.settings.exports_dir, job.subject_id)
    else:
        try:
            async with _held(desk, job.id):
                await make_export(desk, job.subject_id)
        except _OUTAGES as error:
            state = getattr(error, "sqlstate", None)
            logger.warning("export_put_off export=%s error=%s state=%s", job.subject_id, type(error).__name__, state)
            async with desk.work(SYSTEM) as work:
                await jobs.again(work.session, job.id, run_at=work.now + PAUSE * 2**job.tries)
            return
    async with desk.work(SYSTEM) as work:
        await jobs.finish(work.session, job.id, now=work.now)


@asynccontextmanager
async def _held(desk: Desk, job_id: UUID) -> AsyncIterator[None]:
    """Renew the lease for as long as the work goes on."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(HOLD_SECONDS)
            try:
                async with desk.work(SYSTEM) as work:
                    await jobs.hold(work.session, job_id, until=work.now + LEASE)
            except _OUTAGES as error:
                logger.warning("lease_not_renewed job=%s error=%s", job_id, type(error).__name__)

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing


async def _begin(desk: Desk, export_id: UUID) -> copying.Plan | None:
    """Set the export to running and plan its file; none when there is nothing left to make."""
    async with desk.work(SYSTEM) as work:
        row = await _locked(work, export_id)
        if row is None:
            return None
        row.status = "running"
        profile, format_, locale = cast("Profile", row.profile), cast("Format", row.format), cast("Locale", row.locale)
        asker = _asker(row, await holder_of(work, row.token_id))
        dataset = datasets.DATASETS[cast("DatasetName", row.dataset)]
        chosen = msgspec.convert(row.filter, SHAPES[row.dataset])
        reading = replace(work, caller=datasets.as_profile(asker, profile), locale=locale)
        return copying.Plan(
            url=desk.settings.database_url,
            asks=Asks(caller=asker, now=work.now, keys=work.keys),
            pick=datasets.pick(reading, dataset, chosen),
            cases=datasets.cases(dataset),
            lines=datasets.lines(reading, dataset, profile, format_),
            format=format_,
            locale=locale,
            open=unsealing.opener(desk.vault),
            dictionary=msgspec.json.format(msgspec.json.encode(dictionary.of(reading, dataset, profile, format_))),
        )


async def _locked(work: Work, export_id: UUID) -> ExportRow | None:
    """Return the row of an export that is still to be made, locked."""
    query = select(ExportRow).where(ExportRow.id == export_id, ExportRow.status.in_(("queued", "running")))
    return (await work.session.scalars(query.with_for_update())).one_or_none()


def _write(plan: copying.Plan, export_id: UUID, part: Path) -> copying.Written:
    """Write the file in a thread; what stands in the way of that is a reason to give up."""
    try:
        places.sweep(part.parent, export_id)
        return copying.write(plan, part)
    except OSError as error:
        raise _FailedError("disk_full" if error.errno in _DISK else "folder_unwritable") from error
    except psycopg.errors.DiskFull as error:
        raise _FailedError("disk_full") from error
    except psycopg.errors.QueryCanceled as error:
        raise _FailedError("too_long") from error


async def _confirm(desk: Desk, export_id: UUID, part: Path, written: copying.Written) -> None:
    """Give the file its name and say so in its row, unless a rival did; the row's lock orders rivals."""
    async with desk.work(SYSTEM) as work:
        row = await _locked(work, export_id)
        if row is None:
            return
        try:
            await asyncio.to_thread(places.publish, part, export_id, row.format)
        except FileNotFoundError:  # a rival began anew and swept our part away: the rival will say when it is done
            return
        except OSError as error:
            raise _FailedError("folder_unwritable") from error
        row.status, row.reason = "done", None
        row.rows, row.bytes, row.sha256 = written.rows, written.bytes, written.sha256
        row.finished_at, row.expires_at = work.now, work.now + LIFE
        await note_export(replace(work, caller=_asker(row, await holder_of(work, row.token_id))), row, written.cases)
        await announce(work, EXPORT_READY, row.organization_id, export_id)


def _asker(row: ExportRow, holder_id: UUID | None) -> Caller:
    return Caller(
        organization_id=row.organization_id,
        role=cast("Role", row.role),
        scopes=frozenset(row.scopes),
        token_id=row.token_id,
        holder_id=holder_id,
    )


async def _fail(desk: Desk, export_id: UUID, reason: str) -> None:
    async with desk.work(SYSTEM) as work:
        row = await _locked(work, export_id)
        if row is not None:
            row.status, row.reason, row.finished_at = "failed", reason, work.now
