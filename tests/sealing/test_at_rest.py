"""Sealed words are read by who may, and stand nowhere in the database."""

import csv
import io
import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from tests.builders import a_complaint
from tests.conftest import Api, Clock, Database, looking
from tests.rooms.complaints.cases import a_full_case, everything, granted
from tests.rooms.reports.files import asked, cells, objects, text_of
from tests.sealing.words import SEALED, a_sealed_case, dumped, everything_read
from vigilancia.core.stores import StoreError
from vigilancia.core.vault import MARK
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.reports import service

WORDS = {"summary": "Resumen canarysummary", "narrative": "Relato canarynarrative"}


async def test_a_dump_holds_no_sealed_word_and_the_owner_reads_them_all(
    api: Api, desk: Desk, clock: Clock, database: Database
) -> None:
    ids = await a_sealed_case(api, desk, clock)
    read = "".join((await everything_read(api, ids)).values())
    assert [word for word in SEALED if word not in read] == []
    dump = dumped(database)
    assert "canarytitle" in dump
    assert [word for word in SEALED if word in dump] == []
    files = b"".join(path.read_bytes() for path in desk.settings.key_dir.rglob("*") if path.is_file())
    assert b"canary" not in files


async def test_without_its_key_the_case_goes_on_without_words(api: Api, desk: Desk, clock: Clock) -> None:
    ids = await a_sealed_case(api, desk, clock)
    await desk.vault.destroy(UUID(ids["case"]))
    read = await everything_read(api, ids)
    case = f"/v1/complaints/{ids['case']}"
    others = {path: answer for path, answer in read.items() if ids["other"] not in path}
    assert [word for word in SEALED if word in "".join(others.values())] == []
    told = json.loads(read[case])
    assert (told["title"], told["summary"], told["narrative"]) == ("Despidos: canarytitle", None, None)


@pytest.mark.parametrize("confidentiality", ["restricted", "partners"])
async def test_a_search_never_reads_a_sealed_summary(api: Api, confidentiality: str) -> None:
    case = await a_complaint(api, confidentiality=confidentiality, **WORDS)
    assert await found(api, "canarysummary") == []
    assert await found(api, "canarynarrative") == []
    assert await found(api, case["title"].split()[0]) == [case["id"]]


async def test_who_changes_who_sees_a_case_seals_and_unseals_its_summary(api: Api, database: Database) -> None:
    case = await a_complaint(api, **WORDS)
    path, version = f"/v1/complaints/{case['id']}", 1
    for confidentiality, plain in (("public", True), ("partners", False), ("public", True), ("restricted", False)):
        answer = await api.patch(path, json={"confidentiality": confidentiality}, version=version)
        version += 1
        assert {name: answer.json()[name] for name in WORDS} == WORDS
        assert await found(api, "canarysummary") == ([case["id"]] if plain else [])
        dump = dumped(database)
        assert ("canarysummary" in dump, "canarynarrative" in dump) == (plain, False)
    answer = await api.patch(path, json={"confidentiality": "public", "summary": "otra"}, version=version)
    assert answer.json()["summary"] == "otra"
    assert await found(api, "otra") == [case["id"]]
    answer = await api.patch(path, json={"confidentiality": "partners", "summary": None}, version=version + 1)
    assert (answer.json()["summary"], await found(api, "otra")) == (None, [])


async def test_the_database_refuses_a_plain_summary_that_is_not_public(api: Api, database: Database) -> None:
    case = await a_complaint(api, **WORDS)
    with psycopg.connect(database.owner_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE complaint SET summary = 'x' WHERE id = %s", [case["id"]])


async def test_the_same_words_again_change_nothing(api: Api) -> None:
    case = await a_complaint(api, **WORDS)
    answer = await api.patch(f"/v1/complaints/{case['id']}", json=WORDS, version=1)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)


async def test_a_page_of_summaries_is_opened_as_each_may_see_it(api: Api) -> None:
    cases = [await a_complaint(api, summary=f"Resumen {place}") for place in range(3)]
    await granted(api, cases[0]["id"], "read")
    told = {case["id"]: case["summary"] for case in (await api.get("/v1/complaints")).json()["items"]}
    assert told == {case["id"]: f"Resumen {place}" for place, case in enumerate(cases)}
    for role, seen in (("partner", {cases[0]["id"]: "Resumen 0"}), ("analyst", dict.fromkeys(told))):
        items = (await api.get("/v1/complaints", role=role)).json()["items"]
        assert {case["id"]: case["summary"] for case in items} == seen


