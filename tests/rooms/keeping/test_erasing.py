"""What an erasure takes, what it leaves, and what the receipt says of it."""

import hashlib
import json
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.api.world import a_world
from tests.builders import a_complaint, a_link
from tests.conftest import Api, Database
from tests.rooms.complaints.cases import everything
from tests.rooms.keeping.cases import REASON, a_hold, asked, erased, rows, the_receipt
from vigilancia.core.errors import GoneError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.keeping import erasing
from vigilancia.reports import service as exports


def everywhere(database: Database, word: str, *, but: tuple[str, ...] = ()) -> list[str]:
    """Return the tables in which a word stands in any row, as text or as bytes."""
    found = []
    with psycopg.connect(database.owner_url) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchall()
        for (name,) in tables:
            query = f"SELECT count(*) FROM {name} AS r WHERE r::text LIKE %s OR r::text LIKE %s"
            row = connection.execute(query, [f"%{word}%", f"%{word.encode().hex()}%"]).fetchone()
            if row and row[0] and name not in but:
                found.append(name)
    return found


async def the_world(api: Api, desk: Desk) -> tuple[dict[str, Any], dict[str, str]]:
    ids = await a_world(api, desk)
    case = (await api.get(f"/v1/complaints/{ids['complaint_id']}")).json()
    changes = everything(title=case["title"], received_on=case["received_on"])
    answer = await api.patch(f"/v1/complaints/{case['id']}", version=case["version"], json=changes)
    assert answer.status_code == 200, answer.text
    await a_hold(api, case["id"])
    return case, ids


async def released(api: Api, complaint_id: str) -> None:
    for hold in (await api.get(f"/v1/complaints/{complaint_id}/holds")).json()["items"]:
        await api.post(f"/v1/complaints/{complaint_id}/holds/{hold['id']}/release", json={"reason": REASON})


async def test_no_word_and_no_id_of_the_case_is_left_in_any_table(api: Api, desk: Desk, database: Database) -> None:
    case, ids = await the_world(api, desk)
    await released(api, case["id"])
    assert "complaint" in everywhere(database, "canarytitle")
    receipt = await erased(api, desk, case)
    assert receipt["state"] == "done"
    for word in (
        "canarytitle",
        "canarysummary",
        "canarytag",
        "canaryexternal",
        "canarysource",
        REASON,
        case["reference"],
    ):
        # The union's own search, and the reference nobody gives: an organisation's own words are not the case's.
        assert everywhere(database, word, but=("saved_search",)) == [], word
    known = ("tombstone", "tombstone_reader", "erasure", "audit", "evidence", "custody")
    assert everywhere(database, case["id"], but=known) == []
    for name in ("proceeding_id", "event_id", "deadline_id", "escalation_id", "task_id", "notice_id", "link_id"):
        assert everywhere(database, ids[name], but=known) == [], name
    assert receipt["rows"]["complaint"] == 1
    assert receipt["rows"]["deadline"] >= 1
    assert receipt["rows"]["notice"] >= 1


