"""Complaints without a name: a receipt, no trace of who sent them, and limits on trying."""

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.conftest import Api, Clock, Database, People
from vigilancia.core import limits
from vigilancia.core.settings import Settings

TOLD = "CANARIO-relato: el supervisor dijo que nos va a correr"
ADDRESS, AGENT = "203.0.113.77", "CANARIO-navegador/1.0"
TRACES = {"X-Forwarded-For": ADDRESS, "Forwarded": f"for={ADDRESS}", "User-Agent": AGENT}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The test's settings; the worker centre that takes complaints is known later."""
    return settings.model_copy(update={"intake": ""})


@pytest.fixture
async def open_api(api: Api, people: People, settings: Settings) -> AsyncIterator[Api]:
    """The application of an installation whose worker centre takes complaints without a name."""
    object.__setattr__(settings, "intake", str(people.centre_id))
    yield api
    object.__setattr__(settings, "intake", "")


async def tell(api: Api, **more: Any) -> str:
    """Tell what happened, and return the receipt."""
    answer = await api.request("POST", "/v1/intake", role=None, json={"text": TOLD} | more, headers=TRACES)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["receipt"])


async def come_back(api: Api, receipt: str, **more: Any) -> Any:
    """Come back with a receipt."""
    path = "/v1/intake/messages" if more else "/v1/intake/return"
    return await api.request("POST", path, role=None, json={"receipt": receipt} | more, headers=TRACES)


async def the_case(api: Api) -> Any:
    """Return the one complaint the staff see."""
    found = (await api.get("/v1/complaints")).json()["items"]
    assert len(found) == 1
    return (await api.get(f"/v1/complaints/{found[0]['id']}")).json()


async def test_an_installation_that_did_not_turn_it_on_takes_none(api: Api) -> None:
    answer = await api.request("POST", "/v1/intake", role=None, json={"text": TOLD})
    assert answer.status_code == 404
    assert (await come_back(api, "1" * 16)).status_code == 404


async def test_what_was_told_becomes_a_complaint_without_a_word_of_it_in_the_title(open_api: Api) -> None:
    receipt = await tell(open_api, allegations=["union_dismissal"], languages=["nah"], interpreter_needed=True)
    assert len(receipt) == 16
    assert receipt.isdecimal()
    case = await the_case(open_api)
    assert case["narrative"] == TOLD
    assert case["title"] == "Sin nombre: recibida el lunes 2 de marzo de 2026"
    assert (case["status"], case["channel"], case["received_on"]) == ("intake", "web_form", "2026-03-02")
    assert (case["languages"], case["interpreter_needed"]) == (["nah"], True)


async def test_whoever_holds_the_receipt_reads_the_reply_and_adds_to_it(open_api: Api) -> None:
    receipt = await tell(open_api)
    case = await the_case(open_api)
    messages = f"/v1/complaints/{case['id']}/messages"
    answered = await open_api.request("POST", messages, json={"text": "¿Puede venir el jueves?"})
    assert answered.status_code == 201
    back = (await come_back(open_api, f"{receipt[:4]} {receipt[4:8]}-{receipt[8:12]} {receipt[12:]}")).json()
    assert [(said["by_staff"], said["text"]) for said in back["messages"]] == [
        (False, TOLD),
        (True, "¿Puede venir el jueves?"),
    ]
    more = (await come_back(open_api, receipt, text="El jueves no, el viernes")).json()
    assert more["messages"][-1]["text"] == "El jueves no, el viernes"
    seen = (await open_api.get(messages)).json()
    assert seen["last_return_on"] == "2026-03-02"
    assert len(seen["messages"]) == 3


async def test_a_wrong_receipt_answers_as_if_there_were_nothing(open_api: Api) -> None:
    await tell(open_api)
    answer = await come_back(open_api, "1234567890123456")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


@pytest.mark.parametrize("receipt", ["", "123", "12345678901234567", "abcdefghijklmnop", "\uff11" * 16])
async def test_what_is_no_receipt_is_refused_before_it_is_looked_for(open_api: Api, receipt: str) -> None:
    answer = await come_back(open_api, receipt)
    assert answer.status_code == 422
    assert receipt == "" or receipt not in answer.text


