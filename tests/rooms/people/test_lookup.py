"""Finding somebody's cases by an exact name or a way to reach them."""

import dataclasses
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.api.test_problems import the_problem
from tests.builders import a_complaint
from tests.conftest import KEYS, Api, Database, application
from tests.rooms.complaints.cases import granted, pointers
from tests.rooms.people.persons import NAME, PHONE, a_person, audited, be_careful, identity, room, shared
from vigilancia.core import tickets
from vigilancia.core.crypto import KeyRing
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk, open_vault
from vigilancia.people import normal, prints
from vigilancia.people.rotation import PersonPrints

WHY = "Ver si ya tiene un caso: canarywhy"


async def look_up(api: Api, *, role: str = "staff", **by: Any) -> httpx.Response:
    """Look somebody up."""
    return await api.post("/v1/people:lookup", json={"reason": WHY, **by}, role=role)


async def found(api: Api, *, role: str = "staff", **by: Any) -> list[str]:
    """Return the ids of who was found."""
    answer = await look_up(api, role=role, **by)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return [item["person_id"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    "by",
    [
        {"name": NAME},
        {"name": "PEÑALOZA, CANARYNAME"},
        {"name": " canaryname  penaloza "},
        {"contact": "+52 1 867 555 0142"},
        {"contact": "8675550142"},
        {"contact": "calle  CANARYADDRESS, 12"},
        {"contact": "Ana@Example.org"},
    ],
)
async def test_the_same_name_or_way_is_found_however_it_is_written(api: Api, by: dict[str, str]) -> None:
    case = await a_complaint(api)
    await a_person(api, case, name="Otra Persona", contact=[{"kind": "phone", "value": "867 555 0199"}])
    lines = [{"kind": "phone", "value": PHONE}, {"kind": "address", "value": "Calle canaryaddress 12"}]
    made = await a_person(api, case, contact=[*lines, {"kind": "email", "value": "ana@example.org"}])
    answer = (await look_up(api, **by)).json()
    assert answer == {
        "items": [
            {
                "complaint_id": case["id"],
                "reference": case["reference"],
                "person_id": made["id"],
                "role": "affected",
                "pseudonym": made["pseudonym"],
            }
        ],
        "more": False,
        "withheld": False,
    }


@pytest.mark.parametrize(
    "by",
    [
        {"name": "Canaryname"},
        {"name": "Canaryname Peñalosa"},
        {"name": PHONE},
        {"name": "%"},
        {"name": "..."},
        {"contact": "867 555 014"},
        {"contact": "867 555 0142 y 867 555 0143"},
        {"contact": NAME},
        {"contact": "---"},
    ],
)
async def test_nothing_but_the_whole_is_found(api: Api, by: dict[str, str]) -> None:
    await a_person(api, await a_complaint(api))
    await a_person(api, await a_complaint(api), name="!!!", contact=[{"kind": "phone", "value": "sin número"}])
    assert await found(api, **by) == []


def test_a_glottal_stop_is_typed_in_many_ways() -> None:
    written = ("Ch'ol K'in", "Ch\u2019ol K\u2019in", "chol kin", "CH\u02bcOL K\u02bcIN")
    assert {normal.name(text) for text in written} == {"chol kin"}


async def test_one_of_the_two_is_given_and_a_reason(api: Api) -> None:
    for body in ({}, {"name": "x", "contact": "y"}):
        assert pointers((await look_up(api, **body)).json()) == {("", "one_of")}
    answer = await api.post("/v1/people:lookup", json={"name": "x"})
    assert pointers(answer.json()) == {("/reason", "required")}


async def test_a_name_never_stands_in_an_address(api: Api) -> None:
    answer = await api.get("/v1/people:lookup", params={"name": NAME})
    assert answer.status_code == 405
    answer = await api.post("/v1/people:lookup", params={"name": NAME}, json={"reason": WHY, "name": NAME})
    the_problem(answer, 400, "bad-parameter")
    assert "canaryname" not in answer.text.casefold()


async def test_only_those_are_found_whom_the_caller_may_read(api: Api) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    made = await a_person(api, case)
    theirs = await a_complaint(api, role="stranger")
    other = await a_person(api, theirs, role="stranger")
    assert await found(api, name=NAME) == [made["id"]]
    assert await found(api, name=NAME, role="stranger") == [other["id"]]
    assert await found(api, name=NAME, role="partner") == []
    await shared(api, case, made, api.people.union_id)
    assert await found(api, name=NAME, role="partner") == [made["id"]]
    for role in ("admin", "analyst", "union_admin", "union_analyst"):
        the_problem(await look_up(api, name=NAME, role=role), 403, "forbidden")


async def test_the_audit_keeps_the_search_and_each_one_found_and_never_the_name(
    api: Api, desk: Desk, database: Database
) -> None:
    made = await a_person(api, await a_complaint(api))
    assert await found(api, name=NAME) == [made["id"]]
    assert await found(api, contact="nobody@example.org") == []
    searches = [(row.action, row.facts, why) for row, why in await audited(desk, "person_search")]
    assert searches == [
        ("read", {"by": "name", "found": 1}, WHY),
        ("read", {"by": "contact", "found": 0}, WHY),
    ]
    ((row, why),) = await audited(desk, "person")
    assert (str(row.subject_id), row.facts, why) == (made["id"], {"by": "name"}, WHY)
    with psycopg.connect(database.owner_url) as connection:
        kept = connection.execute("SELECT string_agg(a::text, ' ') FROM audit a").fetchone()
    assert kept is not None
    assert "canary" not in kept[0].casefold()


async def test_who_wants_a_second_person_is_not_found_this_way_and_is_told_so(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "write")
    made = await a_person(api, case)
    await shared(api, case, made, api.people.union_id)
    mine = await a_person(api, await a_complaint(api, role="partner"), role="partner")
    await be_careful(desk, api.people.centre_id)
    answer = (await look_up(api, name=NAME)).json()
    assert answer == {"items": [], "more": False, "withheld": True}
    assert await found(api, name=NAME, role="partner") == [mine["id"]]
    assert (await look_up(api, name=NAME, role="partner")).json()["withheld"] is False


async def test_who_was_removed_or_renamed_is_not_found(api: Api) -> None:
    case = await a_complaint(api)
    gone, renamed = await a_person(api, case), await a_person(api, case)
    await api.delete(f"{room(case)}/{gone['id']}", version=1)
    body = {"name": "Otra", "contact": [{"kind": "other", "value": "cuenta x"}]}
    await api.patch(f"{room(case)}/{renamed['id']}", json=body, version=1)
    assert await found(api, name=NAME) == []
    assert await found(api, contact=PHONE) == []
    assert await found(api, name="otra") == await found(api, contact="Cuenta X") == [renamed["id"]]


async def test_what_was_written_before_a_rotation_is_found_and_after_it_without_the_old_key(
    api: Api, desk: Desk
) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    both = KeyRing(f"{KeyRing.make('new')},{KEYS}")
    rotated = _on(desk, both)
    application().state.desk = rotated
    assert await found(api, name=NAME) == await found(api, contact=PHONE) == [made["id"]]
    place = PersonPrints()
    assert await place.count(rotated) == {"test": 1}
    told: list[int] = []
    assert await place.renew(rotated, told.append) == 1
    assert await place.renew(rotated, told.append) == 0
    assert told == [1]
    assert await place.count(rotated) == {"new": 1}
    assert await found(api, name=NAME) == await found(api, contact=PHONE) == [made["id"]]
    assert (await identity(api, case, made)).json()["version"] == 1


async def test_prints_of_a_case_whose_key_is_gone_are_taken_away(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    await desk.vault.destroy(UUID(case["id"]))
    async with desk.work(SYSTEM) as work:
        assert await prints.renew(work, UUID(made["id"]))
        assert not await prints.renew(work, UUID(made["id"]))
    assert await PersonPrints().count(desk) == {}
    assert await found(api, name=NAME) == []
    assert (await identity(api, case, made)).json()["name"] is None


async def test_equal_words_of_two_fields_or_kinds_have_nothing_in_common(api: Api, database: Database) -> None:
    lines = [{"kind": kind, "value": "8675550142"} for kind in ("phone", "email", "address", "other")]
    await a_person(api, await a_complaint(api), name="8675550142", contact=lines)
    with psycopg.connect(database.owner_url) as connection:
        row = connection.execute("SELECT name_print, contact_prints FROM person").fetchone()
    assert row is not None
    assert len({row[0], *row[1]}) == 5


def _on(desk: Desk, keys: KeyRing) -> Desk:
    if len(keys.ids) > 1:
        tickets.install(desk.settings.owner_database_url, keys)
    return dataclasses.replace(desk, keys=keys, vault=open_vault(desk.settings, keys))


async def test_a_rotation_that_is_killed_between_two_steps_goes_on_where_it_stopped(
    api: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vigilancia.people.rotation.BATCH", 2)
    case = await a_complaint(api)
    for _ in range(5):
        await a_person(api, case)
    rotated = _on(desk, KeyRing(f"{KeyRing.make('new')},{KEYS}"))

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await PersonPrints().renew(rotated, stop)
    assert await PersonPrints().count(rotated) == {"new": 2, "test": 3}
    assert await PersonPrints().renew(rotated, lambda _: None) == 3
    assert await PersonPrints().count(rotated) == {"new": 5}
