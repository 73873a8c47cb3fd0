"""Organisations: recorded, found, changed and deleted through the API."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.builders import a_contact, an_organization
from tests.conftest import Api, Clock, People

FULL = {
    "kind": "labor_center",
    "name": "Observatorio Laboral del Bajío",
    "aliases": ["OLB"],
    "country": "MX",
    "subdivision": "MX-GUA",
    "locale": "es",
    "timezone": "America/Mexico_City",
    "host_institution": "Universidad de Ejemplo",
    "website": "https://olb.example.org/",
    "identifiers": [{"scheme": "cfcrl", "value": "D-2020/1234"}],
    "visibility": "private",
}


async def test_what_was_recorded_is_read_back_field_by_field(api: Api, people: People) -> None:
    """Nothing is lost, nothing is made up; the keeper is the recorder's organisation."""
    parent = await an_organization(api)
    made = await api.post("/v1/organizations", json={**FULL, "parent_id": parent["id"]})
    assert made.status_code == 201
    read = await api.get(f"/v1/organizations/{made.json()['id']}")
    assert read.json() == made.json()
    assert {name: read.json()[name] for name in FULL} == FULL
    assert read.json()["owner_id"] == str(people.centre_id)
    assert read.json()["parent_id"] == parent["id"]
    assert read.json()["version"] == 1
    assert read.json()["created_at"] == "2026-03-02T15:00:00Z"
    assert read.headers["etag"] == '"v1"'


async def test_kind_and_name_are_enough_and_it_is_linked(api: Api) -> None:
    """A voice on the telephone may know no more than that."""
    made = await api.post("/v1/organizations", json={"kind": "union", "name": "Sindicato"})
    assert made.status_code == 201
    assert made.json()["visibility"] == "linked"
    assert made.json()["identifiers"] == []
    assert made.json()["country"] is None


async def test_every_fault_of_a_body_is_told_at_once(api: Api) -> None:
    """A caseworker on a bad line does not correct one field a call."""
    body: dict[str, Any] = {
        "kind": "protection_union",
        "aliases": [" "],
        "country": "MEX",
        "subdivision": "MX-",
        "locale": "nah",
        "timezone": "Mexico/Nowhere",
        "parent_id": "x",
        "website": "javascript:alert(1)",
        "identifiers": [{"scheme": "rfc", "value": "GODE561231GR9"}, {"scheme": "nif", "value": "1"}],
        "visibility": "secret",
        "colour": "red",
    }
    answer = await api.post("/v1/organizations", json=body)
    assert answer.status_code == 422
    found = {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}
    assert found == {
        "/kind": "code",
        "/name": "required",
        "/aliases/0": "too_short",
        "/country": "format",
        "/subdivision": "format",
        "/locale": "code",
        "/timezone": "format",
        "/parent_id": "uuid",
        "/website": "format",
        "/identifiers/0/value": "checksum",
        "/identifiers/1/scheme": "format",
        "/visibility": "code",
        "/colour": "unknown_field",
    }


async def test_a_subdivision_belongs_to_the_country(api: Api) -> None:
    """Ontario is not in Mexico, neither when recorded nor after a change of country."""
    answer = await api.post("/v1/organizations", json={**FULL, "subdivision": "CA-ON", "parent_id": str(uuid4())})
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("/subdivision", "not_allowed"),
        ("/parent_id", "not_found"),
    }
    made = await an_organization(api, subdivision="MX-GUA")
    moved = await api.patch(f"/v1/organizations/{made['id']}", json={"country": "CA"}, version=1)
    assert moved.status_code == 422
    assert moved.json()["errors"][0]["pointer"] == "/subdivision"


async def test_a_change_touches_the_fields_named_and_no_others(api: Api, clock: Clock) -> None:
    """A null empties, a missing field stays; the version and the time of change move on."""
    made = (await api.post("/v1/organizations", json=FULL)).json()
    clock.advance(timedelta(hours=1))
    changed = await api.patch(
        f"/v1/organizations/{made['id']}",
        json={"name": "OLB", "website": None, "identifiers": [{"scheme": "x-own", "value": "7"}]},
        version=1,
    )
    assert changed.status_code == 200
    expected = {
        **made,
        "name": "OLB",
        "website": None,
        "identifiers": [{"scheme": "x-own", "value": "7"}],
        "version": 2,
        "updated_at": "2026-03-02T16:00:00Z",
    }
    assert changed.json() == expected
    assert changed.headers["etag"] == '"v2"'