async def test_the_key_is_erased_and_no_new_one_is_made(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await released(api, (await a_hold(api, case["id"]))["complaint_id"])
    receipt = await erased(api, desk, case)
    id_ = UUID(case["id"])
    assert len(receipt["key_id"]) == 8
    assert await desk.vault.find(id_) is None
    assert await desk.vault.is_erased(id_)
    assert [each async for each in desk.vault.erased()] == [id_]
    with pytest.raises(GoneError):
        await desk.vault.seal(id_, "de nuevo", field="x")


async def test_who_saw_it_is_told_that_it_is_gone_and_for_others_there_never_was_one(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    other = await a_complaint(api)
    await a_link(api, case["id"], api.people.union_id)
    await erased(api, desk, case)
    await erased(api, desk, other)
    for role in ("staff", "analyst", "admin", "partner"):
        assert (await api.get(f"/v1/complaints/{case['id']}", role=role)).status_code == 410, role
    gone = await api.get(f"/v1/complaints/{case['id']}/timeline")
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    assert (await api.get(f"/v1/complaints/{other['id']}", role="partner")).status_code == 404
    assert (await api.patch(f"/v1/complaints/{case['id']}", version=1, json={"title": "x"})).status_code == 410
    again = await api.post(f"/v1/complaints/{case['id']}/erasure", json={"reason": "x", "confirm": case["reference"]})
    assert again.status_code == 410


async def test_the_reference_must_be_typed(api: Api) -> None:
    case = await a_complaint(api)
    answer = await api.post(f"/v1/complaints/{case['id']}/erasure", json={"reason": "x", "confirm": "VIG-2026-XXXXXX"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/confirm"


async def test_only_the_owners_staff_erases(api: Api) -> None:
    case = await a_complaint(api)
    body = {"reason": "x", "confirm": case["reference"]}
    path = f"/v1/complaints/{case['id']}/erasure"
    assert (await api.post(path, role="partner", json=body)).status_code == 404
    assert (await api.post(path, role="admin", json=body)).status_code == 403
    assert (await api.post(path, role="analyst", json=body)).status_code == 403
    link = await a_link(api, case["id"], api.people.union_id, access="write")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner", json={})
    assert (await api.post(path, role="partner", json=body)).status_code == 403


async def test_a_case_is_erased_once(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    body = {"reason": REASON, "confirm": case["reference"].lower()}
    path = f"/v1/complaints/{case['id']}/erasure"
    first = await api.post(path, json=body, headers={"Idempotency-Key": "k"})
    assert (await api.post(path, json=body, headers={"Idempotency-Key": "k"})).json() == first.json()
    assert (await api.post(path, json=body)).json()["errors"][0]["code"] == "being_erased"
    await erasing.work_off(desk)
    assert await erasing.work_off(desk) == 0
    assert (await api.post(path, json=body, headers={"Idempotency-Key": "k"})).json()["state"] == "done"


async def test_the_receipt_proves_itself_and_names_nobody(api: Api, desk: Desk) -> None:
    case, _ = await the_world(api, desk)
    await released(api, case["id"])
    receipt = await erased(api, desk, case)
    told = {name: value for name, value in receipt.items() if name not in ("digest", "version")}
    plain = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(plain.encode()).hexdigest() == receipt["digest"]
    assert "canary" not in plain
    assert case["reference"] not in plain
    query = "SELECT facts FROM audit WHERE what = 'erasure' AND subject_id = :id AND facts ? 'digest'"
    (noted,) = await rows(desk, query, id=UUID(receipt["id"]))
    assert noted.facts["digest"] == receipt["digest"]
    assert receipt["asked_by"] == str(api.people.staff.token_id)
    assert (await api.get(f"/v1/erasures/{receipt['id']}", role="partner")).status_code == 404
    assert (await api.get("/v1/erasures")).json()["items"][0] == receipt
    assert (await api.get("/v1/erasures", role="partner")).json()["items"] == []


async def test_the_tombstone_holds_months_codes_and_ranges(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, **everything(received_on="2026-02-17"))
    await erased(api, desk, case)
    (stone,) = await rows(desk, "SELECT * FROM tombstone")
    assert str(stone.received_in) == "2026-02-01"
    assert (stone.outcomes, stone.workers, stone.deadlines) == (["back_pay"], "250-999", "0")
    assert "canary" not in str(stone)


async def test_exports_that_hold_the_case_are_removed_and_others_stay(api: Api, desk: Desk) -> None:
    other = await a_complaint(api)
    body = {"dataset": "complaints", "format": "csv", "purpose": "Informe"}
    before = (await api.post("/v1/exports", json=body)).json()
    await exports.make_due(desk)
    case = await a_complaint(api, title="canarytitle")
    made = [
        (await api.post("/v1/exports", json={**body, "profile": profile, "format": format_})).json()
        for profile in ("full", "deidentified")
        for format_ in ("csv", "jsonl")
    ]
    await exports.make_due(desk)
    receipt = await erased(api, desk, case)
    states = [(await api.get(f"/v1/exports/{each['id']}")).json()["status"] for each in made]
    assert states == ["expired"] * 4
    assert (await api.get(f"/v1/exports/{before['id']}")).json()["status"] == "done"
    assert {file["name"] for file in receipt["files"]} == {f"{each['id']}.{each['format']}" for each in made}
    assert all(len(file["sha256"]) == 64 for file in receipt["files"])
    left = [path for path in desk.settings.exports_dir.rglob("*") if path.is_file()]
    assert {path.name.split(".")[0] for path in left} == {before["id"]}
    assert (await api.get(f"/v1/complaints/{other['id']}")).status_code == 200


async def test_an_export_that_is_being_written_is_waited_for(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    body = {"dataset": "complaints", "format": "csv", "purpose": "Informe"}
    export = (await api.post("/v1/exports", json=body)).json()
    await rows_changed(desk, "UPDATE export SET status = 'running'")
    receipt = await asked(api, case)
    await erasing.work_off(desk)
    assert (await the_receipt(api, receipt["id"]))["state"] == "wiped"
    assert await desk.vault.is_erased(UUID(case["id"]))
    await rows_changed(desk, "UPDATE export SET status = 'failed', reason = 'gave_up'")
    await erasing.carry_out(desk, UUID(receipt["id"]))
    assert (await the_receipt(api, receipt["id"]))["state"] == "done"
    assert export["id"]


async def rows_changed(desk: Desk, statement: str) -> None:
    from sqlalchemy import text

    async with desk.work(SYSTEM) as work:
        await work.session.execute(text(statement))


async def test_cases_merged_into_it_go_with_it(api: Api, desk: Desk) -> None:
    case, other = await a_complaint(api), await a_complaint(api, title="canarytitle")
    body = {"into": case["id"], "reason": "canarymerge"}
    await api.post(f"/v1/complaints/{other['id']}/merge", version=other["version"], json=body)
    await erased(api, desk, case)
    for each in (case, other):
        assert (await api.get(f"/v1/complaints/{each['id']}")).status_code == 410
    assert len((await api.get("/v1/erasures")).json()["items"]) == 2


async def test_what_another_case_says_of_the_merge_loses_its_words(api: Api, desk: Desk, database: Database) -> None:
    case, other = await a_complaint(api), await a_complaint(api, title="canarytitle")
    body = {"into": case["id"], "reason": "canarymerge"}
    await api.post(f"/v1/complaints/{other['id']}/merge", version=other["version"], json=body)
    await erased(api, desk, other)
    assert everywhere(database, "canarymerge") == []
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 200


async def test_ladders_feeds_and_webhooks_of_the_case_are_gone(api: Api, desk: Desk) -> None:
    case, ids = await the_world(api, desk)
    await released(api, case["id"])
    await erased(api, desk, case)
    assert (await api.get(f"/v1/escalations/{ids['escalation_id']}")).status_code == 404
    assert (await api.get(f"/v1/calendar-feeds/{ids['feed_id']}")).status_code == 404
    for path in ("deadlines", "escalations", "tasks", "notices"):
        assert (await api.get(f"/v1/{path}")).json()["items"] == [], path
    from tests.rooms.climbing import a_day_goes_by

    await a_day_goes_by(desk)
