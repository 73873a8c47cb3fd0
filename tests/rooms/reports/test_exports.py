"""Exports through the API: asked for, made, fetched, expired."""

import hashlib
import json
from datetime import timedelta

import psycopg
import pytest

from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api, Clock, Database, People
from tests.rooms.reports.files import asked, cells, made, objects, text_of
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk
from vigilancia.reports import routes, service


async def test_asking_queues_work_and_wakes_the_workers(api: Api, woken: list[frozenset[Job]]) -> None:
    export = await asked(api)
    assert export["status"] == "queued"
    assert export["file"] is None
    assert woken == [frozenset({Job.EXPORT})]


async def test_worker_makes_the_file_and_its_figures_are_true(api: Api, desk: Desk) -> None:
    await a_complaint(api)
    export = await made(api, desk)
    content = (await text_of(api, export)).encode()
    assert export["rows"] == 1
    assert export["bytes"] == len(content)
    assert export["sha256"] == hashlib.sha256(content).hexdigest()
    assert export["file"] == f"http://vigilancia.test/v1/exports/{export['id']}/file"


async def test_file_comes_under_its_id_alone_as_what_it_is(api: Api, desk: Desk) -> None:
    for format_, media in (("csv", "text/csv; charset=utf-8"), ("jsonl", "application/jsonl")):
        export = await made(api, desk, format=format_)
        answer = await api.get(f"/v1/exports/{export['id']}/file")
        assert answer.headers["content-type"] == media
        assert answer.headers["content-disposition"] == f'attachment; filename="{export["id"]}.{format_}"'


async def test_lines_end_as_rfc_4180_says_and_no_byte_order_mark_comes_first(api: Api, desk: Desk) -> None:
    await a_complaint(api, summary='una línea\ny otra; con "comillas", y comas')
    text = await text_of(api, await made(api, desk, profile="full"))
    assert text.startswith("id,self,reference,")
    assert text.endswith("\r\n")
    assert "una línea\ny otra" in text


async def test_full_profile_has_what_staff_see_in_either_format(api: Api, desk: Desk) -> None:
    case = await a_complaint(
        api,
        summary="Resumen",
        tags=["uno", "dos"],
        allegations=["union_dismissal", "threats_coercion"],
        channel="phone",
    )
    (row,) = await cells(api, desk, profile="full")
    assert row["id"] == case["id"]
    assert row["self"] == f"http://vigilancia.test/v1/complaints/{case['id']}"
    assert row["reference"] == case["reference"]
    assert row["title"] == "Despidos tras una asamblea"
    assert row["received_on"] == "2026-02-02"
    assert row["received_month"] == "2026-02"
    assert row["allegations"] == "union_dismissal;threats_coercion"
    assert row["tags"] == "uno;dos"
    assert row["created_at"] == "2026-03-02T15:00:00Z"
    (object_,) = await objects(api, desk, profile="full")
    assert object_["tags"] == ["uno", "dos"]
    assert object_["interpreter_needed"] is None
    assert list(object_) == list(row)


