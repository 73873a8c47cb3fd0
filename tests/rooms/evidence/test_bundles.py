"""Bundles: files, manifest, custody log and signature in one ZIP, held against each other offline."""

import base64
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.builders import a_complaint
from tests.conftest import ROOT, Api, looking
from tests.rooms.evidence.test_copies import _second_person
from tests.rooms.filing import PDF, WAV, a_copy, a_file, custody_of, stored, the_path
from tests.rooms.tasking import a_writer
from vigilancia.access.models import AuditRow
from vigilancia.core.crypto import KeyRing
from vigilancia.core.signing_keys import public_keys, signing_key, to_pem
from vigilancia.core.work import Desk
from vigilancia.evidence import service
from vigilancia.evidence.layout import KEY, MANIFEST, SIGNATURE
from vigilancia.evidence.verifying import Report, verify

BODY = {"purpose": "canarypurpose para el panel", "originals": True}


async def a_bundle(api: Api, tmp_path: Path, case_id: str, *, role: str = "staff", **changes: Any) -> Path:
    """Take the files of a case home."""
    answer = await api.post(f"/v1/complaints/{case_id}/bundle", json=BODY | changes, role=role)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    place = tmp_path / "bundle.zip"
    place.write_bytes(answer.content)
    return place


def _codes(report: Report) -> list[tuple[str, str]]:
    return [(finding.code, finding.name) for finding in report.findings]


async def test_a_bundle_holds_what_it_says_and_every_file_says_that_it_was_exported(
    api: Api, desk: Desk, tmp_path: Path
) -> None:
    case = await a_complaint(api, title="canarycase")
    file = await a_file(api, case["id"], title="canarytitle", source="canarysource", name="canaryname.pdf")
    sound = await a_file(api, case["id"], WAV, kind="audio", name="a.wav", media="audio/wav")
    copy = await a_copy(api, file, b"testado", name="a.txt", media="text/plain")
    place = await a_bundle(api, tmp_path, case["id"])

    with zipfile.ZipFile(place) as packed:
        assert packed.testzip() is None
        assert packed.read(f"files/{file['id']}.pdf") == PDF
        assert packed.read(f"files/{sound['id']}.wav") == WAV
        assert packed.read(f"files/{copy['id']}.txt") == b"testado"
        told = json.loads(packed.read("case.json"))
        log = json.loads(packed.read("custody.json"))
        everything = b"".join(packed.read(name) for name in packed.namelist())
    assert (told["reference"], told["received_on"]) == (case["reference"], "2026-02-02")
    assert {entry["sha256"] for entry in told["files"]} == {file["sha256"], sound["sha256"], copy["sha256"]}
    assert [entry["action"] for entry in log if entry["evidence_id"] == file["id"]] == ["received", "exported"]
    assert b"canary" not in everything
    assert [row.action for row in await custody_of(desk, copy)] == ["redacted", "exported"]
    async with looking(desk) as session:
        exports = (await session.scalars(select(AuditRow).where(AuditRow.action == "export"))).all()
    assert [row.facts for row in exports] == [{"files": 3, "originals": True}]

    report = verify(place)
    assert (report.findings, report.files, report.known) == ([], 6, False)
    keys = (await api.get("/v1/signing-keys")).json()["keys"]
    assert keys[0]["id"] == report.key
    assert verify(place, keys[0]["public_key"].encode()).known


async def test_without_originals_only_copies_are_in_it_and_it_says_what_is_not(
    api: Api, desk: Desk, tmp_path: Path
) -> None:
    case = await a_complaint(api)
    await a_writer(api, case["id"], access="read")
    file = await a_file(api, case["id"])
    copy = await a_copy(api, file, b"testado", name="a.txt", media="text/plain")
    for role in ("staff", "partner"):
        with zipfile.ZipFile(await a_bundle(api, tmp_path, case["id"], role=role, originals=False)) as packed:
            assert [name for name in packed.namelist() if name.startswith("files/")] == [f"files/{copy['id']}.txt"]
            told = json.loads(packed.read("case.json"))
            log = json.loads(packed.read("custody.json"))
        assert told["left_out"] == [{"id": file["id"], "why": "original"}]
        assert {entry["evidence_id"] for entry in log} == {copy["id"]}
    assert [row.action for row in await custody_of(desk, file)] == ["received"]


async def test_originals_in_a_bundle_want_a_second_person_where_the_owner_says_so(
    api: Api, desk: Desk, people: Any
) -> None:
    case = await a_complaint(api)
    await a_file(api, case["id"])
    await _second_person(desk, people.centre_id)
    answer = await api.post(f"/v1/complaints/{case['id']}/bundle", json=BODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "approval-required")
    for role, status in (("partner", 404), ("analyst", 404), ("admin", 404)):
        answer = await api.post(f"/v1/complaints/{case['id']}/bundle", json=BODY, role=role)
        assert answer.status_code == status, role


