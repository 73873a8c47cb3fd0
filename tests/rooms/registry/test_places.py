"""How finely a place is told: the public learns the municipality, of small places the state."""

from typing import Any

import pytest

from tests.builders import a_complaint, a_facility, a_link
from tests.conftest import Api, People
from vigilancia.registry.figures import figures

SMALL: dict[str, Any] = {
    "name": "Taller Ñandú",
    "subdivision": "MX-TAM",
    "municipality": "Matamoros",
    "visibility": "public",
}


async def told(api: Api, facility_id: str, *, role: str) -> tuple[str | None, str]:
    """Return the municipality and the precision that a caller reads; list and record say the same."""
    read = (await api.get(f"/v1/facilities/{facility_id}", role=role)).json()
    listed = (await api.get("/v1/facilities", role=role)).json()["items"]
    assert [one for one in listed if one["id"] == facility_id] == [read]
    return read["municipality"], read["place_precision"]


async def found(api: Api, words: str, *, role: str) -> int:
    """Return how many facilities a caller finds by words."""
    return len((await api.get("/v1/facilities", role=role, params={"q": words})).json()["items"])


async def shared_case(
    api: Api, people: People, facility_id: str, *, confidentiality: str = "shared", **case: Any
) -> str:
    """Log a case about a facility, which the union reads; return its id."""
    made = await a_complaint(api, facility_id=facility_id, **case)
    link = await a_link(api, made["id"], people.union_id, role="staff", access="read")
    accepted = await api.post(f"/v1/complaints/{made['id']}/links/{link['id']}/accept", role="partner", version=1)
    assert accepted.status_code == 200, accepted.text
    if confidentiality != "shared":
        version = (await api.get(f"/v1/complaints/{made['id']}")).json()["version"]
        body = {"confidentiality": confidentiality}
        assert (await api.patch(f"/v1/complaints/{made['id']}", json=body, version=version)).status_code == 200
    identity: str = made["id"]
    return identity


def test_the_figure_is_data() -> None:
    assert figures().municipality_from_workforce == 100


@pytest.mark.parametrize(
    ("workforce", "shown"),
    [
        (99, (None, "subdivision")),
        (0, (None, "subdivision")),
        (100, ("Matamoros", "municipality")),
        (None, ("Matamoros", "municipality")),
    ],
)
async def test_a_stranger_is_told_the_municipality_only_of_places_with_a_hundred_people(
    api: Api, workforce: int | None, shown: tuple[str | None, str]
) -> None:
    """A hundred is not under a hundred; where nobody knows, it is told. The state is told of all."""
    plant = await a_facility(api, **SMALL, workforce=workforce)
    assert await told(api, plant["id"], role="partner") == shown
    assert (await api.get(f"/v1/facilities/{plant['id']}", role="partner")).json()["subdivision"] == "MX-TAM"
    assert await told(api, plant["id"], role="staff") == ("Matamoros", "municipality")
    assert (plant["municipality"], plant["place_precision"]) == ("Matamoros", "municipality")


async def test_an_analyst_is_told_no_more_than_a_stranger(api: Api) -> None:
    """Not even of what its own organisation keeps: its rows are de-identified."""
    plant = await a_facility(api, **SMALL, workforce=12)
    assert await told(api, plant["id"], role="analyst") == (None, "subdivision")


async def test_it_is_not_told_whether_a_municipality_is_recorded(api: Api) -> None:
    plant = await a_facility(api, **(SMALL | {"municipality": None}), workforce=12)
    assert await told(api, plant["id"], role="partner") == (None, "subdivision")


async def test_who_reads_a_case_about_it_is_told(api: Api, people: People) -> None:
    """The case is shared with the union, the place it is about too."""
    plant = await a_facility(api, **SMALL, workforce=12)
    other = await a_facility(api, **SMALL, workforce=12)
    await shared_case(api, people, plant["id"])
    assert await told(api, plant["id"], role="partner") == ("Matamoros", "municipality")
    assert await told(api, other["id"], role="partner") == (None, "subdivision")
    assert await found(api, "matamoros", role="partner") == 1


async def test_a_public_case_tells_no_more_than_its_place_does(api: Api, people: People) -> None:
    """What anybody reads opens nothing."""
    plant = await a_facility(api, **SMALL, workforce=12)
    await shared_case(api, people, plant["id"], confidentiality="public")
    assert await told(api, plant["id"], role="partner") == (None, "subdivision")


async def test_alerts_and_links_not_accepted_tell_nothing(api: Api, people: People) -> None:
    plant = await a_facility(api, **SMALL, workforce=12)
    case = await a_complaint(api, facility_id=plant["id"])
    await a_link(api, case["id"], people.union_id, access="alerts")
    other = await a_complaint(api, facility_id=plant["id"])
    await a_link(api, other["id"], people.union_id, role="staff", access="read")
    assert await told(api, plant["id"], role="partner") == (None, "subdivision")


async def test_logging_a_case_oneself_tells_nothing(api: Api, people: People) -> None:
    """Otherwise anybody could ask by it; once the keeper takes part in the case, it is told."""
    plant = await a_facility(api, **SMALL, workforce=12)
    case = await a_complaint(api, role="partner", facility_id=plant["id"])
    assert await told(api, plant["id"], role="partner") == (None, "subdivision")
    body = {"organization_id": str(people.centre_id), "role": "supporter", "access": "read"}
    link = await api.post(f"/v1/complaints/{case['id']}/links", role="partner", json=body)
    assert link.status_code == 201, link.text
    assert await told(api, plant["id"], role="partner") == (None, "subdivision")
    path = f"/v1/complaints/{case['id']}/links/{link.json()['id']}/accept"
    assert (await api.post(path, role="staff", version=1)).status_code == 200
    assert await told(api, plant["id"], role="partner") == ("Matamoros", "municipality")


@pytest.mark.parametrize("words", ["matamoros", "matam", "nandu matamoros", "Taller Ñandú, Matamoros"])
async def test_a_hidden_municipality_is_not_found_by_its_words(api: Api, words: str) -> None:
    """A stranger who tries town after town learns nothing; the keeper finds, and so do all once it is told."""
    plant = await a_facility(api, **SMALL, workforce=12)
    assert await found(api, words, role="partner") == 0
    assert await found(api, words, role="analyst") == 0
    assert await found(api, words, role="staff") == 1
    assert (await api.patch(f"/v1/facilities/{plant['id']}", json={"workforce": 100}, version=1)).status_code == 200
    assert await found(api, words, role="partner") == 1


@pytest.mark.parametrize("words", ["nandu", "taller de bordado", "bordado norte", "corporativo", "segundo"])
async def test_a_small_place_is_still_found_by_its_names(api: Api, words: str) -> None:
    await a_facility(
        api,
        **{**SMALL, "name": "Taller de bordado Ñandú"},
        aliases=["Segundo taller"],
        company="Bordados del Norte",
        parent_company="Corporativo Aguja",
        workforce=12,
    )
    assert await found(api, words, role="partner") == 1


async def test_the_keepers_own_change_answers_with_the_municipality(api: Api) -> None:
    plant = await a_facility(api, **SMALL, workforce=120)
    changed = await api.patch(f"/v1/facilities/{plant['id']}", json={"workforce": 20}, version=1)
    assert (changed.json()["municipality"], changed.json()["place_precision"]) == ("Matamoros", "municipality")
