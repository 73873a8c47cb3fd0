"""Whether a mechanism reaches a facility: gate by gate, and never more than is recorded."""

from typing import Any

import pytest

from tests.api.test_problems import the_problem
from tests.builders import a_complaint, a_facility
from tests.conftest import Api

MECHANISM = {"mechanism": "usmca-31a-us-mx"}
TRADED = {"fact": "traded", "country": "US", "holds": True}
COMPETING = {"fact": "competing", "country": "US", "holds": True}


async def coverage(api: Api, plant: dict[str, Any], language: str = "es", **rest: Any) -> dict[str, Any]:
    url = f"/v1/facilities/{plant['id']}/coverage"
    answer = await api.get(url, params=MECHANISM, headers={"Accept-Language": language}, **rest)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def gates(api: Api, plant: dict[str, Any], **rest: Any) -> dict[str, dict[str, Any]]:
    return {gate["gate"]: gate for gate in (await coverage(api, plant, **rest))["gates"]}


async def test_a_plant_of_which_little_is_recorded_has_unknown_gates_and_no_verdict(api: Api) -> None:
    said = await coverage(api, await a_facility(api))
    assert {gate["gate"]: (gate["state"], gate["code"]) for gate in said["gates"]} == {
        "located_in_respondent": ("met", "located"),
        "priority_sector": ("unknown", "sector_not_recorded"),
        "traded_or_competing": ("unknown", "facts_missing"),
        "governing_law": ("unknown", "not_about_facility"),
    }
    assert set(said) == {"facility_id", "mechanism", "title", "note", "gates"}


async def test_every_gate_says_why_with_its_source_and_how_sure_it_is_in_three_languages(api: Api) -> None:
    plant = await a_facility(api, sector="auto_parts", coverage_facts=[TRADED])
    told = {language: await coverage(api, plant, language) for language in ("es", "en", "fr")}
    for said in told.values():
        for gate in said["gates"]:
            assert gate["citation"]
            assert gate["confidence"] == "secondary"
    whys = {language: said["gates"][2]["why"] for language, said in told.items()}
    assert whys["es"] == "Consta que es así (Estados Unidos): un bien o servicio de aquí se comercia con ese país."
    assert (
        whys["en"]
        == "It is recorded that it is so (United States): a good or service from here is traded with that country."
    )
    assert (
        whys["fr"]
        == "Il est consigné que c'est le cas (États-Unis) : un bien ou un service d'ici est échangé avec ce pays."
    )


async def test_a_gate_shows_the_recorded_fact_it_rests_on(api: Api) -> None:
    fact = {**TRADED, "on": "2025-06-30", "by": "Aduana", "source_url": "https://example.org/pedimento"}
    found = await gates(api, await a_facility(api, sector="mining", coverage_facts=[fact]))
    [ground] = found["traded_or_competing"]["rests_on"]
    assert (ground["field"], ground["fact"]) == ("coverage_facts", fact)
    assert [(each["field"], each["value"]) for each in found["priority_sector"]["rests_on"]] == [("sector", "mining")]


async def test_no_export_is_needed_where_it_competes(api: Api) -> None:
    facts = [{**TRADED, "holds": False}, COMPETING]
    gate = (await gates(api, await a_facility(api, sector="call_centre", coverage_facts=facts)))["traded_or_competing"]
    assert (gate["state"], gate["code"]) == ("met", "fact_holds")


async def test_facts_that_contradict_each_other_decide_nothing(api: Api) -> None:
    facts = [TRADED, {**TRADED, "holds": False}]
    gate = (await gates(api, await a_facility(api, coverage_facts=facts)))["traded_or_competing"]
    assert (gate["state"], gate["code"], len(gate["rests_on"])) == ("unknown", "facts_contradict", 2)


async def test_what_is_recorded_towards_another_country_says_nothing_here(api: Api) -> None:
    gate = (await gates(api, await a_facility(api, coverage_facts=[{**TRADED, "country": "CA"}])))[
        "traded_or_competing"
    ]
    assert (gate["state"], gate["rests_on"]) == ("unknown", [])


async def test_products_and_codes_prove_no_trade(api: Api) -> None:
    plant = await a_facility(api, products=["arneses"], hs_codes=["8544.30"], sector="auto_parts")
    assert (await gates(api, plant))["traded_or_competing"]["state"] == "unknown"


async def test_a_sector_outside_the_list_of_sub_sectors_is_in_all_the_same(api: Api) -> None:
    gate = (await gates(api, await a_facility(api, sector="garments")))["priority_sector"]
    assert gate["state"] == "met"
    assert "4643" in gate["remark"]


