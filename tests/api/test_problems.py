"""Every error is a problem document, in the caller's words, and tells nothing of what was sent."""

import httpx
import psycopg
import pytest

from tests.conftest import Api
from vigilancia.embedded.postgres import Postgres


def the_problem(answer: httpx.Response, status: int, code: str) -> dict:
    """Check the shape every problem has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["title"]
    assert problem["detail"]
    assert problem["type"].endswith(code)
    return problem


async def test_without_a_token_nothing_is_answered(api: Api) -> None:
    answer = await api.get("/v1/complaints", role=None)
    the_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_bad_body_without_a_token_is_still_unauthenticated(api: Api) -> None:
    the_problem(await api.post("/v1/complaints", role=None, content=b"{"), 401, "unauthenticated")


async def test_an_unknown_token_is_unauthenticated(api: Api) -> None:
    answer = await api.get("/v1/complaints", role=None, headers={"Authorization": "Bearer vgl_unknown"})
    the_problem(answer, 401, "unauthenticated")


async def test_an_address_that_does_not_exist_is_not_found(api: Api) -> None:
    the_problem(await api.get("/v1/nothing-here"), 404, "not-found")
    the_problem(await api.get("/nothing-here", role=None), 404, "not-found")
    the_problem(await api.get("/v1/complaints/not-an-id"), 404, "not-found")


async def test_a_method_the_address_does_not_take_is_named(api: Api) -> None:
    answer = await api.request("PUT", "/v1/complaints", json={})
    the_problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["allow"]


async def test_a_scope_the_token_lacks_is_forbidden(api: Api) -> None:
    the_problem(await api.post("/v1/complaints", role="analyst", json={}), 403, "forbidden")


async def test_all_faults_of_a_body_come_at_once(api: Api) -> None:
    body = {"received_on": "2026-02-30", "titel": "x", "risk_level": "extreme", "allegations": ["wages", "nonsense"]}
    problem = the_problem(await api.post("/v1/complaints", json=body), 422, "invalid")
    found = {(fault["pointer"], fault["code"]) for fault in problem["errors"]}
    assert found == {
        ("/titel", "unknown_field"),
        ("/title", "required"),
        ("/received_on", "date"),
        ("/risk_level", "code"),
        ("/allegations/1", "code"),
    }


@pytest.mark.parametrize(
    ("language", "word"),
    [("es", "cuerpo"), ("en", "body"), ("fr", "corps"), ("de", "cuerpo"), ("fr;q=0.2, en", "body")],
)
async def test_the_words_follow_the_caller_and_the_code_does_not(api: Api, language: str, word: str) -> None:
    answer = await api.post("/v1/complaints", json={}, headers={"Accept-Language": language})
    assert word in the_problem(answer, 422, "invalid")["title"].lower()


async def test_an_unknown_parameter_is_named_with_the_nearest(api: Api) -> None:
    problem = the_problem(
        await api.get("/v1/complaints", params={"statsu": "open"}, headers={"Accept-Language": "en"}),
        400,
        "bad-parameter",
    )
    assert problem["errors"][0]["pointer"] == "?statsu"
    assert "status" in problem["errors"][0]["detail"]


async def test_the_value_of_a_parameter_is_never_repeated(api: Api) -> None:
    for params in ({"limit": "canary"}, {"cursor": "canary"}, {"sort": "canary"}, {"facility_id": "canary"}):
        answer = await api.get("/v1/complaints", params=params)
        assert "canary" not in answer.text
        the_problem(answer, 400, "bad-parameter")


async def test_accept_does_not_change_that_an_error_is_a_problem(api: Api) -> None:
    for accept in ("text/html", "application/xml", "*/*"):
        the_problem(await api.get("/v1/nothing", headers={"Accept": accept}), 404, "not-found")


async def test_what_nobody_foresaw_is_an_opaque_problem_with_an_incident_number(
    api: Api, postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    with psycopg.connect(postgres.dsn("vigilancia"), autocommit=True) as owner:
        owner.execute("ALTER TABLE complaint RENAME TO complaint_away")
        try:
            answer = await api.get("/v1/complaints", params={"q": "canary"})
        finally:
            owner.execute("ALTER TABLE complaint_away RENAME TO complaint")
    problem = the_problem(answer, 500, "internal")
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("vigilancia"))
    assert problem["incident"] in ours
    assert "canary" not in ours + answer.text
    assert "SELECT" not in ours + answer.text


async def test_health_and_metrics_need_no_token(api: Api) -> None:
    assert (await api.get("/health/live", role=None)).status_code == 200
    assert (await api.get("/health/ready", role=None)).status_code == 200
    the_problem(await api.get("/health/scheduler", role=None), 503, "unavailable")
    figures = (await api.get("/metrics", role=None)).text
    assert "vigilancia_beat_age_seconds" in figures
    assert "vigilancia_sweep_age_seconds" in figures


async def test_every_answer_carries_the_security_headers(api: Api) -> None:
    for path in ("/v1/complaints", "/health/live", "/v1/nothing", "/schema"):
        headers = (await api.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "no-store" in headers["cache-control"]
