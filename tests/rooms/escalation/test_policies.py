"""Ladders of organisations: kept strictly, the most specific one climbed, frozen when a run starts."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import Api, Clock
from tests.rooms.climbing import a_case, ledger, the_run
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep

PATH = "/v1/escalation-policies"
TWO_DAYS = {"at": "-2d", "audiences": ["handler_or_desk"]}


async def a_policy(api: Api, **changes: Any) -> dict[str, Any]:
    body = {"name": "Dos días antes", "rungs": [TWO_DAYS], **changes}
    answer = await api.post(PATH, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_ladder_is_kept_changed_and_removed_under_its_version(api: Api) -> None:
    made = await a_policy(api)
    one = f"{PATH}/{made['id']}"
    assert made["rungs"] == [{"at": "-2d", "audiences": ["handler_or_desk"], "always": False, "at_once": False}]
    assert (await api.get(one)).headers["ETag"] == '"v1"'

    assert (await api.patch(one, json={"name": "Otro"})).status_code == 428
    changed = await api.patch(one, json={"name": "Otro", "active": False}, version=1)
    assert (changed.json()["name"], changed.json()["active"], changed.json()["version"]) == ("Otro", False, 2)
    assert (await api.patch(one, json={"name": "Tarde"}, version=1)).status_code == 412
    assert (await api.delete(one, version=1)).status_code == 412
    assert (await api.delete(one, version=2)).status_code == 204
    assert (await api.get(one)).status_code == 404


async def test_ladders_of_others_do_not_exist(api: Api) -> None:
    made = await a_policy(api)

    assert (await api.get(f"{PATH}/{made['id']}", role="partner")).status_code == 404
    assert (await api.delete(f"{PATH}/{made['id']}", role="partner", version=1)).status_code == 404
    assert (await api.get(PATH, role="partner")).json()["items"] == []
    assert [item["id"] for item in (await api.get(PATH)).json()["items"]] == [made["id"]]


async def test_an_analyst_keeps_no_ladders(api: Api) -> None:
    answer = await api.post(PATH, json={"name": "x", "rungs": [TWO_DAYS]}, role="analyst")

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"rungs": []}, "/rungs"),
        ({"rungs": [{"at": "3 days", "audiences": ["linked"]}]}, "/rungs/0/at"),
        ({"rungs": [{"at": "-0d", "audiences": ["linked"]}]}, "/rungs/0/at"),
        ({"rungs": [{"at": "-3d", "audiences": ["everybody"]}]}, "/rungs/0/audiences/0"),
        ({"rungs": [{"at": "-3d", "audiences": []}]}, "/rungs/0/audiences"),
        ({"rungs": [{"at": "0", "audiences": ["linked"], "always": False}]}, "/rungs/0/always"),
        ({"rungs": [TWO_DAYS, TWO_DAYS]}, "/rungs/1/at"),
        ({"rungs": [{**TWO_DAYS, "color": "red"}]}, "/rungs/0/color"),
        ({"mechanism": "usmca-99"}, "/mechanism"),
        ({"mechanism": "usmca-31a-us-mx", "rule": "lunch"}, "/rule"),
        ({"rule": "ilc_determination"}, "/rule"),
    ],
)
async def test_a_ladder_that_cannot_be_climbed_is_refused_at_its_place(
    api: Api, change: dict[str, Any], pointer: str
) -> None:
    answer = await api.post(PATH, json={"name": "x", "rungs": [TWO_DAYS], **change})

    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_the_last_day_and_after_always_speak(api: Api) -> None:
    made = await a_policy(api, rungs=[{"at": at, "audiences": ["linked"]} for at in ("+2d", "0", "-4d")])

    assert [(rung["at"], rung["always"]) for rung in made["rungs"]] == [("-4d", False), ("0", True), ("+2d", True)]


async def test_the_policy_that_names_most_of_a_deadline_is_climbed(api: Api, desk: Desk, clock: Clock) -> None:
    await a_policy(api, name="todas", rungs=[{"at": "-20d", "audiences": ["handler_or_desk"]}])
    named = await a_policy(
        api,
        name="regla",
        mechanism="usmca-31a-us-mx",
        rule="ilc_determination",
        rungs=[{"at": "-2d", "audiences": ["linked"]}, {"at": "+5d", "audiences": ["handler_or_desk"]}],
    )
    await a_policy(api, name="otra", mechanism="usmca-31a-us-mx", rule="review_answer")
    clock.advance(timedelta(hours=1))
    await a_policy(api, name="mecanismo", mechanism="usmca-31a-us-mx")
    await a_policy(api, name="apagada", mechanism="usmca-31a-us-mx", rule="ilc_determination", active=False)
    case = await a_case(api)

    await sweep(desk)

    run = await the_run(api, case["id"])
    assert run["policy_id"] == named["id"]
    assert [notice["rung"] for notice in await ledger(api)] == ["-2d"]


async def test_a_run_keeps_the_ladder_it_froze_when_the_policy_changes_or_goes(
    api: Api, desk: Desk, clock: Clock
) -> None:
    rungs = [TWO_DAYS, {"at": "+3d", "audiences": ["handler_or_desk"]}]
    policy = await a_policy(api, rungs=rungs)
    case = await a_case(api, linked=False)
    await sweep(desk)
    path = f"{PATH}/{policy['id']}"
    changed = await api.patch(path, json={"rungs": [{"at": "0", "audiences": ["linked"]}]}, version=1)
    assert changed.status_code == 200
    assert (await api.delete(path, version=2)).status_code == 204

    clock.advance(timedelta(days=10))
    await sweep(desk)

    assert [notice["rung"] for notice in await ledger(api)] == ["-2d", "+3d"]
    assert [rung["at"] for rung in (await the_run(api, case["id"]))["rungs"]] == ["-2d", "0", "+1d", "+3d"]


async def test_anothers_policy_does_not_climb_my_cases(api: Api, desk: Desk) -> None:
    await api.post(PATH, json={"name": "x", "rungs": [TWO_DAYS]}, role="partner")
    case = await a_case(api)

    await sweep(desk)

    assert (await the_run(api, case["id"]))["policy_id"] is None