async def test_facts_are_changed_like_every_other_field(api: Api) -> None:
    plant = await a_facility(api, coverage_facts=[TRADED])
    url = f"/v1/facilities/{plant['id']}"
    assert (await api.patch(url, json={"coverage_facts": [COMPETING]})).status_code == 428
    changed = await api.patch(url, json={"coverage_facts": [COMPETING]}, version=1)
    assert [fact["fact"] for fact in changed.json()["coverage_facts"]] == ["competing"]
    assert changed.headers["etag"] == '"v2"'
    the_problem(await api.patch(url, json={"coverage_facts": []}, version=1), 412, "stale")
    untouched = await api.patch(url, json={"workforce": 20}, version=2)
    assert [fact["fact"] for fact in untouched.json()["coverage_facts"]] == ["competing"]
    assert (await api.patch(url, json={"coverage_facts": []}, version=3)).json()["coverage_facts"] == []


@pytest.mark.parametrize(
    ("fact", "pointer", "code"),
    [
        ({**TRADED, "fact": "exported"}, "/coverage_facts/0/fact", "code"),
        ({**TRADED, "country": "XX"}, "/coverage_facts/0/country", "format"),
        ({**TRADED, "on": "2026-03-04"}, "/coverage_facts/0/on", "future"),
        ({**TRADED, "source_url": "ftp://x"}, "/coverage_facts/0/source_url", "format"),
        ({**TRADED, "since": "2020"}, "/coverage_facts/0/since", "unknown_field"),
        ({"fact": "traded", "country": "US"}, "/coverage_facts/0/holds", "required"),
    ],
)
async def test_a_fact_that_does_not_fit_is_refused_where_it_stands(
    api: Api, fact: dict[str, Any], pointer: str, code: str
) -> None:
    body = {"name": "Planta", "country": "MX", "coverage_facts": [fact]}
    errors = the_problem(await api.post("/v1/facilities", json=body), 422, "invalid")["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in errors] == [(pointer, code)]


async def test_a_fact_said_twice_is_refused(api: Api) -> None:
    body = {"name": "Planta", "country": "MX", "coverage_facts": [TRADED, {**TRADED, "by": None}]}
    errors = the_problem(await api.post("/v1/facilities", json=body), 422, "invalid")["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in errors] == [("/coverage_facts/1", "duplicate")]


ORDER = {
    "fact": "enforced_order",
    "country": "US",
    "holds": True,
    "on": "2025-06-30",
    "by": "NLRB 01-CA-000000",
    "source_url": "https://example.org/orden",
}
CUT = {**ORDER, "on": "2025-06-01", "by": None, "source_url": None}


async def test_number_and_address_of_a_small_place_are_kept_from_strangers(api: Api) -> None:
    small = await a_facility(api, workforce=12, visibility="public", coverage_facts=[ORDER])
    large = await a_facility(api, workforce=900, visibility="public", coverage_facts=[ORDER])
    for plant, shown in ((small, CUT), (large, ORDER)):
        assert (await api.get(f"/v1/facilities/{plant['id']}", role="partner")).json()["coverage_facts"] == [shown]
        assert (await api.get(f"/v1/facilities/{plant['id']}")).json()["coverage_facts"] == [ORDER]


async def test_analysts_are_told_the_month_unless_the_record_is_public(api: Api) -> None:
    kept = await a_facility(api, coverage_facts=[ORDER])
    public = await a_facility(api, visibility="public", coverage_facts=[ORDER])
    for plant, shown in ((kept, CUT), (public, ORDER)):
        assert (await api.get(f"/v1/facilities/{plant['id']}", role="analyst")).json()["coverage_facts"] == [shown]


async def test_the_coverage_of_an_unseen_facility_is_not_found(api: Api) -> None:
    plant = await a_facility(api, visibility="private")
    url = f"/v1/facilities/{plant['id']}/coverage"
    the_problem(await api.get(url, params=MECHANISM, role="partner"), 404, "not-found")


@pytest.mark.parametrize("path", ["coverage", "prior-findings"])
async def test_a_mechanism_must_be_named_and_known(api: Api, path: str) -> None:
    plant = await a_facility(api)
    url = f"/v1/facilities/{plant['id']}/{path}"
    for params in ({}, {"mechanism": "nafta"}, {**MECHANISM, "verdict": "yes"}):
        errors = the_problem(await api.get(url, params=params), 400, "bad-parameter")["errors"]
        assert [fault["pointer"] for fault in errors] == ["?verdict" if len(params) == 2 else "?mechanism"]


async def test_coverage_costs_one_statement_more_than_knowing_the_caller(api: Api, statements: Any) -> None:
    plant = await a_facility(api, coverage_facts=[TRADED, COMPETING])
    await a_complaint(api, facility_id=plant["id"])
    await coverage(api, plant)
    with statements() as sent:
        await coverage(api, plant)
    assert len(sent) == 2
