"""Tickets: who asks, told to the database so that its own wall (row-level security) can believe it.

A bare setting could be written by whoever holds the application's role. So each transaction presents a ticket that the
database can check and nobody without the master key can write: organisation, role, the instant of the work, until when
the ticket may begin a transaction, and the one connection it is for, under HMAC-SHA-256. The database keeps the keys to
check it where the application's role cannot read them. Without a good ticket there is nobody, and so there are no rows.
"""

import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from vigilancia.core import actor, clock
from vigilancia.core.crypto import KeyRing
from vigilancia.core.identity import SYSTEM, Caller

PURPOSE = "ticket"
LIFE = timedelta(minutes=5)  # to begin a transaction in; as far may the clocks of application and database differ
PRESENT = "SELECT public.present_ticket({})"
_BOTH = f"{actor.SAY}, public.present_ticket($2)"  # who acts, for the audit, in the same statement
_ASKS, _AWAY = "vigilancia_asks", "vigilancia_errand"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BLOCK, _MARK = 64, 16  # SHA-256 works on blocks of 64 bytes; a key is told by so many letters of its own digest
_INNER, _OUTER = 0x36, 0x5C  # RFC 2104


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Who asks in a session, at which instant, and with which keys that is sealed."""

    caller: Caller
    now: datetime
    keys: KeyRing

    def ticket(self, pid: int) -> str:
        """Return the ticket for one connection, from this moment on.

        Args:
            pid: The process that serves the connection.
        """
        key = self.keys.derived(PURPOSE)[0]
        organization = self.caller.organization_id
        fields = (
            _mark(key),
            "" if organization is None else str(organization),
            self.caller.role,
            str((self.now - _EPOCH) // timedelta(microseconds=1)),
            str(int((clock.now() + LIFE).timestamp())),
            str(pid),
        )
        told = "|".join(fields)
        return f"{told}|{hmac.new(key, told.encode(), sha256).hexdigest()}"


class WalledSession(Session):
    """A session that presents a ticket at the begin of each transaction, where it was told who asks."""


def tell(session: AsyncSession, asks: Asks) -> None:
    """Tell a session who asks in it; whoever asks in a session that was never told sees no rows of anybody."""
    session.info[_ASKS] = asks


@event.listens_for(WalledSession, "after_begin")
def _present(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return
    asks: Asks | None = session.info.get(_ASKS)
    acts = actor.told_of(session)
    if asks is None:
        if acts is not None:
            connection.exec_driver_sql(actor.SAY, (acts,))
        return
    driver: Any = connection.connection.driver_connection
    ticket = asks.ticket(driver.get_server_pid())
    if acts is None:
        connection.exec_driver_sql(PRESENT.format("$1"), (ticket,))
    else:
        connection.exec_driver_sql(_BOTH, (acts, ticket))


@asynccontextmanager
async def errand(session: AsyncSession) -> AsyncIterator[None]:
    """Do one thing in the name of the installation inside somebody's transaction, then be that somebody again.

    For what a caller's change brings about beyond what the caller sees, such as writing anew when the contacts of an
    organisation are next told of, whoever keeps them. Nothing that is read inside may be answered.
    """
    asks: Asks | None = session.info.get(_ASKS)
    if asks is None or asks.caller.is_system or session.info.get(_AWAY):
        yield
        return
    session.info[_AWAY] = True  # an errand within an errand is the same one
    try:
        await _present_anew(session, replace(asks, caller=SYSTEM))
        yield
        await _present_anew(session, asks)
    finally:
        del session.info[_AWAY]


async def _present_anew(session: AsyncSession, asks: Asks) -> None:
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    await connection.exec_driver_sql(PRESENT.format("$1"), (asks.ticket(driver.get_server_pid()),))


def install(owner_url: str, keys: KeyRing) -> None:
    """Give the database the keys to check tickets with, one for each key of the ring; others are forgotten.

    Args:
        owner_url: Address of the owner's role, without a driver; nobody else may read or write them.
        keys: The ring.
    """
    rows = list(_checking_keys(keys))
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.ticket_key WHERE mark <> ALL(%s)", ([mark for mark, *_ in rows],))
        cursor.executemany("INSERT INTO public.ticket_key VALUES (%s, %s, %s) ON CONFLICT (mark) DO NOTHING", rows)


def _checking_keys(keys: KeyRing) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield each key as HMAC uses it: once for the inner digest and once for the outer."""
    for key in keys.derived(PURPOSE):
        block = key.ljust(_BLOCK, b"\0")
        yield _mark(key), bytes(byte ^ _INNER for byte in block), bytes(byte ^ _OUTER for byte in block)


def _mark(key: bytes) -> str:
    return sha256(key).hexdigest()[:_MARK]
