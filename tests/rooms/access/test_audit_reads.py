"""Reads, refusals, logins and exports are noted, before the answer leaves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.api.test_strangers import requests
from tests.api.world import a_world
from tests.builders import a_complaint, a_proceeding
from tests.conftest import Api, Clock, Database
from tests.rooms.access.auditing import rows
from vigilancia.api import refusals
from vigilancia.core.work import Desk
from vigilancia.reports import service as reports


async def test_a_read_tells_the_case_the_operation_and_the_token(api: Api, empty: Database) -> None:
    complaint = await a_complaint(api)
    await api.get(f"/v1/complaints/{complaint['id']}")
    (row,) = rows(empty, action="read")
    assert (row["what"], str(row["complaint_id"]), row["token_id"]) == (
        "complaint",
        complaint["id"],
        api.people.staff.token_id,
    )
    assert row["facts"] == {"operation": "GetComplaint"}


async def test_every_address_that_shows_something_of_a_case_is_noted_with_the_case(
    api: Api, desk: Desk, empty: Database
) -> None:
    """Every GET of the contract that names something of the case by an id, whichever."""
    ids = await a_world(api, desk, linked=False)
    document = (await api.get("/schema/openapi.json", role=None)).json()
    case, tried = UUID(ids["complaint_id"]), 0
    for name, method, address, sent in requests(document, ids):
        parts = ("complaint_id", "proceeding_id", "deadline_id", "escalation_id", "notice_id", "proposal_id")
        if method != "GET" or not any(f"{{{part}}}" in name for part in parts):
            continue
        before = len(rows(empty))
        answer = await api.get(address, **sent)
        told = rows(empty)[before:]
        if answer.status_code != 200:
            continue  # the world has none of these
        tried += 1
        assert any(row["complaint_id"] == case for row in told), name
        assert {row["action"] for row in told} == {"read"}, name
    assert tried > 15


async def test_a_page_is_one_row_with_the_cases_it_showed(api: Api, empty: Database) -> None:
    made = {UUID((await a_complaint(api))["id"]) for _ in range(3)}
    await api.get("/v1/complaints")
    (row,) = rows(empty, what="list")
    assert set(row["shown"]) == made
    assert row["facts"] == {"operation": "ListComplaints", "count": 3}


async def test_lists_of_what_hangs_on_cases_tell_the_cases(api: Api, desk: Desk, empty: Database) -> None:
    ids = await a_world(api, desk, linked=False)
    for name in ("deadlines", "notices", "escalations", "tasks", "proposals"):
        before = len(rows(empty))
        answer = await api.get(f"/v1/{name}")
        if answer.json()["items"]:
            told = rows(empty)[before:]
            assert [UUID(ids["complaint_id"]) in (row["shown"] or []) for row in told] == [True], name


async def test_a_search_for_words_is_noted_even_where_it_finds_nothing_and_without_the_words(
    api: Api, empty: Database
) -> None:
    await api.get("/v1/organizations", params={"q": "canaryname"})
    row = rows(empty)[-1]
    assert (row["action"], row["facts"]) == ("read", {"operation": "ListOrganizations", "searched": True})


async def test_an_answer_of_unchanged_is_a_read_too(api: Api, empty: Database) -> None:
    complaint = await a_complaint(api)
    answer = await api.get(f"/v1/complaints/{complaint['id']}", headers={"If-None-Match": '"v1"'})
    assert answer.status_code == 304
    assert len(rows(empty, action="read")) == 1


async def test_what_does_not_exist_for_the_caller_is_noted_though_nothing_else_is_kept(
    api: Api, empty: Database
) -> None:
    complaint = await a_complaint(api)
    proceeding = await a_proceeding(api, complaint["id"])
    assert (await api.get(f"/v1/complaints/{complaint['id']}", role="partner")).status_code == 404
    assert (await api.get(f"/v1/proceedings/{proceeding['id']}", role="partner")).status_code == 404
    answer = await api.patch(f"/v1/complaints/{complaint['id']}", role="partner", json={"title": "x"}, version=1)
    assert answer.status_code == 404
    told = rows(empty, action="refused")
    assert [str(row["complaint_id"]) for row in told] == [complaint["id"]] * 3
    assert {row["token_id"] for row in told} == {api.people.partner.token_id}
    assert [row["facts"]["status"] for row in told] == [404, 404, 404]


async def test_what_may_not_be_done_is_noted(api: Api, empty: Database) -> None:
    complaint = await a_complaint(api)
    answer = await api.patch(f"/v1/complaints/{complaint['id']}", role="analyst", json={"title": "x"}, version=1)
    assert answer.status_code == 403
    (row,) = rows(empty, action="refused")
    assert (row["role"], row["facts"]) == ("analyst", {"operation": "ChangeComplaint", "status": 403})


async def test_an_unknown_token_is_noted_without_its_text_and_so_many_a_minute(
    api: Api, clock: Clock, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "_sieve", refusals._Sieve())
    for _ in range(refusals.A_MINUTE + 5):
        answer = await api.get("/v1/complaints", role=None, headers={"Authorization": "Bearer vgl_canarytoken"})
        assert answer.status_code == 401
    told = rows(empty, action="refused")
    assert len(told) == refusals.A_MINUTE
    assert told[0]["facts"] == {"operation": "ListComplaints", "status": 401}
    assert told[0]["at"] == clock.now
    clock.advance(timedelta(minutes=1))
    await api.get("/v1/complaints", role=None)
    assert rows(empty, action="refused")[-1]["facts"]["passed_over"] == 5
    assert not [row for row in rows(empty) if "canarytoken" in str(row)]


async def test_a_token_is_noted_when_made_first_used_in_an_hour_and_revoked(
    api: Api, clock: Clock, empty: Database
) -> None:
    body = {"organization_id": str(api.people.centre_id), "role": "staff", "name": "Portátil de Ana"}
    made = (await api.post("/v1/tokens", role="admin", json=body)).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    for minutes in (0, 5, 10, 60):
        clock.advance(timedelta(minutes=minutes))
        await api.get("/v1/vocabularies", role=None, headers=bearer)
    await api.delete(f"/v1/tokens/{made['id']}", role="admin", version=1)
    told = [(row["action"], row["facts"] and row["facts"]["op"]) for row in rows(empty, subject_id=made["id"])]
    assert told == [("write", "insert"), ("login", None), ("login", None), ("write", "update")]
    login = rows(empty, subject_id=made["id"], action="login")[0]
    assert (login["organization_id"], login["role"], login["facts"]) == (api.people.centre_id, "staff", None)


async def test_an_export_tells_who_what_for_how_many_and_the_digest_of_the_file(
    api: Api, desk: Desk, empty: Database
) -> None:
    made = {UUID((await a_complaint(api))["id"]) for _ in range(3)}
    body: dict[str, Any] = {"dataset": "complaints", "format": "csv", "purpose": "Informe de canaryname"}
    asked = (await api.post("/v1/exports", json={**body, "filter": {"status": "intake"}})).json()
    await reports.make_due(desk)
    done = (await api.get(f"/v1/exports/{asked['id']}")).json()
    file = await api.get(f"/v1/exports/{asked['id']}/file")
    whole, cases, taken = rows(empty, action="export")
    assert whole["token_id"] == cases["token_id"] == taken["token_id"] == api.people.staff.token_id
    assert whole["facts"] | {"sha256": done["sha256"], "rows": 3, "filter": ["status"]} == whole["facts"]
    assert set(cases["shown"]) == made
    assert taken["facts"] == {"operation": "GetExportFile"}
    assert file.status_code == 200
    assert "canaryname" not in str(rows(empty))
    trail = (await api.get("/v1/audit", params={"action": "export"})).json()["items"]
    assert "Informe de canaryname" in [entry["why"] for entry in trail]  # sealed, and opened for one's own


async def test_a_read_that_cannot_be_noted_is_not_answered(api: Api, empty: Database) -> None:
    import psycopg

    complaint = await a_complaint(api)
    with psycopg.connect(empty.owner_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit ADD CONSTRAINT never CHECK (action <> 'read') NOT VALID")
        try:
            answer = await api.get(f"/v1/complaints/{complaint['id']}")
        finally:
            connection.execute("ALTER TABLE audit DROP CONSTRAINT never")
    assert answer.status_code == 500
    assert complaint["title"] not in answer.text