async def test_both_formats_and_the_dictionary_have_the_same_columns(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    await an_event(api, proceeding["id"])
    for dataset in ("complaints", "deadlines"):
        for profile in ("deidentified", "full"):
            export = await made(api, desk, dataset=dataset, profile=profile)
            header = (await text_of(api, export)).splitlines()[0].split(",")
            dictionary = (await api.get(f"/v1/exports/{export['id']}/columns")).json()
            assert [column["name"] for column in dictionary["columns"]] == header
            assert all(set(column["meaning"]) == {"es", "en", "fr"} for column in dictionary["columns"])
            rows = await objects(api, desk, dataset=dataset, profile=profile)
            assert [list(row) for row in rows] == [header] * len(rows)
            beside = desk.settings.exports_dir / f"{export['id']}.columns.json"
            assert json.loads(beside.read_text()) == dictionary


async def test_deadlines_carry_their_case_their_words_and_their_citation(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    await an_event(api, proceeding["id"])
    (row,) = await cells(
        api, desk, dataset="deadlines", profile="full", locale="en", filter={"complaint_id": case["id"]}
    )
    listed = (
        await api.get("/v1/deadlines", params={"complaint_id": case["id"]}, headers={"Accept-Language": "en"})
    ).json()
    (deadline,) = listed["items"]
    assert row["self"] == f"http://vigilancia.test/v1/deadlines/{deadline['id']}"
    for name in ("id", "complaint_id", "proceeding_id", "reference", "rule", "title", "due_on", "status", "confidence"):
        assert row[name] == deadline[name], name
    assert deadline["citation"][0]["locator"] in row["citation"]


async def test_filters_are_those_of_the_list(api: Api, desk: Desk) -> None:
    await a_complaint(api, received_on="2026-01-10", allegations=["union_dismissal"])
    later = await a_complaint(api, received_on="2026-02-10", allegations=["bad_faith"])
    by_day = await cells(api, desk, profile="full", filter={"received_on_after": "2026-01-10"})
    assert [row["id"] for row in by_day] == [later["id"]]
    by_list = await cells(api, desk, profile="full", filter={"allegation": ["bad_faith", "surveillance"]})
    assert [row["id"] for row in by_list] == [later["id"]]


async def test_unknown_filter_and_bad_value_are_refused_together(api: Api) -> None:
    body = {
        "dataset": "complaints",
        "format": "csv",
        "purpose": "prueba",
        "filter": {"colour": "red", "received_on_after": "2026-02-30"},
    }
    answer = await api.post("/v1/exports", json=body)
    assert answer.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("/filter/colour", "unknown_field"),
        ("/filter/received_on_after", "date"),
    }
    answer = await api.post("/v1/exports", json={**body, "dataset": "deadlines", "filter": {"complaint_id": "x"}})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/filter/complaint_id"]


async def test_purpose_is_wanted(api: Api) -> None:
    for purpose in ({}, {"purpose": "x"}):
        answer = await api.post("/v1/exports", json={"dataset": "complaints", "format": "csv", **purpose})
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/purpose"]


async def test_words_that_are_sql_find_nothing_and_break_nothing(api: Api, desk: Desk) -> None:
    await a_complaint(api)
    for words in ("'; DROP TABLE complaint; --", "%s %(x)s", "\\', '", "$1 || pg_sleep(9)"):
        assert await cells(api, desk, filter={"tag": words}) == []
        assert await cells(api, desk, filter={"q": words}) == []
    assert len(await cells(api, desk)) == 1


async def test_same_key_answers_the_same_export_with_202(api: Api) -> None:
    body = {"dataset": "complaints", "format": "csv", "purpose": "prueba"}
    first = await api.post("/v1/exports", json=body, headers={"Idempotency-Key": "k"})
    second = await api.post("/v1/exports", json=body, headers={"Idempotency-Key": "k"})
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]


async def test_file_is_409_until_done_and_410_after_seven_days(api: Api, desk: Desk, clock: Clock) -> None:
    export = await asked(api)
    path = f"/v1/exports/{export['id']}/file"
    assert (await api.get(path)).status_code == 409
    await service.make_due(desk)
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert (await api.get(path)).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert (await api.get(path)).status_code == 410
    assert (await api.get(f"/v1/exports/{export['id']}")).json()["status"] == "expired"


async def test_purging_removes_the_files_and_keeps_the_record(api: Api, desk: Desk, clock: Clock) -> None:
    export = await made(api, desk)
    kept = await made(api, desk)
    clock.advance(timedelta(days=7))
    fresh = await made(api, desk)
    async with desk.work(SYSTEM) as work:
        assert await service.purge_expired(work) == 2
    async with desk.work(SYSTEM) as work:
        assert await service.purge_expired(work) == 0
    left = sorted(path.name for path in desk.settings.exports_dir.iterdir())
    assert left == sorted([f"{fresh['id']}.csv", f"{fresh['id']}.columns.json"])
    assert (await api.get(f"/v1/exports/{kept['id']}/file")).status_code == 410
    found = (await api.get(f"/v1/exports/{export['id']}")).json()
    assert (found["status"], found["purpose"], found["rows"]) == ("expired", "Informe anual", 0)


async def test_file_that_is_lost_is_gone(api: Api, desk: Desk) -> None:
    export = await made(api, desk)
    (desk.settings.exports_dir / f"{export['id']}.csv").unlink()
    assert (await api.get(f"/v1/exports/{export['id']}/file")).status_code == 410