@pytest.mark.parametrize("role", ["partner", "analyst", "admin"])
async def test_nobody_but_the_staff_reads_what_was_said(open_api: Api, role: str) -> None:
    await tell(open_api)
    case = await the_case(open_api)
    answer = await open_api.get(f"/v1/complaints/{case['id']}/messages", role=role)
    assert answer.status_code in (403, 404)  # 403: the token lacks the scope, whatever the case
    assert TOLD not in answer.text


async def test_a_complaint_that_came_otherwise_has_nobody_to_answer(open_api: Api) -> None:
    made = await open_api.request("POST", "/v1/complaints", json={"title": "Otra", "received_on": "2026-03-01"})
    path = f"/v1/complaints/{made.json()['id']}/messages"
    assert (await open_api.get(path)).status_code == 404
    assert (await open_api.request("POST", path, json={"text": "hola"})).status_code == 409


async def test_neither_address_nor_browser_nor_receipt_nor_hour_is_kept_anywhere(
    open_api: Api, empty: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.set(clock.now.replace(hour=17, minute=43, second=21))
    with caplog.at_level(logging.DEBUG):
        receipt = await tell(open_api)
        await come_back(open_api, receipt, text="CANARIO-otra palabra")
        await come_back(open_api, "9" * 16)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    kept = every_row(empty)
    for word in (ADDRESS, AGENT, receipt, "CANARIO", "17:43"):
        assert word not in kept, word
        assert word not in logged, word
    assert "intake" not in logged  # not even that somebody told something at this minute


async def test_no_id_of_an_anonymous_complaint_tells_the_instant(open_api: Api, empty: Database) -> None:
    await tell(open_api)
    with psycopg.connect(empty.owner_url) as connection:
        for table in ("complaint", "timeline_entry", "intake_message"):
            ids = connection.execute(f"SELECT id FROM {table}").fetchall()
            assert ids
            assert all(made.version == 4 for (made,) in ids), table


async def test_an_organisation_gets_no_more_than_its_share_within_an_hour(open_api: Api, clock: Clock) -> None:
    share = limits.limits().reports_of_organization
    for _ in range(share):
        await tell(open_api)
    refused = await open_api.request("POST", "/v1/intake", role=None, json={"text": TOLD})
    assert refused.status_code == 429
    assert refused.json()["code"] == "too-many"
    assert int(refused.headers["Retry-After"]) == 3601
    clock.advance(timedelta(hours=1))
    await tell(open_api)


@pytest.fixture
def waited(open_api: Api) -> Iterator[list[float]]:
    """How many seconds each look at a receipt was held back; nobody really waits."""
    seconds: list[float] = []

    async def pause(wait: float) -> None:
        seconds.append(wait)

    state = open_api.client._transport.app.state  # type: ignore[attr-defined]
    state.pause = pause
    yield seconds
    del state.pause


async def test_wrong_receipts_make_everyone_wait_longer_and_longer_but_no_longer_than_42_seconds(
    open_api: Api, waited: list[float]
) -> None:
    for place in range(13):
        assert (await come_back(open_api, f"{place:016}")).status_code == 404
    assert waited == [1, 2, 4, 8, 16, 32, 42, 42]


async def test_one_receipt_is_used_thirty_times_an_hour_and_no_more(open_api: Api) -> None:
    receipt = await tell(open_api)
    for _ in range(limits.limits().uses_of_receipt):
        assert (await come_back(open_api, receipt)).status_code == 200
    refused = await come_back(open_api, receipt)
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


async def test_it_has_to_be_said_to_whom_where_several_organisations_take_complaints(
    open_api: Api, people: People, settings: Settings
) -> None:
    object.__setattr__(settings, "intake", f"{people.centre_id},{people.union_id}")
    missing = await open_api.request("POST", "/v1/intake", role=None, json={"text": TOLD})
    assert missing.json()["errors"][0]["pointer"] == "/organization_id"
    await tell(open_api, organization_id=str(people.union_id))
    assert len((await open_api.get("/v1/complaints", role="partner")).json()["items"]) == 1
    assert (await open_api.get("/v1/complaints")).json()["items"] == []


def every_row(empty: Database) -> str:
    """Return everything in the database as text."""
    with psycopg.connect(empty.owner_url) as connection:
        names = connection.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchall()
        rows = [connection.execute(f"SELECT t::text FROM {name} t").fetchall() for (name,) in names]
    return "\n".join(str(row) for table in rows for row in table)