@pytest.mark.parametrize(("headers", "status"), [({}, 428), ({"If-Match": '"v9"'}, 412), ({"If-Match": "v1"}, 412)])
async def test_a_change_wants_the_version_that_was_read(api: Api, headers: dict[str, str], status: int) -> None:
    """Two desks editing one record do not overwrite each other."""
    made = await an_organization(api)
    path = f"/v1/organizations/{made['id']}"
    assert (await api.patch(path, headers=headers, json={"name": "Otro"})).status_code == status
    assert (await api.delete(path, headers=headers)).status_code == status
    assert (await api.get(f"/v1/organizations/{made['id']}")).json() == made


async def test_an_unchanged_organisation_is_not_sent_twice(api: Api) -> None:
    """`If-None-Match` saves a slow line."""
    made = await an_organization(api)
    again = await api.get(f"/v1/organizations/{made['id']}", headers={"If-None-Match": '"v1"'})
    assert again.status_code == 304
    assert again.content == b""


async def test_no_organisation_is_under_itself(api: Api) -> None:
    """A ring of parents would send a missed deadline round for ever."""
    top = await an_organization(api)
    middle = await an_organization(api, parent_id=top["id"])
    bottom = await an_organization(api, parent_id=middle["id"])
    for below in (top, bottom):
        answer = await api.patch(f"/v1/organizations/{top['id']}", json={"parent_id": below["id"]}, version=1)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "not_allowed"


async def test_deleting_what_nothing_refers_to_leaves_nothing(api: Api) -> None:
    """Its numbers are free again."""
    made = (await api.post("/v1/organizations", json=FULL)).json()
    assert (await api.delete(f"/v1/organizations/{made['id']}", version=1)).status_code == 204
    assert (await api.get(f"/v1/organizations/{made['id']}")).status_code == 404
    assert (await api.post("/v1/organizations", json=FULL)).status_code == 201


async def test_deleting_what_is_referred_to_is_refused_without_saying_by_what(api: Api) -> None:
    """The referrer may be a case the caller knows nothing of."""
    made = await an_organization(api)
    await a_contact(api, made["id"])
    answer = await api.delete(f"/v1/organizations/{made['id']}", version=1)
    assert answer.status_code == 409
    assert [fault["code"] for fault in answer.json()["errors"]] == ["in_use"]
    assert "contact" not in answer.text
    assert (await api.get(f"/v1/organizations/{made['id']}")).status_code == 200


async def test_a_list_is_narrowed_by_its_filters(api: Api) -> None:
    """Commas mean any of them, several filters mean all of them."""
    ein = [{"scheme": "ein", "value": "91-1144442"}]
    await an_organization(api, name="Aceros", kind="company", country="US", identifiers=ein)
    await an_organization(api, name="Federación", kind="federation", visibility="private")
    for wanted, names in (
        ({"kind": "company"}, ["Aceros"]),
        ({"kind": "company,federation"}, ["Aceros", "Federación"]),
        ({"country": "CA,US"}, ["Aceros"]),
        ({"visibility": "private"}, ["Federación"]),
        ({"identifier": "ein:911144442"}, ["Aceros"]),
        ({"identifier": "ein:91-1144442,x-own:none"}, ["Aceros"]),
        ({"identifier": "ein:000000000"}, []),
        ({"kind": "company", "country": "MX"}, []),
    ):
        found = await api.get("/v1/organizations", params=wanted)
        assert [one["name"] for one in found.json()["items"]] == names, wanted


async def test_the_members_of_a_federation_are_found_by_their_parent(api: Api) -> None:
    """`parent_id` takes ids, several with commas."""
    parent = await an_organization(api, kind="federation")
    child = await an_organization(api, parent_id=parent["id"])
    found = await api.get("/v1/organizations", params={"parent_id": f"{uuid4()},{parent['id']}"})
    assert [one["id"] for one in found.json()["items"]] == [child["id"]]


async def test_a_parameter_that_does_not_fit_is_named(api: Api) -> None:
    """No silent wide or empty result."""
    for name, value in (
        ("kind", "unoin"),
        ("country", "Mexico"),
        ("visibility", "all"),
        ("parent_id", "7"),
        ("identifier", "GODE561231GR8"),
        ("sort", "search"),
        ("sort", "name;drop table organization"),
        ("sort", "name,name"),
        ("cursor", "bm9uc2Vuc2U"),
        ("limit", "201"),
        ("limit", "0"),
        ("knd", "union"),
        ("country", "M\x00X"),
        ("updated_since", "yesterday"),
        ("updated_since", "2026-03-02T15:00:00"),
    ):
        answer = await api.get("/v1/organizations", params={name: value})
        assert answer.status_code == 400, (name, value, answer.text)
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"?{name}"]
        assert "drop" not in answer.text


