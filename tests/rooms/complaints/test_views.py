"""What each view shows, hides and coarsens, and that no question tells more than the answer."""

import base64
from typing import Any, get_args
from uuid import UUID

import pytest

from tests.builders import a_complaint, a_facility, a_link, an_organization
from tests.conftest import Api
from tests.rooms.complaints.cases import CANARIES, a_full_case, everything, granted
from vigilancia.access.fields import hidden
from vigilancia.access.policy import View
from vigilancia.access.pseudonyms import Pseudonyms
from vigilancia.core.work import Desk

VIEWS = get_args(View)
OVERRIDE = {"by": "canaryperson", "reason": "canaryreason"}


async def every_answer(api: Api, complaint_id: str, role: str) -> str:
    """Return all that a reader is told of a case, as one text."""
    paths = ("", "/timeline", "/links")
    answers = [await api.get(f"/v1/complaints/{complaint_id}{path}", role=role) for path in paths]
    answers.append(await api.get("/v1/complaints", role=role))
    answers.append(await api.get("/v1/complaints", role=role, params={"sort": "updated_at", "limit": 1}))
    assert {answer.status_code for answer in answers} == {200}
    return " ".join(answer.text for answer in answers)


async def a_case_seen_as(api: Api, view: str) -> tuple[dict[str, Any], str]:
    """Return a full case and the role that sees it in a view."""
    if view == "public":
        return await a_full_case(api, confidentiality="public"), "stranger"
    case = await a_full_case(api)
    if view == "alerts":
        await a_link(api, case["id"], api.people.union_id)
    return case, {"full": "staff", "shared": "admin", "deidentified": "analyst", "alerts": "partner"}[view]


@pytest.mark.parametrize("view", VIEWS)
async def test_what_a_view_hides_is_null_and_the_rest_is_there(api: Api, view: View) -> None:
    case, role = await a_case_seen_as(api, view)
    shown = (await api.get(f"/v1/complaints/{case['id']}", role=role)).json()
    assert shown["view"] == view
    empty = {"handler_id", "facility_id", "merged_into"}
    assert {name for name, value in shown.items() if value is None} - empty == hidden("complaint", view) - empty


@pytest.mark.parametrize("view", VIEWS)
async def test_no_word_of_a_hidden_field_leaves_by_any_answer(api: Api, view: View) -> None:
    case, role = await a_case_seen_as(api, view)
    told = await every_answer(api, case["id"], role)
    leaks = {field for field, word in CANARIES.items() if word in told} & hidden("complaint", view)
    assert leaks == set()
    if view in ("alerts", "deidentified"):
        assert "canary" not in told


async def test_only_alerts_see_no_more_than_reference_and_status(api: Api) -> None:
    case, role = await a_case_seen_as(api, "alerts")
    shown = (await api.get(f"/v1/complaints/{case['id']}", role=role)).json()
    told = {name: value for name, value in shown.items() if value is not None}
    assert set(told) == {"id", "reference", "view", "status", "confidentiality", "version", "updated_at"}
    assert told["reference"] == case["reference"]


async def test_analysts_see_months_instead_of_days(api: Api) -> None:
    case, role = await a_case_seen_as(api, "deidentified")
    shown = (await api.get(f"/v1/complaints/{case['id']}", role=role)).json()
    assert shown["received_on"] == "2026-02-01"
    assert shown["updated_at"] == "2026-03-01T00:00:00Z"
    assert shown["incidents"] == [
        {"allegation": "union_dismissal", "on": "2026-01-01", "until": "2026-02-01", "precision": "month"},
        {"allegation": "blacklisting", "on": "2025-01-01", "until": None, "precision": "year"},
    ]
    assert [finding["on"] for finding in shown["findings"]] == ["2026-02-01", "2026-02-01"]
    assert shown["affected_workers"] == {"min": 101, "max": 500}  # a span, and no number that somebody counted
    assert {(each["count"], each["amount"], each["currency"]) for each in shown["outcomes"]} == {(None, None, None)}


async def test_what_analysts_are_told_leads_to_no_other_record(api: Api, desk: Desk) -> None:
    case, role = await a_case_seen_as(api, "deidentified")
    other = await a_complaint(api)
    path = f"/v1/complaints/{case['id']}"
    shown = (await api.get(path, role=role)).json()
    assert shown["reference"] == Pseudonyms(desk.keys).of_case(UUID(case["id"])) != case["reference"]
    assert UUID(shown["owner_id"]).version == 8
    assert shown["owner_id"] == (await api.get(f"/v1/complaints/{other['id']}", role=role)).json()["owner_id"]
    assert str(api.people.centre_id) not in await every_answer(api, case["id"], role)
    assert case["reference"] not in await every_answer(api, case["id"], role)


