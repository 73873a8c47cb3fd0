"""No word about a person leaves by any door but the one that is made for it."""

import json
import logging
from typing import Any

import psycopg
import pytest

from tests.api.test_strangers import requests
from tests.api.world import a_world
from tests.builders import a_complaint
from tests.conftest import Api, Database
from tests.rooms.people.persons import NOTES, PHONE, SAFE, WORDS, a_person, identity, room, traces
from tests.rooms.reports.files import made, text_of
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.webhooks.publishing import publish_all

_ALSO = ("canaryname", "canaryphone", "canarysafe", "canaryremark")  # of the person that the world holds

_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"


def _words(text: str) -> list[str]:
    return traces(text) + [word for word in _ALSO if word in text]


ROLES = ("staff", "partner", "admin", "analyst", "union_admin", "stranger")


async def test_no_address_but_that_of_the_identity_tells_a_word(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    await a_person(api, {"id": ids["complaint_id"]})
    document = (await api.get("/schema/openapi.json", role=None)).json()
    read = [sent for sent in requests(document, ids) if sent[1] == "GET"]
    lists = [
        path
        for path, item in document["paths"].items()
        if path.startswith("/v1/") and "{" not in path and "get" in item
    ]
    for role in ROLES:
        for name, _, address, sent in read:
            assert not _words((await api.get(address, role=role, **sent)).text), f"{role} {name}"
        for path in lists:
            for params in ({}, {"q": "canaryname"}):
                assert not _words((await api.get(path, role=role, params=params)).text), f"{role} {path}"
    assert len(read) > 30
    assert len(lists) > 12


async def test_no_file_and_no_report_tells_a_word_in_any_form(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    await a_person(api, {"id": ids["complaint_id"]})
    for dataset in ("complaints", "deadlines", "notices"):
        for profile in ("full", "deidentified"):
            for format_ in ("csv", "jsonl"):
                export = await made(api, desk, dataset=dataset, profile=profile, format=format_)
                assert not _words(await text_of(api, export))
    for path in (f"/v1/complaints/{ids['complaint_id']}/report", f"/v1/proceedings/{ids['proceeding_id']}/petition"):
        for params in ({}, {"format": "html"}, {"format": "json"}, {"format": "text"}):
            assert not _words((await api.get(path, params=params)).text)


async def test_the_database_holds_no_word_in_the_clear(api: Api, desk: Desk, database: Database) -> None:
    ids = await a_world(api, desk)
    case = {"id": ids["complaint_id"]}
    person = await a_person(api, case)
    await api.patch(f"{room(case)}/{person['id']}", json=WORDS, version=1)
    await identity(api, case, person, why=f"Hablar con {WORDS['name']}")
    await api.post(f"{room(case)}/{person['id']}/identity-requests", json={"reason": f"Con {WORDS['name']}"})
    await api.post("/v1/people:lookup", json={"name": WORDS["name"], "reason": f"Ver {WORDS['name']}"})
    text = await _everything(database)
    assert len(text) > 10_000
    assert not _words(text)
    for word in (*WORDS.values(), SAFE, NOTES, PHONE):
        plain = word if isinstance(word, str) else json.dumps(word)
        assert plain.encode().hex() not in text


async def test_no_log_line_tells_a_word(api: Api, caplog: pytest.LogCaptureFixture, case: dict[str, Any]) -> None:
    caplog.set_level(logging.DEBUG)
    person = await a_person(api, case)
    await identity(api, case, person)
    await api.post("/v1/people:lookup", json={"name": WORDS["name"], "reason": "x"})
    await api.post(f"{room(case)}?name={WORDS['name']}", json=WORDS)
    await api.patch(f"{room(case)}/{person['id']}", json=WORDS, version=9)
    sent = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not _words(" ".join(record.getMessage() for record in sent))


@pytest.mark.parametrize(
    "body",
    [
        {"role": "Canaryname"},
        {"role": "affected", "Canaryname": WORDS["name"]},
        {"role": "affected", "name": WORDS["name"] * 100},
        {"role": "affected", "name": [WORDS["name"]]},
        {"role": "affected", "spoken_language": "canaryname"},
        {"role": "affected", "contact": [{"kind": "canaryname", "value": PHONE}]},
        {"role": "affected", "contact": PHONE},
        {"role": "affected", "name": WORDS["name"] + "\x00"},
    ],
)
async def test_no_refusal_repeats_a_word(api: Api, case: dict[str, Any], body: dict[str, Any]) -> None:
    answer = await api.post(room(case), json=body)
    assert answer.status_code == 422
    told = [word for word in _words(answer.text) if f'"/{word}"' not in answer.text.casefold()]  # names of fields are
    assert not told


async def test_no_program_and_no_letter_is_told_of_a_person(api: Api, desk: Desk, database: Database) -> None:
    ids = await a_world(api, desk)
    await sweep(desk)  # what the world itself has to tell, such as that somebody shared without asking
    await publish_all(desk)
    count = "SELECT (SELECT count(*) FROM webhook_event), (SELECT count(*) FROM notice)"
    with psycopg.connect(database.owner_url) as connection:
        before = connection.execute(count).fetchone()
    case = {"id": ids["complaint_id"]}
    person = await a_person(api, case)
    await api.patch(f"{room(case)}/{person['id']}", json={"role": "witness"}, version=1)
    await identity(api, case, person)
    await api.delete(f"{room(case)}/{person['id']}", version=2)
    await publish_all(desk)
    await sweep(desk)
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute(count).fetchone() == before


@pytest.fixture
async def case(api: Api) -> dict[str, Any]:
    """A case."""
    return await a_complaint(api)


async def _everything(database: Database) -> str:
    """Return every row of every table as text."""
    async with await psycopg.AsyncConnection.connect(database.owner_url) as connection:
        names = [name for (name,) in await (await connection.execute(_TABLES)).fetchall()]
        found = []
        for name in names:
            rows = await (await connection.execute(f"SELECT t::text FROM {name} t".encode())).fetchall()
            found += [row[0] for row in rows]
    return "\n".join(found)
