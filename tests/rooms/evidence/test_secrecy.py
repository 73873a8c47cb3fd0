"""Words about files stand nowhere in the clear: not in the database, on the disk, in the timeline or in a log."""

import logging
from typing import Any

import psycopg
import pytest

from tests.builders import a_complaint
from tests.conftest import Api, Database
from tests.rooms.filing import a_copy, a_file, fetch, the_path
from tests.rooms.tasking import a_writer
from vigilancia.core.work import Desk
from vigilancia.evidence import upkeep

CANARY = "canary"
HEX = CANARY.encode().hex()


def everything_in(database: Database) -> str:
    """Return every row of every table as text, as a dump would hold it; bytes as hexadecimal digits."""
    with psycopg.connect(database.owner_url) as connection:
        names = connection.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchall()
        rows = [connection.execute(f"SELECT each::text FROM {name} AS each").fetchall() for (name,) in names]
    return "\n".join(text for table in rows for (text,) in table)


async def test_no_word_about_a_file_is_in_database_disk_timeline_or_log(
    api: Api, desk: Desk, empty: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case = await a_complaint(api)
    await a_writer(api, case["id"], access="read")
    words: dict[str, Any] = {"title": "canarytitle", "source": "canarysource", "name": "canaryname.txt"}
    file = await a_file(api, case["id"], b"canarycontent " * 9000, media="text/plain", **words)
    copy = await a_copy(
        api, file, b"canarycopy", name="canarycopyname.txt", media="text/plain", title="canarycopytitle"
    )
    path = the_path(case["id"], file["id"])
    assert (await api.patch(path, json={"title": "canarychanged"}, version=1)).status_code == 200
    written = await api.request("PUT", f"{path}/transcript", json={"text": "canarytranscript"}, version=0)
    assert written.status_code == 200
    read = await api.get(f"{path}/transcript", params={"purpose": "canarypurpose"})
    assert read.json()["text"] == "canarytranscript"
    assert (await fetch(api, file, purpose="canarypurpose", own_name="true")).status_code == 200
    assert (await fetch(api, file, role="partner", purpose="canarypurpose")).content == b"canarycopy"
    body = {"purpose": "canarypurpose", "originals": True}
    assert (await api.post(f"/v1/complaints/{case['id']}/bundle", json=body)).status_code == 200
    ask = {"reason": "canaryreason", "file_id": file["id"]}
    assert (await api.post(f"{the_path(case['id'])}/unmask-requests", json=ask, role="partner")).status_code == 201
    await upkeep.nightly(desk)
    await upkeep.recheck_due(desk)

    dumped = everything_in(empty)
    assert copy["id"] in dumped  # it was looked for where it is
    assert CANARY not in dumped
    assert HEX not in dumped
    assert "canary" not in (await api.get(f"/v1/complaints/{case['id']}/timeline")).text
    lying = [path for path in desk.settings.data_dir.rglob("*") if path.is_file()]
    assert len(lying) >= 3
    assert not [place for place in lying if CANARY.encode() in place.read_bytes() or CANARY in str(place)]
    spoken = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [line for line in spoken if CANARY in line]


async def test_the_application_can_add_to_the_custody_log_and_neither_change_nor_remove(
    api: Api, empty: Database
) -> None:
    case = await a_complaint(api)
    await a_file(api, case["id"])
    for order in ("UPDATE custody SET action = 'borrowed'", "DELETE FROM custody", "TRUNCATE custody"):
        with (
            psycopg.connect(empty.url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(order)


async def test_the_transcript_has_a_version_of_its_own(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], kind="audio")
    path = f"{the_path(case['id'], file['id'])}/transcript"
    none = await api.get(path, params={"purpose": "x"})
    assert (none.json()["text"], none.headers["etag"]) == (None, '"v0"')
    body = {"text": "Nos dijeron que firmáramos.", "language": "es"}
    first = await api.request("PUT", path, json=body, version=0)
    assert (first.status_code, first.headers["etag"], first.json()["version"]) == (200, '"v1"', 1)
    assert (await api.request("PUT", path, json=body, version=0)).status_code == 412
    assert (await api.request("PUT", path, json=body)).status_code == 428
    assert (await api.get(path)).status_code == 400  # no purpose
    log = (await api.get(f"{the_path(case['id'], file['id'])}/custody")).json()["items"]
    assert [entry["action"] for entry in log] == ["received", "transcribed"]  # nothing was there to be read


async def test_what_is_said_about_a_file_can_be_corrected_and_the_file_cannot(api: Api) -> None:
    case = await a_complaint(api)
    file = await a_file(api, case["id"], held_by=1)
    path = the_path(case["id"], file["id"])
    changed = await api.patch(path, json={"kind": "photo", "held_by": 300, "title": "Otra"}, version=1)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (changed.json()["kind"], changed.json()["title"], changed.json()["warnings"]) == ("photo", "Otra", [])
    assert changed.json()["sha256"] == file["sha256"]
    assert (await api.patch(path, json={"kind": "photo"}, version=1)).status_code == 412
    assert (await api.patch(path, json={"sha256": "0" * 64}, version=2)).status_code == 422
    same = await api.patch(path, json={"title": "Otra"}, version=2)
    assert same.json()["version"] == 2
    assert (await api.get(path, headers={"If-None-Match": same.headers["etag"]})).status_code == 304
    assert (await api.delete(path, version=2)).status_code == 405


async def test_lists_are_pages_by_kind_in_the_order_of_receipt(api: Api) -> None:
    case = await a_complaint(api)
    for kind in ("photo", "audio", "photo"):
        await a_file(api, case["id"], kind=kind)
    path = the_path(case["id"])
    first = (await api.get(path, params={"limit": "2"})).json()
    rest = (await api.get(path, params={"limit": "2", "cursor": first["next"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    photos = (await api.get(path, params={"kind": "photo"})).json()["items"]
    assert [item["kind"] for item in photos] == ["photo", "photo"]
