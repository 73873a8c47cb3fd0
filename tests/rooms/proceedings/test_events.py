"""Events: recorded in any order, corrected with a reason, taken back, and never refused for their place."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Clock


@pytest.fixture
async def complaint(api: Api) -> dict[str, Any]:
    """A case of the worker centre."""
    return await a_complaint(api)


@pytest.fixture
async def events_url(api: Api, complaint: dict[str, Any]) -> str:
    """Where the events of a freshly opened proceeding are."""
    proceeding = await a_proceeding(api, complaint["id"])
    return f"/v1/proceedings/{proceeding['id']}/events"


async def timeline_types(api: Api, complaint: dict[str, Any]) -> list[str]:
    """Return the types of the case's timeline about steps and dates, in order."""
    answer = await api.get(f"/v1/complaints/{complaint['id']}/timeline")
    assert answer.status_code == 200, answer.text
    return [entry["type"] for entry in answer.json()["items"] if entry["type"].startswith(("event_", "deadline_"))]


async def test_petition_of_29_days_ago_makes_the_determination_due_tomorrow(api: Api, events_url: str) -> None:
    answer = await api.post(events_url, json={"type": "petition_received", "on": "2026-02-01"})
    assert answer.status_code == 201, answer.text
    event = answer.json()
    assert event["label"] == "petición recibida"
    assert event["warnings"] == []
    [change] = event["changes"]
    assert change["rule"] == "ilc_determination"
    assert change["change"] == "set"
    assert change["before"] == {}
    assert change["after"]["due_on"] == "2026-03-03"
    assert answer.headers["ETag"] == '"v1"'


async def test_unknown_type_is_refused_and_names_the_list(api: Api, events_url: str) -> None:
    answer = await api.post(
        events_url,
        json={"type": "petition_lost", "on": "2026-02-01", "rule": "no_rule"},
        headers={"Accept-Language": "en"},
    )
    assert answer.status_code == 422
    faults = {fault["pointer"]: fault for fault in answer.json()["errors"]}
    assert set(faults) == {"/type", "/rule"}
    assert faults["/type"]["code"] == "code"
    assert "usmca-31a-us-mx.events" in faults["/type"]["detail"]


