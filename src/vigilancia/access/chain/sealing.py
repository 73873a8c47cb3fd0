"""Sealing: what was committed is chained behind the requests, by one sealer at a time.

A row of the audit waits in `audit_queue` from the very transaction that wrote it. The sealer takes what waits, in the
order in which numbers were given out, and gives each its place: a row whose transaction ends late is there late, and
comes later in the chain; none is missed. Digests, the signed head and the emptied queue are one transaction: a sealer
that is killed has done nothing.
"""

import asyncio
import logging
from typing import Any

from sqlalchemy import BigInteger, DateTime, LargeBinary, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from vigilancia.access.chain import heads, unusual
from vigilancia.access.chain.checks import note_check
from vigilancia.access.chain.models import ChainRow, HeadRow, QueueRow
from vigilancia.access.chain.rows import COLUMNS, FIRST, instant, link, plain
from vigilancia.access.models import AuditRow
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk, Work

logger = logging.getLogger(__name__)

ONE_SEALER = 8_240_625  # any number will do; it must not change
AT_A_TIME = 2_000

_HEAD = ("digest", "at", "public_key", "signature")
_LAST = (
    select(ChainRow.position, ChainRow.digest, *(HeadRow.__table__.c[name].label(f"head_{name}") for name in _HEAD))
    .outerjoin(HeadRow, HeadRow.position == ChainRow.position)
    .order_by(ChainRow.position.desc())
    .limit(1)
)
_WAITING = (
    select(*COLUMNS)
    .select_from(QueueRow)
    .join(AuditRow, AuditRow.__table__.c.seq == QueueRow.seq)
    .order_by(QueueRow.seq)
    .limit(AT_A_TIME)
)
_SEAL = select(
    func.public.audit_seal(
        bindparam("first", type_=BigInteger()),
        cast(bindparam("seqs", type_=ARRAY(BigInteger())), ARRAY(BigInteger())),
        cast(bindparam("digests", type_=ARRAY(LargeBinary())), ARRAY(LargeBinary())),
        bindparam("at", type_=DateTime(timezone=True)),
        bindparam("key", type_=LargeBinary()),
        bindparam("signed", type_=LargeBinary()),
    )
)


async def seal(desk: Desk, *, patient: bool = False) -> int:
    """Seal everything that waits; return how many rows that were.

    Safe to run twice and side by side: one at a time holds the lock.

    Args:
        desk: Of the process.
        patient: Whether to wait for another sealer, so that all that was there at the call is sealed; else the work is
            left to the other.
    """
    sealed, more = 0, True
    while more:
        async with desk.work(SYSTEM) as work:
            batch = await _seal_batch(work, patient=patient)
        sealed += batch
        more = batch == AT_A_TIME
    return sealed


async def keep_head(desk: Desk, *, daily: bool) -> heads.Head | None:
    """Add the newest head to the file outside the database; return it, none where nothing was ever sealed.

    Args:
        desk: Of the process.
        daily: Whether one a day is enough.

    Raises:
        OSError: The file cannot be written to.
    """
    path = heads.outside(desk.settings)
    if daily and await asyncio.to_thread(heads.last_day, path) == desk.now().date().isoformat():
        return None
    async with desk.work(SYSTEM) as work:
        row = (await work.session.execute(_LAST)).one_or_none()
        if row is None:
            return None
        head = heads.sign(work.keys, row.position, row.digest, work.now)
    await asyncio.to_thread(heads.keep_outside, path, head)
    return head


async def newest_head(work: Work) -> heads.Head | None:
    """Return the head of the last sealing."""
    query = select(*HeadRow.__table__.c).order_by(HeadRow.position.desc()).limit(1)
    row = (await work.session.execute(query)).one_or_none()
    return heads.of_row(row) if row is not None else None


async def _seal_batch(work: Work, *, patient: bool) -> int:
    if patient:
        await work.session.execute(select(func.pg_advisory_xact_lock(ONE_SEALER)))
    elif not await work.session.scalar(select(func.pg_try_advisory_xact_lock(ONE_SEALER))):
        return 0
    waiting = (await work.session.execute(_WAITING)).all()
    if not waiting:
        return 0
    last = (await work.session.execute(_LAST)).one_or_none()
    position, digest = (last.position, last.digest) if last is not None else (0, FIRST)
    if last is not None and not _signed_by_us(work, last):
        # What comes is sealed all the same, or nothing would be; that the end is not ours is told at once.
        logger.error("audit_end_unsigned position=%s", position)
        await note_check(work, rows=0, faults=1)
    digests: list[bytes] = []
    for row in waiting:
        digest = link(digest, plain(row))
        digests.append(digest)
    head = heads.sign(work.keys, position + len(digests), digest, work.now)
    told = {
        "first": position + 1,
        "seqs": [row.seq for row in waiting],
        "digests": digests,
        "at": work.now,
        "key": bytes.fromhex(head.public_key),
        "signed": bytes.fromhex(head.signature),
    }
    await work.session.execute(_SEAL, told)
    await unusual.look(work, waiting)
    return len(waiting)


def _signed_by_us(work: Work, last: Any) -> bool:  # noqa: ANN401 - the row of _LAST
    """Tell whether the end of the chain is one that this installation signed: every sealing ends with a head."""
    if last.head_digest is None:
        return False
    head = heads.Head(
        position=last.position,
        digest=last.head_digest.hex(),
        at=instant(last.head_at),
        public_key=last.head_public_key.hex(),
        signature=last.head_signature.hex(),
    )
    # A key that left the ring signed well in its time; the daily verification knows it from the file outside.
    return head.digest == last.digest.hex() and heads.holds(head, heads.public_keys(work.keys))
