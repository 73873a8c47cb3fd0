"""Giving files out: whole and as received, or not a byte; parts of them; never what nobody may have."""

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.builders import a_complaint
from tests.conftest import Api, Clock, looking
from tests.rooms.filing import PDF, PURPOSE, a_copy, a_file, custody_of, fetch, stored, the_path, the_row
from vigilancia.access.models import AuditRow, PrivacyAlertRow
from vigilancia.core.work import Desk
from vigilancia.evidence import upkeep
from vigilancia.evidence.ciphering import HEADER, SEALED_CHUNK, DamagedError
from vigilancia.evidence.integrity import place_of
from vigilancia.evidence.shelf import Shelf

BIG = os.urandom(5 * 64 * 1024 + 321)


def _flipped(sealed: bytes) -> bytes:
    spot = HEADER + 2 * SEALED_CHUNK + 5
    return sealed[:spot] + bytes([sealed[spot] ^ 1]) + sealed[spot + 1 :]


def _swapped(sealed: bytes) -> bytes:
    first, second = HEADER + SEALED_CHUNK, HEADER + 2 * SEALED_CHUNK
    return sealed[:HEADER] + sealed[first:second] + sealed[HEADER:first] + sealed[second:]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a bit flipped": _flipped,
    "the salt changed": lambda sealed: sealed[:4] + bytes(16) + sealed[HEADER:],
    "chunks swapped": _swapped,
    "a chunk dropped": lambda sealed: sealed[: HEADER + SEALED_CHUNK] + sealed[HEADER + 2 * SEALED_CHUNK :],
    "cut in a chunk": lambda sealed: sealed[:-7],
    "cut at a chunk": lambda sealed: sealed[: HEADER + 3 * SEALED_CHUNK],
    "cut to nothing": lambda _: b"",
    "grown": lambda sealed: sealed + b"x",
    "the last chunk twice": lambda sealed: sealed + sealed[HEADER + 5 * SEALED_CHUNK :],
}


async def _alerts(desk: Desk) -> list[PrivacyAlertRow]:
    async with looking(desk) as session:
        return list((await session.scalars(select(PrivacyAlertRow))).all())


@pytest.mark.parametrize("change", list(CHANGES))
async def test_a_changed_file_is_refused_whole_noted_and_alarmed(
    api: Api, desk: Desk, people: Any, change: str
) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], BIG)
    place = stored(desk, file)
    place.write_bytes(CHANGES[change](place.read_bytes()))

    for headers in ({}, {"Range": "bytes=0-9"}):
        answer = await fetch(api, file, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (500, "evidence-integrity")
        assert BIG[:64] not in answer.content
    assert [row.action for row in await custody_of(desk, file)] == ["received", *["integrity_failed"] * 2]
    last = (await custody_of(desk, file))[-1]
    assert (last.token_id, last.sha256) == (people.staff.token_id, hashlib.sha256(BIG).hexdigest())
    (alert,) = await _alerts(desk)  # once a day, however often somebody tries
    assert (alert.cause, alert.organization_id, str(alert.subject_id), alert.tell_pending) == (
        *("file_changed", people.centre_id),
        *(file["id"], True),
    )
    assert (await api.get(the_path(case["id"], file["id"]))).json()["intact"] is False


async def test_one_file_put_in_the_place_of_another_is_refused(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    one, two = await a_file(api, case["id"], BIG), await a_file(api, case["id"], BIG)
    stored(desk, one).write_bytes(stored(desk, two).read_bytes())
    assert (await fetch(api, one)).status_code == 500
    assert (await fetch(api, two)).content == BIG


async def test_a_lost_file_is_refused_and_alarmed(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"])
    stored(desk, file).unlink()
    assert (await fetch(api, file)).json()["code"] == "evidence-integrity"
    assert [alert.cause for alert in await _alerts(desk)] == ["file_changed"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=65535-65536", 65535, 65536),
        ("bytes=65536-131071", 65536, 131071),
        ("bytes=100000-", 100000, len(BIG) - 1),
        ("bytes=-5", len(BIG) - 5, len(BIG) - 1),
        ("bytes=-99999999", 0, len(BIG) - 1),
        ("bytes=300000-99999999", 300000, len(BIG) - 1),
    ],
)
async def test_a_part_is_given_as_it_was_asked_for(api: Api, desk: Desk, asked: str, first: int, last: int) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], BIG, kind="video")
    answer = await fetch(api, file, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == BIG[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(BIG)}"
    assert answer.headers["content-length"] == str(last - first + 1)
    noted = (await custody_of(desk, file))[-1]
    assert (noted.action, noted.facts) == ("downloaded", {"first": first, "last": last})


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,5-9", "bytes=-", "chunks=0-1", "bytes=a-b"])
async def test_what_is_no_single_range_is_answered_with_the_whole(api: Api, asked: str) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], BIG)
    answer = await fetch(api, file, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, BIG)


