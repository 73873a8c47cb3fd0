"""The public cases go through the same services as everyone's data."""

from datetime import UTC, datetime

import pytest

from tests.conftest import Api, Clock
from vigilancia.core.work import Desk
from vigilancia.demo.load import load_demo
from vigilancia.escalation.sweep import sweep


@pytest.fixture(autouse=True)
def after_the_data_set(clock: Clock) -> None:
    """Stand on the day of the data set: what it tells of has happened."""
    clock.set(datetime(2026, 11, 23, 15, tzinfo=UTC))


async def test_they_are_loaded_once_and_everyone_may_read_them(api: Api, desk: Desk) -> None:
    assert await load_demo(desk) == 32
    assert await load_demo(desk) == 0
    for role in ("admin", "staff", "partner", "analyst"):
        page = (await api.get("/v1/complaints", role=role, params={"limit": 200})).json()
        assert len(page["items"]) == 32
        assert {item["view"] for item in page["items"]} == {"public"}


async def test_two_cases_at_one_facility_and_one_born_of_them(api: Api, desk: Desk) -> None:
    await load_demo(desk)
    found = (await api.get("/v1/complaints", params={"q": "Manufacturas VU"})).json()["items"]
    cases = {item["title"]: item for item in found}
    first, second = (next(item for title, item in cases.items() if word in title) for word in ("primer", "segundo"))
    assert first["facility_id"] == second["facility_id"]
    fujikura = (await api.get("/v1/complaints", params={"q": "Fujikura"})).json()["items"]
    kinds = [
        relation["kind"]
        for item in fujikura
        for relation in (await api.get(f"/v1/complaints/{item['id']}")).json()["related"]
    ]
    assert "born_of" in kinds
    history = (await api.get(f"/v1/facilities/{first['facility_id']}/history")).json()["items"]
    assert {entry["complaint_id"] for entry in history} == {first["id"], second["id"]}


async def test_a_plant_in_two_entities_stands_in_one_case(api: Api, desk: Desk) -> None:
    await load_demo(desk)
    tornel = (await api.get("/v1/complaints", params={"q": "Tornel"})).json()["items"][0]
    assert len(tornel["facility_ids"]) == 2


async def test_the_second_review_of_vu_is_due_on_the_day_mexico_reported(api: Api, desk: Desk) -> None:
    await load_demo(desk)
    found = (await api.get("/v1/complaints", params={"q": "Manufacturas VU segundo"})).json()["items"]
    deadlines = (await api.get("/v1/deadlines", params={"complaint_id": found[0]["id"]})).json()["items"]
    days = {deadline["rule"]: (deadline["due_on"], deadline["status"]) for deadline in deadlines}
    assert days["ilc_determination"] == ("2023-01-30", "met")
    assert days["review_answer"] == ("2023-02-09", "met")
    assert days["review_report"] == ("2023-03-16", "met")


async def test_the_canadian_case_is_computed_under_its_own_mechanism(api: Api, desk: Desk) -> None:
    await load_demo(desk)
    [case] = (await api.get("/v1/complaints", params={"q": "Fränkische"})).json()["items"]
    [proceeding] = (await api.get(f"/v1/complaints/{case['id']}/proceedings")).json()["items"]
    assert proceeding["mechanism"] == "usmca-31b-ca-mx"
    [deadline] = (await api.get("/v1/deadlines", params={"complaint_id": case["id"]})).json()["items"]
    assert (deadline["rule"], deadline["due_on"], deadline["nature"]) == ("nao_determination", "2023-04-11", "soft")
    assert (deadline["status"], deadline["confidence"]) == ("exceeded", "unverified")


async def test_nobody_is_alerted_about_history(api: Api, desk: Desk) -> None:
    await load_demo(desk)
    await sweep(desk)
    assert (await api.get("/v1/notices", role="staff")).json()["items"] == []
