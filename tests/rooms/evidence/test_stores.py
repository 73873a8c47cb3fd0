"""Stores of files: all of a stream or nothing, and parts of what is there; a folder and a bucket alike."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from vigilancia.core.stores import Store, StoreError
from vigilancia.core.stores.local import LocalStore
from vigilancia.core.stores.objects import ObjectStore


def _bucket() -> ObjectStore:
    """Return the store of buckets on the library's own bucket in memory."""
    store = ObjectStore.__new__(ObjectStore)
    store._bucket = MemoryStore()  # type: ignore[assignment]
    return store


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return LocalStore(tmp_path) if request.param == "folder" else _bucket()


def _files(folder: Path) -> list[Path]:
    return [place for place in folder.rglob("*") if place.is_file() and place.name != ".lock"]


async def _parts(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def _broken() -> AsyncIterator[bytes]:
    yield b"x" * 6_000_000
    raise LookupError("the sender is gone")


async def test_a_stream_is_kept_whole_and_read_in_parts(store: Store) -> None:
    await store.put_stream("ab/one", _parts(b"a" * 100, b"", b"b" * 6_000_000))
    assert await store.get_range("ab/one", 98, 4) == b"aabb"
    assert await store.get_range("ab/one", 6_000_098, 50) == b"bb"
    assert await store.get_range("ab/one", 6_000_100, 50) is None
    assert await store.get_range("ab/one", 7_000_000, 50) is None
    assert await store.get_range("ab/none", 0, 50) is None
    await store.delete("ab/one")
    assert await store.get_range("ab/one", 0, 1) is None


async def test_a_stream_that_breaks_leaves_nothing_and_says_why(store: Store, tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="the sender is gone"):
        await store.put_stream("ab/one", _broken())
    assert [name async for name in store.names()] == []
    assert not _files(tmp_path)


async def test_a_folder_that_cannot_be_written_is_a_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError):
        await LocalStore(tmp_path / "file").put_stream("ab/one", _parts(b"x"))