async def test_a_day_in_the_future_cannot_have_happened(api: Api, events_url: str) -> None:
    answer = await api.post(events_url, json={"type": "petition_received", "on": "2026-03-03"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/on"
    assert answer.json()["errors"][0]["code"] == "future"
    assert (await api.get(events_url)).json()["items"] == []


async def test_today_in_washington_has_come_while_it_is_still_yesterday_in_mexico(
    api: Api, events_url: str, clock: Clock
) -> None:
    clock.set(datetime(2026, 3, 3, 5, 30, tzinfo=UTC))  # 00:30 of the 3rd in Washington, 23:30 of the 2nd in Mexico
    today = await api.post(events_url, json={"type": "petition_received", "on": "2026-03-03"})
    tomorrow = await api.post(events_url, json={"type": "petition_received", "on": "2026-03-04"})
    assert (today.status_code, tomorrow.status_code) == (201, 422)


async def test_an_announcement_may_lie_in_the_future_and_sets_a_provisional_date(api: Api, events_url: str) -> None:
    event = (
        await api.post(events_url, json={"type": "review_requested", "on": "2026-03-09", "kind": "announced"})
    ).json()
    assert {change["rule"] for change in event["changes"]} >= {"review_answer", "review_report"}
    assert "provisional" in [warning["code"] for warning in event["warnings"]]


async def test_an_event_out_of_order_is_recorded_and_remarked_on(api: Api, events_url: str) -> None:
    event = await an_event(api, events_url.split("/")[3], type="panel_constituted", on="2026-02-20")
    assert [warning["code"] for warning in event["warnings"]].count("earlier_step_missing") == 1
    assert all(warning["text"] for warning in event["warnings"])


async def test_correction_moves_the_date_and_keeps_what_was_said(
    api: Api, complaint: dict[str, Any], events_url: str
) -> None:
    event = (await api.post(events_url, json={"type": "petition_received", "on": "2026-02-01", "note": "acuse"})).json()
    url = f"{events_url}/{event['id']}"
    body = {"on": "2026-02-05", "note": "sello", "reason": "El acuse dice el día 5"}
    answer = await api.patch(url, json=body, version=1)
    assert answer.status_code == 200, answer.text
    [change] = answer.json()["changes"]
    assert change["change"] == "moved"
    assert change["before"] == {"due_on": "2026-03-03", "latest_due_on": "2026-03-03"}
    assert change["after"] == {"due_on": "2026-03-09", "latest_due_on": "2026-03-09"}
    assert change["deadline_id"] == event["changes"][0]["deadline_id"]
    [revision] = (await api.get(f"{url}/revisions")).json()["items"]
    assert (revision["version"], revision["reason"]) == (1, "El acuse dice el día 5")
    assert (revision["was"]["on"], revision["was"]["note"]) == ("2026-02-01", "acuse")
    types = ["event_recorded", "deadline_set", "event_corrected", "deadline_moved"]
    assert await timeline_types(api, complaint) == types
    entries = (await api.get(f"/v1/complaints/{complaint['id']}/timeline")).text
    assert "sello" not in entries
    assert "acuse" not in entries.replace("El acuse", "")


async def test_correction_needs_the_version_and_a_reason(api: Api, events_url: str) -> None:
    event = (await api.post(events_url, json={"type": "petition_received", "on": "2026-02-01"})).json()
    url = f"{events_url}/{event['id']}"
    body = {"on": "2026-02-05", "reason": "Otro acuse"}
    assert (await api.patch(url, json=body)).status_code == 428
    assert (await api.patch(url, json={"on": "2026-02-05"}, version=1)).status_code == 422
    assert (await api.patch(url, json=body, version=1)).status_code == 200
    assert (await api.patch(url, json=body, version=1)).status_code == 412


async def test_correction_that_changes_nothing_leaves_the_version(api: Api, events_url: str) -> None:
    event = (await api.post(events_url, json={"type": "petition_received", "on": "2026-02-01"})).json()
    url = f"{events_url}/{event['id']}"
    same = await api.patch(url, json={"on": "2026-02-01", "reason": "Repetido"}, version=1)
    assert same.json()["version"] == 1
    assert (await api.get(f"{url}/revisions")).json()["items"] == []


async def test_withdrawn_event_takes_its_deadline_with_it_but_deletes_nothing(
    api: Api, complaint: dict[str, Any], events_url: str
) -> None:
    event = (await api.post(events_url, json={"type": "petition_received", "on": "2026-02-01"})).json()
    url = f"{events_url}/{event['id']}"
    gone = await api.post(f"{url}/withdraw", json={"reason": "Era de otro caso"})
    assert gone.status_code == 200, gone.text
    assert gone.json()["withdrawn_at"] == "2026-03-02T15:00:00Z"
    assert gone.json()["changes"][0]["change"] == "voided"
    deadline = (await api.get(f"/v1/deadlines/{event['changes'][0]['deadline_id']}")).json()
    assert (deadline["status"], deadline["void_reason"]) == ("void", "trigger_withdrawn")
    assert "retirado" in deadline["explanation"][-1]
    again = await api.post(f"{url}/withdraw", json={"reason": "Era de otro caso"})
    assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")
    assert (await api.patch(url, json={"on": "2026-02-02", "reason": "x"}, version=2)).status_code == 409
    assert await timeline_types(api, complaint) == [
        "event_recorded",
        "deadline_set",
        "event_withdrawn",
        "deadline_voided",
    ]


async def test_history_loaded_late_arrives_with_its_deadlines_already_met(api: Api, events_url: str) -> None:
    await api.post(events_url, json={"type": "review_requested", "on": "2023-06-12", "kind": "announced"})
    event = (await api.post(events_url, json={"type": "petition_received", "on": "2023-05-11"})).json()
    [change] = [each for each in event["changes"] if each["rule"] == "ilc_determination"]
    assert change["after"]["met"] is True
    deadline = (await api.get(f"/v1/deadlines/{change['deadline_id']}")).json()
    assert (deadline["status"], deadline["met_on"]) == ("met", None)  # implied by the request: never late


async def test_repeated_request_with_the_same_key_is_answered_alike(api: Api, events_url: str) -> None:
    body = {"type": "petition_received", "on": "2026-02-01"}
    first = await api.post(events_url, json=body, headers={"Idempotency-Key": "petition-1"})
    second = await api.post(events_url, json=body, headers={"Idempotency-Key": "petition-1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len((await api.get(events_url)).json()["items"]) == 1


async def test_events_recorded_at_the_same_time_leave_one_deadline_that_knows_both(api: Api, events_url: str) -> None:
    bodies = [
        {"type": "petition_received", "on": "2026-01-20"},
        {"type": "ilc_determined_sufficient", "on": "2026-02-18"},
        {"type": "review_requested", "on": "2026-02-19"},
        {"type": "review_accepted", "on": "2026-02-27"},
    ]
    answers = await asyncio.gather(*(api.post(events_url, json=body) for body in bodies))
    assert [answer.status_code for answer in answers] == [201] * 4
    proceeding_id = events_url.split("/")[3]
    items = (await api.get("/v1/deadlines", params={"proceeding_id": proceeding_id})).json()["items"]
    by_rule = {item["rule"]: item["status"] for item in items}
    assert len(items) == len(by_rule)
    assert by_rule["ilc_determination"] == "met"
    assert by_rule["review_answer"] == "met"
    assert by_rule["review_report"] == "pending"


async def test_date_past_the_calendar_is_refused_and_nothing_is_kept(api: Api, events_url: str) -> None:
    body = {"type": "petition_received", "on": "2090-01-01", "kind": "announced"}
    answer = await api.post(events_url, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "calendar-horizon")
    assert (await api.get(events_url)).json()["items"] == []


async def test_events_are_listed_by_day_whatever_order_they_came_in(api: Api, events_url: str) -> None:
    for type_, day in (("review_requested", "2026-02-20"), ("petition_received", "2026-01-20")):
        await api.post(events_url, json={"type": type_, "on": day})
    items = (await api.get(events_url)).json()["items"]
    assert [item["type"] for item in items] == ["petition_received", "review_requested"]


async def test_an_earlier_statement_takes_over_the_clock_and_the_later_one_s_deadline_is_superseded(
    api: Api, events_url: str
) -> None:
    later = (await api.post(events_url, json={"type": "petition_received", "on": "2026-02-05"})).json()
    earlier = (await api.post(events_url, json={"type": "petition_received", "on": "2026-02-01"})).json()
    assert [change["change"] for change in earlier["changes"]] == ["set", "voided"]
    assert "stated_differently" in [warning["code"] for warning in earlier["warnings"]]
    old = (await api.get(f"/v1/deadlines/{later['changes'][0]['deadline_id']}")).json()
    assert (old["status"], old["void_reason"]) == ("void", "superseded")
    await api.post(f"{events_url}/{earlier['id']}/withdraw", json={"reason": "Fue la fecha del sobre"})
    back = (await api.get(f"/v1/deadlines/{old['id']}")).json()
    assert (back["status"], back["due_on"], back["revision"]) == ("pending", "2026-03-09", 3)
