"""Recording people, changing and removing them."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.api.test_problems import the_problem
from tests.builders import a_complaint, an_organization
from tests.conftest import Api, Database
from tests.rooms.complaints.cases import granted, pointers
from tests.rooms.people.persons import NAME, WORDS, a_person, identity, room, shared, traces
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.people import labels, queries, service


async def test_a_complaint_works_with_no_named_person_at_all(api: Api) -> None:
    case = await a_complaint(api)
    assert (await api.get(room(case))).json() == {"items": [], "next": None}
    made = (await api.post(room(case), json={"role": "witness"})).json()
    assert (made["named"], made["reachable"], made["role_label"]) == (False, False, "testigo")
    told = (await identity(api, case, made)).json()
    assert (told["name"], told["contact"], told["contact_safe"], told["notes"]) == (None, [], None, None)


async def test_the_list_shows_pseudonyms_languages_and_roles_and_no_word(api: Api) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    (listed,) = (await api.get(room(case))).json()["items"]
    alone = await api.get(f"{room(case)}/{made['id']}")
    assert listed == alone.json() == made
    assert (made["named"], made["reachable"], made["role"]) == (True, True, "affected")
    assert (made["spoken_language"], made["written_language"], made["interpreter_needed"]) == ("nah", "es", True)
    assert made["shared_with"] == []
    assert not traces(alone.text)


async def test_a_pseudonym_is_said_in_the_language_of_who_asks(api: Api) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    english = (await api.get(f"{room(case)}/{made['id']}", headers={"Accept-Language": "en"})).json()
    assert made["pseudonym"].startswith("Persona ")
    assert english["pseudonym"] == made["pseudonym"].replace("Persona", "Person")
    assert english["role_label"] == "person affected"


async def test_no_two_people_of_a_case_share_a_pseudonym(api: Api) -> None:
    case = await a_complaint(api)
    made = [(await a_person(api, case))["pseudonym"] for _ in range(12)]
    assert len(set(made)) == 12


def test_pseudonyms_never_run_out_and_get_longer() -> None:
    taken: set[str] = set()
    for _ in range(800):
        taken.add(labels.draw(taken))
    assert len(taken) == 800
    assert {len(label) for label in taken} == {2, 3, 4}


async def test_all_faults_come_at_once(api: Api) -> None:
    case = await a_complaint(api)
    body: dict[str, Any] = {"role": "boss", "name": "  ", "spoken_language": "qq", "written_language": "es-mariape"}
    body |= {"contact": [{"kind": "pigeon", "value": ""}], "notes": "", "age": 30}
    answer = await api.post(room(case), json=body)
    the_problem(answer, 422, "invalid")
    assert pointers(answer.json()) == {
        ("/role", "code"),
        ("/name", "too_short"),
        ("/spoken_language", "language"),
        ("/written_language", "language"),
        ("/contact/0/kind", "code"),
        ("/contact/0/value", "too_short"),
        ("/notes", "too_short"),
        ("/age", "unknown_field"),
    }


@pytest.mark.parametrize("tag", ["nah", "yua", "tzh", "tzo", "zap", "mix", "tot", "mfs", "es-MX", "zh-Hant"])
async def test_languages_of_mexico_and_of_migrants_are_taken(api: Api, tag: str) -> None:
    case = await a_complaint(api)
    assert (await a_person(api, case, spoken_language=tag))["spoken_language"] == tag


@pytest.mark.parametrize("tag", ["xx", "spanish", "es-x-maria", "es-MX-maria", "es_MX", "n\u00e4h"])
async def test_free_words_do_not_pass_for_a_language(api: Api, tag: str) -> None:
    case = await a_complaint(api)
    answer = await api.post(room(case), json={"role": "witness", "spoken_language": tag})
    assert pointers(answer.json()) & {("/spoken_language", "language"), ("/spoken_language", "too_long")}


async def test_a_person_is_changed_by_its_version(api: Api) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    path = f"{room(case)}/{made['id']}"
    the_problem(await api.patch(path, json={"role": "witness"}), 428, "precondition-required")
    answer = await api.patch(path, json={"role": "witness", "name": "Otra", "contact": []}, version=1)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v2-es"')
    assert (answer.json()["role"], answer.json()["reachable"], answer.json()["version"]) == ("witness", False, 2)
    the_problem(await api.patch(path, json={"role": "family"}, version=1), 412, "stale")
    told = (await identity(api, case, made)).json()
    assert (told["name"], told["contact"], told["notes"]) == ("Otra", [], WORDS["notes"])


async def test_the_version_does_not_tell_whether_a_name_was_guessed(api: Api) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    path = f"{room(case)}/{made['id']}"
    assert (await api.patch(path, json={"name": NAME}, version=1)).json()["version"] == 2
    assert (await api.patch(path, json={"name": "Otra"}, version=2)).json()["version"] == 3
    assert (await api.patch(path, json={"role": "affected"}, version=3)).json()["version"] == 3


async def test_the_timeline_tells_that_fields_changed_and_not_what_they_say(api: Api) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    await api.patch(f"{room(case)}/{made['id']}", json={"name": "x", "spoken_language": "yua"}, version=1)
    await api.delete(f"{room(case)}/{made['id']}", version=2)
    entries = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"][1:]
    told = [(entry["type"], entry["subject_id"], entry["before"], entry["after"]) for entry in entries]
    assert told == [
        ("person_recorded", made["id"], None, {"role": "affected"}),
        ("person_changed", made["id"], None, {"name": "changed", "spoken_language": "changed"}),
        ("person_removed", made["id"], None, None),
    ]


@pytest.mark.parametrize("role", ["admin", "partner"])
async def test_who_only_reads_the_case_is_told_of_nobody_by_its_timeline(api: Api, role: str) -> None:
    case = await a_complaint(api)
    await granted(api, case["id"], "read")
    await a_person(api, case)
    entries = (await api.get(f"/v1/complaints/{case['id']}/timeline", role=role)).json()["items"]
    assert entries
    assert not [entry for entry in entries if entry["type"].startswith("person_")]
    asked = await api.get(f"/v1/complaints/{case['id']}/timeline", role=role, params={"type": "person_recorded"})
    assert asked.json()["items"] == []


async def test_removing_takes_every_word_away_and_leaves_a_row(api: Api, database: Database) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    path = f"{room(case)}/{made['id']}"
    the_problem(await api.delete(path), 428, "precondition-required")
    assert (await api.delete(path, version=1)).status_code == 204
    the_problem(await api.get(path), 404, "not-found")
    the_problem(await identity(api, case, made), 404, "not-found")
    the_problem(await api.delete(path, version=2), 404, "not-found")
    assert (await api.get(room(case))).json()["items"] == []
    query = "SELECT name, contact, contact_safe, notes, name_print, contact_prints, spoken_language, role FROM person"
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute(query).fetchall() == [(None, None, None, None, None, [], None, "affected")]


async def test_the_database_itself_keeps_no_word_of_who_was_removed(api: Api, database: Database) -> None:
    await a_person(api, await a_complaint(api))
    with psycopg.connect(database.owner_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE person SET removed_at = now()")


async def test_erasing_a_case_forgets_everybody_in_it_and_nobody_elsewhere(api: Api, desk: Desk) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    for each in (case, case, other):
        await a_person(api, each)
    async with desk.work(SYSTEM) as work:
        assert await queries.holds_people(work, UUID(case["id"]))
        assert await service.forget(work, UUID(case["id"])) == 2
        assert await service.forget(work, UUID(case["id"])) == 0
        assert not await queries.holds_people(work, UUID(case["id"]))
        assert await queries.holds_people(work, UUID(other["id"]))
    assert (await api.get(room(case))).json()["items"] == []
    assert len((await api.get(room(other))).json()["items"]) == 1


async def test_people_stay_with_a_case_that_is_merged_and_may_still_be_read_and_removed(api: Api) -> None:
    case, into = await a_complaint(api), await a_complaint(api)
    made = await a_person(api, case)
    merge = {"into": into["id"], "reason": "La misma asamblea"}
    assert (await api.post(f"/v1/complaints/{case['id']}/merge", json=merge, version=1)).status_code == 200
    assert (await api.get(room(into))).json()["items"] == []
    assert (await identity(api, case, made)).json()["name"] == NAME
    the_problem(await api.post(room(case), json={"role": "witness"}), 409, "conflict")
    the_problem(await api.patch(f"{room(case)}/{made['id']}", json={"notes": None}, version=1), 409, "conflict")
    assert (await api.delete(f"{room(case)}/{made['id']}", version=1)).status_code == 204


async def test_the_same_key_records_one_person(api: Api) -> None:
    case = await a_complaint(api)
    body = {"role": "affected", **WORDS}
    answers = [await api.post(room(case), json=body, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await api.get(room(case))).json()["items"]) == 1


async def test_only_linked_writers_that_stand_on_no_other_side_may_be_told(api: Api) -> None:
    case = await a_complaint(api)
    made = await a_person(api, case)
    other = UUID((await an_organization(api))["id"])
    answer = await shared(api, case, made, api.people.union_id, other, api.people.centre_id)
    assert pointers(answer.json()) == {(f"/shared_with/{place}", "not_found") for place in range(3)}
    await granted(api, case["id"], "read")
    assert (await shared(api, case, made, api.people.union_id)).status_code == 422
