"""The unit of work: one request or one task, one transaction, one identity, one instant."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from vigilancia.core import clock
from vigilancia.core.actor import act
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_sessions
from vigilancia.core.identity import Caller
from vigilancia.core.jobs import Job, enqueue, enqueue_all
from vigilancia.core.settings import Locale, Settings
from vigilancia.core.stores import open_store
from vigilancia.core.tickets import Asks, tell
from vigilancia.core.vault import Vault


@dataclass(slots=True, kw_only=True)
class Work:
    """What a service is given.

    Attributes:
        session: The transaction; the edge commits, a service never does.
        caller: On whose behalf.
        now: The instant of this work, UTC; the same from first to last line.
        locale: Language of the answer.
        settings: The installation's settings.
        keys: The key ring.
        vault: The keys of complaints.
        wakes: Kinds of job to wake the workers for, once committed.
        keeps_refusal: Whether the transaction is committed although the answer refuses: set where the refusal itself
            has brought something about, such as a fresh proposal in place of a stale one.
    """

    session: AsyncSession
    caller: Caller
    now: datetime
    locale: Locale
    settings: Settings
    keys: KeyRing
    vault: Vault
    wakes: set[Job] = field(default_factory=set)
    keeps_refusal: bool = False

    def today(self, zone: str = "UTC") -> date:
        """Return the civil date of this work in a zone."""
        return clock.local_date(self.now, zone)

    async def enqueue(self, job: Job, subject_id: UUID, *, run_at: datetime | None = None) -> None:
        """Write a row of work for the workers; they are woken after the commit.

        Args:
            job: What is to be done.
            subject_id: The row it is about; a second open job for the same row is not made.
            run_at: Not before this instant; none: at once.
        """
        await enqueue(self.session, job, subject_id, run_at=run_at or self.now, now=self.now)
        if run_at is None or run_at <= self.now:
            self.wakes.add(job)

    async def enqueue_all(
        self, job: Job, subject_ids: Sequence[UUID], *, run_at: Sequence[datetime | None] | None = None
    ) -> None:
        """Write a row of work for each subject with one statement.

        Args:
            job: What is to be done.
            subject_ids: The rows it is about.
            run_at: Of each the instant before which it is not done, none: at once; without the list all are.
        """
        instants = [instant or self.now for instant in run_at or [None] * len(subject_ids)]
        await enqueue_all(self.session, job, subject_ids, run_at=instants, now=self.now)
        if any(instant <= self.now for instant in instants):
            self.wakes.add(job)


@dataclass(slots=True, frozen=True, kw_only=True)
class Desk:
    """What a process needs to open units of work: sessions, settings, keys, a clock, and how to wake the workers."""

    sessions: "async_sessionmaker[Any]"
    settings: Settings
    keys: KeyRing
    vault: Vault
    now: Callable[[], datetime]
    wake: Callable[[frozenset[Job]], None]

    def begin(self, caller: Caller, *, locale: Locale | None = None, now: datetime | None = None) -> Work:
        """Return a unit of work; whoever begins one commits it or not, and closes its session."""
        session, instant = self.sessions(), now or self.now()
        act(session, caller, instant)
        tell(session, Asks(caller=caller, now=instant, keys=self.keys))
        return Work(
            session=session,
            caller=caller,
            now=instant,
            locale=locale or self.settings.locale,
            settings=self.settings,
            keys=self.keys,
            vault=self.vault,
        )

    async def commit(self, work: Work) -> None:
        """Commit a unit of work, then wake the workers for what it asks of them."""
        await work.session.commit()
        if work.wakes:
            self.wake(frozenset(work.wakes))
            work.wakes.clear()

    @asynccontextmanager
    async def work(
        self, caller: Caller, *, locale: Locale | None = None, now: datetime | None = None
    ) -> AsyncIterator[Work]:
        """Open a unit of work; commit at the end, roll back on any error."""
        work = self.begin(caller, locale=locale, now=now)
        async with work.session:
            yield work
            await self.commit(work)


def open_vault(settings: Settings, keys: KeyRing, *, strict: bool = False) -> Vault:
    """Return the keys of complaints of an installation.

    Args:
        settings: Of the installation.
        keys: What wraps them.
        strict: Whether only `sealing.mark.settle` may begin a new store, as in every process of an installation.

    Raises:
        StoreError: Their store is of a kind we do not know.
    """
    return Vault(open_store(settings.key_store, settings.key_dir), keys, strict=strict)


def make_desk(settings: Settings, engine: AsyncEngine, wake: Callable[[frozenset[Job]], None]) -> Desk:
    """Return the desk of a process.

    Args:
        settings: Of the installation; `CLOCK_OFFSET` moves the desk's clock.
        engine: Of this process.
        wake: Wakes the workers.

    Raises:
        KeyRingError: No master keys, or of another form: the process must not start.
        StoreError: A key store of a kind we do not know.
    """
    keys = KeyRing(settings.master_keys.get_secret_value())
    return Desk(
        sessions=make_sessions(engine),
        settings=settings,
        keys=keys,
        vault=open_vault(settings, keys, strict=True),
        now=partial(clock.now, settings.clock_offset),
        wake=wake,
    )
