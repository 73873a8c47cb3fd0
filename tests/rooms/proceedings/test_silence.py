"""Silence past a last day: it counts as an event only where the rules say so, and only until somebody acted."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api, Clock, People, Statements
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.proceedings.silence import hear_due

AFTER = datetime(2026, 3, 12, 6, tzinfo=UTC)  # the first moment after Mexico's last day, 11 March


@pytest.fixture
async def proceeding(api: Api) -> dict[str, Any]:
    """A procedure in which Mexico was asked on 1 March 2026 and must answer by 11 March."""
    found = await a_proceeding(api, (await a_complaint(api))["id"])
    await an_event(api, found["id"], type="review_requested", on="2026-03-01")
    return found


async def events(api: Api, proceeding: dict[str, Any], role: str = "staff") -> list[dict[str, Any]]:
    answer = await api.get(f"/v1/proceedings/{proceeding['id']}/events", role=role)
    return list(answer.json()["items"])


async def stage(api: Api, proceeding: dict[str, Any]) -> str:
    return str((await api.get(f"/v1/proceedings/{proceeding['id']}")).json()["stage"])


async def test_silence_is_heard_by_the_sweep_after_the_last_day_and_not_before(
    api: Api, desk: Desk, clock: Clock, proceeding: dict[str, Any]
) -> None:
    clock.set(AFTER.replace(hour=5, minute=59))
    await sweep(desk)
    assert (len(await events(api, proceeding)), await stage(api, proceeding)) == (1, "awaiting_answer")
    clock.set(AFTER)
    await sweep(desk)
    _, silence = await events(api, proceeding)
    assert (silence["type"], silence["on"], silence["kind"]) == ("review_refused", "2026-03-12", "deemed")
    assert (silence["silence_rule"], silence["stated_by"]) == ("review_answer", None)
    assert await stage(api, proceeding) == "review_refused"
    [answer] = (await api.get("/v1/deadlines", params={"rule": "review_answer"})).json()["items"]
    assert answer["status"] == "missed"


async def test_it_is_heard_once_however_often_one_listens(
    api: Api, desk: Desk, clock: Clock, proceeding: dict[str, Any]
) -> None:
    clock.set(AFTER)
    for _ in range(3):
        await sweep(desk)
    await an_event(api, proceeding["id"], type="company_undertaking", on="2026-03-05")
    assert len([each for each in await events(api, proceeding) if each["silence_rule"]]) == 1


async def test_late_answer_takes_it_back(api: Api, desk: Desk, clock: Clock, proceeding: dict[str, Any]) -> None:
    clock.set(AFTER)
    await sweep(desk)
    await an_event(api, proceeding["id"], type="review_accepted", on="2026-03-11", kind="notified")
    [silence] = [each for each in await events(api, proceeding) if each["silence_rule"]]
    assert silence["withdrawn_at"] is not None
    assert await stage(api, proceeding) == "under_review"
    revisions = f"/v1/proceedings/{proceeding['id']}/events/{silence['id']}/revisions"
    [kept] = (await api.get(revisions)).json()["items"]
    assert "silencio" in kept["reason"]


async def test_answer_taken_back_brings_it_again_as_the_same_event(
    api: Api, desk: Desk, clock: Clock, proceeding: dict[str, Any]
) -> None:
    clock.set(AFTER)
    await sweep(desk)
    [before] = [each for each in await events(api, proceeding) if each["silence_rule"]]
    answered = await an_event(api, proceeding["id"], type="review_accepted", on="2026-03-11")
    await api.post(f"/v1/proceedings/{proceeding['id']}/events/{answered['id']}/withdraw", json={"reason": "A rumour"})
    [after] = [each for each in await events(api, proceeding) if each["silence_rule"]]
    assert (after["id"], after["withdrawn_at"], after["version"]) == (before["id"], None, 3)


async def test_day_set_later_takes_it_back(api: Api, desk: Desk, clock: Clock, proceeding: dict[str, Any]) -> None:
    clock.set(AFTER)
    await sweep(desk)
    [deadline] = (await api.get("/v1/deadlines", params={"rule": "review_answer"})).json()["items"]
    body = {"due_on": "2026-03-20", "authority": "Both governments", "reason": "More time"}
    await api.post(f"/v1/deadlines/{deadline['id']}/override", json=body)
    assert await stage(api, proceeding) == "awaiting_answer"
    clock.set(datetime(2026, 3, 21, 6, tzinfo=UTC))
    await sweep(desk)
    [silence] = [each for each in await events(api, proceeding) if each["silence_rule"]]
    assert (silence["on"], silence["withdrawn_at"]) == ("2026-03-21", None)


async def test_of_what_was_recorded_only_afterwards_silence_proves_nothing(api: Api, desk: Desk) -> None:
    """History is loaded with gaps: that no answer was recorded is not that none was given."""
    found = await a_proceeding(api, (await a_complaint(api))["id"])
    await an_event(api, found["id"], type="review_requested", on="2026-01-05")
    await sweep(desk)
    assert len(await events(api, found)) == 1
    assert await stage(api, found) == "awaiting_answer"


async def test_nobody_corrects_or_takes_back_what_nobody_stated(
    api: Api, desk: Desk, clock: Clock, proceeding: dict[str, Any]
) -> None:
    clock.set(AFTER)
    await sweep(desk)
    [silence] = [each for each in await events(api, proceeding) if each["silence_rule"]]
    url = f"/v1/proceedings/{proceeding['id']}/events/{silence['id']}"
    assert (await api.patch(url, json={"on": "2026-03-13", "reason": "x"}, version=1)).status_code == 409
    assert (await api.post(f"{url}/withdraw", json={"reason": "x"})).status_code == 409


async def test_timeline_and_partner_are_told(
    api: Api, people: People, desk: Desk, clock: Clock, proceeding: dict[str, Any]
) -> None:
    await a_link(api, proceeding["complaint_id"], people.union_id)
    clock.set(AFTER)
    await sweep(desk)
    entries = (await api.get(f"/v1/complaints/{proceeding['complaint_id']}/timeline")).json()["items"]
    [heard] = [entry for entry in entries if entry["type"] == "event_deemed"]
    assert (heard["after"]["rule"], heard["after"]["on"]) == ("review_answer", "2026-03-12")
    assert [each["silence_rule"] for each in await events(api, proceeding, "partner")] == [None, "review_answer"]


@pytest.mark.usefixtures("proceeding")
async def test_listening_costs_what_is_due_and_not_what_exists(
    api: Api, desk: Desk, clock: Clock, statements: Any
) -> None:
    for _ in range(3):
        other = await a_proceeding(api, (await a_complaint(api))["id"])
        await an_event(api, other["id"], type="review_requested", on="2026-03-02")
    sent: Statements
    async with desk.work(SYSTEM) as work:
        with statements() as sent:
            assert await hear_due(work) == 0
    assert len(sent) == 1
    clock.set(AFTER)
    async with desk.work(SYSTEM) as work:
        assert await hear_due(work) == 1
