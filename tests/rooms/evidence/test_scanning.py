"""Scanning: what nobody found clean is not given out; clamd and programs are spoken to as they want it."""

import asyncio
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from tests.builders import a_complaint
from tests.conftest import Api, Clock, application, looking
from tests.rooms.filing import PDF, a_file, custody_of, fetch, stored, the_path, the_row
from vigilancia.access.models import PrivacyAlertRow
from vigilancia.core.jobs import Job
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk
from vigilancia.evidence import scanners, upkeep

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """A server that speaks clamd's INSTREAM, and knows one signature."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.answer: bytes | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        whole = b""
        while length := struct.unpack(">L", await reader.readexactly(4))[0]:
            whole += await reader.readexactly(length)
        self.seen.append(whole)
        found = b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in whole else b"stream: OK\0"
        writer.write(self.answer or found)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def a_clamd(socket: Path | None = None) -> AsyncIterator[tuple[Clamd, str]]:
    daemon = Clamd()
    if socket is not None:
        server, address = await asyncio.start_unix_server(daemon.serve, socket), f"clamd://{socket}"
    else:
        server = await asyncio.start_server(daemon.serve, "127.0.0.1", 0)
        address = f"clamd://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield daemon, address


def _scanned_by(desk: Desk, setting: str) -> Desk:
    """Return the desk, and lend it to the application, with another scanner."""
    changed = replace(desk, settings=desk.settings.model_copy(update={"scan": setting}))
    application().state.desk = changed
    return changed


async def test_without_a_scanner_nothing_is_given_out_unless_the_operator_chose_so(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    desk = _scanned_by(desk, "")
    file = await a_file(api, case["id"])
    assert file["scan_status"] == "unscanned"
    answer = await fetch(api, file)
    assert (answer.status_code, answer.json()["code"]) == (423, "not-scanned")
    assert "unscanned" in answer.json()["detail"]
    assert "VIGILANCIA_SCAN" in answer.json()["detail"]
    _scanned_by(desk, "none")
    assert (await fetch(api, file)).status_code == 200


async def test_a_file_waits_for_its_scan_and_then_goes_out(api: Api, desk: Desk, woken: list[frozenset[Job]]) -> None:
    case = await a_complaint(api)
    async with a_clamd() as (daemon, address):
        desk = _scanned_by(desk, address)
        file = await a_file(api, case["id"], PDF * 1000)
        assert file["scan_status"] == "pending"
        assert any(Job.SCAN in kinds for kinds in woken)
        assert (await fetch(api, file)).json()["code"] == "not-scanned"
        assert await upkeep.scan_due(desk) == 1
        assert await upkeep.scan_due(desk) == 0
        assert daemon.seen == [PDF * 1000]
    assert (await fetch(api, file)).status_code == 200
    assert [row.action for row in await custody_of(desk, file)] == ["received", "scanned", "downloaded"]


@pytest.mark.parametrize("way", ["network", "socket", "command"])
async def test_an_infected_file_stays_and_does_not_go_out(api: Api, desk: Desk, tmp_path: Path, way: str) -> None:
    case = await a_complaint(api)
    if way == "command":
        program = tmp_path / "scan.py"
        program.write_text("import sys\nsys.exit(1 if b'EICAR-STANDARD' in sys.stdin.buffer.read() else 0)\n")
        await _infected(api, desk, case["id"], f"command:{sys.executable} {program}")
    else:
        async with a_clamd(tmp_path / "clamd.sock" if way == "socket" else None) as (_, address):
            await _infected(api, desk, case["id"], address)


async def _infected(api: Api, desk: Desk, case_id: str, setting: str) -> None:
    desk = _scanned_by(desk, setting)
    bad, good = await a_file(api, case_id, EICAR), await a_file(api, case_id)
    assert await upkeep.scan_due(desk) == 2
    answer = await fetch(api, bad)
    assert (answer.status_code, answer.json()["code"]) == (423, "infected")
    assert (await api.get(the_path(case_id, bad["id"]))).json()["scan_status"] == "infected"
    assert (await fetch(api, good)).status_code == 200
    assert stored(desk, bad).exists()
    async with looking(desk) as session:
        alerts = (await session.scalars(select(PrivacyAlertRow))).all()
    assert [(alert.cause, str(alert.subject_id)) for alert in alerts] == [("file_infected", bad["id"])]
    _scanned_by(desk, "none")
    assert (await fetch(api, bad)).status_code == 423  # also for who does without a scanner afterwards


async def test_a_scanner_that_is_away_is_tried_again_and_then_the_file_says_failed(
    api: Api, desk: Desk, clock: Clock
) -> None:
    case = await a_complaint(api)
    desk = _scanned_by(desk, "clamd://127.0.0.1:1")
    file = await a_file(api, case["id"])
    for _ in range(upkeep.TRIES):
        assert await upkeep.scan_due(desk) == 1
        clock.advance(timedelta(hours=1))
    assert (await the_row(desk, file)).scan_status == "failed"
    assert (await fetch(api, file)).status_code == 423
    async with a_clamd() as (_, address):
        desk = _scanned_by(desk, address)
        clock.advance(timedelta(days=1))
        await upkeep.nightly(desk)
        assert await upkeep.scan_due(desk) == 1
    assert (await the_row(desk, file)).scan_status == "clean"


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK maybe\0"])
async def test_an_answer_that_says_neither_is_no_verdict(answer: bytes) -> None:
    async with a_clamd() as (daemon, address):
        daemon.answer = answer or b"\0"
        with pytest.raises(scanners.ScanError):
            await scanners.scan(address, _parts())


async def test_a_program_that_fails_or_is_not_there_is_no_verdict() -> None:
    for command in ("false-scanner-that-is-not-there", f"{sys.executable} -c 'raise SystemExit(2)'"):
        with pytest.raises(scanners.ScanError):
            await scanners.scan(f"command:{command}", _parts())


async def _parts() -> AsyncIterator[bytes]:
    yield b"x" * 100_000


@pytest.mark.parametrize("setting", ["clamav", "http://127.0.0.1", "clamd://", "clamd://host:99999", "command: "])
def test_a_scanner_of_another_kind_is_refused_at_the_start(setting: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("VIGILANCIA_SCAN", setting)
    with pytest.raises(ValidationError):
        Settings()
