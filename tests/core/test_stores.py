"""Stores of bytes: whole or not at all, once or not again, gone for good; a folder and an S3 service behave alike."""

import asyncio
import os
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.core.s3 import Bucket, s3
from vigilancia.core.stores import Store, StoreError, open_store
from vigilancia.core.stores.local import LocalStore
from vigilancia.core.stores.objects import ObjectStore


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An S3 service on loopback, and the variables that lead there."""
    with s3() as found:
        for name, value in {
            "AWS_ENDPOINT_URL": found.address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "k",
            "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        yield found


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder that takes 64 KiB: a disk of its own for root, else no file of this process may grow beyond that."""
    disk = Path(tempfile.mkdtemp())
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        yield disk
        subprocess.run(["umount", str(disk)], check=True)
        disk.rmdir()
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    yield disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)
    shutil.rmtree(disk)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Either store, empty."""
    if request.param == "folder":
        return open_store("", tmp_path / "kept")
    request.getfixturevalue("bucket")
    return open_store("s3://llaves/uno", tmp_path)


async def test_what_is_kept_is_there_until_it_is_deleted(store: Store) -> None:
    assert await store.get("ab/x") is None
    assert await store.put_new("ab/x", b"uno")
    assert not await store.put_new("ab/x", b"dos")
    assert await store.get("ab/x") == b"uno"
    await store.replace("ab/x", b"tres")
    assert await store.get("ab/x") == b"tres"
    for _ in range(2):
        await store.delete("ab/x")
    assert await store.get("ab/x") is None
    assert await store.put_new("ab/x", b"cuatro")


async def test_a_swap_wants_what_it_read(store: Store) -> None:
    await store.put_new("ab/x", b"uno")
    assert not await store.swap("ab/x", b"otro", b"dos")
    assert await store.swap("ab/x", b"uno", b"dos")
    assert await store.get("ab/x") == b"dos"
    await store.delete("ab/x")
    assert not await store.swap("ab/x", b"dos", b"tres")
    assert await store.get("ab/x") is None


async def test_of_rivals_one_keeps_and_one_swaps(store: Store) -> None:
    kept = await asyncio.gather(*(store.put_new("ab/x", f"{place}".encode()) for place in range(20)))
    assert sorted(kept) == [False] * 19 + [True]
    assert await store.get("ab/x") == f"{kept.index(True)}".encode()
    first = await store.get("ab/x") or b""
    swapped = await asyncio.gather(*(store.swap("ab/x", first, f"n{place}".encode()) for place in range(20)))
    assert swapped.count(True) == 1


async def test_what_is_swapped_and_deleted_at_once_is_gone(store: Store) -> None:
    for turn in range(30):
        name = f"ab/{turn}"
        await store.put_new(name, b"uno")
        await asyncio.gather(store.swap(name, b"uno", b"dos"), store.delete(name))
        assert await store.get(name) is None


async def test_names_are_walked_with_their_instants(store: Store) -> None:
    for name in ("ab/x", "ab/y", "cd/z", "store"):
        await store.put_new(name, b"1")
    assert {kept.name async for kept in store.walk()} == {"ab/x", "ab/y", "cd/z", "store"}
    assert {name async for name in store.names("ab/")} == {"ab/x", "ab/y"}
    assert all([kept.at > datetime(2026, 1, 1, tzinfo=UTC) async for kept in store.walk()])


async def test_an_empty_store_has_no_names(store: Store) -> None:
    assert [kept async for kept in store.walk()] == []


async def test_a_bucket_that_refuses_is_away_and_never_empty(bucket: Bucket, tmp_path: Path) -> None:
    store = open_store("s3://llaves", tmp_path)
    assert isinstance(store, ObjectStore)
    await store.put_new("ab/x", b"uno")
    bucket.away = True
    for asked in (
        store.get("ab/x"),
        store.get("ab/y"),
        store.put_new("ab/z", b""),
        store.replace("ab/x", b""),
        store.swap("ab/x", b"uno", b""),
        store.delete("ab/x"),
    ):
        with pytest.raises(StoreError):
            await asked
    with pytest.raises(StoreError):
        [kept async for kept in store.walk()]


async def test_a_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "kept")
    await store.put_new("ab/x", b"uno")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "kept").rglob("*")}
    assert modes == {"ab": 0o700, "x": 0o600}


async def test_it_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of the calls is what a stopped machine leaves: content, name, entry, and a new folder's own entry."""
    store, done = LocalStore(tmp_path / "kept"), list[str]()
    fsync, link, unlink = os.fsync, os.link, Path.unlink

    def name_of(handle: int) -> str:
        return Path(f"/proc/self/fd/{handle}").readlink().name

    def note_fsync(handle: int) -> None:
        done.append(f"sync {name_of(handle)}" if not name_of(handle).startswith(".half-") else "sync content")
        fsync(handle)

    def note_link(source: Path, target: Path) -> None:
        done.append(f"name {target.name}")
        link(source, target)

    def note_unlink(path: Path, *, missing_ok: bool = False) -> None:
        done.append("half gone" if path.name.startswith(".half-") else f"gone {path.name}")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "link", note_link)
    monkeypatch.setattr(Path, "unlink", note_unlink)
    await store.put_new("ab/x", b"uno")
    assert done == [
        *("sync kept", f"sync {tmp_path.name}"),
        *("sync content", "name x", "half gone", "sync ab"),
    ]
    done.clear()
    await store.delete("ab/x")
    assert done == ["gone x", "sync ab"]


async def test_half_a_file_is_no_name(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    await store.put_new("ab/x", b"uno")
    (tmp_path / "ab" / ".half-1234").write_bytes(b"un")  # its writer was killed
    assert {kept.name async for kept in store.walk()} == {"ab/x"}


async def test_a_full_disk_keeps_nothing_and_loses_nothing(small_disk: Path) -> None:
    store = LocalStore(small_disk)
    await store.put_new("ab/x", b"uno")
    with pytest.raises(StoreError):
        await store.put_new("ab/y", b"0" * 100_000)
    with pytest.raises(StoreError):
        await store.replace("ab/x", b"0" * 100_000)
    with pytest.raises(StoreError):
        await store.swap("ab/x", b"uno", b"0" * 100_000)
    assert {kept.name async for kept in store.walk()} == {"ab/x"}
    assert await store.get("ab/x") == b"uno"
    assert [path.name for path in (small_disk / "ab").iterdir() if path.name.startswith(".half-")] == []


async def test_a_folder_that_cannot_be_read_is_away(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("no folder")
    store = LocalStore(tmp_path / "kept")
    with pytest.raises(StoreError):
        await store.get("ab/x")
    with pytest.raises(StoreError):
        await store.put_new("ab/x", b"")


def test_an_address_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        open_store("ftp://x", tmp_path)
