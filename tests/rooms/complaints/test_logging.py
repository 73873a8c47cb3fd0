"""Logging a complaint."""

import asyncio
import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select

from tests.builders import a_complaint, a_contact, a_facility, an_organization
from tests.conftest import Api, Clock, looking
from tests.rooms.complaints.cases import everything, pointers
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.work import Desk


async def test_a_title_and_the_day_of_receipt_are_enough(api: Api) -> None:
    answer = await api.post("/v1/complaints", json={"title": "Despidos", "received_on": "2026-03-02"})
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"v1"'
    made = answer.json()
    assert (made["status"], made["confidentiality"], made["view"]) == ("intake", "restricted", "full")
    assert made["owner_id"] == str(api.people.centre_id)
    assert made["affected_workers"] is None
    assert made["facility_ids"] == []


async def test_neither_id_nor_reference_tells_the_instant(api: Api) -> None:
    made = await a_complaint(api, received_on="2025-12-30")
    assert UUID(made["id"]).version == 4
    assert re.fullmatch(r"VIG-2025-[2-9A-HJKMNP-TV-Z]{6}", made["reference"])


async def test_every_field_comes_back_as_it_was_given(api: Api) -> None:
    body = everything(status="open", confidentiality="partners")
    made = await a_complaint(api, **body)
    assert {name: made[name] for name in body} == body


async def test_today_is_today_where_the_owner_is(api: Api, clock: Clock) -> None:
    clock.set(datetime(2026, 3, 3, 3, 0, tzinfo=UTC))  # still 2 March in Mexico City
    await a_complaint(api, received_on="2026-03-02")
    answer = await api.post("/v1/complaints", json={"title": "Mañana", "received_on": "2026-03-03"})
    assert answer.status_code == 422
    assert pointers(answer.json()) == {("/received_on", "future")}


async def test_all_faults_come_at_once(api: Api) -> None:
    body = {
        "title": "   ",
        "received_on": "2026-03-09",
        "facility_ids": [str(uuid4())],
        "handler_id": str(uuid4()),
        "related": [{"complaint_id": str(uuid4()), "kind": "born_of"}],
        "affected_workers": {"min": 10, "max": 5},
        "incidents": [{"allegation": "wages", "on": "2026-02-10", "until": "2026-02-01"}],
        "outcomes": [
            {"outcome": "back_pay", "stage": "done", "amount": "10.00"},
            {"outcome": "back_pay", "stage": "done", "amount": "10.00", "currency": "XQQ"},
        ],
    }
    answer = await api.post("/v1/complaints", json=body)
    assert answer.status_code == 422
    assert pointers(answer.json()) == {
        ("/title", "too_short"),
        ("/received_on", "future"),
        ("/facility_ids/0", "not_found"),
        ("/handler_id", "not_found"),
        ("/related/0/complaint_id", "not_found"),
        ("/affected_workers/max", "range"),
        ("/incidents/0/until", "range"),
        ("/outcomes/0/currency", "required"),
        ("/outcomes/1/currency", "code"),
    }


async def test_codes_and_shapes_are_checked_in_every_list(api: Api) -> None:
    body = {
        "title": "Códigos",
        "received_on": "2026-02-30",
        "allegations": ["union_dismissal", "nonsense"],
        "groups": ["nobody"],
        "languages": ["español!"],
        "status": "lost",
        "outcomes": [{"outcome": "back_pay", "stage": "promised", "amount": 12.5}],
        "source_urls": ["javascript:alert(1)"],
        "alegations": [],
    }
    answer = await api.post("/v1/complaints", json=body)
    assert answer.status_code == 422
    assert pointers(answer.json()) == {
        ("/received_on", "date"),
        ("/allegations/1", "code"),
        ("/groups/0", "code"),
        ("/languages/0", "format"),
        ("/status", "code"),
        ("/outcomes/0/stage", "code"),
        ("/outcomes/0/amount", "type"),
        ("/source_urls/0", "format"),
        ("/alegations", "unknown_field"),
    }


async def test_a_refused_complaint_writes_nothing(api: Api, desk: Desk) -> None:
    await api.post("/v1/complaints", json={"title": "x", "received_on": "2026-02-01", "facility_id": str(uuid4())})
    async with looking(desk) as session:
        assert await session.scalar(select(func.count()).select_from(ComplaintRow)) == 0