@pytest.mark.parametrize("asked", [{"q": "reference"}, {"owner_id": "owner_id"}])
async def test_what_has_a_pseudonym_cannot_be_asked_for_by_its_name(api: Api, asked: dict[str, str]) -> None:
    case, role = await a_case_seen_as(api, "deidentified")
    params = {name: case[field] for name, field in asked.items()}
    assert len((await api.get("/v1/complaints", params=params)).json()["items"]) == 1
    assert (await api.get("/v1/complaints", role=role, params=params)).json()["items"] == []


async def test_sorting_by_a_reference_tells_analysts_nothing_of_it(api: Api) -> None:
    cases = [await a_complaint(api) for _ in range(4)]
    page = (await api.get("/v1/complaints", role="analyst", params={"sort": "reference", "limit": "2"})).json()
    rest = await api.get("/v1/complaints", role="analyst", params={"sort": "reference", "cursor": page["next"]})
    ids = [item["id"] for item in [*page["items"], *rest.json()["items"]]]
    assert ids == sorted(case["id"] for case in cases)
    held = base64.urlsafe_b64decode(page["next"] + "=" * (-len(page["next"]) % 4)).decode()
    assert "VIG-" not in held


async def test_parties_have_one_pseudonym_in_every_case_and_cannot_be_asked_for_by_id(api: Api) -> None:
    shown = set()
    union = await an_organization(api, visibility="public")
    for _ in range(2):
        case = await a_complaint(api)
        await a_link(api, case["id"], union["id"], source="canarysource", adverse_override=OVERRIDE)
        path = f"/v1/complaints/{case['id']}/links"
        answer = await api.get(path, role="analyst")
        assert "canary" not in answer.text
        shown |= {link["organization_id"] for link in answer.json()["items"]}
        found = await api.get(path, role="analyst", params={"organization_id": union["id"]})
        assert found.json()["items"] == []
    assert len(shown) == 1
    assert union["id"] not in shown


async def test_analysts_are_told_which_state_found_what_but_no_names(api: Api) -> None:
    named = {"by": "Lic. Pérez", "result": "declined", "on": None, "source_url": None}
    case = await a_complaint(api, findings=[*everything()["findings"], named])
    shown = (await api.get(f"/v1/complaints/{case['id']}", role="analyst")).json()
    assert [finding["by"] for finding in shown["findings"]] == ["US", "MX", None]


@pytest.mark.parametrize(("visibility", "stranger"), [("private", False), ("linked", True), ("public", True)])
async def test_a_plant_is_named_as_far_as_its_own_record_is_and_to_analysts_never(
    api: Api, visibility: str, *, stranger: bool
) -> None:
    plant = await a_facility(api, visibility=visibility)
    case = await a_complaint(api, facility_id=plant["id"])
    public = await a_complaint(api, facility_id=plant["id"], confidentiality="public")
    for id_, role, named in ((case["id"], "analyst", False), (public["id"], "stranger", stranger)):
        shown = (await api.get(f"/v1/complaints/{id_}", role=role)).json()
        assert (shown["facility_id"] == plant["id"]) is named
        assert (shown["facility_ids"] == [plant["id"]]) is named
        found = await api.get("/v1/complaints", role=role, params={"facility_id": plant["id"]})
        assert (id_ in [item["id"] for item in found.json()["items"]]) is named


async def test_nobody_is_shown_less_of_a_public_case_than_a_stranger(api: Api) -> None:
    case = await a_full_case(api, confidentiality="public")
    await a_link(api, case["id"], api.people.union_id)
    for role in ("stranger", "partner", "analyst", "union_analyst"):
        shown = (await api.get(f"/v1/complaints/{case['id']}", role=role)).json()
        assert (shown["view"], shown["title"]) == ("public", case["title"])


async def test_a_view_that_changed_is_not_answered_from_a_cache(api: Api) -> None:
    case = await a_complaint(api)
    link = await a_link(api, case["id"], api.people.union_id, access="read")
    path = f"/v1/complaints/{case['id']}"
    known = {"If-None-Match": (await api.get(path, role="partner")).headers["ETag"]}
    assert (await api.get(path, role="partner", headers=known)).status_code == 304
    await api.post(f"{path}/links/{link['id']}/accept", role="partner")
    fresh = await api.get(path, role="partner", headers=known)
    assert (fresh.status_code, fresh.json()["view"], fresh.headers["ETag"]) == (200, "full", '"v1"')


