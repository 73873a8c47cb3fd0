"""Facilities: the places of work that complaints are about."""

from typing import Any

from tests.builders import a_complaint, a_facility, an_organization
from tests.conftest import Api

FULL = {
    "name": "Planta Ñandú",
    "aliases": ["Ñandú Dos"],
    "country": "MX",
    "subdivision": "MX-TAM",
    "municipality": "28022",
    "sector": "auto_parts",
    "products": ["arneses"],
    "hs_codes": ["8544.30", "8708"],
    "company": "Arneses del Norte, S. de R.L. de C.V.",
    "parent_company": "Example Harness Corp.",
    "workforce": 850,
    "identifiers": [{"scheme": "duns", "value": "812345678"}],
    "closed_on": "2025-12-31",
    "visibility": "public",
}


async def test_what_was_recorded_is_read_back_field_by_field(api: Api) -> None:
    """Nothing is lost, nothing is made up."""
    made = await api.post("/v1/facilities", json=FULL)
    assert made.status_code == 201
    read = await api.get(f"/v1/facilities/{made.json()['id']}")
    assert read.json() == made.json()
    assert {name: read.json()[name] for name in FULL} == FULL
    assert read.headers["etag"] == '"v1"'


async def test_name_and_country_are_enough(api: Api) -> None:
    """A plant may be known by no more than its gate."""
    made = await api.post("/v1/facilities", json={"name": "La maquila", "country": "MX"})
    assert made.status_code == 201
    assert made.json()["visibility"] == "linked"
    assert made.json()["closed_on"] is None
    missing = await api.post("/v1/facilities", json={})
    assert {(fault["pointer"], fault["code"]) for fault in missing.json()["errors"]} == {
        ("/name", "required"),
        ("/country", "required"),
    }


async def test_every_fault_of_a_facility_is_told_at_once(api: Api) -> None:
    """Plain fields, lists and numbers alike."""
    body: dict[str, Any] = {
        "name": "\t",
        "country": "XX",
        "subdivision": "Tamaulipas",
        "sector": "maquila",
        "hs_codes": ["8544.3"],
        "workforce": -1,
        "closed_on": "2026-02-30",
        "identifiers": [{"scheme": "bn", "value": "123456783"}],
        "products": "arneses",
    }
    answer = await api.post("/v1/facilities", json=body)
    assert answer.status_code == 422
    assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == {
        "/name": "too_short",
        "/country": "format",
        "/subdivision": "format",
        "/sector": "code",
        "/hs_codes/0": "format",
        "/workforce": "range",
        "/closed_on": "date",
        "/identifiers/0/value": "checksum",
        "/products": "type",
    }


async def test_a_plant_that_closes_keeps_its_record(api: Api) -> None:
    """Closing is a day, not a deletion."""
    made = await a_facility(api)
    closed = await api.patch(f"/v1/facilities/{made['id']}", json={"closed_on": "2026-02-28"}, version=1)
    assert closed.json() == {**made, "closed_on": "2026-02-28", "version": 2}
    opened = await api.patch(f"/v1/facilities/{made['id']}", json={"closed_on": None}, version=2)
    assert opened.json()["closed_on"] is None


async def test_a_change_may_not_move_the_country_from_under_the_subdivision(api: Api) -> None:
    """Both together may change."""
    made = await a_facility(api, subdivision="MX-TAM")
    path = f"/v1/facilities/{made['id']}"
    assert (await api.patch(path, json={"country": "US"}, version=1)).status_code == 422
    assert (await api.patch(path, json={"country": "US", "subdivision": "US-TX"}, version=1)).status_code == 200