async def test_words_find_names_and_aliases_without_their_accents(api: Api) -> None:
    """Nobody types accents on an old telephone, and legal forms are noise."""
    made = await an_organization(api, name="Unión de José Méndez Muñiz", aliases=["UJM"])
    await an_organization(api, name="Otra cosa")
    for words in ("jose", "JOSÉ", "union de jose", "mendez", "muñiz", "muniz", "ujm", "Unión Méndez, A.C.", "mend"):
        found = await api.get("/v1/organizations", params={"q": words})
        assert [one["id"] for one in found.json()["items"]] == [made["id"]], words


async def test_words_that_are_in_no_name_find_nothing(api: Api) -> None:
    """All words must fit, and a search for signs alone is no wide one."""
    await an_organization(api, name="Unión de José")
    for words in ("jose perez", "'; --", "%"):
        assert (await api.get("/v1/organizations", params={"q": words})).json()["items"] == []


@pytest.mark.parametrize("sort", ["-name", "-created_at,name", "country,name"])
async def test_pages_hold_every_row_once_while_others_are_written(api: Api, clock: Clock, sort: str) -> None:
    """A row written between two pages neither repeats nor hides one that was there."""
    for number in (3, 1, 4, 5, 9, 2, 6):
        await an_organization(api, name=f"Ñandú {number}", country=None if number % 2 else "MX")
        clock.advance(timedelta(seconds=1))
    whole = (await api.get("/v1/organizations", params={"sort": sort})).json()
    assert whole["next"] is None
    before = [one["id"] for one in whole["items"]]
    walked: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.get("/v1/organizations", params={"sort": sort, "limit": 3, **cursor})).json()
        walked += [one["id"] for one in page["items"]]
        await an_organization(api, name=f"Ñandú {len(walked)}b")
        if page["next"] is None or len(walked) > 30:
            break
        cursor = {"cursor": page["next"]}
    assert [one for one in walked if one in before] == before
    assert len(set(walked)) == len(walked)


async def test_a_cursor_belongs_to_its_sort(api: Api) -> None:
    """Another sort with an old cursor would skip rows without a word."""
    for number in range(3):
        await an_organization(api, name=f"S {number}")
    page = (await api.get("/v1/organizations", params={"limit": 1})).json()
    answer = await api.get("/v1/organizations", params={"cursor": page["next"], "sort": "name"})
    assert answer.status_code == 400


async def test_names_sort_as_in_spanish(api: Api) -> None:
    """Accents are overlooked and ñ follows n."""
    for name in ("Ñu", "Oca", "Nube", "Álamo", "alba"):
        await an_organization(api, name=name, kind="media")
    found = await api.get("/v1/organizations", params={"kind": "media", "sort": "name"})
    assert [one["name"] for one in found.json()["items"]] == ["Álamo", "alba", "Nube", "Ñu", "Oca"]


async def test_what_changed_since_an_instant_is_found(api: Api, clock: Clock) -> None:
    """The instant itself counts."""
    await an_organization(api, name="Antes", kind="media")
    clock.advance(timedelta(minutes=5))
    await an_organization(api, name="Después", kind="media")
    wanted = {"kind": "media", "updated_since": "2026-03-02T15:05:00Z"}
    found = await api.get("/v1/organizations", params=wanted)
    assert [one["name"] for one in found.json()["items"]] == ["Después"]


async def test_the_same_key_records_once(api: Api) -> None:
    """A repeated creation answers the first one's resource."""
    body = {"kind": "union", "name": "Una vez"}
    headers = {"Idempotency-Key": "k1"}
    first = await api.post("/v1/organizations", json=body, headers=headers)
    second = await api.post("/v1/organizations", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len((await api.get("/v1/organizations", params={"q": "una vez"})).json()["items"]) == 1


async def test_a_page_costs_the_same_whatever_it_holds(api: Api, statements: Any) -> None:
    """Numbers and parents come in the one statement of the page."""
    parent = await an_organization(api)
    with statements() as few:
        await api.get("/v1/organizations")
    for number in range(20):
        await an_organization(api, parent_id=parent["id"], identifiers=[{"scheme": "x-n", "value": str(number)}])
    with statements() as many:
        await api.get("/v1/organizations")
    assert len(many) == len(few)


async def test_an_analyst_records_nothing(api: Api) -> None:
    """Its token lacks the scope: 403, before the body is looked at."""
    answer = await api.post("/v1/organizations", json={}, role="analyst")
    assert answer.status_code == 403