async def test_there_is_no_bundle_with_a_damaged_file(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await a_file(api, case["id"])
    bad = await a_file(api, case["id"], WAV)
    stored(desk, bad).write_bytes(stored(desk, bad).read_bytes()[:-1])
    answer = await api.post(f"/v1/complaints/{case['id']}/bundle", json=BODY)
    assert (answer.status_code, answer.json()["code"]) == (500, "evidence-integrity")
    assert [row.action for row in await custody_of(desk, bad)] == ["received", "integrity_failed"]


def _rewritten(place: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(place) as packed:
        entries = {name: packed.read(name) for name in packed.namelist()}
    change(entries)
    out = place.with_name("changed.zip")
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in entries.items():
            packed.writestr(name, data)
    return out


async def test_each_way_of_tampering_is_found_and_named(api: Api, tmp_path: Path) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], os.urandom(200_000))
    place = await a_bundle(api, tmp_path, case["id"])
    name = f"files/{file['id']}.bin"

    def resigned(entries: dict[str, bytes]) -> None:
        other = signing_key(KeyRing(KeyRing.make("otro")), "bundle")
        entries[MANIFEST] = b"".join(
            line for line in entries[MANIFEST].splitlines(keepends=True) if not line.rstrip().endswith(KEY.encode())
        )
        entries[SIGNATURE] = base64.b64encode(other.sign(entries[MANIFEST]))
        entries[KEY] = to_pem(other.public_key()).encode()

    def edited(entries: dict[str, bytes]) -> None:
        entries["custody.json"] = entries["custody.json"].replace(b"received", b"borrowed")

    def listed_anew(entries: dict[str, bytes]) -> None:
        entries[MANIFEST] = entries[MANIFEST].replace(file["sha256"].encode(), b"0" * 64)

    ways: list[tuple[Callable[[dict[str, bytes]], Any], tuple[str, str]]] = [
        (lambda entries: entries.update({name: b"otro"}), ("differs", name)),
        (lambda entries: entries.pop(name), ("missing", name)),
        (lambda entries: entries.update({"files/mas.pdf": PDF}), ("extra", "files/mas.pdf")),
        (edited, ("differs", "custody.json")),
        (listed_anew, ("bad_signature", SIGNATURE)),
        (lambda entries: entries.pop(SIGNATURE), ("no_signature", SIGNATURE)),
        (lambda entries: entries.pop(MANIFEST), ("no_manifest", MANIFEST)),
        (lambda entries: entries.update({MANIFEST: b"nonsense\n"}), ("broken_manifest", MANIFEST)),
        (lambda entries: entries.update({SIGNATURE: b"!!!"}), ("bad_signature", SIGNATURE)),
        (lambda entries: entries.update({KEY: b"none"}), ("no_key", KEY)),
    ]
    for change, expected in ways:
        assert expected in _codes(verify(_rewritten(place, change))), expected
    key = to_pem(public_keys(KeyRing("test:" + "A" * 43 + "="), "bundle")[0]).encode()
    assert verify(place, key).findings == []
    forged = _rewritten(place, resigned)
    assert ("other_key", KEY) in _codes(verify(forged, key))
    whole = place.read_bytes()
    for cut in (whole[:-40], whole[: len(whole) // 2], b"", b"PK nonsense"):
        place.with_name("cut.zip").write_bytes(cut)
        assert _codes(verify(place.with_name("cut.zip"))) == [("no_zip", "")]
    flipped = bytearray(whole)
    flipped[whole.index(name.encode()) + 100_000] ^= 1
    place.with_name("flipped.zip").write_bytes(flipped)
    assert verify(place.with_name("flipped.zip")).findings


async def test_a_name_that_stands_twice_is_found(api: Api, tmp_path: Path) -> None:
    case = await a_complaint(api)
    await a_file(api, case["id"])
    place = await a_bundle(api, tmp_path, case["id"])
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(place, "a") as packed:
        packed.writestr("case.json", packed.read("case.json"))
    assert ("twice", "case.json") in _codes(verify(place))


def _verify(*args: str, locale: str = "en") -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}/src", "VIGILANCIA_LOCALE": locale}
    command = [sys.executable, "-m", "vigilancia", "verify", *args]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


async def test_the_command_says_it_in_words_and_by_its_status(api: Api, tmp_path: Path) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"])
    place = await a_bundle(api, tmp_path, case["id"])
    key = tmp_path / "key.pem"
    key.write_text((await api.get("/v1/signing-keys")).json()["keys"][0]["public_key"])

    good = _verify(str(place), "--public-key", str(key))
    assert (good.returncode, good.stderr) == (0, "")
    assert "4 files agree" in good.stdout
    assert json.loads(_verify(str(place), "--json").stdout)["whole"] is True
    bad = _rewritten(place, lambda entries: entries.update({f"files/{file['id']}.pdf": b"otro"}))
    said = _verify(str(bad), locale="es")
    assert said.returncode == 1
    assert f"files/{file['id']}.pdf no es lo que dice el manifiesto." in said.stdout
    told = json.loads(_verify(str(bad), "--json").stdout)
    assert told["findings"] == [{"code": "differs", "name": f"files/{file['id']}.pdf"}]
    assert _verify(str(place), "--public-key", str(place)).returncode == 1
    assert _verify("nowhere.zip").returncode == 2


async def test_what_is_erased_leaves_its_hash_and_its_log_and_nothing_else(api: Api, desk: Desk, people: Any) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], title="canarytitle")
    path = the_path(case["id"], file["id"])
    await api.request("PUT", f"{path}/transcript", json={"text": "canarytranscript"}, version=0)
    async with desk.work(people.staff) as work:
        assert await service.forget(work, UUID(case["id"])) == 1
        assert await service.forget(work, UUID(case["id"])) == 0
    assert not stored(desk, file).exists()
    seen = (await api.get(path)).json()
    assert (seen["state"], seen["sha256"], seen["title"], seen["name"]) == ("erased", file["sha256"], None, None)
    assert [row.action for row in await custody_of(desk, file)] == ["received", "transcribed", "erased"]
    gone = await api.get(f"{path}/content", params={"purpose": "x"})
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    assert (await api.patch(path, json={"kind": "photo"}, version=3)).status_code == 410


async def test_when_the_key_of_the_case_is_destroyed_no_file_of_it_opens(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"])
    await desk.vault.destroy(UUID(case["id"]))
    answer = await api.get(f"{the_path(case['id'], file['id'])}/content", params={"purpose": "x"})
    assert answer.status_code == 410
    assert [row.action for row in await custody_of(desk, file)] == ["received"]  # no false alarm
