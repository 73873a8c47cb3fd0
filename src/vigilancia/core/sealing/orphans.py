"""Keys of complaints that never came to be: made for a transaction that was rolled back.

They open nothing. A key is swept when its complaint is unknown a day after it was made; but where many are unknown,
an older state of the database was restored, and its keys may yet be wanted: then none is touched, and the log says so.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Uuid, column, select, table

from vigilancia.core import upkeep
from vigilancia.core.identity import SYSTEM
from vigilancia.core.vault import HOUSE, complaint_of
from vigilancia.core.work import Desk, Work

AGE = timedelta(days=1)
MOST = 100  # more of them than this, or than one in a hundred, come from no accident
_SHARE = 100
_PART = 1_000
_COMPLAINT = table("complaint", column("id", Uuid()))

logger = logging.getLogger(__name__)


async def sweep(desk: Desk) -> int:
    """Sweep the keys of complaints that never came to be; return how many.

    Raises:
        StoreError: The key store is away.
    """
    before = desk.now() - AGE
    seen, old, orphans = 0, [], list[UUID]()
    async for kept in desk.vault.store.walk():
        complaint_id = complaint_of(kept.name)
        if complaint_id is None:
            continue
        seen += 1
        if kept.at < before:
            old.append(complaint_id)
        if len(old) == _PART:
            orphans += await _strangers(desk, old)
            old = []
    orphans += await _strangers(desk, old)
    if len(orphans) > max(MOST, seen // _SHARE):
        logger.warning("orphan_keys_left keys=%s orphans=%s", seen, len(orphans))
        return 0
    for complaint_id in orphans:
        await desk.vault.destroy(complaint_id)
    return len(orphans)


async def sweep_daily(desk: Desk) -> None:
    """Sweep them once a day.

    Raises:
        StoreError: The key store is away; the day's turn is not used up.
    """
    async with desk.work(SYSTEM) as work:
        if await upkeep.due(work, "orphan_keys", every=AGE):
            await sweep(desk)


async def unknown(work: Work, ids: Collection[UUID]) -> set[UUID]:
    """Return which of some complaints this database does not have."""
    wanted = set(ids) - {HOUSE}
    if not wanted:
        return set()
    found = await work.session.scalars(select(_COMPLAINT.c.id).where(_COMPLAINT.c.id.in_(wanted)))
    return wanted - set(found)


async def _strangers(desk: Desk, ids: list[UUID]) -> set[UUID]:
    async with desk.work(SYSTEM) as work:
        return await unknown(work, ids)
