"""Files and reports tell the municipality of a small place to those who work with it, and to nobody else."""

from typing import Any

import pytest

from tests.builders import a_complaint, a_facility
from tests.conftest import Api
from tests.rooms.reports.files import cells
from vigilancia.core.work import Desk


async def a_case(api: Api, *, workforce: int | None, confidentiality: str = "public") -> dict[str, Any]:
    """Log a case about a public plant in Matamoros."""
    plant = await a_facility(
        api,
        name="Taller Norte",
        subdivision="MX-TAM",
        municipality="Matamoros",
        workforce=workforce,
        visibility="public",
    )
    return await a_complaint(api, facility_id=plant["id"], confidentiality=confidentiality)


async def town_in_report(api: Api, case: dict[str, Any], *, role: str, profile: str) -> str | None:
    """Return the municipality of the only place in a case report."""
    answer = await api.get(f"/v1/complaints/{case['id']}/report", role=role, params={"profile": profile})
    assert answer.status_code == 200, answer.text
    (place,) = answer.json()["places"]
    assert place["name"] == "Taller Norte"
    assert place["subdivision"]["code"] == "MX-TAM"
    town: str | None = place["municipality"]
    return town


@pytest.mark.parametrize(("workforce", "town"), [(99, ""), (100, "Matamoros"), (None, "Matamoros")])
async def test_a_strangers_file_has_the_municipality_only_of_places_with_a_hundred_people(
    api: Api, desk: Desk, workforce: int | None, town: str
) -> None:
    await a_case(api, workforce=workforce)
    for role, profile in (("partner", "full"), ("partner", "deidentified"), ("analyst", "deidentified")):
        (row,) = await cells(api, desk, role=role, profile=profile)
        assert (row["facility"], row["municipality"], row["subdivision"]) == ("Taller Norte", town, "MX-TAM"), role


async def test_the_keepers_own_file_has_it_and_its_file_for_others_has_not(api: Api, desk: Desk) -> None:
    """De-identified files leave the house, whoever made them."""
    await a_case(api, workforce=12)
    assert [row["municipality"] for row in await cells(api, desk, profile="full")] == ["Matamoros"]
    assert [row["municipality"] for row in await cells(api, desk, profile="deidentified")] == [""]


async def test_a_report_on_a_public_case_tells_a_stranger_the_state_of_a_small_place(api: Api) -> None:
    small, large = await a_case(api, workforce=12), await a_case(api, workforce=120)
    assert await town_in_report(api, small, role="partner", profile="deidentified") is None
    assert await town_in_report(api, large, role="partner", profile="deidentified") == "Matamoros"
    assert await town_in_report(api, small, role="staff", profile="deidentified") is None
    assert await town_in_report(api, small, role="staff", profile="full") == "Matamoros"


async def test_the_page_of_a_report_hides_it_too(api: Api) -> None:
    small = await a_case(api, workforce=12)
    params = {"format": "html", "profile": "deidentified"}
    page = (await api.get(f"/v1/complaints/{small['id']}/report", role="partner", params=params)).text
    assert "Taller Norte" in page
    assert "Matamoros" not in page
