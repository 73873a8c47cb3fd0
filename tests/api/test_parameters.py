"""A parameter means one thing or is refused by name; no list passes over what it was asked."""

import pytest

from tests.api.test_problems import the_problem
from tests.api.world import a_world
from tests.conftest import Api
from vigilancia.core.work import Desk

LISTS = (
    "/v1/complaints",
    "/v1/deadlines",
    "/v1/notices",
    "/v1/escalations",
    "/v1/escalation-policies",
    "/v1/facilities",
    "/v1/organizations",
    "/v1/exports",
    "/v1/proposals",
    "/v1/calendars/{calendar_id}/closures",
    "/v1/complaints/{complaint_id}/links",
    "/v1/complaints/{complaint_id}/timeline",
    "/v1/complaints/{complaint_id}/proceedings",
    "/v1/proceedings/{proceeding_id}/events",
    "/v1/proceedings/{proceeding_id}/events/{event_id}/revisions",
    "/v1/deadlines/{deadline_id}/revisions",
    "/v1/facilities/{facility_id}/history",
    "/v1/organizations/{organization_id}/contacts",
)
WITH_WORDS = ("/v1/complaints", "/v1/facilities", "/v1/organizations", "/v1/organizations/{organization_id}/contacts")


async def test_every_list_knows_since_when_and_whether_words_are_searched(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    for path in LISTS:
        address = path.format(**ids)
        later = await api.get(address, params={"updated_since": "2026-03-02T15:00:01Z"})
        assert (later.status_code, later.json()["items"]) == (200, []), path
        whole = (await api.get(address)).json()["items"]
        same = await api.get(address, params={"updated_since": "2026-03-02T09:00:00-06:00"})
        assert same.json()["items"] == whole, path
        searched = await api.get(address, params={"q": "xyzzy"})
        if path in WITH_WORDS:
            assert searched.json()["items"] == [], path
        else:
            assert the_problem(searched, 400, "bad-parameter")["errors"][0]["code"] == "unknown_parameter", path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "1e2"),
        ("limit", "5.0"),
        ("limit", "+5"),
        ("limit", "٣"),
        ("limit", "9" * 5000),
        ("sort", "--id"),
        ("sort", "id,"),
        ("updated_since", "1"),
        ("updated_since", "2026-03-02"),
        ("updated_since", "2026-03-02T15:00:00"),
        ("updated_since", "2026-02-30T15:00:00Z"),
        ("updated_since", "0001-01-01T00:00:00+23:59"),
        ("updated_since", "9999-12-31T23:59:59-23:59"),
    ],
)
async def test_a_value_of_another_form_is_refused_by_name(api: Api, name: str, value: str) -> None:
    for path in ("/v1/complaints", "/v1/deadlines", "/v1/exports"):
        problem = the_problem(await api.get(path, params={name: value}), 400, "bad-parameter")
        assert [fault["pointer"] for fault in problem["errors"]] == [f"?{name}"]


@pytest.mark.parametrize("name", ["status", "limit", "sort", "cursor"])
async def test_a_parameter_given_twice_is_refused_instead_of_halved(api: Api, name: str) -> None:
    problem = the_problem(await api.get(f"/v1/complaints?{name}=1&{name}=2"), 400, "bad-parameter")
    assert ("?" + name, "twice") in {(fault["pointer"], fault["code"]) for fault in problem["errors"]}


async def test_a_parameter_with_a_name_python_keeps_is_named_as_it_was_sent(api: Api, desk: Desk) -> None:
    ids = await a_world(api, desk)
    answer = await api.get(f"/v1/complaints/{ids['complaint_id']}/report", params={"format": "pdf"})
    assert the_problem(answer, 400, "bad-parameter")["errors"][0]["pointer"] == "?format"


@pytest.mark.parametrize("raw", ["%00", "%ED%A0%80", "%FF", "..%2F..", "a" * 60_000])
async def test_an_address_of_any_bytes_is_only_not_found(api: Api, raw: str) -> None:
    for path in ("/v1/complaints", "/v1/mechanisms", "/v1/vocabularies"):
        the_problem(await api.get(f"{path}/{raw}"), 404, "not-found")


@pytest.mark.parametrize(
    ("languages", "title"),
    [
        ("fr ; q=0.9, en;q=0.1", "Introuvable"),
        ("es-419;q=0.1,en-US;q=0.2", "Not found"),
        ("en;q=nan, fr;q=0.1", "Introuvable"),
        (";;;,,,", "No encontrado"),
        ("*", "No encontrado"),
        ("x" * 20_000, "No encontrado"),
    ],
)
async def test_odd_languages_choose_what_they_can(api: Api, languages: str, title: str) -> None:
    answer = await api.get("/v1/complaints/nothing", headers={"Accept-Language": languages})
    assert answer.json()["title"] == title
