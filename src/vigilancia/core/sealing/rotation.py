"""Which master key wraps what, and wrapping all of it under the newest.

Each value begins with the id of its key, so a rotation has nothing to remember: what does not begin with the newest is
still to be done. It goes in small steps beside a running installation, and may be killed anywhere and started again.
Keys of complaints are only wrapped anew; what is sealed under them is never touched. Prints (links in letters, secrets
of contacts' web addresses, idempotency, pseudonyms) need no step: those made under an older key are good until it is
taken out of the ring.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import LargeBinary, Uuid, column, func, literal, select, table, update

from vigilancia.core.crypto import KeyRing, KeyRingError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.vault import complaint_of, name_of
from vigilancia.core.work import Desk

BATCH = 200
_AT_ONCE = 16  # keys of complaints wrapped side by side
_NUL = b"\0"

Tell = Callable[[int], None]


class Place(Protocol):
    """Somewhere values lie that begin with the id of a master key."""

    @property
    def name(self) -> str:
        """What people call it: a code of the command line's texts."""

    async def count(self, desk: Desk) -> Mapping[str, int]:
        """Return how many values each master key wraps or seals, by its id."""

    async def renew(self, desk: Desk, tell: Tell) -> int:
        """Bring everything under the newest key; tell how many were done meanwhile, and return how many in all.

        What is under a key that the ring lacks stays as it is.
        """


class StoreKeys:
    """The keys of complaints in the key store."""

    name = "complaint_keys"

    async def count(self, desk: Desk) -> Mapping[str, int]:
        """Count them; see `Place`."""
        found: Counter[str] = Counter()
        async for _, wrapped in _keys(desk):
            found[key_of(wrapped)] += 1
        return found

    async def renew(self, desk: Desk, tell: Tell) -> int:
        """Wrap them anew; see `Place`."""
        ring, done = desk.keys, 0
        waiting: list[tuple[UUID, bytes]] = []
        async for complaint_id, wrapped in _keys(desk):
            if _is_due(ring, key_of(wrapped)):
                waiting.append((complaint_id, wrapped))
            if len(waiting) == _AT_ONCE:
                done += await _rewrap(desk, waiting)
                waiting = []
                tell(done)
        done += await _rewrap(desk, waiting)
        tell(done)
        return done


@dataclass(frozen=True, slots=True)
class RingColumn:
    """A column of values that the ring itself seals.

    Attributes:
        name: See `Place`.
        table: Whose column; its key is `id`.
        column: Which.
        purpose: As for `KeyRing.seal`; the subject is the row's id.
    """

    name: str
    table: str
    column: str
    purpose: str

    async def count(self, desk: Desk) -> Mapping[str, int]:
        """Count them; see `Place`."""
        value = column(self.column, LargeBinary())
        prefix = func.substring(value, 1, func.position(literal(_NUL, LargeBinary()).op("IN")(value)) - 1)
        query = select(prefix, func.count()).select_from(table(self.table)).where(value.is_not(None)).group_by(prefix)
        async with desk.work(SYSTEM) as work:
            return {bytes(of).decode(): number for of, number in await work.session.execute(query)}

    async def renew(self, desk: Desk, tell: Tell) -> int:
        """Seal them anew; see `Place`."""
        rows = table(self.table, column("id", Uuid()), column(self.column, LargeBinary()))
        value = rows.c[self.column]
        own = desk.keys.ids[0].encode() + _NUL
        others = func.substring(value, 1, len(own)) != literal(own, LargeBinary())
        done, after = 0, UUID(int=0)
        while True:
            async with desk.work(SYSTEM) as work:
                query = select(rows.c.id, value.label("value")).where(value.is_not(None), others, rows.c.id > after)
                query = query.order_by(rows.c.id).limit(BATCH).with_for_update()
                found = (await work.session.execute(query)).all()
                for row in found:
                    done += await self._renewed(work, rows, row)
            if not found:
                return done
            after = found[-1].id
            tell(done)

    async def _renewed(self, work: Any, rows: Any, row: Any) -> int:  # noqa: ANN401 - a unit of work, a table, a row
        try:
            text = work.keys.open(row.value, purpose=self.purpose, subject=str(row.id))
        except KeyRingError:
            return 0
        fresh = work.keys.seal(text, purpose=self.purpose, subject=str(row.id))
        await work.session.execute(update(rows).where(rows.c.id == row.id).values({self.column: fresh}))
        return 1


PLACES: Sequence[Place] = (
    StoreKeys(),
    RingColumn("webhook_secrets", "webhook_endpoint", "secret", "webhook-secret"),
    RingColumn("webhook_secrets", "webhook_endpoint", "previous_secret", "webhook-secret"),
    RingColumn("narratives", "complaint", "narrative", "narrative"),  # of earlier releases, see `earlier`
)


async def counts(desk: Desk, more: Sequence[Place] = ()) -> Mapping[str, Mapping[str, int]]:
    """Return how many values of each place each master key wraps or seals: by the key's id, then by place.

    Args:
        desk: Whose ring.
        more: Places of later rooms.

    Raises:
        StoreError: The key store is away.
    """
    found: dict[str, Counter[str]] = {key_id: Counter() for key_id in desk.keys.ids}
    for place in (*PLACES, *more):
        for key_id, number in (await place.count(desk)).items():
            found.setdefault(key_id, Counter())[place.name] += number
    return found


async def rotate(desk: Desk, tell: Callable[[str, int], None], more: Sequence[Place] = ()) -> Mapping[str, int]:
    """Bring everything under the newest master key; return how many values of each place were renewed.

    Args:
        desk: Whose ring has the newest key first, and the older ones behind it.
        tell: Told the place and how many were done there, now and then.
        more: Places of later rooms.

    Raises:
        StoreError: The key store is away; what was done stays so.
    """
    done: Counter[str] = Counter()
    for place in (*PLACES, *more):
        done[place.name] += await place.renew(desk, partial(tell, place.name))
    return done


def key_of(value: bytes) -> str:
    """Return the id of the master key a value begins with."""
    return value.partition(_NUL)[0].decode("ascii", "replace")


def _is_due(ring: KeyRing, key_id: str) -> bool:
    return key_id in ring.ids[1:]


async def _keys(desk: Desk) -> Any:  # noqa: ANN401 - an iterator of pairs
    """Walk the keys of complaints as they lie in the store; those that go meanwhile are passed over."""
    async for kept in desk.vault.store.walk():
        complaint_id = complaint_of(kept.name)
        wrapped = await desk.vault.store.get(name_of(complaint_id)) if complaint_id is not None else None
        if wrapped is not None:
            yield complaint_id, wrapped


async def _rewrap(desk: Desk, waiting: Sequence[tuple[UUID, bytes]]) -> int:
    return sum(await asyncio.gather(*(desk.vault.rewrap(complaint_id, wrapped) for complaint_id, wrapped in waiting)))
