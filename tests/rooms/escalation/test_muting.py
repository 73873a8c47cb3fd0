"""One warning can be muted, with a reason, by those who work on the case; the last day cannot."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.builders import an_event
from tests.conftest import Api, Clock, Database
from tests.rooms.climbing import a_case, a_day_goes_by, a_place, ledger, the_run
from tests.seeds import seed_deadlines
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.escalation.climb import climb_due
from vigilancia.escalation.sweep import sweep

REASON = "Ya está redactada la respuesta."


async def mute(api: Api, run_id: str, rung: str = "-1d", *, role: str = "staff", reason: str = REASON) -> Any:
    return await api.post(f"/v1/escalations/{run_id}/mute", json={"rung": rung, "reason": reason}, role=role)


async def unmute(api: Api, run_id: str, rung: str = "-1d", *, role: str = "staff") -> Any:
    return await api.post(f"/v1/escalations/{run_id}/unmute", json={"rung": rung}, role=role)


async def a_run(api: Api, desk: Desk, **changes: Any) -> dict[str, Any]:
    """Log a case due on Thursday the 5th, whose rung of three days before spoke today; the day before is to come."""
    case = await a_case(api, petition_on="2026-02-03", **changes)
    await sweep(desk)
    return await the_run(api, case["id"])


def states(run: dict[str, Any]) -> dict[str, str]:
    return {rung["at"]: rung["state"] for rung in run["rungs"]}


async def test_a_muted_warning_passes_in_silence_and_the_last_day_still_speaks(
    api: Api, desk: Desk, clock: Clock
) -> None:
    run = await a_run(api, desk)

    answer = await mute(api, run["id"])
    assert answer.status_code == 200, answer.text
    (rung,) = [rung for rung in answer.json()["rungs"] if rung["at"] == "-1d"]
    assert (rung["state"], rung["reason"], rung["climbed_at"]) == ("muted", REASON, None)
    assert answer.json()["next"]["at"] == "0"
    for _ in range(3):
        clock.advance(timedelta(days=1))
        await sweep(desk)

    assert [notice["rung"] for notice in await ledger(api)] == ["-3d", "-3d", "0", "0"]
    after = await the_run(api, run["complaint_id"])
    assert states(after)["-1d"] == "muted"
    (rung,) = [rung for rung in after["rungs"] if rung["at"] == "-1d"]
    assert (rung["climbed_at"], rung["reason"]) == ("2026-03-04T15:00:00Z", REASON)


async def test_an_unmuted_warning_speaks_again(api: Api, desk: Desk, clock: Clock) -> None:
    run = await a_run(api, desk, linked=False)
    await mute(api, run["id"])

    answer = await unmute(api, run["id"])
    assert answer.status_code == 200, answer.text
    assert states(answer.json())["-1d"] == "to_come"
    assert answer.json()["next"]["at"] == "-1d"
    clock.advance(timedelta(days=2))
    await sweep(desk)

    assert [notice["rung"] for notice in await ledger(api)] == ["-3d", "-1d"]


async def test_muting_one_case_leaves_the_others_as_they_are(api: Api, desk: Desk, clock: Clock) -> None:
    run, other = await a_run(api, desk, linked=False), await a_run(api, desk, linked=False)
    await mute(api, run["id"])

    clock.advance(timedelta(days=2))
    await sweep(desk)

    told = [(notice["complaint_id"], notice["rung"]) for notice in await ledger(api) if notice["rung"] == "-1d"]
    assert told == [(other["complaint_id"], "-1d")]


@pytest.mark.parametrize("does", [mute, unmute])
@pytest.mark.parametrize(
    ("rung", "code"), [("0", "not_allowed"), ("+1d", "not_allowed"), ("-3d", "not_allowed"), ("-7d", "not_found")]
)
async def test_only_rungs_to_come_that_do_not_always_speak_can_be_muted(
    api: Api, desk: Desk, does: Any, rung: str, code: str
) -> None:
    run = await a_run(api, desk, linked=False)

    answer = await does(api, run["id"], rung)

    assert answer.status_code == 422, answer.text
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/rung", code)]
    assert states(await the_run(api, run["complaint_id"])) == states(run)


async def test_a_rung_that_speaks_always_by_ones_own_ladder_cannot_be_muted(api: Api, desk: Desk) -> None:
    own = [{"at": "-3d", "audiences": ["handler_or_desk"]}, {"at": "-1d", "audiences": ["linked"], "always": True}]
    await api.post("/v1/escalation-policies", json={"name": "propia", "rungs": own})
    run = await a_run(api, desk, linked=False)

    assert (await mute(api, run["id"])).status_code == 422


async def test_of_a_deadline_that_is_met_nothing_can_be_muted(api: Api, desk: Desk) -> None:
    case = await a_case(api, linked=False, petition_on="2026-02-03")
    await sweep(desk)
    run = await the_run(api, case["id"])
    await an_event(api, case["proceeding_id"], type="ilc_determined_insufficient", on="2026-03-02")

    answer = await mute(api, run["id"])

    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/rung", "not_allowed")]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"rung": "-1d"}, "/reason"),
        ({"rung": "-1d", "reason": "no"}, "/reason"),
        ({"rung": "-1d", "reason": "x" * 501}, "/reason"),
        ({"rung": "tomorrow", "reason": REASON}, "/rung"),
        ({"reason": REASON}, "/rung"),
        ({"rung": "-1d", "reason": REASON, "until": "2026-03-05"}, "/until"),
    ],
)
async def test_muting_needs_a_rung_and_a_reason(api: Api, desk: Desk, body: dict[str, str], pointer: str) -> None:
    run = await a_run(api, desk, linked=False)

    answer = await api.post(f"/v1/escalations/{run['id']}/mute", json=body)

    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_who_only_gets_alerts_cannot_mute_what_others_are_told(api: Api, desk: Desk) -> None:
    run = await a_run(api, desk)

    assert (await mute(api, run["id"], role="partner")).status_code == 403
    await mute(api, run["id"])
    assert (await unmute(api, run["id"], role="partner")).status_code == 403
    assert states(await the_run(api, run["complaint_id"]))["-1d"] == "muted"


async def test_who_only_gets_alerts_sees_that_it_is_muted_and_not_why(api: Api, desk: Desk) -> None:
    run = await a_run(api, desk)
    await mute(api, run["id"])

    seen = await api.get(f"/v1/escalations/{run['id']}", role="partner")
    assert states(seen.json())["-1d"] == "muted"
    assert REASON not in seen.text
    assert REASON in (await api.get(f"/v1/escalations/{run['id']}", role="admin")).text


@pytest.mark.parametrize(("access", "status"), [("read", 403), ("write", 200)])
async def test_accepted_writers_may_mute_and_readers_may_not(api: Api, desk: Desk, access: str, status: int) -> None:
    run = await a_run(api, desk, linked=False)
    link = await a_place(api, run["complaint_id"], access=access)
    path = f"/v1/complaints/{run['complaint_id']}/links/{link['id']}/accept"
    assert (await api.post(path, json={}, role="partner", version=link["version"])).status_code < 300

    assert (await mute(api, run["id"], role="partner")).status_code == status
    assert (await mute(api, run["id"], role="admin")).status_code == 403
    assert (await mute(api, run["id"], role="analyst")).status_code == 403


@pytest.mark.parametrize("confidentiality", ["restricted", "public"])
async def test_to_a_stranger_there_is_nothing_to_mute(api: Api, desk: Desk, confidentiality: str) -> None:
    run = await a_run(api, desk, linked=False, confidentiality=confidentiality)

    assert (await mute(api, run["id"], role="partner")).status_code == 404
    assert (await unmute(api, run["id"], role="partner")).status_code == 404


@pytest.mark.parametrize("confidentiality", ["restricted", "public"])
async def test_muting_and_unmuting_stand_on_the_timeline_and_the_reason_is_for_readers(
    api: Api, desk: Desk, confidentiality: str
) -> None:
    run = await a_run(api, desk, confidentiality=confidentiality)
    await mute(api, run["id"])
    await unmute(api, run["id"])

    path = f"/v1/complaints/{run['complaint_id']}/timeline"
    items = (await api.get(path)).json()["items"]
    told = [(item["type"], item["subject_id"], item["after"]) for item in items if item["type"].endswith("muted")]
    assert told == [
        ("escalation_muted", run["deadline_id"], {"rung": "-1d", "escalation_id": run["id"], "reason": REASON}),
        ("escalation_unmuted", run["deadline_id"], {"rung": "-1d", "escalation_id": run["id"]}),
    ]
    for role in ("partner", "analyst"):
        seen = await api.get(path, role=role)
        assert (seen.status_code, REASON in seen.text) == (200, False)


async def test_what_is_muted_is_muted_once_and_what_is_not_cannot_be_unmuted(api: Api, desk: Desk) -> None:
    run = await a_run(api, desk, linked=False)

    assert (await unmute(api, run["id"])).status_code == 422
    answers = await asyncio.gather(*(mute(api, run["id"]) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/rung", "duplicate")]


async def test_the_same_key_mutes_once(api: Api, desk: Desk) -> None:
    run = await a_run(api, desk, linked=False)

    for _ in range(2):
        body = {"rung": "-1d", "reason": REASON}
        path = f"/v1/escalations/{run['id']}/mute"
        answer = await api.post(path, json=body, headers={"Idempotency-Key": "once"})
        assert answer.status_code == 200, answer.text


async def test_a_run_that_was_muted_is_among_those_that_changed(api: Api, desk: Desk, clock: Clock) -> None:
    run = await a_run(api, desk, linked=False)
    clock.advance(timedelta(hours=1))
    since = {"updated_since": "2026-03-02T15:30:00Z"}
    assert (await api.get("/v1/escalations", params=since)).json()["items"] == []

    await mute(api, run["id"])

    assert [item["id"] for item in (await api.get("/v1/escalations", params=since)).json()["items"]] == [run["id"]]


async def test_after_an_outage_a_warning_nobody_muted_speaks_though_a_muted_one_came_after_it(
    api: Api, desk: Desk, clock: Clock
) -> None:
    case = await a_case(api, linked=False, petition_on="2026-02-15")  # due on Tuesday 17 March
    await sweep(desk)
    run = await the_run(api, case["id"])
    assert (await mute(api, run["id"], "-3d")).status_code == 200

    clock.set(datetime(2026, 3, 14, 15, tzinfo=UTC))  # three days before; nobody swept since the 2nd
    await sweep(desk)
    await sweep(desk)

    assert [(notice["rung"], notice["late"]) for notice in await ledger(api)] == [("-10d", True)]
    after = await the_run(api, case["id"])
    assert (states(after)["-10d"], states(after)["-3d"], after["next"]["at"]) == ("spoke", "muted", "-1d")


async def test_a_rung_stays_muted_when_the_day_moves(api: Api, desk: Desk, clock: Clock) -> None:
    case = await a_case(api, linked=False, petition_on="2026-02-03")
    await sweep(desk)
    run = await the_run(api, case["id"])
    await mute(api, run["id"])
    path = f"/v1/proceedings/{case['proceeding_id']}/events/{case['event_id']}"
    moved = await api.patch(path, json={"on": "2026-02-10", "reason": "the stamp says so"}, version=1)
    assert moved.status_code == 200, moved.text

    clock.set(datetime(2026, 3, 11, 15, tzinfo=UTC))  # the day before the new last day
    await a_day_goes_by(desk)

    assert "-1d" not in {notice["rung"] for notice in await ledger(api)}
    assert (await the_run(api, case["id"]))["next"]["at"] == "0"


async def test_a_ladder_all_of_whose_warnings_are_muted_still_has_its_last_day_to_come(
    api: Api, desk: Desk, clock: Clock
) -> None:
    own = [{"at": at, "audiences": ["handler_or_desk"]} for at in ("-3d", "-1d")]
    await api.post("/v1/escalation-policies", json={"name": "propia", "rungs": own})
    run = await a_run(api, desk, linked=False)

    silent = (await mute(api, run["id"])).json()
    assert (silent["next"]["at"], silent["silent_reason"]) == ("0", None)
    clock.advance(timedelta(days=5))
    await sweep(desk)

    done = await the_run(api, run["complaint_id"])
    assert (done["next"], done["silent_reason"]) == (None, "done")
    assert {rung["at"]: rung["state"] for rung in done["rungs"]}["-1d"] == "muted"


async def test_a_climb_of_muted_rungs_takes_as_few_statements_and_writes_no_notice(
    api: Api, desk: Desk, database: Database, clock: Clock, statements: Any
) -> None:
    counts = []
    for due in (10, 100):
        seed_deadlines(database.owner_url, now=clock.now, due=due, later=10)
        with psycopg.connect(database.owner_url) as owner:
            owner.execute(
                "INSERT INTO escalation_mute (run_id, rung, reason, at) "
                "SELECT id, '-1d', 'seed', now() FROM escalation_run ON CONFLICT DO NOTHING"
            )
        with statements() as sent:
            async with desk.work(SYSTEM) as work:
                assert await climb_due(work) == due
        counts.append(len(sent))
        with psycopg.connect(database.owner_url) as owner:
            results = owner.execute("SELECT result, count(*) FROM escalation_rung GROUP BY 1").fetchall()
        assert [result for result, _ in results] == ["muted"]

    assert counts[0] == counts[1] <= 12
    assert await ledger(api) == []