@pytest.mark.parametrize(
    ("table", "column"),
    [("complaint", "summary_sealed"), ("complaint", "narrative_sealed"), ("complaint_task", "words")],
)
async def test_a_value_moved_to_another_row_is_refused(
    api: Api, desk: Desk, clock: Clock, database: Database, table: str, column: str
) -> None:
    first = await a_sealed_case(api, desk, clock)
    second = await a_full_case(api)
    await api.post(f"/v1/complaints/{second['id']}/tasks", json={"code": "other", "title": "x", "due_on": "2026-05-05"})
    key = "id" if table == "complaint" else "complaint_id"
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(
            f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} WHERE {key} = %s) WHERE {key} = %s",
            [first["case"], second["id"]],
        )
    path = f"/v1/complaints/{second['id']}" + ("/tasks" if table == "complaint_task" else "")
    assert (await api.get(path)).status_code == 500


async def test_while_the_key_store_is_away_reading_waits_and_ladders_climb(
    api: Api, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await a_sealed_case(api, desk, clock)
    (desk.settings.key_dir / MARK).rename(desk.settings.key_dir / "hidden")
    monkeypatch.setattr(desk.vault, "_known", OrderedDict())
    for folder in desk.settings.key_dir.glob("??"):
        folder.rename(folder.with_name(f"away-{folder.name}"))
    answer = await api.get(f"/v1/complaints/{ids['case']}")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    refused = await api.post("/v1/complaints", json={"title": "x", "received_on": "2026-03-01", "summary": "y"})
    assert refused.status_code == 503
    assert (await api.post("/v1/complaints", json={"title": "x", "received_on": "2026-03-01"})).status_code == 201
    clock.set(clock.now.replace(month=6))
    await sweep(desk)
    with pytest.raises(StoreError):
        await desk.vault.key(UUID(ids["case"]))


FORMULA = '=1+1, "canary"\n\\ñ'


@pytest.mark.parametrize("read", [cells, objects])
async def test_a_full_export_opens_summaries_on_the_way(
    api: Api, desk: Desk, read: Callable[..., Any], database: Database
) -> None:
    for changes in ({"summary": FORMULA}, {"summary": "abierto", "confidentiality": "public"}, {}):
        await a_complaint(api, **changes)
    lost = await a_complaint(api, summary="borrado")
    await desk.vault.destroy(UUID(lost["id"]))
    told = sorted(row["summary"] or "" for row in await read(api, desk, profile="full"))
    assert told == ["", "", *sorted(["abierto", f"'{FORMULA}" if read is cells else FORMULA])]
    hidden = [row["summary"] or "" for row in await read(api, desk, profile="deidentified")]
    assert sorted(hidden) == ["", "", "", "abierto"]
    assert "canary" not in dumped(database)


async def test_a_title_cannot_pretend_to_be_a_sealed_summary(api: Api, desk: Desk, database: Database) -> None:
    case = await a_complaint(api, **WORDS)
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute("SELECT summary_sealed FROM complaint").fetchone()
    assert row is not None
    title = f"sealed{'0' * 32}:{case['id']}:{row[0].hex()};"[:300]
    await a_complaint(api, title=title)
    assert title in [row["title"] for row in await cells(api, desk, profile="full")]


async def test_an_export_waits_for_the_key_store(api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_complaint(api, **WORDS)
    export = await asked(api, profile="full")
    key_dir = desk.settings.key_dir
    key_dir.rename(key_dir.with_name("away"))
    monkeypatch.setattr(desk.vault, "_known", OrderedDict())
    await service.make_due(desk)
    assert (await api.get(f"/v1/exports/{export['id']}")).json()["status"] == "running"
    key_dir.with_name("away").rename(key_dir)
    async with looking(desk) as session:
        await session.execute(text("UPDATE job SET run_at = now() - interval '1 year', leased_until = NULL"))
        await session.commit()
    await service.make_due(desk)
    assert "canarysummary" in await text_of(api, (await api.get(f"/v1/exports/{export['id']}")).json())


def test_cells_are_disarmed_as_the_database_does(database: Database) -> None:
    from vigilancia.reports import unsealing

    signs = "=+-@|%\uff1d\uff0b\uff0d\uff20a"
    before = ("", " ", "\t", "\ufeff", "\u200b ", "x", "\u0001")
    hostile = [f"{first}{sign}1" for sign in signs for first in before]
    with psycopg.connect(database.owner_url) as connection:
        for words in hostile:
            row = connection.execute("SELECT public.csv_safe(%s)", [words]).fetchone()
            assert row is not None
            assert next(csv.reader(io.StringIO(unsealing._cell(words), newline=""))) == [row[0]], repr(words)


async def test_a_case_with_everything_reads_as_it_was_logged(api: Api) -> None:
    body = everything()
    case = await a_complaint(api, **body)
    assert {name: case[name] for name in WORDS} == {name: body[name] for name in WORDS}


async def test_without_words_no_key_is_made(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await api.patch(f"/v1/complaints/{case['id']}", json={"title": "otro", "confidentiality": "public"}, version=1)
    assert await desk.vault.find(UUID(case["id"])) is None


async def found(api: Api, words: str) -> list[str]:
    items = (await api.get("/v1/complaints", params={"q": words})).json()["items"]
    return [item["id"] for item in items]