async def test_a_stranger_and_an_unlinked_partner_find_nothing(api: Api) -> None:
    case = await a_full_case(api)
    for role in ("stranger", "partner", "union_analyst"):
        for path in ("", "/timeline", "/links"):
            assert (await api.get(f"/v1/complaints/{case['id']}{path}", role=role)).status_code == 404
        assert (await api.get("/v1/complaints", role=role)).json()["items"] == []


async def test_analysts_of_a_linked_organisation_see_what_it_may_read(api: Api) -> None:
    case = await a_full_case(api)
    await granted(api, case["id"], "read")
    assert (await api.get(f"/v1/complaints/{case['id']}", role="union_analyst")).json()["view"] == "deidentified"


FILTERS = {
    "tag": "canarytag",
    "external_id": "kobo:canaryexternal",
    "q": "canarytitle",
    "risk_level": "high",
    "allegation": "blacklisting",
    "received_on_after": "2026-02-16",
    "received_on_before": "2026-02-18",
}


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_finds_what_its_field_shows(api: Api, name: str) -> None:
    case = await a_full_case(api)
    found = await api.get("/v1/complaints", params={name: FILTERS[name]})
    assert [item["id"] for item in found.json()["items"]] == [case["id"]]


@pytest.mark.parametrize("name", [*FILTERS, "facility_id", "owner_id"])
async def test_who_gets_alerts_only_cannot_ask_about_hidden_fields(api: Api, name: str) -> None:
    case, role = await a_case_seen_as(api, "alerts")
    value = FILTERS.get(name) or case[name]
    assert (await api.get("/v1/complaints", role=role, params={name: value})).json()["items"] == []


@pytest.mark.parametrize("name", ["tag", "external_id", "q", "received_on_after", "facility_id"])
async def test_analysts_cannot_ask_about_words_days_or_hidden_plants(api: Api, name: str) -> None:
    case, role = await a_case_seen_as(api, "deidentified")
    value = FILTERS.get(name) or case[name]
    assert (await api.get("/v1/complaints", role=role, params={name: value})).json()["items"] == []


async def test_analysts_ask_about_months(api: Api) -> None:
    case, role = await a_case_seen_as(api, "deidentified")
    found = await api.get("/v1/complaints", role=role, params={"received_on_after": "2026-01-31"})
    assert [item["id"] for item in found.json()["items"]] == [case["id"]]
    for since, count in (("2026-03-31T00:00:00Z", 1), ("2026-04-01T00:00:00Z", 0)):
        found = await api.get("/v1/complaints", role=role, params={"updated_since": since})
        assert len(found.json()["items"]) == count


async def test_everybody_finds_a_case_by_its_reference(api: Api) -> None:
    case, role = await a_case_seen_as(api, "alerts")
    found = await api.get("/v1/complaints", role=role, params={"q": case["reference"].lower()})
    assert [item["id"] for item in found.json()["items"]] == [case["id"]]


@pytest.mark.parametrize("sort", ["-received_on", "updated_at"])
async def test_a_cursor_does_not_hold_the_day_that_its_page_hides(api: Api, sort: str) -> None:
    for day in ("2026-02-17", "2026-02-19"):
        case = await a_complaint(api, received_on=day)
        await a_link(api, case["id"], api.people.union_id)
    for role in ("analyst", "partner"):
        page = (await api.get("/v1/complaints", role=role, params={"limit": 1, "sort": sort})).json()
        told = base64.urlsafe_b64decode(page["next"] + "==").decode()
        assert "2026-02-1" not in told
        if role == "analyst":
            assert "2026-03-02" not in told
        rest = await api.get("/v1/complaints", role=role, params={"limit": 1, "sort": sort, "cursor": page["next"]})
        assert rest.json()["items"][0]["id"] != page["items"][0]["id"]
        assert rest.json()["next"] is None


async def test_a_link_to_one_case_opens_no_plant_of_another(api: Api) -> None:
    await granted(api, (await a_complaint(api))["id"], "read")
    plant = await a_facility(api, visibility="private")
    await a_complaint(api, facility_id=plant["id"], confidentiality="public")
    found = await api.get("/v1/complaints", role="partner", params={"facility_id": plant["id"]})
    assert found.json()["items"] == []
