"""A store in a folder that only its owner may enter."""

import asyncio
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from io import BufferedWriter
from pathlib import Path
from typing import Any, TypeVar

from vigilancia.core.stores.store import Kept, StoreError

_HALF, _LOCK = ".half-", ".lock"
_AT_ONCE = 500  # names gathered before others get their turn

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

    async def swap(self, name: str, old: bytes, new: bytes) -> bool:
        """Keep bytes in place of others; see `Store`."""
        return await asyncio.to_thread(self._swap, name, old, new)

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
        async for kept in self.walk():
            if kept.name.startswith(prefix):
                yield kept.name

    async def walk(self) -> AsyncIterator[Kept]:
        """Walk the names with their instants; see `Store`."""
        walking = self._walk()
        while part := await asyncio.to_thread(_some, walking):
            for kept in part:
                yield kept

    def _walk(self) -> Iterator[Kept]:
        for folder, folders, files in os.walk(self.root, onerror=_refuse):
            folders.sort()
            for file in files:
                path = Path(folder, file)
                if file.startswith(_HALF) or file == _LOCK:
                    continue
                try:
                    at = path.stat().st_mtime
                except FileNotFoundError:
                    continue
                yield Kept(path.relative_to(self.root).as_posix(), datetime.fromtimestamp(at, UTC))

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
            self._make(place.parent)
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
                _settle(place.parent)  # also of a rival's name: whoever reads it next will rely on it
        except OSError as error:
            raise StoreError from error
        return True

    def _make(self, folder: Path) -> None:
        """Make a folder below the root, and bring each new one's own entry to the disk: its files hang on it."""
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for each in missing:
            _settle(each.parent)

    def _swap(self, name: str, old: bytes, new: bytes) -> bool:
        place = self.root / name
        try:
            with _alone(place.parent):
                if place.read_bytes() != old:
                    return False
                return self._put(name, new, new=False)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError from error

    def _delete(self, name: str) -> None:
        place = self.root / name
        try:
            if not place.parent.exists():
                return
            with _alone(place.parent):
                place.unlink(missing_ok=True)
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


def _some(walking: Iterator[Kept]) -> list[Kept]:
    try:
        return [kept for _, kept in zip(range(_AT_ONCE), walking, strict=False)]
    except OSError as error:
        raise StoreError from error


def _refuse(error: OSError) -> None:
    """Pass over a folder that is not there yet, or not any more; say of any other that it cannot be read."""
    if not isinstance(error, FileNotFoundError):
        raise error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process swap or delete meanwhile: a name that one destroys another must not bring back."""
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # gives the lock up
