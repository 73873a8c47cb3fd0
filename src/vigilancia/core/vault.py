"""A key for each complaint, and what is sealed under it.

The key of a complaint lies in the key store, apart from the database, wrapped by the newest master key. Whoever
destroys that one object makes every sealed value of the complaint unreadable: in the database, in files, in backups.
The database never holds a key, so that no dump of it can bring one back.

The store carries a mark, which `core/sealing/mark.py` compares with the database. Where it is gone, the store is lost
or not mounted, and nothing is made or called destroyed: a new key would hide for good what the old one opens.
"""

import asyncio
import base64
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection
from hashlib import sha256
from time import monotonic
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vigilancia.core.crypto import KeyRing
from vigilancia.core.errors import GoneError
from vigilancia.core.stores import Store, StoreError

WRAPPING = "complaint-key"  # the purpose under which the ring wraps them
HOUSE = UUID(int=0)  # whose key seals words that belong to no complaint
MARK = "store"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_CHARS = 8
_REMEMBERED = 2_000
_SECONDS = 60  # how long a process may still know a key that another one destroyed
_AT_ONCE = 32  # keys asked for side by side
ERASED = "erased/"  # names of the store that begin so are no keys: they say whose keys an erasure destroyed


class Vault:
    """The keys of complaints."""

    def __init__(self, store: Store, ring: KeyRing, *, strict: bool = False) -> None:
        """Stand on a store and the ring that wraps what lies in it.

        Args:
            store: Where keys lie.
            ring: The master keys.
            strict: Whether a store without a mark is refused, also if this process never saw one.
        """
        self.store = store
        self.ring = ring
        self._known: OrderedDict[UUID, tuple[float, bytes]] = OrderedDict()
        self._mark: bytes | None = None
        self._strict = strict

    async def seal(self, complaint_id: UUID, text: str, *, field: str) -> bytes:
        """Encrypt a text of a complaint with AES-256-GCM under the complaint's key, which is made where it has none.

        Args:
            complaint_id: Whose key; `HOUSE` for words that belong to no complaint.
            text: What to hide.
            field: Where it stands, such as `summary` or `event.note/<id>`, so that it cannot be moved elsewhere.

        Returns:
            `id-of-the-key NUL nonce ciphertext`.

        Raises:
            StoreError: The key store is away, or is not the one it was.
        """
        key = await self.key(complaint_id)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, text.encode("utf-8", "surrogatepass"), _place(complaint_id, field))
        return key_id(key).encode() + b"\0" + nonce + sealed

    async def open(self, complaint_id: UUID, sealed: bytes | None, *, field: str) -> str | None:
        """Decrypt what `seal` made; none where there is nothing, or where the complaint's key was destroyed.

        Raises:
            StoreError: The key store is away, or is not the one it was.
            cryptography.exceptions.InvalidTag: The value was changed, or belongs elsewhere.
        """
        if sealed is None:
            return None
        key = await self.find(complaint_id)
        if key is None:
            await self._require_mark(make=False)
            return None
        of, _, rest = sealed.partition(b"\0")
        if of != key_id(key).encode() or len(rest) < _NONCE_BYTES:
            raise InvalidTag
        text = AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _place(complaint_id, field))
        return text.decode("utf-8", "surrogatepass")

    async def key(self, complaint_id: UUID) -> bytes:
        """Return the key of a complaint, made where it has none.

        Raises:
            StoreError: The key store is away, or is not the one it was.
            GoneError: It was erased: a case that came back with an old database must not begin to live again.
        """
        found = await self.find(complaint_id)
        if found is None:
            await self._require_mark(make=True)
        while found is None:
            if await self.is_erased(complaint_id):
                raise GoneError
            made = secrets.token_bytes(_KEY_BYTES)
            await self.store.put_new(name_of(complaint_id), self._wrap(complaint_id, made))
            found = await self.find(complaint_id)  # a rival may have been first: then its key is the one
        return found

    async def find(self, complaint_id: UUID) -> bytes | None:
        """Return the key of a complaint; none where it has none, or none any more.

        Raises:
            StoreError: The key store is away.
            KeyRingError: It is wrapped by a master key that the ring lacks.
        """
        until, key = self._known.get(complaint_id, (0.0, b""))
        if until > monotonic():
            return key
        wrapped = await self.store.get(name_of(complaint_id))
        if wrapped is None:
            self._known.pop(complaint_id, None)
            return None
        key = self._unwrap(complaint_id, wrapped)
        self._known[complaint_id] = (monotonic() + _SECONDS, key)
        self._known.move_to_end(complaint_id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return key

    async def warm(self, complaint_ids: Collection[UUID]) -> None:
        """Ask for the keys of several complaints side by side, so that opening what is sealed under them waits once.

        Raises:
            StoreError: The key store is away.
        """
        turn = asyncio.Semaphore(_AT_ONCE)

        async def ask(complaint_id: UUID) -> None:
            async with turn:
                await self.find(complaint_id)

        await asyncio.gather(*(ask(complaint_id) for complaint_id in set(complaint_ids)))

    async def destroy(self, complaint_id: UUID) -> None:
        """Destroy the key of a complaint, for good; other processes forget it within a minute.

        Raises:
            StoreError: The key store is away: the key still stands.
        """
        await self.store.delete(name_of(complaint_id))
        self._known.pop(complaint_id, None)

    async def rewrap(self, complaint_id: UUID, wrapped: bytes) -> bool:
        """Wrap a key anew under the newest master key; what is sealed under it stays as it is.

        Args:
            complaint_id: Whose key.
            wrapped: As it lies in the store.

        Returns:
            Whether it was still there: a key that is destroyed meanwhile stays destroyed.

        Raises:
            StoreError: The key store is away: the key stands as it was.
            KeyRingError: It is wrapped by a master key that the ring lacks.
        """
        key = self._unwrap(complaint_id, wrapped)
        return await self.store.swap(name_of(complaint_id), wrapped, self._wrap(complaint_id, key))

    async def erase(self, complaint_id: UUID) -> None:
        """Destroy the key of a complaint that is erased, and keep in the store that it was.

        The mark lies beside the keys, and so outside every backup of the database: no new key is made, and a case that
        an old backup brings back is known as erased.

        Raises:
            StoreError: The key store is away; to be tried again.
        """
        await self.store.put_new(ERASED + name_of(complaint_id), b"erased\n")
        await self.destroy(complaint_id)

    async def is_erased(self, complaint_id: UUID) -> bool:
        """Tell whether a complaint was erased.

        Raises:
            StoreError: The key store is away.
        """
        return await self.store.get(ERASED + name_of(complaint_id)) is not None

    async def erased(self) -> AsyncIterator[UUID]:
        """Walk the complaints that were erased.

        Raises:
            StoreError: The key store is away.
        """
        async for name in self.store.names(ERASED):
            yield UUID(name.rsplit("/", 1)[1])

    async def mark(self) -> UUID | None:
        """Return the mark of the store; none where it has none.

        Raises:
            StoreError: The key store is away.
        """
        self._mark = await self.store.get(MARK)
        return UUID(self._mark.decode()) if self._mark is not None else None

    async def make_mark(self) -> UUID:
        """Return the mark of the store, made where it has none: of a new installation only.

        Raises:
            StoreError: The key store is away.
        """
        await self.store.put_new(MARK, str(uuid4()).encode())
        self._mark = await self.store.get(MARK)
        if self._mark is None:
            raise StoreError
        return UUID(self._mark.decode())

    async def _require_mark(self, *, make: bool) -> None:
        """Refuse a store that lost its mark, or has another one than this process saw before."""
        found = await self.store.get(MARK)
        if found is None and self._mark is None and make and not self._strict:
            await self.make_mark()
        elif found is None or self._mark not in (None, found):
            raise StoreError
        else:
            self._mark = found

    def _wrap(self, complaint_id: UUID, key: bytes) -> bytes:
        return self.ring.seal(base64.b64encode(key).decode(), purpose=WRAPPING, subject=str(complaint_id))

    def _unwrap(self, complaint_id: UUID, wrapped: bytes) -> bytes:
        return base64.b64decode(self.ring.open(wrapped, purpose=WRAPPING, subject=str(complaint_id)))


def name_of(complaint_id: UUID) -> str:
    """Return the name under which a complaint's key lies in the store."""
    return f"{complaint_id.hex[:2]}/{complaint_id}"


def complaint_of(name: str) -> UUID | None:
    """Return whose key lies under a name; none where it is no name of a key."""
    try:
        found = UUID(name.rpartition("/")[2])
    except ValueError:
        return None
    return found if name == name_of(found) else None


def key_id(key: bytes) -> str:
    """Return the short name of a key, which tells nothing of it."""
    return sha256(b"vigilancia/key-id" + key).hexdigest()[:_ID_CHARS]


def _place(complaint_id: UUID, field: str) -> bytes:
    return f"{complaint_id}/{field}".encode()
