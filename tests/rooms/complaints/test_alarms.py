"""The mark that people are in danger: left once for each occasion, in the transaction that records it."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import a_complaint, a_link, a_proceeding, an_event
from tests.conftest import Api, looking
from vigilancia.complaints import alarms
from vigilancia.complaints.models import AlarmRow
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk
from vigilancia.law.loader import mechanisms


async def the_marks(desk: Desk) -> list[tuple[str, int, bool]]:
    """Return cause, occasion and whether it must still be told, oldest first."""
    async with looking(desk) as session:
        rows = (await session.scalars(select(AlarmRow).order_by(AlarmRow.id))).all()
    return [(row.cause, row.occasion, row.tell_pending) for row in rows]


async def change(api: Api, case: dict[str, Any], version: int, **fields: Any) -> None:
    answer = await api.patch(f"/v1/complaints/{case['id']}", json=fields, version=version)
    assert answer.status_code == 200, answer.text


async def test_a_case_logged_as_acute_leaves_the_mark_and_wakes_who_tells(
    api: Api, desk: Desk, woken: list[frozenset[Job]]
) -> None:
    await a_complaint(api, risk_level="acute")
    assert await the_marks(desk) == [("acute", 1, True)]
    assert any(Job.SWEEP in kinds for kinds in woken)


@pytest.mark.parametrize("level", ["low", "elevated", "high", None])
async def test_a_lesser_risk_leaves_none(api: Api, desk: Desk, level: str | None) -> None:
    case = await a_complaint(api, risk_level=level)
    await change(api, case, 1, title="Otro título")
    assert await the_marks(desk) == []


async def test_a_risk_that_becomes_acute_leaves_the_mark_each_time_it_does(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, risk_level="high")
    await change(api, case, 1, risk_level="acute")
    await change(api, case, 2, title="Sigue aguda")  # no new danger
    await change(api, case, 3, risk_level="acute")
    await change(api, case, 3, risk_level="elevated")
    await change(api, case, 4, risk_level="acute", title="De nuevo")
    assert await the_marks(desk) == [("acute", 2, True), ("acute", 5, True)]


@pytest.mark.parametrize("mechanism", sorted(mechanisms()))
def test_every_mechanism_knows_a_reported_dismissal_and_no_clock_of_it_moves(mechanism: str) -> None:
    law = mechanisms()[mechanism]
    event = law.events[alarms.DISMISSAL]
    assert event.repeats
    assert (event.stage, event.closes, event.carries, event.after) == (None, False, [], [])
    named = [
        name
        for name, rule in law.rules.items()
        if alarms.DISMISSAL in f"{rule.trigger}{rule.satisfied_by}{rule.void_by}{rule.ended_by}{rule.variants}"
    ]
    assert named == []


@pytest.mark.parametrize("kind", ["happened", "announced"])
async def test_a_reported_dismissal_leaves_the_mark_and_moves_no_deadline(api: Api, desk: Desk, kind: str) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    await an_event(api, proceeding["id"])
    before = (await api.get("/v1/deadlines")).json()
    stage = (await api.get(f"/v1/proceedings/{proceeding['id']}")).json()["stage"]

    recorded = await an_event(api, proceeding["id"], type="dismissal_reported", on="2026-03-01", kind=kind)

    assert await the_marks(desk) == [("dismissal", 1, True)]
    assert (await api.get("/v1/deadlines")).json() == before
    after = (await api.get(f"/v1/proceedings/{proceeding['id']}")).json()
    assert (after["stage"], after["warnings"]) == (stage, [])
    assert recorded["type"] == "dismissal_reported"


async def test_each_dismissal_is_an_alarm_and_its_correction_is_none(api: Api, desk: Desk) -> None:
    proceeding = await a_proceeding(api, (await a_complaint(api))["id"])
    path = f"/v1/proceedings/{proceeding['id']}/events"
    first = await an_event(api, proceeding["id"], type="dismissal_reported", on="2026-02-20")
    await an_event(api, proceeding["id"], type="dismissal_reported", on="2026-02-21")
    corrected = await api.patch(f"{path}/{first['id']}", json={"on": "2026-02-19", "reason": "Error"}, version=1)
    assert corrected.status_code == 200, corrected.text
    assert [mark[0] for mark in await the_marks(desk)] == ["dismissal", "dismissal"]


async def test_an_event_that_turns_out_to_be_a_dismissal_is_an_alarm(api: Api, desk: Desk) -> None:
    proceeding = await a_proceeding(api, (await a_complaint(api))["id"])
    event = await an_event(api, proceeding["id"], type="union_vote", on="2026-02-20")
    body = {"type": "dismissal_reported", "reason": "Se registró mal"}
    answer = await api.patch(f"/v1/proceedings/{proceeding['id']}/events/{event['id']}", json=body, version=1)
    assert answer.status_code == 200, answer.text
    assert [mark[0] for mark in await the_marks(desk)] == ["dismissal"]


async def test_what_is_refused_raises_no_alarm(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    proceeding = await a_proceeding(api, case["id"])
    body = {"type": "dismissal_reported", "on": "2027-01-01"}
    assert (await api.post(f"/v1/proceedings/{proceeding['id']}/events", json=body)).status_code == 422
    stale = await api.patch(f"/v1/complaints/{case['id']}", json={"risk_level": "acute"}, version=7)
    assert stale.status_code == 412
    assert await the_marks(desk) == []


async def test_a_repeated_request_raises_one_alarm(api: Api, desk: Desk) -> None:
    proceeding = await a_proceeding(api, (await a_complaint(api))["id"])
    path, key = f"/v1/proceedings/{proceeding['id']}/events", {"Idempotency-Key": "una"}
    body = {"type": "dismissal_reported", "on": "2026-03-01"}
    answers = [await api.post(path, json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(await the_marks(desk)) == 1


async def test_the_same_occasion_leaves_one_mark_however_many_say_so_at_once(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)

    async def say() -> None:
        async with desk.work(api.people.staff) as work:
            await alarms.raise_alarm(work, case["id"], "acute", case["id"], 2)

    await asyncio.gather(*(say() for _ in range(4)))
    assert await the_marks(desk) == [("acute", 2, True)]
    timeline = (await api.get(f"/v1/complaints/{case['id']}/timeline", params={"type": "alarm_raised"})).json()
    assert [entry["after"] for entry in timeline["items"]] == [{"cause": "acute"}]


async def test_the_timeline_of_who_gets_alerts_says_nothing_of_an_alarm(api: Api) -> None:
    case = await a_complaint(api, risk_level="acute", confidentiality="public")
    await a_link(api, case["id"], api.people.union_id)
    for role in ("partner", "analyst"):
        assert "alarm" not in (await api.get(f"/v1/complaints/{case['id']}/timeline", role=role)).text