async def test_the_main_facility_always_stands_among_all(api: Api) -> None:
    main, second = await a_facility(api), await a_facility(api, name="Segunda planta")
    made = await a_complaint(api, facility_id=main["id"], facility_ids=[second["id"]])
    assert made["facility_id"] == main["id"]
    assert made["facility_ids"] == [main["id"], second["id"]]


async def test_the_first_of_several_plants_is_the_main_one_unless_said(api: Api) -> None:
    plants = [(await a_facility(api, name=f"Planta {number}"))["id"] for number in range(3)]
    made = await a_complaint(api, facility_ids=[plants[2], plants[0], plants[1], plants[2]])
    assert made["facility_id"] == plants[2]
    assert sorted(made["facility_ids"]) == sorted(plants)


async def test_a_facility_one_may_not_see_answers_like_one_that_does_not_exist(api: Api) -> None:
    hidden = await a_facility(api, role="partner", visibility="private")
    answers = [
        await api.post("/v1/complaints", json={"title": "x", "received_on": "2026-02-01", "facility_id": plant})
        for plant in (hidden["id"], str(uuid4()))
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


async def test_the_handler_is_a_contact_the_owner_itself_keeps(api: Api) -> None:
    own = await a_contact(api, api.people.centre_id, desk=False, name="Rosa")
    union = await an_organization(api)
    foreign = await a_contact(api, union["id"])
    assert (await a_complaint(api, handler_id=own["id"]))["handler_id"] == own["id"]
    answer = await api.post(
        "/v1/complaints", json={"title": "x", "received_on": "2026-02-01", "handler_id": foreign["id"]}
    )
    assert pointers(answer.json()) == {("/handler_id", "not_found")}


async def test_two_cases_at_one_facility_and_one_born_of_the_other(api: Api) -> None:
    plant = await a_facility(api)
    first = await a_complaint(api, facility_id=plant["id"])
    second = await a_complaint(api, facility_id=plant["id"])
    related = [
        {"complaint_id": first["id"], "kind": "born_of"},
        {"complaint_id": first["id"], "kind": "same_facility"},
    ]
    third = await a_complaint(api, related=[*related, related[0]])
    assert third["related"] == related
    found = await api.get("/v1/complaints", params={"facility_id": plant["id"]})
    assert {item["id"] for item in found.json()["items"]} == {first["id"], second["id"]}


async def test_a_related_case_one_may_not_see_answers_like_one_that_does_not_exist(api: Api) -> None:
    hidden = await a_complaint(api, role="stranger")
    body = {"title": "x", "received_on": "2026-02-01"}
    answers = [
        await api.post("/v1/complaints", json={**body, "related": [{"complaint_id": id_, "kind": "same_question"}]})
        for id_ in (hidden["id"], str(uuid4()))
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


async def test_fifty_at_once_with_one_key_log_one_complaint(api: Api, desk: Desk) -> None:
    body = {"title": "Una vez", "received_on": "2026-02-01"}

    async def send() -> str:
        while True:
            answer = await api.post("/v1/complaints", json=body, headers={"Idempotency-Key": "llave-1"})
            if answer.status_code != 409:
                assert answer.status_code == 201, answer.text
                return str(answer.json()["id"])
            assert answer.headers["Retry-After"] == "1"

    ids = await asyncio.gather(*(send() for _ in range(50)))
    assert len(set(ids)) == 1
    async with looking(desk) as session:
        assert await session.scalar(select(func.count()).select_from(ComplaintRow)) == 1


async def test_one_key_with_another_body_is_refused(api: Api) -> None:
    key = {"Idempotency-Key": "llave-2"}
    await api.post("/v1/complaints", json={"title": "Una", "received_on": "2026-02-01"}, headers=key)
    answer = await api.post("/v1/complaints", json={"title": "Otra", "received_on": "2026-02-01"}, headers=key)
    assert answer.status_code == 422


async def test_analysts_and_admins_log_nothing(api: Api) -> None:
    for role in ("analyst", "admin"):
        answer = await api.post("/v1/complaints", json={"title": "x", "received_on": "2026-02-01"}, role=role)
        assert answer.status_code == 403


async def test_the_owner_cannot_be_chosen(api: Api) -> None:
    body = {"title": "x", "received_on": "2026-02-01", "owner_id": str(api.people.union_id)}
    answer = await api.post("/v1/complaints", json=body)
    assert pointers(answer.json()) == {("/owner_id", "unknown_field")}
