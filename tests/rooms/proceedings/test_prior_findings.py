"""What counts toward wider remedies: determinations by a panel, and nothing a government settled or admitted."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import a_complaint, a_facility, a_link, a_proceeding, an_event
from tests.conftest import Api, Clock
from vigilancia.core.work import Desk
from vigilancia.demo.load import load_demo

MECHANISM = {"mechanism": "usmca-31a-us-mx"}
OWNER: dict[str, Any] = {"company": "Arneses del Norte, S.A. de C.V.", "hs_codes": ["8544.30"]}
FOUND = ("panel_found_denial", "2025-05-10")


async def findings(api: Api, plant: dict[str, Any], **rest: Any) -> dict[str, Any]:
    answer = await api.get(f"/v1/facilities/{plant['id']}/prior-findings", params=MECHANISM, **rest)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def a_history(api: Api, plant: dict[str, Any], *events: tuple[str, str], **changes: Any) -> dict[str, Any]:
    """Record a case at a plant with a procedure and its events; return the case with the ids of both."""
    kind = changes.pop("kind", "happened")
    complaint = await a_complaint(api, **{"facility_id": plant["id"], "received_on": "2025-01-02", **changes})
    proceeding = await a_proceeding(api, complaint["id"])
    for type_, on in events:
        made = await an_event(api, proceeding["id"], type=type_, on=on, kind=kind)
        complaint |= {"event_id": made["id"]}
    return {**complaint, "proceeding_id": proceeding["id"]}


def codes(said: dict[str, Any]) -> list[str]:
    return [each["code"] for each in said["not_counted"]]


async def test_a_determination_at_the_facility_counts_and_opens_the_next_tier(api: Api) -> None:
    plant = await a_facility(api)
    case = await a_history(api, plant, FOUND)
    said = await findings(api, plant)
    [occasion] = said["counted"]
    assert (occasion["proceeding_id"], occasion["on"], occasion["reference"]) == (
        case["proceeding_id"],
        "2025-05-10",
        case["reference"],
    )
    assert said["prior_determinations"] == 1
    assert [each["tier"] for each in said["remedies"]] == ["first_finding", "same_owner"]
    assert all(each["citation"] and each["confidence"] for each in said["remedies"])


async def test_two_determinations_open_all_tiers(api: Api) -> None:
    plant = await a_facility(api)
    await a_history(api, plant, FOUND)
    await a_history(api, plant, ("panel_found_denial", "2025-09-01"))
    said = await findings(api, plant)
    assert (said["prior_determinations"], said["remedies"][-1]["tier"]) == (2, "denial_of_entry")


@pytest.mark.parametrize(
    ("events", "word"),
    [
        ([("review_requested", "2025-02-01"), ("review_reported_denial", "2025-03-10")], "reconoció"),
        ([("review_reported_denial", "2025-03-10"), ("remediation_agreed", "2025-03-20")], "reconoció"),
        ([("remediation_agreed", "2025-03-20"), ("resolved", "2025-06-01")], "curso de reparación"),
        ([("resolved", "2025-06-01")], "se resolvió"),
        ([("panel_found_no_denial", "2025-06-01")], "no halló"),
    ],
)
async def test_what_governments_settled_or_admitted_and_a_panel_that_found_nothing_do_not_count(
    api: Api, events: list[tuple[str, str]], word: str
) -> None:
    plant = await a_facility(api)
    await a_history(api, plant, *events)
    said = await findings(api, plant)
    assert (said["prior_determinations"], said["counted"], codes(said)) == (0, [], ["other_result"])
    assert word in said["not_counted"][0]["why"]
    assert [each["tier"] for each in said["remedies"]] == ["first_finding"]


async def test_a_finding_on_the_case_is_no_determination(api: Api) -> None:
    plant = await a_facility(api)
    await a_complaint(api, facility_id=plant["id"], findings=[{"by": "MX", "result": "denial", "on": "2025-03-01"}])
    said = await findings(api, plant)
    assert (said["prior_determinations"], codes(said)) == (0, ["finding_on_case"])
    assert said["not_counted"][0]["proceeding_id"] is None


async def test_an_announced_a_withdrawn_and_a_contradicted_finding_do_not_count(api: Api) -> None:
    plant = await a_facility(api)
    await a_history(api, plant, FOUND, kind="announced")
    taken_back = await a_history(api, plant, FOUND)
    url = f"/v1/proceedings/{taken_back['proceeding_id']}/events/{taken_back['event_id']}/withdraw"
    assert (await api.post(url, json={"reason": "No hubo"})).status_code == 200
    await a_history(api, plant, FOUND, ("panel_found_no_denial", "2025-05-10"))
    said = await findings(api, plant)
    assert said["counted"] == []
    assert sorted(codes(said)) == ["contradicted", "no_determination", "only_reported"]


async def test_one_determination_recorded_in_two_cases_counts_once(api: Api) -> None:
    plant = await a_facility(api)
    for _ in range(2):
        await a_history(api, plant, FOUND)
    said = await findings(api, plant)
    assert (said["prior_determinations"], codes(said)) == (1, ["counted_already"])


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"company": "ARNESES DEL NORTE SA de CV", "hs_codes": ["8544.42"]}, "determination"),
        ({"parent_company": "Arneses del Norte", "products": ["Arnés"]}, "goods_not_recorded"),
        ({"company": "Arneses del Norte", "hs_codes": ["8708"]}, "goods_different"),
        ({"company": "Arneses del Norte"}, "goods_not_recorded"),
        ({"company": "Arneses del Norte Dos", "hs_codes": ["8544.30"]}, None),
        ({"hs_codes": ["8544.30"]}, None),
    ],
)
async def test_another_plant_of_the_owner_counts_with_the_same_goods_only(
    api: Api, other: dict[str, Any], code: str | None
) -> None:
    plant = await a_facility(api, **OWNER)
    sister = await a_facility(api, name="Hermana", **other)
    await a_history(api, sister, FOUND)
    said = await findings(api, plant)
    told = [each["code"] for each in said["counted"] + said["not_counted"]]
    assert told == ([code] if code else [])
    assert all(each["relation"] == "same_owner" for each in said["counted"])


async def test_a_number_of_the_company_makes_kin_and_a_product_of_one_name_the_same_goods(api: Api) -> None:
    number = [{"scheme": "ein", "value": "91-1144442"}]
    plant = await a_facility(api, products=["Arnés"], identifiers=number)
    sister = await a_facility(api, role="partner", visibility="public", products=["arnes"], identifiers=number)
    await a_history(api, sister, FOUND)
    assert (await findings(api, plant))["prior_determinations"] == 1


async def test_a_case_of_several_plants_counts_at_its_main_one(api: Api) -> None:
    main, second = await a_facility(api), await a_facility(api)
    await a_history(api, main, FOUND, facility_ids=[main["id"], second["id"]])
    assert (await findings(api, main))["prior_determinations"] == 1
    assert codes(await findings(api, second)) == ["not_main_facility"]


async def test_a_main_facility_that_is_not_shown_leaves_no_trace(api: Api) -> None:
    hidden, second = await a_facility(api, visibility="private"), await a_facility(api, visibility="public")
    plants = [hidden["id"], second["id"]]
    case = await a_history(api, hidden, FOUND, facility_ids=plants, confidentiality="public")
    with_main = await findings(api, second, role="partner")
    await api.patch(
        f"/v1/complaints/{case['id']}", json={"facility_id": None, "facility_ids": [second["id"]]}, version=1
    )
    assert await findings(api, second, role="partner") == with_main
    assert codes(with_main) == ["not_main_facility"]


async def test_cases_of_others_are_not_counted_and_nothing_tells_of_them(api: Api) -> None:
    plant = await a_facility(api, visibility="public", **OWNER)
    bare = await a_facility(api, visibility="public", **OWNER)
    hidden = await a_facility(api, visibility="private", **OWNER)
    nobody = await findings(api, plant, role="partner")
    await a_history(api, plant, FOUND)
    await a_history(api, hidden, ("panel_found_denial", "2025-06-01"), confidentiality="public")
    assert await findings(api, plant, role="partner") == nobody
    assert (nobody["prior_determinations"], nobody["counted"], nobody["not_counted"]) == (0, [], [])
    assert (await findings(api, bare))["prior_determinations"] == 2


async def test_who_gets_alerts_only_is_not_told_at_which_plant_a_case_is(api: Api) -> None:
    plant = await a_facility(api, visibility="public")
    case = await a_history(api, plant, FOUND)
    await a_link(api, case["id"], api.people.union_id)
    assert (await findings(api, plant, role="partner"))["counted"] == []


async def test_analysts_find_public_cases_alone_at_a_plant(api: Api) -> None:
    plant = await a_facility(api, visibility="public")
    case = await a_history(api, plant, FOUND)
    assert (await findings(api, plant, role="analyst"))["prior_determinations"] == 0
    await api.patch(f"/v1/complaints/{case['id']}", json={"confidentiality": "public"}, version=case["version"])
    assert (await findings(api, plant, role="analyst"))["prior_determinations"] == 1


async def test_reasons_are_given_in_three_languages(api: Api) -> None:
    plant = await a_facility(api, **OWNER)
    await a_history(api, await a_facility(api, company="Arneses del Norte"), FOUND)
    whys = {
        language: (await findings(api, plant, headers={"Accept-Language": language}))["not_counted"][0]["why"]
        for language in ("es", "en", "fr")
    }
    assert len(set(whys.values())) == 3
    assert whys["en"] == (
        "It is not recorded whether the goods or services are the same or related."
        " The registry names the same company there: Arneses del Norte."
    )


async def test_manufacturas_vu_was_asked_about_twice_and_has_no_determination(
    api: Api, desk: Desk, clock: Clock
) -> None:
    clock.set(datetime(2026, 11, 23, 15, tzinfo=UTC))
    await load_demo(desk)
    said = {}
    for word in ("Manufacturas VU", "San Martín"):
        plant = (await api.get("/v1/facilities", params={"q": word})).json()["items"][0]
        said[word] = await findings(api, plant)
        assert said[word]["prior_determinations"] == 0
    assert [each["relation"] for each in said["Manufacturas VU"]["not_counted"]] == ["same_facility"] * 2
    assert {each["code"] for each in said["Manufacturas VU"]["not_counted"]} == {"other_result"}
    assert [each["event"] for each in said["San Martín"]["not_counted"]] == ["panel_found_no_denial"]


@pytest.mark.parametrize("cases", [1, 8])
async def test_the_answer_costs_as_many_statements_beside_many_cases(api: Api, statements: Any, cases: int) -> None:
    plant = await a_facility(api, **OWNER)
    for number in range(cases):
        await a_history(api, await a_facility(api, **OWNER), ("panel_found_denial", f"2025-05-{number + 1:02}"))
    assert (await findings(api, plant))["prior_determinations"] == cases
    with statements() as sent:
        await findings(api, plant)
    assert len(sent) == 6  # the last notes that it was read
