"""Input as a stranger would send it: a clear refusal, nothing written, memory flat."""

import json
import os
import re
from collections.abc import AsyncIterator

import psutil
import psycopg
import pytest

from tests.api.test_problems import the_problem
from tests.builders import a_complaint
from tests.conftest import Api, Database

JSON = {"Content-Type": "application/json"}
DEEP = b'{"title":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


# That a token was used, for the first time in an hour, is written whatever it asks for.
USE = ("token", "audit", "audit_queue")


def rows(database: Database) -> dict[str, int]:
    """Count the rows of every table that a write could reach."""
    with psycopg.connect(database.owner_url) as connection:
        names = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchall()
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # type: ignore[index]
            for (name,) in names
            if name not in USE
        }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"title": "x"', 400, "broken-body"),
        (b"", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"[1,2]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (DEEP, 400, "broken-body"),
        (b'{"title":"x","received_on":"2026-02-30"}', 422, "invalid"),
        (b'{"title":"x","received_on":"2026-02-02T10:00:00Z"}', 422, "invalid"),
        (b'{"title":"x","received_on":20260202}', 422, "invalid"),
        (b'{"title":"a\\u0000b","received_on":"2026-02-02"}', 422, "invalid"),
        (b'{"title":"\\ud800","received_on":"2026-02-02"}', 400, "broken-body"),
        (b'{"title":"\xff\xfe","received_on":"2026-02-02"}', 400, "broken-body"),
        (b'{"title":"x","received_on":"2026-02-02","narative":"lost?"}', 422, "invalid"),
        (b'{"title":7,"received_on":"2026-02-02"}', 422, "invalid"),
        (b'{"title":"","received_on":"2026-02-02"}', 422, "invalid"),
        (b'{"title":"x","received_on":"2026-02-02","affected_workers":{"min":1e400}}', 400, "broken-body"),
        (b'{"title":"x","received_on":"2026-02-02","affected_workers":{"min":99999999999999999999}}', 422, "invalid"),
        (b'{"title":"x","received_on":"2026-02-02","affected_workers":{"min":-1}}', 422, "invalid"),
        (b'{"title":"x","received_on":"2026-02-02","facility_id":"\' OR 1=1 --"}', 422, "invalid"),
        (b'{"title":"x","received_on":"2026-02-02","owner_id":"0195a1c2-6d3e-7f10-8a4b-2c5d6e7f8091"}', 422, "invalid"),
    ],
)
async def test_a_body_that_does_not_fit_writes_nothing(
    api: Api, empty: Database, body: bytes, status: int, code: str
) -> None:
    before = rows(empty)
    the_problem(await api.post("/v1/complaints", content=body, headers=JSON), status, code)
    assert rows(empty) == before


async def test_a_name_that_stands_twice_is_told_instead_of_losing_a_value(api: Api) -> None:
    body = b'{"title":"uno","title":"dos","received_on":"2026-02-02","affected_workers":{"min":1,"min":2}}'
    problem = the_problem(await api.post("/v1/complaints", content=body, headers=JSON), 422, "invalid")
    found = [(fault["pointer"], fault["code"]) for fault in problem["errors"]]
    assert found == [("/title", "named_twice"), ("/affected_workers/min", "named_twice")]


async def test_a_field_of_20_mb_is_refused_and_memory_stays_flat(api: Api, empty: Database) -> None:
    before, process = rows(empty), psutil.Process(os.getpid())
    body = json.dumps({"title": "x" * 20_000_000, "received_on": "2026-02-02"}).encode()
    used = process.memory_info().rss
    for _ in range(5):
        the_problem(await api.post("/v1/complaints", content=body, headers=JSON), 413, "too-large")
    assert process.memory_info().rss - used < 20_000_000
    assert rows(empty) == before


async def test_a_body_that_grows_without_saying_so_is_cut_off(api: Api) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"title":"'
        for _ in range(300):
            yield b"x" * 100_000

    the_problem(await api.post("/v1/complaints", content=endless(), headers=JSON), 413, "too-large")


async def test_another_media_type_is_refused(api: Api) -> None:
    answer = await api.post("/v1/complaints", content=b"title=x", headers={"Content-Type": "text/csv"})
    the_problem(answer, 415, "unsupported-media")


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "id; DROP TABLE complaint"},
        {"sort": "(SELECT 1)"},
        {"sort": "-received_on,received_on"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "-1"},
        {"limit": "1e3"},
        {"cursor": "' OR '1'='1"},
        {"cursor": "AAAA"},
        {"cursor": "W10"},
        {"facility_id": "' OR '1'='1"},
        {"received_on_before": "2026-02-30"},
        {"received_on_after": "yesterday"},
        {"updated_since": "soon"},
        {"q": "a\x00b"},
    ],
)
async def test_a_parameter_that_does_not_fit_is_a_400(api: Api, params: dict[str, str]) -> None:
    problem = the_problem(await api.get("/v1/complaints", params=params), 400, "bad-parameter")
    assert problem["errors"][0]["pointer"] == f"?{next(iter(params))}"


@pytest.mark.parametrize(
    "words", ["'; DROP TABLE complaint; --", "\\", "%", "_", "zz & | ! ( ) : *", "''''", '"', "<->", "🦺", "ñ" * 200]
)
async def test_metacharacters_in_a_search_are_only_characters(api: Api, words: str) -> None:
    await a_complaint(api)
    answer = await api.get("/v1/complaints", params={"q": words})
    assert answer.status_code == 200
    assert answer.json()["items"] == []


@pytest.mark.parametrize("status", ["open' OR '1'='1", "open;", "%"])
async def test_metacharacters_in_a_filter_find_nothing_or_are_refused(api: Api, status: str) -> None:
    await a_complaint(api)
    answer = await api.get("/v1/complaints", params={"status": status})
    assert answer.status_code == 400 or answer.json()["items"] == []


async def test_hostile_text_is_kept_as_it_is(api: Api) -> None:
    title = "'; DROP TABLE complaint; -- <script>alert(1)</script> {{7*7}} \u202e =1+1 ñ"
    made = await a_complaint(api, title=title)
    assert (await api.get(f"/v1/complaints/{made['id']}")).json()["title"] == title


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:00", "2026-12-31T00:00:00", "1"])
async def test_an_instant_that_no_calendar_has_is_refused_by_name(api: Api, instant: str) -> None:
    case = await a_complaint(api)
    body = {"organization_id": str(api.people.union_id), "role": "petitioner", "expires_at": instant}
    problem = the_problem(await api.post(f"/v1/complaints/{case['id']}/links", json=body), 422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/expires_at"]


async def test_a_case_of_any_year_has_a_reference_of_one_form(api: Api) -> None:
    old = await a_complaint(api, received_on="0033-04-03")
    assert re.fullmatch(r"VIG-0033-[2-9A-Z]{6}", old["reference"])