async def test_a_facility_is_found_by_what_is_known_of_it(api: Api) -> None:
    """Filters and words, accents and legal forms aside."""
    made = (await api.post("/v1/facilities", json=FULL)).json()
    for wanted, found in (
        ({"country": "MX"}, True),
        ({"country": "US,CA"}, False),
        ({"subdivision": "MX-TAM,MX-NLE"}, True),
        ({"subdivision": "MX-NLE"}, False),
        ({"sector": "auto_parts"}, True),
        ({"sector": "mining,steel_aluminium"}, False),
        ({"company": "arneses del norte"}, True),
        ({"company": "Arneses del Norte, S.A. de C.V."}, True),
        ({"company": "Nadie, Arneses"}, True),
        ({"company": "harness"}, False),
        ({"identifier": "duns:81-234-5678"}, True),
        ({"identifier": "rfc:GODE561231GR8"}, False),
        ({"q": "nandu"}, True),
        ({"q": "ÑANDÚ DOS"}, True),
        ({"q": "example harness corporation"}, True),
        ({"q": "arneses norte S de RL de CV"}, True),
        ({"q": "28022"}, True),
        ({"q": "nandu sur"}, False),
        ({"visibility": "public"}, True),
        ({"visibility": "private,linked"}, False),
    ):
        items = (await api.get("/v1/facilities", params=wanted)).json()["items"]
        assert [one["id"] for one in items] == ([made["id"]] if found else []), wanted


async def test_a_parameter_that_does_not_fit_is_named(api: Api) -> None:
    """No silent wide or empty result."""
    for name, value in (
        ("sector", "maquila"),
        ("subdivision", "TAM"),
        ("country", "mx"),
        ("sort", "workforce"),
        ("compnay", "x"),
    ):
        answer = await api.get("/v1/facilities", params={name: value})
        assert answer.status_code == 400
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"?{name}"]


async def test_companies_sort_with_those_unknown_first(api: Api) -> None:
    """A missing company is no reason to fall out of the list."""
    for company in ("Zeta", None, "Álfa"):
        await a_facility(api, company=company, name=f"Planta de {company}")
    listed = await api.get("/v1/facilities", params={"sort": "company", "limit": 2})
    rest = await api.get("/v1/facilities", params={"sort": "company", "cursor": listed.json()["next"]})
    assert [one["company"] for one in listed.json()["items"] + rest.json()["items"]] == [None, "Álfa", "Zeta"]


async def test_a_plant_in_a_case_is_not_deleted(api: Api) -> None:
    """The case would be about nothing; which case it is stays unsaid."""
    plant = await a_facility(api)
    case = await a_complaint(api, facility_id=plant["id"])
    answer = await api.delete(f"/v1/facilities/{plant['id']}", version=1)
    assert answer.status_code == 409
    assert [fault["code"] for fault in answer.json()["errors"]] == ["in_use"]
    assert case["id"] not in answer.text
    assert case["reference"] not in answer.text


async def test_deleting_a_plant_frees_its_numbers(api: Api) -> None:
    """A record made by mistake leaves nothing behind."""
    made = (await api.post("/v1/facilities", json=FULL)).json()
    assert (await api.delete(f"/v1/facilities/{made['id']}", version=1)).status_code == 204
    assert (await api.get(f"/v1/facilities/{made['id']}")).status_code == 404
    assert (await api.post("/v1/facilities", json=FULL)).status_code == 201


async def test_one_number_is_one_record_of_a_keeper(api: Api) -> None:
    """Company and plant under the same number would be found as one: the second is refused, a change to it too."""
    number = [{"scheme": "rfc", "value": "NWM9709244W4"}]
    company = await an_organization(api, kind="company", identifiers=number)
    assert (await api.post("/v1/facilities", json={**FULL, "identifiers": number})).status_code == 409
    plant = await a_facility(api)
    changed = await api.patch(f"/v1/facilities/{plant['id']}", json={"identifiers": number}, version=1)
    assert changed.status_code == 409
    assert (await api.get(f"/v1/facilities/{plant['id']}")).json() == plant
    kept = await api.patch(f"/v1/organizations/{company['id']}", json={"identifiers": number}, version=1)
    assert kept.status_code == 200
