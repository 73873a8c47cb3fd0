"""A store in a folder that only its owner may enter."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial
from io import BufferedWriter
from pathlib import Path
from typing import Any, TypeVar

from vigilancia.core.stores.store import StoreError

_HALF = ".half-"

T = TypeVar("T")


class LocalStore:
    """Files in a folder; each is written beside its place, brought to the disk, and then moved there."""

    def __init__(self, root: Path) -> None:
        """Name the folder; it is made at the first write."""
        self.root = root

    async def put_new(self, name: str, data: bytes) -> bool:
        """Keep bytes under a free name; see `Store`."""
        return await asyncio.to_thread(self._put, name, data, new=True)

    async def replace(self, name: str, data: bytes) -> None:
        """Keep bytes under a name; see `Store`."""
        await asyncio.to_thread(self._put, name, data, new=False)

    async def get(self, name: str) -> bytes | None:
        """Return the bytes of a name; see `Store`. Small files: a thread would cost more than the reading."""
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError from error

    async def put_stream(self, name: str, parts: AsyncIterator[bytes]) -> None:
        """Keep bytes that come in parts; see `Store`."""
        place = self.root / name
        half = place.with_name(f"{_HALF}{secrets.token_hex(8)}")
        try:
            out = await _in_store(_begin, half)
            try:
                async for part in parts:
                    await _in_store(out.write, part)
                await _in_store(_seal, out)
            finally:
                await _in_store(out.close)
            await _in_store(half.replace, place)
            await _in_store(_settle, place.parent)
        finally:
            await _in_store(partial(half.unlink, missing_ok=True))

    async def get_range(self, name: str, start: int, length: int) -> bytes | None:
        """Return bytes from a place on; see `Store`."""
        return await _in_store(self._read, name, start, length)

    async def delete(self, name: str) -> None:
        """Remove a name; see `Store`."""
        await asyncio.to_thread(self._delete, name)

    async def sweep(self, before: datetime) -> None:
        """Remove what was left half written; see `Store`."""
        await _in_store(self._sweep, before.timestamp())

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        """Walk the names; see `Store`."""
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root).as_posix()
            if path.is_file() and not path.name.startswith(_HALF) and name.startswith(prefix):
                yield name

    def _sweep(self, before: float) -> None:
        for half in self.root.rglob(f"{_HALF}*"):
            if half.stat().st_mtime < before:
                half.unlink(missing_ok=True)

    def _read(self, name: str, start: int, length: int) -> bytes | None:
        try:
            with (self.root / name).open("rb") as file:
                file.seek(start)
                return file.read(length) or None
        except FileNotFoundError:
            return None

    def _put(self, name: str, data: bytes, *, new: bool) -> bool:
        place = self.root / name
        half = place.with_name(f"{_HALF}{secrets.token_hex(8)}")
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as out:
                    out.write(data)
                    out.flush()
                    os.fsync(out.fileno())
                if not new:
                    half.replace(place)
                else:
                    try:
                        os.link(half, place)  # refuses a name that is taken, also by a rival of this moment
                    except FileExistsError:
                        return False
            finally:
                half.unlink(missing_ok=True)
            _settle(place.parent)
        except OSError as error:
            raise StoreError from error
        return True

    def _delete(self, name: str) -> None:
        place = self.root / name
        try:
            place.unlink(missing_ok=True)
            if place.parent.exists():
                _settle(place.parent)
        except OSError as error:
            raise StoreError from error


async def _in_store(call: Callable[..., T], *args: Any) -> T:  # noqa: ANN401 - whatever the call takes
    """Do one thing with the disk in a thread; what the disk refuses is the store's refusal, not the caller's."""
    try:
        return await asyncio.to_thread(call, *args)
    except OSError as error:
        raise StoreError from error


def _begin(half: Path) -> BufferedWriter:
    half.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _seal(out: BufferedWriter) -> None:
    out.flush()
    os.fsync(out.fileno())


def _settle(folder: Path) -> None:
    """Bring a folder's entries to the disk, or a name could come back, or be lost, when the power goes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
