"""Overrides: a day set by somebody with authority, and the computed one readable beside it."""

from typing import Any

import pytest

from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api, People


@pytest.fixture
async def deadline(api: Api) -> dict[str, Any]:
    """The committee's last day, 3 March 2026."""
    proceeding = await a_proceeding(api, (await a_complaint(api))["id"])
    await an_event(api, proceeding["id"])
    [found] = (await api.get("/v1/deadlines", params={"proceeding_id": proceeding["id"]})).json()["items"]
    return dict(found)


async def set_day(api: Api, deadline: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {"due_on": "2026-03-20", "authority": "The committee's letter", "reason": "More time granted", **changes}
    answer = await api.post(f"/v1/deadlines/{deadline['id']}/override", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def again(api: Api, deadline: dict[str, Any]) -> dict[str, Any]:
    return dict((await api.get(f"/v1/deadlines/{deadline['id']}")).json())


async def test_day_set_holds_and_the_computed_one_stays_readable(api: Api, deadline: dict[str, Any]) -> None:
    await set_day(api, deadline, confidence="primary")
    found = await again(api, deadline)
    assert (found["due_on"], found["raw_due_on"], found["confidence"]) == ("2026-03-20", "2026-03-03", "primary")
    assert found["computation"]["overridden_from"] == "2026-03-03"
    assert (found["closes_at"], found["revision"]) == ("2026-03-21T04:00:00Z", 2)
    assert [warning["code"] for warning in found["warnings"]] == ["overridden"]
    assert any("en lugar de martes 3 de marzo de 2026" in line for line in found["explanation"])


async def test_newer_one_takes_the_place_of_the_older(api: Api, deadline: dict[str, Any]) -> None:
    await set_day(api, deadline)
    await set_day(api, deadline, due_on="2026-03-25")
    assert (await again(api, deadline))["due_on"] == "2026-03-25"
    every = (await api.get(f"/v1/deadlines/{deadline['id']}/overrides")).json()["items"]
    assert sorted((each["due_on"], each["withdrawn_reason"]) for each in every) == [
        ("2026-03-20", "replaced"),
        ("2026-03-25", None),
    ]


async def test_taken_back_the_computed_day_holds_again(api: Api, deadline: dict[str, Any]) -> None:
    await set_day(api, deadline)
    url = f"/v1/deadlines/{deadline['id']}/override"
    assert (await api.get(url)).json()["due_on"] == "2026-03-20"
    gone = await api.post(f"{url}/withdraw", json={"reason": "The letter was of another case"})
    assert gone.json()["withdrawn_reason"] == "The letter was of another case"
    assert (await api.get(url)).status_code == 404
    assert (await api.post(f"{url}/withdraw", json={"reason": "Once more"})).status_code == 404
    found = await again(api, deadline)
    assert (found["due_on"], found["computation"]["overridden_from"]) == ("2026-03-03", None)


async def test_it_outlives_a_correction_of_the_event(api: Api, deadline: dict[str, Any]) -> None:
    await set_day(api, deadline)
    event = deadline["trigger_event_id"]
    url = f"/v1/proceedings/{deadline['proceeding_id']}/events/{event}"
    await api.patch(url, json={"on": "2026-02-02", "reason": "Wrong day"}, version=1)
    found = await again(api, deadline)
    assert (found["due_on"], found["computation"]["overridden_from"]) == ("2026-03-20", "2026-03-04")


async def test_deadline_that_no_longer_follows_takes_no_day(api: Api, deadline: dict[str, Any]) -> None:
    url = f"/v1/proceedings/{deadline['proceeding_id']}/events/{deadline['trigger_event_id']}/withdraw"
    await api.post(url, json={"reason": "Never filed"})
    body = {"due_on": "2026-03-20", "authority": "x", "reason": "y"}
    assert (await api.post(f"/v1/deadlines/{deadline['id']}/override", json=body)).status_code == 409


async def test_day_no_calendar_knows_is_refused_and_nothing_is_kept(api: Api, deadline: dict[str, Any]) -> None:
    body = {"due_on": "2050-01-01", "authority": "x", "reason": "y"}
    answer = await api.post(f"/v1/deadlines/{deadline['id']}/override", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "calendar-horizon")
    assert (await api.get(f"/v1/deadlines/{deadline['id']}/overrides")).json()["items"] == []


async def test_words_stay_with_those_who_see_the_case(api: Api, people: People, deadline: dict[str, Any]) -> None:
    url = f"/v1/deadlines/{deadline['id']}/override"
    await set_day(api, deadline, reason="Asked for by Juana Canaria")
    assert (await api.get(url, role="partner")).status_code == 404
    await a_link(api, deadline["complaint_id"], people.union_id)
    seen = (await api.get(url, role="partner")).json()
    assert (seen["due_on"], seen["authority"], seen["reason"]) == ("2026-03-20", None, None)
    for role in ("partner", "analyst"):
        for path in (url, f"/v1/deadlines/{deadline['id']}", f"/v1/complaints/{deadline['complaint_id']}/timeline"):
            assert "Canaria" not in (await api.get(path, role=role)).text
    body = {"due_on": "2026-04-01", "authority": "x", "reason": "y"}
    assert (await api.post(url, role="partner", json=body)).status_code == 403


async def test_timeline_tells_who_set_which_day(api: Api, deadline: dict[str, Any]) -> None:
    made = await set_day(api, deadline)
    entries = (await api.get(f"/v1/complaints/{deadline['complaint_id']}/timeline")).json()["items"]
    was_set, moved = entries[-2:]
    assert (was_set["type"], was_set["after"]["due_on"]) == ("deadline_override_set", "2026-03-20")
    assert (moved["type"], moved["after"]["override_id"]) == ("deadline_moved", made["id"])
