"""A key for each complaint, and what is sealed under it.

The key of a complaint lies in the key store, apart from the database, wrapped by the newest master key. Whoever
destroys that one object makes every sealed value of the complaint unreadable: in the database, in files, in backups.
The database never holds a key, so that no dump of it can bring one back.
"""

import base64
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from hashlib import sha256
from time import monotonic
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vigilancia.core.crypto import KeyRing
from vigilancia.core.errors import GoneError
from vigilancia.core.stores import Store

WRAPPING = "complaint-key"  # the purpose under which the ring wraps them
_KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_CHARS = 8
_REMEMBERED = 2_000
_SECONDS = 60  # how long a process may still know a key that another one destroyed
ERASED = "erased/"  # names of the store that begin so are no keys: they say whose keys an erasure destroyed


class Vault:
    """The keys of complaints."""

    def __init__(self, store: Store, ring: KeyRing) -> None:
        """Stand on a store and the ring that wraps what lies in it."""
        self._store = store
        self._ring = ring
        self._known: OrderedDict[UUID, tuple[float, bytes]] = OrderedDict()

    async def seal(self, complaint_id: UUID, text: str, *, field: str) -> bytes:
        """Encrypt a text of a complaint with AES-256-GCM under the complaint's key, which is made where it has none.

        Args:
            complaint_id: Whose key.
            text: What to hide.
            field: Where it stands, such as `summary` or `event.note/<id>`, so that it cannot be moved elsewhere.

        Returns:
            `id-of-the-key NUL nonce ciphertext`.

        Raises:
            StoreError: The key store is away.
        """
        key = await self.key(complaint_id)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, text.encode("utf-8", "surrogatepass"), _place(complaint_id, field))
        return key_id(key).encode() + b"\0" + nonce + sealed

    async def open(self, complaint_id: UUID, sealed: bytes | None, *, field: str) -> str | None:
        """Decrypt what `seal` made; none where there is nothing, or where the complaint's key was destroyed.

        Raises:
            StoreError: The key store is away.
            cryptography.exceptions.InvalidTag: The value was changed, or belongs elsewhere.
        """
        key = await self.find(complaint_id) if sealed is not None else None
        if key is None or sealed is None:
            return None
        of, _, rest = sealed.partition(b"\0")
        if of.decode() != key_id(key):
            raise InvalidTag
        text = AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _place(complaint_id, field))
        return text.decode("utf-8", "surrogatepass")

    async def key(self, complaint_id: UUID) -> bytes:
        """Return the key of a complaint, made where it has none.

        Raises:
            StoreError: The key store is away.
            GoneError: It was erased: a case that came back with an old database must not begin to live again.
        """
        found = await self.find(complaint_id)
        while found is None:
            if await self.is_erased(complaint_id):
                raise GoneError
            made = secrets.token_bytes(_KEY_BYTES)
            wrapped = self._ring.seal(base64.b64encode(made).decode(), purpose=WRAPPING, subject=str(complaint_id))
            await self._store.put_new(name_of(complaint_id), wrapped)
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
        wrapped = await self._store.get(name_of(complaint_id))
        if wrapped is None:
            self._known.pop(complaint_id, None)
            return None
        key = base64.b64decode(self._ring.open(wrapped, purpose=WRAPPING, subject=str(complaint_id)))
        self._known[complaint_id] = (monotonic() + _SECONDS, key)
        self._known.move_to_end(complaint_id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return key

    async def destroy(self, complaint_id: UUID) -> None:
        """Destroy the key of a complaint, for good; other processes forget it within a minute.

        Raises:
            StoreError: The key store is away: the key still stands.
        """
        await self._store.delete(name_of(complaint_id))
        self._known.pop(complaint_id, None)

    async def erase(self, complaint_id: UUID) -> None:
        """Destroy the key of a complaint that is erased, and keep in the store that it was.

        The mark lies beside the keys, and so outside every backup of the database: no new key is made, and a case that
        an old backup brings back is known as erased.

        Raises:
            StoreError: The key store is away; to be tried again.
        """
        await self._store.put_new(ERASED + name_of(complaint_id), b"erased\n")
        await self.destroy(complaint_id)

    async def is_erased(self, complaint_id: UUID) -> bool:
        """Tell whether a complaint was erased.

        Raises:
            StoreError: The key store is away.
        """
        return await self._store.get(ERASED + name_of(complaint_id)) is not None

    async def erased(self) -> AsyncIterator[UUID]:
        """Walk the complaints that were erased.

        Raises:
            StoreError: The key store is away.
        """
        async for name in self._store.names(ERASED):
            yield UUID(name.rsplit("/", 1)[1])


def name_of(complaint_id: UUID) -> str:
    """Return the name under which a complaint's key lies in the store."""
    return f"{complaint_id.hex[:2]}/{complaint_id}"


def key_id(key: bytes) -> str:
    """Return the short name of a key, which tells nothing of it."""
    return sha256(b"vigilancia/key-id" + key).hexdigest()[:_ID_CHARS]


def _place(complaint_id: UUID, field: str) -> bytes:
    return f"{complaint_id}/{field}".encode()
