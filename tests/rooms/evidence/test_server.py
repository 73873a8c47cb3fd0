"""A server as installations run it: a file goes in and comes out through a socket, and its memory does not grow."""

import asyncio
import hashlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil

from tests.builders import a_complaint
from tests.conftest import KEYS, ROOT, Api, Database
from tests.rooms.filing import the_path
from vigilancia.cli.programs import api as server_command
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk

MEGABYTE = 1_000_000


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@asynccontextmanager
async def a_server(database: Database, data_dir: Path) -> AsyncIterator[tuple[str, int]]:
    """Start the API as an installation does, on the test's database and folder."""
    port = _free_port()
    settings = Settings.model_construct(**{n: f.default for n, f in Settings.model_fields.items()} | {"port": port})
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "VIGILANCIA_DATA_DIR": str(data_dir),
        "VIGILANCIA_DATABASE_URL": database.url,
        "VIGILANCIA_MASTER_KEYS": KEYS,
        "VIGILANCIA_SCAN": "none",
    }
    command = [sys.executable, "-m", *server_command(settings)]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=quiet, stderr=quiet)
    try:
        transport = httpx.AsyncHTTPTransport(retries=7)  # until it listens
        async with httpx.AsyncClient(transport=transport) as client:
            await client.get(f"http://127.0.0.1:{port}/health/live")
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        await process.wait()


def _memory(pid: int) -> int:
    process = psutil.Process(pid)
    return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)])


def _head(api: Api, case_id: str, length: int) -> bytes:
    """Return the beginning of an upload that says how long it will be."""
    return (
        f"POST {the_path(case_id)} HTTP/1.1\r\nHost: vigilancia.test\r\n"
        f"Authorization: Bearer {api.people.tokens['staff']}\r\n"
        f"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {length}\r\n\r\n"
        '--edge\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    ).encode()


def _line(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)))


def _answer_to(url: str, sent: bytes) -> bytes:
    with _line(url) as line:
        line.sendall(sent)
        return line.recv(1000)


def _files(desk: Desk) -> list[Path]:
    return [place for place in desk.settings.file_dir.rglob("*") if place.is_file() and place.name != ".lock"]


async def test_fifty_megabytes_go_through_a_real_server(api: Api, desk: Desk, empty: Database, tmp_path: Path) -> None:
    case = await a_complaint(api)
    content = os.urandom(49 * MEGABYTE)
    headers = {"Authorization": f"Bearer {api.people.tokens['staff']}"}
    async with a_server(empty, tmp_path) as (url, pid), httpx.AsyncClient(headers=headers, timeout=60) as client:
        path = f"{url}{the_path(case['id'])}"
        small = await client.post(path, files={"file": ("a.txt", b"uno")}, data={"kind": "other"})
        assert small.status_code == 201, small.text
        before = _memory(pid)
        sent = await client.post(path, files={"file": ("v.mp4", content, "video/mp4")}, data={"kind": "video"})
        assert (sent.status_code, sent.json()["sha256"]) == (201, hashlib.sha256(content).hexdigest())
        place = f"{path}/{sent.json()['id']}/content?purpose=x"
        whole = await client.get(place)
        part = await client.get(place, headers={"Range": "bytes=40000000-40000099"})
        grown = _memory(pid) - before
        head = await client.head(place)
        refused = _answer_to(url, _head(api, case["id"], 98 * MEGABYTE))
    assert (whole.status_code, whole.content == content) == (200, True)
    assert (part.status_code, part.content) == (206, content[40_000_000:40_000_100])
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(content)), b"")
    assert b" 413 " in refused.splitlines()[0]  # and not a byte of the file was sent
    assert grown < 40 * MEGABYTE, grown
    assert len(_files(desk)) == 2


async def test_a_client_that_hangs_up_in_the_middle_leaves_nothing(
    api: Api, desk: Desk, empty: Database, tmp_path: Path
) -> None:
    case = await a_complaint(api)
    async with a_server(empty, tmp_path) as (url, _):
        with _line(url) as line:
            line.sendall(_head(api, case["id"], 9 * MEGABYTE) + os.urandom(3 * MEGABYTE))
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {api.people.tokens['staff']}"}) as client:
            for _ in range(200):  # the server hears of it in its own time; each question gives it some
                listed = await client.get(f"{url}{the_path(case['id'])}")
                assert listed.json()["items"] == []
                if not _files(desk):
                    break
    assert not _files(desk)
