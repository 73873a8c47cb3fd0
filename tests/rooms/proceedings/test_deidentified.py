"""What analysts could work out about the day something was recorded: nothing finer than its month."""

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.builders import a_complaint, a_facility, a_proceeding, an_event
from tests.conftest import Api, Clock


@pytest.fixture
async def proceeding(api: Api) -> dict[str, Any]:
    """A procedure of a restricted case with two events, recorded on two days of March."""
    plant = await a_facility(api)
    complaint = await a_complaint(api, facility_id=plant["id"])
    made = await a_proceeding(api, complaint["id"])
    event = await an_event(api, made["id"])
    correction = {"on": "2026-02-02", "reason": "Otro acuse"}
    await api.patch(f"/v1/proceedings/{made['id']}/events/{event['id']}", json=correction, version=1)
    await an_event(api, made["id"], type="review_requested", on="2026-02-20")
    return {**made, "event_id": event["id"], "facility_id": plant["id"]}


async def test_no_id_of_a_procedure_tells_the_instant_it_was_made(api: Api, proceeding: dict[str, Any]) -> None:
    events = (await api.get(f"/v1/proceedings/{proceeding['id']}/events", role="analyst")).json()["items"]
    deadlines = (await api.get("/v1/deadlines", role="analyst")).json()["items"]
    revisions_url = f"/v1/proceedings/{proceeding['id']}/events/{proceeding['event_id']}/revisions"
    revisions = (await api.get(revisions_url, role="analyst")).json()["items"]
    [moved] = [each for each in deadlines if each["revision"] == 2]
    states = (await api.get(f"/v1/deadlines/{moved['id']}/revisions", role="analyst")).json()["items"]
    found = [proceeding, *events, *deadlines, *revisions, *states]
    assert len(found) == 8
    assert {UUID(each["id"]).version for each in found} == {4}


@pytest.mark.parametrize("sort", ["created_at", "updated_at", "on"])
@pytest.mark.parametrize("path", ["deadlines", "events", "proceedings"])
async def test_no_cursor_holds_an_instant_or_a_day(api: Api, proceeding: dict[str, Any], path: str, sort: str) -> None:
    await a_proceeding(api, proceeding["complaint_id"])
    url = {
        "deadlines": "/v1/deadlines",
        "events": f"/v1/proceedings/{proceeding['id']}/events",
        "proceedings": f"/v1/complaints/{proceeding['complaint_id']}/proceedings",
    }[path]
    answer = await api.get(url, role="analyst", params={"sort": sort, "limit": "1"})
    if answer.status_code == 400:
        assert (path, sort) in {("deadlines", "on"), ("proceedings", "on")}
        return
    cursor = answer.json()["next"]
    held = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    assert any(month in held for month in ("2026-02-01", "2026-03-01"))
    assert "2026-03-02" not in held


@pytest.mark.parametrize("path", ["deadlines", "events", "proceedings"])
async def test_updated_since_answers_for_whole_months(
    api: Api, proceeding: dict[str, Any], clock: Clock, path: str
) -> None:
    url = {
        "deadlines": "/v1/deadlines",
        "events": f"/v1/proceedings/{proceeding['id']}/events",
        "proceedings": f"/v1/complaints/{proceeding['complaint_id']}/proceedings",
    }[path]
    clock.set(datetime(2026, 4, 20, tzinfo=UTC))
    counts = {}
    for since in ("2026-03-01T00:00:00Z", "2026-03-25T00:00:00Z", "2026-04-01T00:00:00Z"):
        answer = await api.get(url, role="analyst", params={"updated_since": since})
        counts[since] = len(answer.json()["items"])
    before, after, next_month = counts.values()
    assert before == after > next_month == 0


async def test_a_case_stands_at_no_plant_unless_it_is_public(api: Api, proceeding: dict[str, Any]) -> None:
    plant, case = proceeding["facility_id"], proceeding["complaint_id"]
    await api.patch(f"/v1/facilities/{plant}", json={"visibility": "public"}, version=1)
    for path in (f"/v1/facilities/{plant}/history", f"/v1/complaints?facility_id={plant}"):
        assert (await api.get(path)).json()["items"] != []
        assert (await api.get(path, role="analyst")).json()["items"] == [], path
    await api.patch(f"/v1/complaints/{case}", json={"confidentiality": "public"}, version=1)
    shown = (await api.get(f"/v1/facilities/{plant}/history", role="analyst")).json()["items"]
    assert {each["type"] for each in shown} == {"complaint_received", "petition_received", "review_requested"}


async def test_of_two_statements_alike_the_first_recorded_keeps_the_deadline(api: Api) -> None:
    complaint = await a_complaint(api)
    made = await a_proceeding(api, complaint["id"])
    first = await an_event(api, made["id"], stated_by="USTR")
    for stated_by in ("DOL", "la prensa", "el sindicato", "la empresa"):
        again = await an_event(api, made["id"], stated_by=stated_by)
        assert again["changes"] == []
    [deadline] = (await api.get("/v1/deadlines")).json()["items"]
    assert deadline["trigger_event_id"] == first["id"]
