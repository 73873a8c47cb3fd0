"""A hold wins over every erasure, by request and by rule."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from tests.builders import a_complaint, a_link
from tests.conftest import Api, Clock
from tests.rooms.keeping.cases import REASON, a_closed_case, a_hold, asked, days_go_by, due, rows, the_receipt
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.keeping import asking, erasing, run

_HOLD = text(
    "INSERT INTO legal_hold (id, complaint_id, organization_id, reason, review_on, placed_at, version)"
    " VALUES (gen_random_uuid(), :case, :owner, 'x', '2030-01-01', :now, 1)"
)


def _hold_of(api: Api, complaint_id: str, desk: Desk) -> dict[str, object]:
    return {"case": UUID(complaint_id), "owner": api.people.centre_id, "now": desk.now()}


async def _until_somebody_waits(desk: Desk) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    while True:
        ((count,),) = await rows(desk, waiting)
        if count:
            return


async def test_a_hold_has_a_reason_a_day_of_review_and_who_placed_it(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    hold = await a_hold(api, case["id"])
    assert hold["reason"] == REASON
    assert hold["review_on"] == "2027-03-02"
    assert hold["placed_by"] == str(api.people.staff.token_id)
    listed = (await api.get(f"/v1/complaints/{case['id']}/holds")).json()["items"]
    assert listed == [hold]
    (kept,) = await rows(desk, "SELECT reason FROM legal_hold")
    assert REASON.encode() not in kept.reason


async def test_the_review_must_lie_ahead(api: Api) -> None:
    case = await a_complaint(api)
    answer = await api.post(f"/v1/complaints/{case['id']}/holds", json={"reason": "x", "review_on": "2026-03-02"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/review_on"


async def test_erasing_a_held_case_is_refused_and_that_is_noted(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await a_hold(api, case["id"])
    answer = await api.post(
        f"/v1/complaints/{case['id']}/erasure", json={"reason": REASON, "confirm": case["reference"]}
    )
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "held"
    told = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    assert told[-1]["type"] == "erasure_refused"
    refused = await rows(desk, "SELECT what FROM audit WHERE action = 'refused'")
    assert [row.what for row in refused] == ["erasure"]


async def test_a_released_hold_counts_no_more_and_the_privacy_lead_is_told(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    hold = await a_hold(api, case["id"])
    path = f"/v1/complaints/{case['id']}/holds/{hold['id']}/release"
    released = await api.post(path, json={"reason": "canaryrelease"})
    assert released.status_code == 200
    assert released.json()["release_reason"] == "canaryrelease"
    assert released.json()["version"] == 2
    assert (await api.post(path, json={"reason": "again"})).status_code == 409
    (alert,) = await rows(desk, "SELECT cause, subject_id FROM privacy_alert")
    assert (alert.cause, str(alert.subject_id)) == ("hold_released", hold["id"])
    await asked(api, case)


async def test_a_hold_on_a_merged_case_holds_the_one_that_goes_on(api: Api) -> None:
    case, other = await a_complaint(api), await a_complaint(api)
    body = {"into": case["id"], "reason": "la misma"}
    merged = await api.post(f"/v1/complaints/{other['id']}/merge", version=other["version"], json=body)
    assert merged.status_code == 200, merged.text
    await a_hold(api, other["id"])
    answer = await api.post(f"/v1/complaints/{case['id']}/erasure", json={"reason": "x", "confirm": case["reference"]})
    assert answer.status_code == 409


async def test_only_the_owners_staff_holds_a_case(api: Api) -> None:
    case = await a_complaint(api)
    body = {"reason": REASON, "review_on": "2027-03-02"}
    path = f"/v1/complaints/{case['id']}/holds"
    assert (await api.post(path, role="partner", json=body)).status_code == 404
    link = await a_link(api, case["id"], api.people.union_id, access="write")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner", json={})
    assert (await api.post(path, role="partner", json=body)).status_code == 403
    assert (await api.get(path, role="partner")).status_code == 403
    assert (await api.post(path, role="analyst", json=body)).status_code == 403


async def test_a_hold_placed_after_an_erasure_was_asked_for_stops_it(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    receipt = await asked(api, case)
    await a_hold(api, case["id"])
    await erasing.work_off(desk)
    assert (await the_receipt(api, receipt["id"]))["state"] == "stopped"
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 200


async def test_a_hold_placed_while_the_run_goes_on_wins(api: Api, desk: Desk, clock: Clock) -> None:
    """The list was made; before the run takes the case's lock somebody else has it, to hold the case."""
    case = await a_closed_case(api)
    await days_go_by(desk, clock, 150)
    clock.advance(timedelta(days=30))
    assert [row["complaint_id"] for row in await due(api)] == [case["id"]]
    async with desk.work(SYSTEM) as holder:
        await asking.lock(holder, UUID(case["id"]))
        running = asyncio.create_task(run.run(desk))
        await _until_somebody_waits(desk)
        await holder.session.execute(_HOLD, _hold_of(api, case["id"], desk))
    assert await running == []
    await erasing.work_off(desk)
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 200


async def test_the_run_notes_once_what_a_hold_kept(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_closed_case(api)
    await a_hold(api, case["id"], review_on="2026-09-01")
    await days_go_by(desk, clock, 150)
    await days_go_by(desk, clock, 30)
    await days_go_by(desk, clock, 5)
    refused = await rows(desk, "SELECT what FROM audit WHERE action = 'refused'")
    assert len(refused) == 1
    alerts = await rows(desk, "SELECT cause FROM privacy_alert ORDER BY raised_at, cause")
    assert [row.cause for row in alerts] == ["retention_warning", "hold_review_due"]
