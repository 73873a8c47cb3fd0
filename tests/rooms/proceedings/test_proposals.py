"""Proposals: newer rules or closures move nothing until a person accepts; what is shown is what then moves."""

import asyncio

import httpx
import msgspec
import psycopg

from tests.builders import a_link, an_event
from tests.conftest import Api, Database
from tests.rooms.climbing import the_run
from tests.rooms.proceedings.moving import (
    MECHANISM,
    SOURCE,
    a_draw,
    accept,
    altered,
    closed_everywhere,
    days,
    deadlines,
    decline,
    longer,
    pending,
    pinned_to,
    proposed,
    timeline,
    withdraw,
)
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.proceedings.proposals.proposing import propose


async def test_a_closure_inside_a_running_count_proposes_a_move_and_moves_nothing(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    before = await deadlines(api, case["proceeding_id"])
    closures = await closed_everywhere(api)
    proposal = await proposed(api, desk)
    assert days(proposal) == [("move", "panelist_draw", "2026-03-05", "2026-03-06")]
    assert [(each["code"], each["closure_id"], each["source"]) for each in proposal["reasons"]] == [
        ("closure_added", closure["id"], SOURCE) for closure in closures
    ]
    assert proposal["changes"][0]["deadline_id"] == before["panelist_draw"]["id"]
    assert "martes 3 de marzo de 2026" in proposal["reasons"][0]["text"]
    assert await deadlines(api, case["proceeding_id"]) == before
    (entry,) = [each for each in await timeline(api, case["id"]) if each["type"] == "deadline_changes_proposed"]
    assert entry["subject_id"] == proposal["id"]


async def test_accepting_moves_the_day_keeps_the_old_one_and_explains_with_the_source(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    await closed_everywhere(api)
    proposal = await proposed(api, desk)
    done = await accept(api, proposal, reason="Publicado en el DOF")
    assert (done["status"], done["decision_reason"]) == ("accepted", "Publicado en el DOF")
    assert await pending(api) == []
    deadline = (await deadlines(api, case["proceeding_id"]))["panelist_draw"]
    assert (deadline["due_on"], deadline["revision"]) == ("2026-03-06", 2)
    assert any(SOURCE in line for line in deadline["explanation"])
    (old,) = (await api.get(f"/v1/deadlines/{deadline['id']}/revisions")).json()["items"]
    assert (old["revision"], old["was"]["due_on"]) == (1, "2026-03-05")
    told = {entry["type"]: entry for entry in await timeline(api, case["id"])}
    assert told["deadline_moved"]["after"]["proposal_id"] == proposal["id"]
    assert told["deadline_changes_accepted"]["subject_id"] == proposal["id"]
    await propose(desk)
    assert await pending(api) == []


async def test_a_moved_day_has_its_ladder_planned_anew(api: Api, desk: Desk, woken: list[frozenset[Job]]) -> None:
    case = await a_draw(api)
    await sweep(desk)
    assert (await the_run(api, case["id"]))["revision"] == 1
    await closed_everywhere(api)
    proposal = await proposed(api, desk)
    woken.clear()
    await accept(api, proposal)
    assert frozenset({Job.SWEEP}) in woken
    await sweep(desk)
    assert (await the_run(api, case["id"]))["revision"] == 2


async def test_declining_keeps_the_day_and_the_same_is_not_proposed_again(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    before = await deadlines(api, case["proceeding_id"])
    await closed_everywhere(api)
    done = await decline(api, await proposed(api, desk))
    assert (done["status"], done["decision_reason"]) == ("declined", "No nos alcanza")
    await propose(desk)
    await an_event(api, case["proceeding_id"], type="union_vote", on="2026-03-02")
    await propose(desk)
    assert await pending(api) == []
    assert await deadlines(api, case["proceeding_id"]) == before


async def test_after_a_refusal_something_newer_is_proposed_with_all_that_differs(api: Api, desk: Desk) -> None:
    await a_draw(api)
    await closed_everywhere(api)
    await decline(api, await proposed(api, desk))
    await closed_everywhere(api, starts_on="2026-03-04")
    proposal = await proposed(api, desk)
    assert days(proposal) == [("move", "panelist_draw", "2026-03-05", "2026-03-09")]
    assert len(proposal["reasons"]) == 4


async def test_a_refusal_needs_a_reason(api: Api, desk: Desk) -> None:
    await a_draw(api)
    await closed_everywhere(api)
    proposal = await proposed(api, desk)
    assert (await api.post(f"/v1/proposals/{proposal['id']}/decline", json={})).status_code == 422


async def test_an_event_meanwhile_is_computed_under_the_old_pin_and_renews_the_proposal(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    await closed_everywhere(api)
    first = await proposed(api, desk)
    await an_event(api, case["proceeding_id"], type="verification_requested", on="2026-03-02")
    assert (await deadlines(api, case["proceeding_id"]))["verification_answer"]["due_on"] == "2026-03-11"
    (renewed,) = await pending(api)
    assert renewed["id"] != first["id"]
    assert days(renewed) == [
        ("move", "panelist_draw", "2026-03-05", "2026-03-06"),
        ("move", "verification_answer", "2026-03-11", "2026-03-12"),
    ]
    assert (await api.get(f"/v1/proposals/{first['id']}")).json()["status"] == "superseded"
    late = await api.post(f"/v1/proposals/{first['id']}/accept", json={})
    assert (late.status_code, late.json()["code"]) == (409, "illegal-transition")
    await accept(api, renewed)
    assert (await deadlines(api, case["proceeding_id"]))["verification_answer"]["due_on"] == "2026-03-12"


async def test_an_event_after_which_nothing_would_change_withdraws_the_proposal(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    await closed_everywhere(api)
    proposal = await proposed(api, desk)
    await an_event(api, case["proceeding_id"], type="panelists_drawn", on="2026-03-02")
    assert await pending(api) == []
    assert (await api.get(f"/v1/proposals/{proposal['id']}")).json()["status"] == "superseded"


async def test_a_withdrawn_closure_proposes_the_way_back(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    closures = await closed_everywhere(api)
    await accept(api, await proposed(api, desk))
    for closure in closures:
        await withdraw(api, closure)
    proposal = await proposed(api, desk)
    assert days(proposal) == [("move", "panelist_draw", "2026-03-06", "2026-03-05")]
    assert {each["code"] for each in proposal["reasons"]} == {"closure_withdrawn"}
    await accept(api, proposal)
    deadline = (await deadlines(api, case["proceeding_id"]))["panelist_draw"]
    assert (deadline["due_on"], deadline["revision"]) == ("2026-03-05", 3)


async def test_a_closure_withdrawn_before_anybody_decided_withdraws_its_proposal(api: Api, desk: Desk) -> None:
    await a_draw(api)
    closures = await closed_everywhere(api)
    await propose(desk)
    for closure in closures:
        await withdraw(api, closure)
    await propose(desk)
    assert await pending(api) == []


async def test_a_met_deadline_is_never_moved_by_rules_or_closures(api: Api, desk: Desk) -> None:
    case = await a_draw(api, on="2026-02-26")  # until Tuesday, the day that will be closed
    await an_event(api, case["proceeding_id"], type="panelists_drawn", on="2026-03-02")
    before = await deadlines(api, case["proceeding_id"])
    await closed_everywhere(api)
    await propose(desk)
    assert await pending(api) == []
    assert await deadlines(api, case["proceeding_id"]) == before
    vote = await an_event(api, case["proceeding_id"], type="union_vote", on="2026-03-01")
    assert vote["changes"] == []
    assert (await deadlines(api, case["proceeding_id"]))["panelist_draw"]["due_on"] == "2026-03-03"


async def test_a_met_deadline_that_opens_again_follows_what_its_procedure_is_pinned_to(api: Api, desk: Desk) -> None:
    case = await a_draw(api, on="2026-02-26")
    act = await an_event(api, case["proceeding_id"], type="panelists_drawn", on="2026-03-02")
    await closed_everywhere(api)
    await propose(desk)
    url = f"/v1/proceedings/{case['proceeding_id']}/events/{act['id']}/withdraw"
    await api.post(url, json={"reason": "Sin confirmar"})
    deadline = (await deadlines(api, case["proceeding_id"]))["panelist_draw"]
    assert (deadline["due_on"], deadline["status"]) == ("2026-03-04", "pending")


async def test_changed_rule_files_propose_to_add_to_move_and_to_drop(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    old = MECHANISM.rules["panelist_draw"]
    earlier = altered(
        verification_answer=None,  # the files of today add it
        verification_done=longer("verification_done", 20),  # and give more days
        old_draw=msgspec.structs.replace(old, id="old_draw"),  # and no longer know this one
    )
    await pinned_to(desk, case["proceeding_id"], earlier)
    await an_event(api, case["proceeding_id"], type="verification_requested", on="2026-03-02")
    proposal = await proposed(api, desk)
    assert [each["code"] for each in proposal["reasons"]] == ["rules_changed"]
    assert days(proposal) == [
        ("drop", "old_draw", "2026-03-05", None),
        ("add", "verification_answer", None, "2026-03-11"),
        ("move", "verification_done", "2026-03-22", "2026-04-01"),
    ]
    assert proposal["changes"][1]["deadline_id"] is None
    assert set(await deadlines(api, case["proceeding_id"])) == {"old_draw", "panelist_draw", "verification_done"}

    await accept(api, proposal)
    found = await deadlines(api, case["proceeding_id"])
    assert found["verification_answer"]["status"] == "pending"
    assert (found["verification_done"]["due_on"], found["verification_done"]["revision"]) == ("2026-04-01", 2)
    assert (found["old_draw"]["status"], found["old_draw"]["void_reason"]) == ("void", "rules_changed")
    assert "ya no fijan este plazo" in found["old_draw"]["explanation"][-1]
    await an_event(api, case["proceeding_id"], type="union_vote", on="2026-03-01")
    assert (await deadlines(api, case["proceeding_id"]))["old_draw"]["void_reason"] == "rules_changed"


async def test_one_call_lists_what_is_pending_and_narrows_it(api: Api, desk: Desk) -> None:
    cases = [await a_draw(api) for _ in range(3)]
    await closed_everywhere(api)
    await propose(desk)
    assert {each["proceeding_id"] for each in await pending(api)} == {case["proceeding_id"] for case in cases}
    assert len(await pending(api, complaint_id=cases[0]["id"])) == 1
    assert len(await pending(api, proceeding_id=f"{cases[0]['proceeding_id']},{cases[1]['proceeding_id']}")) == 2
    assert await pending(api, mechanism="oecd-ncp") == []
    assert (await api.get("/v1/proposals", params={"status": "waiting"})).status_code == 400


async def test_of_two_who_accept_at_once_one_wins(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    await closed_everywhere(api)
    proposal = await proposed(api, desk)
    url = f"/v1/proposals/{proposal['id']}/accept"
    answers: list[httpx.Response] = await asyncio.gather(*(api.post(url, json={}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert (await deadlines(api, case["proceeding_id"]))["panelist_draw"]["revision"] == 2


async def test_what_would_change_otherwise_than_shown_is_refused_and_shown_anew(
    api: Api, desk: Desk, empty: Database
) -> None:
    case = await a_draw(api)
    before = await deadlines(api, case["proceeding_id"])
    await closed_everywhere(api)
    proposal = await proposed(api, desk)
    with psycopg.connect(empty.owner_url) as owner:  # as if the proposal had been made by other code
        owner.execute("UPDATE rules_proposal SET changes = '[]'")
    answer = await api.post(f"/v1/proposals/{proposal['id']}/accept", json={})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "proposal_stale")
    assert await deadlines(api, case["proceeding_id"]) == before
    (fresh,) = await pending(api)
    assert fresh["id"] != proposal["id"]
    assert days(fresh) == [("move", "panelist_draw", "2026-03-05", "2026-03-06")]


async def test_strangers_find_nothing_and_who_is_told_only_sees_steps_and_dates(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    await closed_everywhere(api)
    proposal = await proposed(api, desk)
    url = f"/v1/proposals/{proposal['id']}"
    assert (await api.get(url, role="partner")).status_code == 404
    assert (await api.post(f"{url}/accept", role="partner", json={})).status_code == 404
    assert await pending(api, role="partner") == []

    await a_link(api, case["id"], api.people.union_id)
    seen = (await api.get(url, role="partner")).json()
    assert days(seen) == days(proposal)
    assert (await api.post(f"{url}/accept", role="partner", json={})).status_code == 403
    await accept(api, proposal, reason="Nombre de una persona")
    told = (await api.get(url, role="partner")).json()
    assert (told["status"], told["decision_reason"], told["decided_by"]) == ("accepted", None, None)


async def test_analysts_see_months_and_states(api: Api, desk: Desk) -> None:
    await a_draw(api)
    await closed_everywhere(api)
    proposal = await proposed(api, desk)
    (seen,) = await pending(api, role="analyst")
    assert days(seen) == [("move", "panelist_draw", "2026-03-01", "2026-03-01")]
    assert seen["changes"][0]["after"]["closes_at"] is None
    assert (seen["created_at"], seen["reference"]) == ("2026-03-01T00:00:00Z", None)
    assert {(each["code"], each["closure_id"]) for each in seen["reasons"]} == {("closure_added", None)}
    assert "martes" not in seen["reasons"][0]["text"]
    assert (await api.post(f"/v1/proposals/{proposal['id']}/accept", role="analyst", json={})).status_code == 403
