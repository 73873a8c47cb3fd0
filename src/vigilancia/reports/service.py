"""Asking for exports, and forgetting them."""

import asyncio
from uuid import UUID

import msgspec
from sqlalchemy import insert, select, update

from vigilancia.access import policy
from vigilancia.core import upkeep
from vigilancia.core.errors import ForbiddenError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk, Work
from vigilancia.reports import places
from vigilancia.reports.datasets import DATASETS
from vigilancia.reports.filters import read_filter
from vigilancia.reports.making import make_due, make_export
from vigilancia.reports.models import ExportRow
from vigilancia.reports.schemas import ExportIn

__all__ = ["ask", "make_due", "make_export", "purge_expired", "purge_hourly"]

_AT_A_TIME = 200
_PURGE = "purge"


async def ask(work: Work, data: ExportIn) -> UUID:
    """Note an export to be made by a worker.

    Raises:
        ForbiddenError: The caller may not read the data set, or is an analyst and wants it in full.
        InvalidError: The filter does not fit.
    """
    policy.require(work.caller, DATASETS[data.dataset].scope)
    if data.profile == "full" and work.caller.role == "analyst":
        raise ForbiddenError(profile="full")
    chosen = read_filter(work, data.dataset, data.filter)
    export_id = new_id()
    row = {
        "id": export_id,
        "organization_id": work.caller.organization_id,
        "token_id": work.caller.token_id,
        "role": work.caller.role,
        "scopes": sorted(work.caller.scopes),
        "filter": {name: value for name, value in msgspec.to_builtins(chosen).items() if value is not None},
        "locale": data.locale or work.locale,
        "status": "queued",
        "created_at": work.now,
        **{name: getattr(data, name) for name in ("dataset", "format", "profile", "purpose")},
    }
    await work.session.execute(insert(ExportRow).values(row))
    await work.enqueue(Job.EXPORT, export_id)
    return export_id


async def purge_hourly(desk: Desk) -> None:
    """Delete what expired, at most once an hour, in transactions of its own.

    Safe to run side by side: see `purge_expired`. One that fails leaves no sign, so the next one tries again.
    """
    async with desk.work(SYSTEM) as work:
        more = await upkeep.hourly(work, _PURGE) and await purge_expired(work) == _AT_A_TIME
    while more:
        async with desk.work(SYSTEM) as work:
            more = await purge_expired(work) == _AT_A_TIME


async def purge_expired(work: Work) -> int:
    """Delete the files of exports whose time is over; what was asked for, by whom and for what stays on record.

    Safe to run twice and side by side: rows another holds are passed over, a file that is gone is no error.

    Returns:
        How many exports expired.
    """
    over = (
        select(ExportRow.id, ExportRow.format)
        .where(ExportRow.status == "done", ExportRow.expires_at <= work.now)
        .order_by(ExportRow.expires_at)
        .limit(_AT_A_TIME)
        .with_for_update(skip_locked=True)
    )
    rows = (await work.session.execute(over)).all()
    if not rows:
        return 0
    folder = work.settings.exports_dir
    for row in rows:
        await asyncio.to_thread(places.forget, folder, row.id, row.format)
    ended = update(ExportRow).where(ExportRow.id.in_([row.id for row in rows])).values(status="expired")
    await work.session.execute(ended)
    return len(rows)
