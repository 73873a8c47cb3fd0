"""Suspensions: a clock that stood still, or stands still, with a legal basis on record."""

from typing import Any

import pytest

from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api, People


@pytest.fixture
async def proceeding(api: Api) -> dict[str, Any]:
    """A procedure whose petition was received on 1 February 2026: the committee's last day is 3 March."""
    found = await a_proceeding(api, (await a_complaint(api))["id"])
    await an_event(api, found["id"])
    return found


def address(proceeding: dict[str, Any], *more: str) -> str:
    return "/".join([f"/v1/proceedings/{proceeding['id']}/suspensions", *more])


async def suspended(api: Api, proceeding: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {
        "starts_on": "2026-02-10",
        "ends_on": "2026-02-19",
        "basis": "office_closure",
        "citation": "Lapse of appropriations",
        **changes,
    }
    answer = await api.post(address(proceeding), json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def the_deadline(api: Api, proceeding: dict[str, Any], rule: str = "ilc_determination") -> dict[str, Any]:
    answer = await api.get("/v1/deadlines", params={"proceeding_id": proceeding["id"], "rule": rule})
    [found] = answer.json()["items"]
    return dict(found)


async def test_ten_days_on_which_time_did_not_run_move_the_last_day_by_ten(
    api: Api, proceeding: dict[str, Any]
) -> None:
    before = await the_deadline(api, proceeding)
    made = await suspended(api, proceeding)
    after = await the_deadline(api, proceeding)
    assert (before["due_on"], after["due_on"]) == ("2026-03-03", "2026-03-13")
    assert (after["id"], after["revision"]) == (before["id"], 2)
    assert [day["why"] for day in after["computation"]["skipped"]] == ["suspension"] * 10
    assert any("cierre de la autoridad" in line for line in after["explanation"])
    assert made["basis_label"] == "cierre de la autoridad"


async def test_where_it_is_written_stays_out_of_the_computation(api: Api, proceeding: dict[str, Any]) -> None:
    await suspended(api, proceeding, citation="Order in the matter of Juana Canaria")
    answer = await api.get("/v1/deadlines", params={"proceeding_id": proceeding["id"]})
    assert "Canaria" not in answer.text


async def test_while_it_goes_on_the_deadline_is_void_and_comes_back_with_its_end(
    api: Api, proceeding: dict[str, Any]
) -> None:
    made = await suspended(api, proceeding, ends_on=None)
    held = await the_deadline(api, proceeding)
    assert (held["status"], held["void_reason"]) == ("void", "suspended")
    ended = await api.patch(
        address(proceeding, made["id"]), json={"ends_on": "2026-02-14", "reason": "The offices opened again"}, version=1
    )
    assert ended.json()["ends_on"] == "2026-02-14"
    back = await the_deadline(api, proceeding)
    assert (back["status"], back["due_on"]) == ("pending", "2026-03-09")  # five days on, from Sunday to Monday


async def test_taken_back_time_runs_as_if_it_had_never_been(api: Api, proceeding: dict[str, Any]) -> None:
    made = await suspended(api, proceeding)
    gone = await api.post(address(proceeding, made["id"], "withdraw"), json={"reason": "Of another body"})
    assert gone.json()["withdrawn_at"] is not None
    assert (await the_deadline(api, proceeding))["due_on"] == "2026-03-03"
    again = await api.post(address(proceeding, made["id"], "withdraw"), json={"reason": "Of another body"})
    assert again.status_code == 409
    changed = await api.patch(address(proceeding, made["id"]), json={"ends_on": None, "reason": "No"}, version=2)
    assert changed.status_code == 409


async def test_it_stops_the_clocks_of_the_actors_it_names_and_no_other(api: Api, proceeding: dict[str, Any]) -> None:
    await an_event(api, proceeding["id"], type="review_requested", on="2026-02-20")
    await suspended(api, proceeding, starts_on="2026-02-21", ends_on="2026-02-22", actors=["mexico"])
    assert (await the_deadline(api, proceeding, "review_answer"))["due_on"] == "2026-03-04"
    assert (await the_deadline(api, proceeding, "review_report"))["due_on"] == "2026-04-08"
    await suspended(api, proceeding, starts_on="2026-02-23", ends_on="2026-02-23", rules=["review_report"])
    assert (await the_deadline(api, proceeding, "review_answer"))["due_on"] == "2026-03-04"
    assert (await the_deadline(api, proceeding, "review_report"))["due_on"] == "2026-04-09"


async def test_every_fault_is_told_with_its_place(api: Api, proceeding: dict[str, Any]) -> None:
    body = {
        "starts_on": "2026-02-10",
        "ends_on": "2026-02-09",
        "basis": "office_closure",
        "citation": "x",
        "actors": ["mexico", "canada"],
        "rules": ["a_rule"],
    }
    answer = await api.post(address(proceeding), json=body)
    assert answer.status_code == 422
    assert sorted(fault["pointer"] for fault in answer.json()["errors"]) == ["/actors/1", "/ends_on", "/rules/0"]
    answer = await api.post(address(proceeding), json={**body, "basis": "a_whim"})
    assert answer.status_code == 422
    assert (await api.get(address(proceeding))).json()["items"] == []


async def test_timeline_tells_that_time_stood_still_and_what_moved(api: Api, proceeding: dict[str, Any]) -> None:
    made = await suspended(api, proceeding)
    entries = (await api.get(f"/v1/complaints/{proceeding['complaint_id']}/timeline")).json()["items"]
    recorded, moved = entries[-2:]
    assert (recorded["type"], recorded["subject_id"]) == ("suspension_recorded", made["id"])
    assert (recorded["after"]["starts_on"], recorded["after"]["citation"]) == ("2026-02-10", "changed")
    assert (moved["type"], moved["after"]["suspension_id"]) == ("deadline_moved", made["id"])
    assert (moved["before"]["due_on"], moved["after"]["due_on"]) == ("2026-03-03", "2026-03-13")


async def test_stale_change_is_refused(api: Api, proceeding: dict[str, Any]) -> None:
    made = await suspended(api, proceeding)
    where = address(proceeding, made["id"])
    assert (await api.patch(where, json={"ends_on": None, "reason": "x"})).status_code == 428
    assert (await api.patch(where, json={"ends_on": None, "reason": "x"}, version=7)).status_code == 412


async def test_partner_with_alerts_sees_days_and_not_words_and_a_stranger_nothing(
    api: Api, people: People, proceeding: dict[str, Any]
) -> None:
    made = await suspended(api, proceeding, source_url="https://example.org/order")
    where = address(proceeding, made["id"])
    assert (await api.get(where, role="partner")).status_code == 404
    await a_link(api, proceeding["complaint_id"], people.union_id)
    seen = (await api.get(where, role="partner")).json()
    assert (seen["starts_on"], seen["citation"], seen["source_url"]) == ("2026-02-10", None, None)
    refused = await api.post(address(proceeding), role="partner", json={**seen})
    assert refused.status_code in {403, 422}
    await api.post(address(proceeding, made["id"], "withdraw"), json={"reason": "A mistake"})
    assert (await api.get(where, role="partner")).status_code == 404
    assert (await api.get(address(proceeding), role="partner")).json()["items"] == []


async def test_analyst_sees_months(api: Api, proceeding: dict[str, Any]) -> None:
    made = await suspended(api, proceeding)
    seen = (await api.get(address(proceeding, made["id"]), role="analyst")).json()
    assert (seen["starts_on"], seen["ends_on"], seen["citation"]) == ("2026-02-01", "2026-02-01", None)
