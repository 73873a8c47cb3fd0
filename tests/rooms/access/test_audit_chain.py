"""The chain: sealed by one at a time while many write, whole after a kill, and proved offline."""

import asyncio
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
import rfc8785
from click.testing import CliRunner

from tests.builders import a_complaint
from tests.conftest import KEYS, Api, Database
from tests.rooms.access.auditing import a_sealed_chain, killed_while_sealing, rows
from tests.rooms.access.test_row_security import asking
from vigilancia.access import audit
from vigilancia.access.chain import files, heads, sealing, verifying
from vigilancia.access.chain.rows import link
from vigilancia.cli.main import main
from vigilancia.core import tickets
from vigilancia.core.crypto import KeyRing
from vigilancia.core.identity import SYSTEM
from vigilancia.core.settings import settings as process_settings
from vigilancia.core.work import Desk

WRITERS, EACH = 8, 12


async def test_a_chain_written_by_eight_and_sealed_by_three_at_once_has_every_row_once(
    api: Api, desk: Desk, empty: Database
) -> None:
    writing = True

    async def write(writer: int) -> None:
        for number in range(EACH):
            async with desk.work(api.people.staff) as work:
                await audit.note(work, "read", "complaint", facts={"writer": writer, "number": number})

    async def keep_sealing() -> None:
        while writing:
            await sealing.seal(desk)

    sealers = [asyncio.create_task(keep_sealing()) for _ in range(3)]
    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    writing = False
    await asyncio.gather(*sealers)
    report = await verifying.verify(desk)
    assert report.good
    assert report.waiting == 0
    told = rows(empty)
    assert sorted(row["position"] for row in told) == list(range(1, len(told) + 1))
    noted = [row for row in told if row["facts"] and "writer" in row["facts"]]
    assert len(noted) == WRITERS * EACH


async def test_a_row_whose_transaction_ends_late_comes_later_in_the_chain(
    api: Api, desk: Desk, empty: Database
) -> None:
    late = desk.begin(api.people.staff)
    await audit.note(late, "read", "late")
    async with desk.work(api.people.staff) as work:
        await audit.note(work, "read", "soon")
    await sealing.seal(desk)
    assert [row["position"] is None for row in rows(empty, what="soon")] == [False]
    await desk.commit(late)
    await late.session.close()
    await sealing.seal(desk)
    (first,), (second,) = rows(empty, what="late"), rows(empty, what="soon")
    assert first["seq"] < second["seq"]
    assert first["position"] > second["position"]
    assert (await verifying.verify(desk)).good


async def test_a_sealer_killed_before_its_commit_has_done_nothing(
    api: Api, desk: Desk, empty: Database, tmp_path: Path
) -> None:
    await a_sealed_chain(api, desk, complaints=1)
    await a_complaint(api)
    before = {row["id"]: row["position"] for row in rows(empty)}
    await asyncio.to_thread(killed_while_sealing, empty.url, tmp_path, KEYS)
    assert {row["id"]: row["position"] for row in rows(empty)} == before
    report = await verifying.verify(desk)  # seals, once the dead one's lock is gone
    assert report.good
    assert report.rows == len(before)


async def test_the_application_can_only_continue_the_chain(api: Api, desk: Desk, empty: Database) -> None:
    await a_sealed_chain(api, desk, complaints=1)
    await a_complaint(api)
    waiting = rows(empty)[-1]["seq"]
    wrong = [
        (1, [waiting], "the chain has moved on"),
        (len(rows(empty)), [1], "do not wait"),
    ]
    for first, seqs, words in wrong:
        with (
            asking(empty, SYSTEM, desk.now()) as connection,
            pytest.raises(psycopg.errors.SerializationFailure, match=words),
        ):
            connection.execute("SELECT audit_seal(%s, %s, %s, now(), '', '')", (first, seqs, [b"x"]))


def test_a_row_is_sealed_as_canonical_json_over_the_digest_before() -> None:
    """The form of every digest ever made; a change here breaks every chain there is."""
    row: dict[str, Any] = {
        "id": "0195a1c2-6d3e-7f10-8a4b-2c5d6e7f8091",
        "seq": 7,
        "facts": {"b": 1, "a": "é"},
        "action": "read",
    }
    assert rfc8785.dumps(row) == (
        '{"action":"read","facts":{"a":"é","b":1},"id":"0195a1c2-6d3e-7f10-8a4b-2c5d6e7f8091","seq":7}'.encode()
    )
    assert link(bytes(32), row).hex() == "a52575c5eefd4d0b62aded71aea05e54b43c90f7378c8a38962a8f647695cc6e"


def test_a_figure_beyond_what_json_can_say_does_not_stop_the_sealer() -> None:
    from vigilancia.access.chain.rows import _plain

    assert _plain({"rows": 2**60, "few": 3}) == {"rows": str(2**60), "few": 3}


