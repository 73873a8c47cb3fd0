"""Is this the key store the database was written with?

Database and store carry the same mark. A process whose store has lost it, or has another one, must not start: it would
tell people that their cases hold no words, and make new keys in place of those that are only not mounted.
"""

import logging
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from vigilancia.core.errors import VigilanciaError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.sealing.orphans import unknown
from vigilancia.core.stores import StoreError
from vigilancia.core.tables import KeyStoreRow
from vigilancia.core.vault import complaint_of
from vigilancia.core.work import Desk, Work

_PART = 1_000

logger = logging.getLogger(__name__)


class KeyStoreLostError(VigilanciaError):
    """The database was written with a key store, and this one is empty: lost, or not mounted."""

    code, status = "key-store-lost", 503


class KeyStoreForeignError(VigilanciaError):
    """The key store belongs to another database."""

    code, status = "key-store-foreign", 503


async def settle(desk: Desk) -> UUID:
    """Compare the marks of database and key store; the first time ever, give both the same.

    Safe to run twice and side by side.

    Raises:
        KeyStoreLostError: The store has lost its mark.
        KeyStoreForeignError: It has another one, or holds keys of complaints this database has never seen.
        StoreError: The store is away.
    """
    async with desk.work(SYSTEM) as work:
        known = await work.session.scalar(select(KeyStoreRow.mark))
        found = await work.vault.mark()
        if known is None:
            return await _begin(work)
    if found is None:
        raise KeyStoreLostError
    if found != known:
        raise KeyStoreForeignError
    return found


async def settle_if_there(desk: Desk) -> None:
    """Compare the marks where database and store answer; what is away now is waited for by whoever needs it.

    Raises:
        KeyStoreLostError: As for `settle`.
        KeyStoreForeignError: The same.
    """
    try:
        await settle(desk)
    except (SQLAlchemyError, OSError, StoreError) as error:
        logger.warning("key_store_not_compared error=%s", type(error).__name__)


async def begin_anew(desk: Desk) -> UUID:
    """Take the present key store for the database's own, whatever went before: what older keys sealed is lost.

    Raises:
        StoreError: The store is away.
    """
    async with desk.work(SYSTEM) as work:
        await work.session.execute(delete(KeyStoreRow))
        mark = await work.vault.make_mark()
        await _note(work, mark)
    return mark


async def _begin(work: Work) -> UUID:
    """Note the mark of the store, unless it holds keys of cases this database has never seen."""
    ids: list[UUID] = []
    async for kept in work.vault.store.walk():
        complaint_id = complaint_of(kept.name)
        if complaint_id is not None:
            ids.append(complaint_id)
        if len(ids) == _PART:
            await _refuse_strangers(work, ids)
            ids = []
    await _refuse_strangers(work, ids)
    mark = await work.vault.make_mark()
    await _note(work, mark)
    noted: UUID = (await work.session.execute(select(KeyStoreRow.mark))).scalar_one()
    if noted != mark:
        raise KeyStoreForeignError
    return mark


async def _note(work: Work, mark: UUID) -> None:
    await work.session.execute(insert(KeyStoreRow).values(mark=mark, since=work.now).on_conflict_do_nothing())


async def _refuse_strangers(work: Work, ids: list[UUID]) -> None:
    if await unknown(work, ids):
        raise KeyStoreForeignError
