"""Taking files in: whole or not at all, encrypted, known by their SHA-256, never more than the limit."""

import asyncio
import base64
import hashlib
import os
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.builders import a_complaint, a_link
from tests.conftest import Api, application, looking
from tests.rooms.filing import PDF, WAV, a_file, custody_of, fetch, send, stored, the_path, the_row
from tests.rooms.tasking import a_writer
from vigilancia.complaints.models import TimelineRow
from vigilancia.core.work import Desk
from vigilancia.evidence.ciphering import CHUNK
from vigilancia.evidence.models import EvidenceRow

MEGABYTE = 1_000_000
EDGE = b"frontera"


def _files(desk: Desk) -> list[Path]:
    return [path for path in desk.settings.file_dir.rglob("*") if path.is_file() and path.name != ".lock"]


async def _rows(desk: Desk) -> int:
    async with looking(desk) as session:
        return int(await session.scalar(select(func.count()).select_from(EvidenceRow)) or 0)


def _head(kind: str = "photo") -> bytes:
    return (
        b'--%b\r\nContent-Disposition: form-data; name="kind"\r\n\r\n%b\r\n'
        b'--%b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    ) % (EDGE, kind.encode(), EDGE)


_FORM = {"Content-Type": f"multipart/form-data; boundary={EDGE.decode()}"}


async def _streamed(api: Api, case_id: str, parts: AsyncIterator[bytes], **headers: str) -> Any:
    return await api.post(the_path(case_id), content=parts, headers=_FORM | headers)


async def test_a_file_is_known_by_its_content_and_its_sha256(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], title="Recibo", held_by=3, language="es", obtained_on="2026-02-20")

    assert file["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (file["size"], file["media_type"], file["claimed_type"]) == (len(PDF), "application/pdf", None)
    assert (file["name"], file["title"], file["kind"], file["label"]) == (
        *("recibo.pdf", "Recibo", "payslip"),
        "recibo de nómina",
    )
    assert (file["held_by"], file["masked"], file["metadata"], file["version"]) == (3, False, "original", 1)
    assert [warning["code"] for warning in file["warnings"]] == ["few_held_it"]
    assert [row.action for row in await custody_of(desk, file)] == ["received"]
    got = await fetch(api, file)
    assert (got.status_code, got.content) == (200, PDF)


async def test_nothing_of_a_file_is_in_the_clear_on_the_disk(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], b"canaryfile " * 20_000, title="canarytitle", source="canarysource")
    lying = b"".join(path.read_bytes() for path in desk.settings.data_dir.rglob("*") if path.is_file())
    assert b"canary" not in lying
    row = await the_row(desk, file)
    assert b"canary" not in (row.title or b"") + (row.source or b"") + (row.name or b"")
    assert stored(desk, file).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 16 * CHUNK, 16 * CHUNK + 1, 40 * CHUNK + 77])
async def test_files_of_every_length_come_back_as_they_were(api: Api, size: int) -> None:
    case = await a_complaint(api)
    content = os.urandom(size)
    file = await a_file(api, case["id"], content)
    assert (await fetch(api, file)).content == content


async def test_what_a_file_is_called_is_noted_and_not_believed(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], PDF, name="foto.jpg", media="image/jpeg")
    assert (file["media_type"], file["claimed_type"]) == ("application/pdf", "image/jpeg")
    assert "not_what_it_says" in [warning["code"] for warning in file["warnings"]]
    page = await a_file(api, case["id"], b"<!doctype html><html><script>1</script></html>", media="text/html")
    assert (await fetch(api, page)).headers["content-type"] == "application/octet-stream"