async def test_a_file_proves_itself_offline(api: Api, desk: Desk, empty: Database, tmp_path: Path) -> None:
    await a_sealed_chain(api, desk)
    path = tmp_path / "audit.jsonl"
    head = await files.write(desk, path)
    assert path.stat().st_mode & 0o077 == 0
    report = files.verify(path, public_keys=[head.public_key])
    assert report.good
    assert report.rows == head.position == len(rows(empty))
    assert [told.position for told in heads.read_outside(heads.outside(desk.settings)) if told] == [head.position]
    assert "Despidos tras una asamblea" not in path.read_text()  # digests of what rows held, not the words


SPOILED: dict[str, tuple[Any, str]] = {
    "a row edited": (lambda lines: _edited(lines, 3, "what", "x"), "edited"),
    "a row removed": (lambda lines: lines[:3] + lines[4:], "place_missing"),
    "two rows swapped": (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], "place_missing"),
    "the end cut off": (lambda lines: [*lines[:5], lines[-1]], "truncated"),
    "the head of an earlier export": (lambda lines: [*lines[:-1], _older(lines[-1])], "head_broken"),
}


def _edited(lines: list[str], place: int, name: str, value: str) -> list[str]:
    told = json.loads(lines[place])
    told["row"][name] = value
    return [*lines[:place], json.dumps(told) + "\n", *lines[place + 1 :]]


def _older(line: str) -> str:
    told = json.loads(line)
    told["head"]["at"] = "2020-01-01T00:00:00.000000Z"
    return json.dumps(told) + "\n"


@pytest.mark.parametrize("spoiling", list(SPOILED))
async def test_a_spoiled_file_is_found_out(api: Api, desk: Desk, tmp_path: Path, spoiling: str) -> None:
    await a_sealed_chain(api, desk)
    path = tmp_path / "audit.jsonl"
    head = await files.write(desk, path)
    spoil, kind = SPOILED[spoiling]
    path.write_text("".join(spoil(path.read_text().splitlines(keepends=True))))
    report = files.verify(path, public_keys=[head.public_key])
    assert kind in {fault.kind for fault in report.faults}


async def test_a_file_that_ends_without_its_head_is_no_file_of_ours(api: Api, desk: Desk, tmp_path: Path) -> None:
    await a_sealed_chain(api, desk)
    path = tmp_path / "audit.jsonl"
    head = await files.write(desk, path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(files.NotAnAuditError):
        files.verify(path, public_keys=[head.public_key])


async def test_a_file_is_believed_only_under_a_key_one_brings(api: Api, desk: Desk, tmp_path: Path) -> None:
    await a_sealed_chain(api, desk)
    path = tmp_path / "audit.jsonl"
    await files.write(desk, path)
    other = heads.public_keys(KeyRing("other:" + "B" * 43 + "="))
    assert {fault.kind for fault in files.verify(path, public_keys=other).faults} == {"head_broken"}


async def test_the_commands_say_what_they_found_and_end_with_it(
    api: Api, desk: Desk, empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_sealed_chain(api, desk)
    for name, value in {
        "DATABASE_URL": empty.url,
        "MASTER_KEYS": KEYS,
        "DATA_DIR": str(tmp_path),
        "LOCALE": "en",
    }.items():
        monkeypatch.setenv(f"VIGILANCIA_{name}", value)
    process_settings.cache_clear()

    async def run(*words: str) -> tuple[int, Any]:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["audit", *words, "--json"])
        return result.exit_code, json.loads(result.stdout)

    file = tmp_path / "out.jsonl"
    assert (await run("verify"))[0] == 0
    status, told = await run("export", str(file))
    assert status == 0
    key = told["head"]["public_key"]
    kept = tmp_path / "kept.jsonl"
    kept.write_text(json.dumps(told["head"]) + "\n")
    monkeypatch.delenv("VIGILANCIA_DATABASE_URL")
    monkeypatch.delenv("VIGILANCIA_MASTER_KEYS")
    process_settings.cache_clear()
    assert (await run("verify", "--file", str(file), "--public-key", key))[0] == 0
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(_edited(lines, 2, "what", "x")))
    status, told = await run("verify", "--file", str(file), "--public-key", key)
    assert (status, told["good"], told["faults"][0]["position"]) == (1, False, 2)
    monkeypatch.setenv("VIGILANCIA_DATABASE_URL", empty.url)
    monkeypatch.setenv("VIGILANCIA_MASTER_KEYS", KEYS)
    process_settings.cache_clear()
    assert (await run("verify", "--head", str(kept)))[0] == 0
    process_settings.cache_clear()


async def test_a_key_that_left_the_ring_is_known_from_the_file_outside(api: Api, desk: Desk) -> None:
    from dataclasses import replace

    await a_sealed_chain(api, desk)
    await sealing.keep_head(desk, daily=True)
    both = replace(desk, keys=KeyRing("new:" + "B" * 43 + "=," + KEYS))
    tickets.install(desk.settings.owner_database_url, both.keys)
    await a_complaint(api)
    await sealing.seal(both)
    alone = replace(desk, keys=KeyRing("new:" + "B" * 43 + "="))
    async with alone.work(SYSTEM):
        report = await verifying.verify(alone)
    assert report.good