async def test_others_find_no_export_of_ours(api: Api, desk: Desk) -> None:
    export = await made(api, desk)
    for path in ("", "/file", "/columns"):
        assert (await api.get(f"/v1/exports/{export['id']}{path}", role="partner")).status_code == 404
    assert (await api.get("/v1/exports", role="partner")).json()["items"] == []
    assert [item["id"] for item in (await api.get("/v1/exports")).json()["items"]] == [export["id"]]


async def test_list_of_exports_has_no_words_to_search(api: Api) -> None:
    assert (await api.get("/v1/exports", params={"q": "informe"})).status_code == 400


async def test_analysts_neither_make_nor_fetch_full_exports(api: Api, desk: Desk) -> None:
    body = {"dataset": "complaints", "format": "csv", "purpose": "prueba", "profile": "full"}
    assert (await api.post("/v1/exports", json=body, role="analyst")).status_code == 403
    full = await made(api, desk, profile="full")
    plain = await made(api, desk)
    assert (await api.get(f"/v1/exports/{full['id']}/file", role="analyst")).status_code == 404
    assert (await api.get(f"/v1/exports/{plain['id']}/file", role="analyst")).status_code == 200
    assert [item["id"] for item in (await api.get("/v1/exports", role="analyst")).json()["items"]] == [plain["id"]]


async def test_notices_want_the_right_to_read_notices(api: Api) -> None:
    body = {"dataset": "notices", "format": "csv", "purpose": "prueba"}
    assert (await api.post("/v1/exports", json=body, role="analyst")).status_code == 403
    assert (await api.post("/v1/exports", json=body, role="staff")).status_code == 202


async def test_alerted_party_takes_home_reference_and_status_only(api: Api, desk: Desk, people: People) -> None:
    case = await a_complaint(api, summary="secreto", channel="phone", confidentiality="partners")
    await a_link(api, case["id"], people.union_id)
    (row,) = await cells(api, desk, role="partner", profile="full")
    filled = {name for name, value in row.items() if value}
    assert filled == {"id", "self", "reference", "status", "confidentiality", "version", "updated_at"}


async def test_alerted_party_cannot_ask_by_what_it_does_not_see(api: Api, desk: Desk, people: People) -> None:
    case = await a_complaint(api, title="Palabra oculta", risk_level="high")
    await a_link(api, case["id"], people.union_id)
    assert await cells(api, desk, role="partner", profile="full", filter={"q": "oculta"}) == []
    assert await cells(api, desk, role="partner", profile="full", filter={"risk_level": "high"}) == []
    assert len(await cells(api, desk, role="partner", profile="full", filter={"status": "intake"})) == 1


async def test_cases_of_others_are_in_no_file_of_ours(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await an_event(api, (await a_proceeding(api, case["id"]))["id"])
    for dataset in ("complaints", "deadlines", "notices"):
        for profile in ("deidentified", "full"):
            assert await cells(api, desk, role="partner", dataset=dataset, profile=profile) == []


async def test_public_case_keeps_its_name_in_a_deidentified_file(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, confidentiality="public")
    for role in ("staff", "partner", "analyst"):
        (row,) = await cells(api, desk, role=role)
        assert (row["id"], row["reference"], row["title"]) == (case["id"], case["reference"], case["title"])
        assert row["channel"] == ""
        assert "handler_id" not in row


async def test_waiting_holds_no_connection_and_ends_when_the_worker_does(
    api: Api, desk: Desk, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = await asked(api)
    connected = []

    async def meanwhile(_seconds: float) -> None:
        with psycopg.connect(empty.owner_url, autocommit=True) as other:
            held = "usename = 'vigilancia_app' AND state IS DISTINCT FROM 'idle'"
            connected.append(other.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {held}").fetchone())
        if len(connected) == 3:
            await service.make_due(desk)

    monkeypatch.setattr(routes, "_pause", meanwhile)
    answer = await api.get(f"/v1/exports/{export['id']}", params={"wait": 30})
    assert answer.json()["status"] == "done"
    assert connected == [(0,)] * 3


async def test_waiting_ends_when_the_export_does(api: Api, desk: Desk) -> None:
    done = await made(api, desk)
    assert (await api.get(f"/v1/exports/{done['id']}", params={"wait": 30})).json()["status"] == "done"
    waiting = await asked(api)
    assert (await api.get(f"/v1/exports/{waiting['id']}", params={"wait": 0})).json()["status"] == "queued"
    assert (await api.get(f"/v1/exports/{waiting['id']}", params={"wait": 31})).status_code == 400
