"""Where files lie: encrypted in the file store, each under its id."""

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from msgspec import Struct

from vigilancia.core.errors import GoneError
from vigilancia.core.settings import Settings
from vigilancia.core.stores import Store, open_store
from vigilancia.core.vault import Vault
from vigilancia.evidence.ciphering import (
    BLOCK,
    CHUNK,
    HEADER,
    MAGIC,
    SALT,
    SEALED_CHUNK,
    Cipher,
    DamagedError,
    chunks_of,
    sealed,
    sealed_size,
)

HEAD = 64 * 1024  # bytes kept while a file comes in, to tell its type by


class Place(Struct, frozen=True, kw_only=True):
    """What is needed to find a file and to know it again."""

    complaint_id: UUID
    file_id: UUID
    size: int
    sha256: str


class Kept(Struct, frozen=True, kw_only=True):
    """What was learned of a file while it came in."""

    size: int
    sha256: str
    head: bytes


@lru_cache(maxsize=8)
def _store(address: str, default: Path) -> Store:
    return open_store(address, default)


def name_of(complaint_id: UUID, file_id: UUID) -> str:
    """Return the name under which a file lies in the store; ids, and no word of anybody."""
    return f"{complaint_id.hex[:2]}/{complaint_id}/{file_id}"


class Shelf:
    """The files of an installation."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        """Stand on the file store and the keys of complaints.

        Raises:
            StoreError: The store is of a kind we do not know.
        """
        self._store = _store(settings.file_store, settings.file_dir)
        self._vault = vault

    async def put(self, complaint_id: UUID, file_id: UUID, plain: AsyncIterator[bytes]) -> Kept:
        """Encrypt and keep a file that comes in parts; all of it or nothing.

        Args:
            complaint_id: Whose key encrypts it.
            file_id: A fresh id.
            plain: The bytes; whatever it raises is raised here.

        Raises:
            StoreError: The store of files or that of keys is away.
        """
        digest, size, head = hashlib.sha256(), 0, bytearray()

        async def watched() -> AsyncIterator[bytes]:
            nonlocal size
            async for part in plain:
                digest.update(part)
                size += len(part)
                if len(head) < HEAD:
                    head.extend(part[: HEAD - len(head)])
                yield part

        header = MAGIC + os.urandom(SALT)
        cipher = Cipher(await self._vault.key(complaint_id), complaint_id, file_id, header)
        await self._store.put_stream(name_of(complaint_id, file_id), sealed(cipher, header, watched()))
        return Kept(size=size, sha256=digest.hexdigest(), head=bytes(head))

    async def verify(self, place: Place) -> None:
        """Read a whole file and hold it against its size and SHA-256.

        Raises:
            DamagedError: It is not what was received, or it is not there.
            GoneError: The complaint's key was destroyed.
            StoreError: A store is away: nothing is said about the file.
        """
        digest = hashlib.sha256()
        async for part in self.read(place):
            digest.update(part)
        if digest.hexdigest() != place.sha256 or await self._longer(place):
            raise DamagedError

    async def read(self, place: Place, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Decrypt a file, or a part of it, a block at a time; what does not open is not handed on.

        Args:
            place: Which file.
            start: First byte.
            end: The byte after the last; none: to the end.

        Raises:
            DamagedError: A chunk is not what was put there.
            GoneError: The complaint's key was destroyed.
            StoreError: A store is away.
        """
        end = place.size if end is None else end
        name, last = name_of(place.complaint_id, place.file_id), chunks_of(place.size) - 1
        cipher = await self._cipher(place, name)
        number, stop = start // CHUNK, min(last, max(start, end - 1) // CHUNK)
        while number <= stop:
            many = min(BLOCK, stop - number + 1)
            block = await self._store.get_range(name, HEADER + number * SEALED_CHUNK, many * SEALED_CHUNK) or b""
            for place_in_block in range(many):
                chunk = block[place_in_block * SEALED_CHUNK : (place_in_block + 1) * SEALED_CHUNK]
                plain = cipher.open(number, chunk, last=number == last)
                first = number * CHUNK
                yield plain[max(0, start - first) : max(0, end - first)]
                number += 1

    async def remove(self, complaint_id: UUID, file_id: UUID) -> None:
        """Remove a file; removing it again changes nothing.

        Raises:
            StoreError: It could not be removed.
        """
        await self._store.delete(name_of(complaint_id, file_id))

    async def sweep(self, before: datetime) -> None:
        """Remove what was left half written before an instant.

        A whole file of which no row speaks stays: after a database was restored it may be the only copy there is.

        Raises:
            StoreError: It could not be removed.
        """
        await self._store.sweep(before)

    async def _cipher(self, place: Place, name: str) -> Cipher:
        key = await self._vault.find(place.complaint_id)
        if key is None:
            raise GoneError
        header = await self._store.get_range(name, 0, HEADER)
        return Cipher(key, place.complaint_id, place.file_id, header or b"")

    async def _longer(self, place: Place) -> bool:
        name = name_of(place.complaint_id, place.file_id)
        return await self._store.get_range(name, sealed_size(place.size), 1) is not None
