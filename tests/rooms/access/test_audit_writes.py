"""Writes are told by the database: what of which row changed, by whom; nothing of it can be taken back."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from tests.api.exits import a_told_case
from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api, Clock, Database
from tests.rooms.access.auditing import rows
from vigilancia.core.db import Base
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk

ROOT = Path(__file__).parents[3]
TABLES = ("audit", "audit_content", "audit_chain", "audit_head", "audit_queue")
DOC = (ROOT / "docs" / "audit.md").read_text("utf-8")


def decided() -> tuple[set[str], set[str]]:
    """Return the tables that docs/audit.md calls evidence, and those it calls noise."""
    watched, _, noise = DOC.partition("### Not watched")
    names = re.compile(r"^\| `([a-z_]+)`", re.MULTILINE)
    return set(names.findall(watched)), set(names.findall(noise))


def watched(empty: Database) -> dict[str, set[str]]:
    """Return the tables that have triggers of the audit, and for which changes."""
    found: dict[str, set[str]] = {}
    with psycopg.connect(empty.owner_url) as connection:
        for table, trigger in connection.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid"
            " WHERE p.proname = 'audit_write'"
        ):
            found.setdefault(table, set()).add(trigger.removeprefix("audit_"))
    return found


def test_of_every_table_somebody_decided_whether_it_is_evidence_or_noise(empty: Database) -> None:
    """A new table makes this fail: decide, write it into docs/audit.md, and call `audit_watch` in its migration."""
    evidence, noise = decided()
    assert evidence & noise == set()
    assert evidence | noise == set(Base.metadata.tables)
    assert set(watched(empty)) == evidence


def test_the_document_says_which_changes_are_watched(empty: Database) -> None:
    told = {
        name: set(kinds.replace(" ", "").split(","))
        for name, kinds in re.findall(r"^\| `([a-z_]+)` \| ((?:insert|update|delete|, )+) \|", DOC, re.MULTILINE)
    }
    assert told == watched(empty)


async def test_a_write_tells_who_what_and_the_fields_that_changed(api: Api, empty: Database) -> None:
    complaint = await a_complaint(api)
    answer = await api.patch(f"/v1/complaints/{complaint['id']}", json={"status": "open"}, version=1)
    assert answer.status_code == 200
    made, changed = rows(empty, what="complaint", action="write")
    staff = api.people.staff
    for row in (made, changed):
        assert (row["organization_id"], row["role"], row["token_id"]) == (
            staff.organization_id,
            "staff",
            staff.token_id,
        )
        assert str(row["complaint_id"]) == str(row["subject_id"]) == complaint["id"]
    assert made["facts"] == {"op": "insert"}
    assert changed["facts"] == {"op": "update", "fields": ["status"]}
    assert (changed["before"], changed["after"]) == ('{"status": "intake"}', '{"status": "open"}')


async def test_what_hangs_on_a_case_is_found_by_the_case(api: Api, empty: Database) -> None:
    complaint = await a_complaint(api)
    await a_link(api, complaint["id"], api.people.union_id)
    proceeding = await a_proceeding(api, complaint["id"])
    await an_event(api, proceeding["id"])
    told = {row["what"] for row in rows(empty, complaint_id=complaint["id"], action="write")}
    assert {"complaint", "complaint_link", "proceeding", "proceeding_event", "deadline"} <= told


async def test_what_is_sealed_stays_sealed_and_secrets_are_not_even_that(api: Api, empty: Database) -> None:
    await a_complaint(api, narrative="canarynarrative")
    answer = await api.post(
        "/v1/tokens",
        role="admin",
        json={"organization_id": str(api.people.centre_id), "role": "staff", "name": "Portátil"},
    )
    token = answer.json()["token"]
    held = [str(row["after"]) for row in rows(empty)]
    assert not [text for text in held if "canarynarrative" in text or token in text]
    assert '"digest"' not in rows(empty, what="token")[-1]["after"]


async def test_marks_that_the_machinery_sets_make_no_row(api: Api, desk: Desk, empty: Database) -> None:
    complaint = await a_complaint(api)
    proceeding = await a_proceeding(api, complaint["id"])
    await an_event(api, proceeding["id"])
    before = len(rows(empty))
    async with desk.work(SYSTEM) as work:
        await work.session.execute(text("UPDATE deadline SET plan_pending = NOT plan_pending, updated_at = now()"))
        await work.session.execute(text("UPDATE token SET last_used_at = last_used_at + interval '1 minute'"))
    assert len(rows(empty)) == before


async def test_many_rows_of_one_statement_are_told_by_one(api: Api, desk: Desk, empty: Database) -> None:
    for _ in range(3):
        await a_complaint(api)
    async with desk.work(SYSTEM) as work:
        await work.session.execute(text("UPDATE complaint SET tags = '{x}'"))
    told = [row for row in rows(empty, what="complaint", action="write") if row["facts"]["op"] == "update"]
    assert [row["role"] for row in told] == ["system"] * 3
    assert {row["after"] for row in told} == {'{"tags": ["x"]}'}


async def test_a_hand_that_comes_past_the_application_is_told_by_its_name(api: Api, empty: Database) -> None:
    await a_complaint(api)
    with psycopg.connect(empty.owner_url) as connection:
        connection.execute("SET vigilancia.actor = ''")
        connection.execute("UPDATE complaint SET status = 'closed'")
    row = rows(empty, what="complaint")[-1]
    assert (row["role"], row["token_id"], row["facts"]["database_user"]) == (None, None, "vigilancia_owner")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_can_take_nothing_back(empty: Database, table: str, statement: str) -> None:
    column = "position" if table in {"audit_chain", "audit_head"} else "seq" if table == "audit_queue" else "id"
    column = "audit_id" if table == "audit_content" else column
    with psycopg.connect(empty.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(table, column, column).encode())


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit (id, at, action, what) VALUES (gen_random_uuid(), now(), 'read', 'x')",
        "INSERT INTO audit_chain VALUES (1, gen_random_uuid(), '')",
        "SELECT * FROM audit_content",
        "CALL audit_watch('job')",
        "SELECT audit_case_of('id', gen_random_uuid())",
        "ALTER TABLE complaint DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_nor_add_past_the_functions_nor_read_what_rows_held(empty: Database, statement: str) -> None:
    with psycopg.connect(empty.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_only_the_system_speaks_for_another(empty: Database) -> None:
    with psycopg.connect(empty.url) as connection:
        connection.execute("SELECT set_config('vigilancia.actor', '|staff|||0', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT audit_note('[]', '|admin|||0')")


async def test_erasure_takes_what_rows_held_and_says_so(api: Api, desk: Desk, empty: Database) -> None:
    from vigilancia.access.chain import verifying

    gone, kept = await a_complaint(api), await a_complaint(api)
    await api.patch(f"/v1/complaints/{gone['id']}", json={"title": "canarytitle"}, version=1)
    assert (await verifying.verify(desk)).good
    async with desk.work(SYSTEM) as work:
        forgotten = await work.session.scalar(text("SELECT forget_audit_content(:id)"), {"id": gone["id"]})
    assert forgotten == 2
    assert not [row for row in rows(empty, complaint_id=gone["id"]) if row["after"] is not None]
    assert [row for row in rows(empty, complaint_id=kept["id"]) if row["after"] is not None]
    (said,) = rows(empty, what="audit_content")
    assert (str(said["complaint_id"]), said["facts"], said["role"]) == (
        gone["id"],
        {"op": "forget", "rows": 2},
        "system",
    )
    report = await verifying.verify(desk)
    assert report.good
    assert report.forgotten == 2


async def test_no_word_of_a_case_stands_in_the_facts(api: Api, desk: Desk, clock: Clock, empty: Database) -> None:
    """Every free text of a case and of its contacts has a word of its own; six weeks go by."""
    ids: dict[str, Any] = await a_told_case(api, desk, clock, "owner")
    await api.get("/v1/complaints", params={"q": "canarytitle"})
    await api.get(f"/v1/complaints/{ids['case']}", role="partner")
    told = rows(empty)
    assert len(told) > 20
    for row in told:
        words = " ".join(str(row[name]) for name in ("facts", "what", "action", "shown", "subject_id"))
        assert "canary" not in words