async def test_a_range_outside_is_416_and_an_old_condition_gives_the_whole(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], BIG)
    answer = await fetch(api, file, headers={"Range": f"bytes={len(BIG)}-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(BIG)}")
    assert (await fetch(api, file, headers={"Range": "bytes=-0"})).status_code == 416
    tag = (await fetch(api, file)).headers["etag"]
    assert (await fetch(api, file, headers={"Range": "bytes=0-1", "If-Range": tag})).status_code == 206
    assert (await fetch(api, file, headers={"Range": "bytes=0-1", "If-Range": '"old"'})).status_code == 200


async def test_a_download_cannot_run_be_kept_or_tell_a_name(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], name="Recibo de José.pdf")
    answer = await fetch(api, file)
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{file["id"]}.pdf"')
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    digest = base64.b64encode(hashlib.sha256(PDF).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    named = await fetch(api, file, own_name="true")
    assert "filename*=UTF-8''Recibo%20de%20Jos%C3%A9.pdf" in named.headers["content-disposition"]


async def test_a_purpose_is_wanted_and_kept_sealed(api: Api, desk: Desk, people: Any) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"])
    path = f"{the_path(case['id'], file['id'])}/content"
    assert (await api.get(path)).status_code == 400
    assert (await api.get(path, params={"purpose": ""})).status_code == 400
    await fetch(api, file)

    row = (await custody_of(desk, file))[-1]
    assert (row.action, row.role, row.token_id, row.sha256) == (
        *("downloaded", "staff"),
        *(people.staff.token_id, file["sha256"]),
    )
    assert PURPOSE["purpose"].encode() not in (row.purpose or b"")
    log = (await api.get(f"{the_path(case['id'], file['id'])}/custody")).json()["items"]
    assert [(entry["action"], entry["purpose"]) for entry in log] == [
        ("received", None),
        ("downloaded", PURPOSE["purpose"]),
    ]
    async with looking(desk) as session:
        reads = (
            await session.scalars(select(AuditRow).where(AuditRow.what == "file", AuditRow.action == "read"))
        ).all()
    assert [str(read.subject_id) for read in reads] == [file["id"]]


async def test_the_nightly_reading_finds_what_nobody_asked_for_and_sees_it_mended(
    api: Api, desk: Desk, clock: Clock
) -> None:
    case = await a_complaint(api)
    good, bad = await a_file(api, case["id"], BIG), await a_file(api, case["id"], BIG)
    whole = stored(desk, bad).read_bytes()
    stored(desk, bad).write_bytes(_flipped(whole))

    await upkeep.nightly(desk)
    assert await upkeep.recheck_due(desk) == 2
    assert ((await the_row(desk, good)).checked_at, (await the_row(desk, good)).damaged_at) == (clock.now, None)
    assert ((await the_row(desk, bad)).checked_at, (await the_row(desk, bad)).damaged_at) == (None, clock.now)
    assert [row.action for row in await custody_of(desk, bad)] == ["received", "integrity_failed"]
    assert len(await _alerts(desk)) == 1

    await upkeep.nightly(desk)
    assert await upkeep.recheck_due(desk) == 0  # once a day
    clock.advance(timedelta(hours=25))
    stored(desk, bad).write_bytes(whole)
    await upkeep.nightly(desk)
    assert await upkeep.recheck_due(desk) == 2
    assert (await the_row(desk, bad)).damaged_at is None


async def test_half_files_of_writers_that_died_are_swept_and_whole_ones_stay(
    api: Api, desk: Desk, clock: Clock
) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"])
    folder = stored(desk, file).parent
    old, new = folder / ".half-old", folder / ".half-new"
    for half, age in ((old, timedelta(days=2)), (new, timedelta(hours=1))):
        half.write_bytes(b"x")
        instant = (clock.now - age).timestamp()
        os.utime(half, (instant, instant))
    stray = folder / str(UUID(int=7))
    stray.write_bytes(b"of no row")
    await upkeep.nightly(desk)
    assert (old.exists(), new.exists(), stray.exists(), stored(desk, file).exists()) == (False, True, True, True)


async def test_what_changes_between_the_two_readings_breaks_the_answer_off(api: Api, desk: Desk) -> None:
    """A server cannot take back the 200; but not a byte of the changed chunk leaves, and the answer does not end."""
    case = await a_complaint(api)
    file = await a_file(api, case["id"], BIG)
    shelf = Shelf(desk.settings, desk.vault)
    row = await the_row(desk, file)
    await shelf.verify(place_of(row))
    stored(desk, file).write_bytes(_flipped(stored(desk, file).read_bytes()))
    given: list[bytes] = []
    with pytest.raises(DamagedError):
        await _gathered(shelf.read(place_of(row)), given)
    assert b"".join(given) == BIG[: 2 * 64 * 1024]


async def _gathered(parts: AsyncIterator[bytes], into: list[bytes]) -> None:
    async for part in parts:
        into.append(part)  # noqa: PERF401 - what came before it broke off is asked for


async def test_many_readers_at_once_get_the_same_file(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], BIG)
    answers = await asyncio.gather(*(fetch(api, file) for _ in range(6)))
    assert {answer.content == BIG for answer in answers} == {True}


async def test_a_copy_does_not_open_the_original(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], BIG)
    copy = await a_copy(api, file, b"testado", name="t.txt", media="text/plain")
    assert (await fetch(api, copy)).content == b"testado"
    assert (await fetch(api, file)).content == BIG