async def test_a_file_other_than_the_sender_says_is_refused_and_not_kept(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    wrong = hashlib.sha256(b"otro").hexdigest()
    answer = await send(api, the_path(case["id"]), kind="photo", sha256=wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "digest"
    assert (_files(desk), await _rows(desk)) == ([], 0)
    right = hashlib.sha256(PDF)
    assert (await send(api, the_path(case["id"]), kind="photo", sha256=right.hexdigest().upper())).status_code == 201
    said = {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(b'otro').digest()).decode()}:"}
    files: Any = {"file": ("a.pdf", PDF, "application/pdf", said)}
    answer = await api.post(the_path(case["id"]), files=files, data={"kind": "photo"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "digest")
    said = {"Content-Digest": f"sha-256=:{base64.b64encode(right.digest()).decode()}:"}
    files = {"file": ("a.pdf", PDF, "application/pdf", said)}
    assert (await api.post(the_path(case["id"]), files=files, data={"kind": "photo"})).status_code == 201


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"kind": "selfie"}, "/kind", "code"),
        ({}, "/kind", "required"),
        ({"kind": "photo", "held_by": "many"}, "/held_by", "type"),
        ({"kind": "photo", "held_by": "0"}, "/held_by", "range"),
        ({"kind": "photo", "obtained_on": "ayer"}, "/obtained_on", "date"),
        ({"kind": "photo", "titel": "x"}, "/titel", "unknown_field"),
        ({"kind": "photo", "title": "x" * 301}, "/title", "too_long"),
        ({"kind": "photo", "title": "x" * 70_000}, "/title", "too_long"),
    ],
)
async def test_fields_that_do_not_fit_leave_nothing(
    api: Api, desk: Desk, fields: dict[str, str], pointer: str, code: str
) -> None:
    case = await a_complaint(api)
    answer = await api.post(the_path(case["id"]), files={"file": ("a.pdf", PDF)}, data=fields)
    assert answer.status_code == 422, answer.text
    assert (answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"]) == (pointer, code)
    assert (_files(desk), await _rows(desk)) == ([], 0)


async def test_a_form_must_hold_one_file_and_it_must_not_be_empty(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    path = the_path(case["id"])
    answer = await api.post(path, json={"kind": "photo"})
    assert (answer.status_code, answer.json()["code"]) == (415, "form-wanted")
    answer = await api.post(
        path, content=b"--x\r\nnonsense", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "broken-form")
    answer = await send(api, path, b"", kind="photo")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "file_empty")
    both: Any = [("file", ("a", PDF)), ("file", ("b", PDF))]
    answer = await api.post(path, files=both, data={"kind": "photo"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "files_many")
    other: Any = {"photo": ("a", PDF)}
    answer = await api.post(path, files=other, data={"kind": "photo"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "file_missing")
    assert (_files(desk), await _rows(desk)) == ([], 0)


async def test_a_file_over_the_limit_is_refused_before_it_is_read(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield _head()
        while True:
            read += MEGABYTE
            yield b"x" * MEGABYTE

    answer = await _streamed(api, case["id"], endless(), **{"Content-Length": str(60 * MEGABYTE)})
    assert (answer.status_code, answer.json()["code"], read) == (413, "file-too-large", 0)
    answer = await _streamed(api, case["id"], endless())  # one that does not say how long it is
    assert (answer.status_code, answer.json()["code"]) == (413, "file-too-large")
    assert read <= 52 * MEGABYTE
    assert (_files(desk), await _rows(desk)) == ([], 0)


async def test_every_other_address_keeps_the_limit_of_one_megabyte(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"])
    path = the_path(case["id"], file["id"])
    answer = await api.patch(path, json={"source": "x" * 1_100_000}, version=1)
    assert answer.status_code == 413
    answer = await api.request("PUT", f"{path}/transcript", json={"text": "x" * 1_100_000}, version=0)
    assert answer.status_code == 413


async def test_fifty_megabytes_pass_through_a_few(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    part, digest = os.urandom(MEGABYTE // 4), hashlib.sha256()

    async def parts() -> AsyncIterator[bytes]:
        yield _head()
        for _ in range(200):
            digest.update(part)
            yield part
        yield b"\r\n--" + EDGE + b"--\r\n"

    tracemalloc.start()
    try:
        answer = await _streamed(api, case["id"], parts())
        received = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        given = await _drained(api, answer.json())
        sent = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert answer.status_code == 201, answer.text
    assert (answer.json()["size"], answer.json()["sha256"]) == (50 * MEGABYTE, digest.hexdigest())
    assert given == digest.hexdigest()
    assert received < 12 * MEGABYTE, received
    assert sent < 12 * MEGABYTE, sent
    assert [path.stat().st_size for path in _files(desk)] == [50 * MEGABYTE + 20 + 763 * 16]


async def _drained(api: Api, file: dict[str, Any]) -> str:
    """Download a file as a server would, part by part, and return its SHA-256; the test client would gather it."""
    digest, path = hashlib.sha256(), f"{the_path(file['complaint_id'], file['id'])}/content"
    token = api.people.tokens["staff"].encode()
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"purpose=x",
        "headers": [(b"authorization", b"Bearer " + token), (b"host", b"vigilancia.test")],
        "client": ("127.0.0.1", 1),
        "server": ("vigilancia.test", 80),
    }

    ended, asked = asyncio.Event(), False

    async def receive() -> Any:
        nonlocal asked
        if asked:
            await ended.wait()
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def take(message: Any) -> None:
        digest.update(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()

    await application()(scope, receive, take)
    return digest.hexdigest()


async def test_an_upload_that_breaks_off_leaves_nothing(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)

    async def cut() -> AsyncIterator[bytes]:
        yield _head()
        yield os.urandom(3 * MEGABYTE)

    answer = await _streamed(api, case["id"], cut())
    assert (answer.status_code, answer.json()["code"]) == (400, "broken-form")

    async def killed() -> AsyncIterator[bytes]:
        yield _head()
        yield os.urandom(3 * MEGABYTE)
        raise ConnectionResetError

    with suppress(ConnectionResetError):
        await _streamed(api, case["id"], killed())
    assert (_files(desk), await _rows(desk)) == ([], 0)
    async with looking(desk) as session:
        noted = await session.scalar(select(func.count()).where(TimelineRow.type == "file_received"))
    assert noted == 0


async def test_the_same_key_and_file_make_one_file_and_another_file_is_refused(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    key = {"Idempotency-Key": "una-vez"}
    first = await send(api, the_path(case["id"]), kind="photo", headers=key)
    again = await send(api, the_path(case["id"]), kind="photo", headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    other = await send(api, the_path(case["id"]), WAV, kind="photo", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-reused")
    other = await send(api, the_path(case["id"]), kind="audio", headers=key)
    assert other.status_code == 422
    assert len(_files(desk)) == await _rows(desk) == 1


async def test_writers_add_files_readers_do_not_and_for_others_there_are_none(api: Api) -> None:
    case = await a_complaint(api)
    path = the_path(case["id"])
    assert (await send(api, path, kind="photo", role="partner")).status_code == 404
    link = await a_link(api, case["id"], api.people.union_id, access="alerts")
    for method in ("GET", "POST"):
        answer = await api.request(method, path, role="partner")
        assert answer.status_code == 404, method
    await api.patch(f"/v1/complaints/{case['id']}/links/{link['id']}", json={"access": "read"}, version=1)
    accepted = await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    assert accepted.status_code == 200
    assert (await api.get(path, role="partner")).status_code == 200
    assert (await send(api, path, kind="photo", role="partner")).status_code == 403

    other = await a_complaint(api)
    await a_writer(api, other["id"])
    made = await a_file(api, other["id"], role="partner")
    assert (made["organization_id"], made["masked"]) == (str(api.people.union_id), False)
    for role in ("admin", "analyst"):
        assert (await api.get(path, role=role)).status_code == 403  # no token of theirs has the scope
    public = await a_complaint(api, confidentiality="public")
    file = await a_file(api, public["id"])
    for address in (the_path(public["id"]), the_path(public["id"], file["id"])):
        assert (await api.get(address, role="partner")).status_code == 404
    assert (await fetch(api, file, role="partner")).status_code == 404


async def test_a_file_belongs_to_its_case_alone(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    file = await a_file(api, case["id"])
    assert (await api.get(the_path(other["id"], file["id"]))).status_code == 404
    assert (await fetch(api, {**file, "complaint_id": other["id"]})).status_code == 404
    assert UUID(file["id"]).version == 4  # tells no instant
