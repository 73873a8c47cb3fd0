"""Verifying the chain of the database against its rows, its heads, and the heads kept outside it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.sql.selectable import Select

from vigilancia.access.chain import heads
from vigilancia.access.chain.checks import note_check
from vigilancia.access.chain.models import ChainRow, CheckRow, HeadRow, QueueRow
from vigilancia.access.chain.rows import COLUMNS, instant, plain
from vigilancia.access.chain.sealing import keep_head, seal
from vigilancia.access.chain.walking import MOST, Place, Report, Walk
from vigilancia.access.models import AuditRow
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk, Work

EVERY = timedelta(days=1)
AT_A_TIME = 2_000
_BEFORE_ALL = -(2**62)

_AUDIT, _CHAIN, _HEAD = AuditRow.__table__.c, ChainRow.__table__.c, HeadRow.__table__.c

logger = logging.getLogger(__name__)


async def verify(desk: Desk, *, public_keys: Collection[str] = (), head_files: Iterable[Path] = ()) -> Report:
    """Seal what waits, then walk the whole chain; reads, and writes nothing else.

    Args:
        desk: Of the process.
        public_keys: Keys that signed heads, beside those of the ring and of the file outside.
        head_files: Files of heads kept elsewhere, beside the installation's own.

    Raises:
        OSError: A file cannot be read.
    """
    await seal(desk, patient=True)
    outside = []
    for path in (heads.outside(desk.settings), *head_files):
        outside += await asyncio.to_thread(lambda file: list(heads.read_outside(file)), path)
    ours = heads.public_keys(desk.keys)
    signed = [head for head in outside if head is not None]
    walk = Walk({*ours, *public_keys, *(head.public_key for head in signed)}, signed)
    for _ in range(len(outside) - len(signed)):  # lines of the file that are no heads
        walk.tell("head_broken", None)
    async with desk.work(SYSTEM) as work:
        last = await work.session.scalar(select(func.max(_HEAD.position))) or 0
        async for place in _places(work):
            walk.step(place)
        for row_id in await _unchained(work):
            walk.tell("unchained", None, str(row_id))
        report = walk.end(last=last)
        report.waiting = await work.session.scalar(select(func.count()).select_from(QueueRow)) or 0
    return report


async def verify_daily(desk: Desk) -> None:
    """Once a day: keep a head outside, verify, note what was found, and raise the alarm where anything was.

    Safe to run twice: the second one finds the day's verification done.
    """
    async with desk.work(SYSTEM) as work:
        last = await work.session.scalar(select(func.max(CheckRow.at)))
        if last is not None and work.now - last < EVERY:
            return
    report = await verify(desk)  # before the new head: one made over a broken chain would prove nothing
    async with desk.work(SYSTEM) as work:
        await note_check(work, rows=report.rows, faults=report.count)
    if report.good:
        await keep_head(desk, daily=True)
    for fault in report.faults:
        logger.error("audit_broken kind=%s position=%s row=%s", fault.kind, fault.position, fault.row_id)


async def _places(work: Work) -> AsyncIterator[Place]:
    after = _BEFORE_ALL
    while True:
        rows = (await work.session.execute(_BATCH, {"after": after})).all()
        for row in rows:
            yield _place(row)
        if len(rows) < AT_A_TIME:
            return
        after = rows[-1].position


def _place(row: Any) -> Place:  # noqa: ANN401 - a row of the batch
    head = (
        heads.Head(
            position=row.position,
            digest=row.head_digest.hex(),
            at=instant(row.head_at),
            public_key=row.head_key.hex(),
            signature=row.head_signature.hex(),
        )
        if row.head_digest is not None
        else None
    )
    return Place(
        position=row.position,
        digest=row.digest,
        row_id=str(row.audit_id),
        row=plain(row) if row.id is not None else None,
        content=row.state,
        heads=(head,) if head is not None else (),
    )


async def _unchained(work: Work) -> list[UUID]:
    """Return rows that stand in no place and do not wait for one."""
    query = (
        select(_AUDIT.id)
        .where(~exists().where(ChainRow.audit_id == _AUDIT.id), ~exists().where(QueueRow.seq == _AUDIT.seq))
        .order_by(_AUDIT.seq)
        .limit(MOST)
    )
    return list(await work.session.scalars(query))


def _batch() -> Select[Any]:
    state = func.public.audit_content_state(_AUDIT.id, _AUDIT.complaint_id, _AUDIT.content)
    return (
        select(
            _CHAIN.position,
            _CHAIN.audit_id,
            _CHAIN.digest,
            *COLUMNS,
            state.label("state"),
            _HEAD.digest.label("head_digest"),
            _HEAD.at.label("head_at"),
            _HEAD.public_key.label("head_key"),
            _HEAD.signature.label("head_signature"),
        )
        .select_from(ChainRow.__table__)
        .outerjoin(AuditRow.__table__, _AUDIT.id == _CHAIN.audit_id)
        .outerjoin(HeadRow.__table__, _HEAD.position == _CHAIN.position)
        .where(_CHAIN.position > bindparam("after", type_=_CHAIN.position.type))
        .order_by(_CHAIN.position)
        .limit(AT_A_TIME)
    )


_BATCH = _batch()
