"""Whoever compares procedures with the rules of today: which are looked at, what goes on in silence, at what cost."""

import asyncio
from datetime import date
from importlib import import_module
from typing import Any

import msgspec
import psycopg
import pytest

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, Database, People
from tests.rooms.proceedings.moving import (
    MECHANISM,
    a_closure,
    a_draw,
    altered,
    closed_everywhere,
    days,
    deadlines,
    pending,
    pinned_to,
    proposed,
    timeline,
)
from vigilancia.core.jobs import Job
from vigilancia.core.settings import settings
from vigilancia.core.work import Desk
from vigilancia.proceedings.calendars import closures
from vigilancia.proceedings.calendars.schemas import ClosureIn, ClosureLabels
from vigilancia.proceedings.circumstances import book
from vigilancia.proceedings.proposals.proposing import propose


async def test_a_closure_that_touches_nothing_moves_the_pin_in_silence_and_counts_later(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    await closed_everywhere(api, starts_on="2026-03-10")
    entries = await timeline(api, case["id"])
    await propose(desk)
    assert await pending(api) == []
    assert await timeline(api, case["id"]) == entries
    await an_event(api, case["proceeding_id"], type="verification_requested", on="2026-03-02")
    assert (await deadlines(api, case["proceeding_id"]))["verification_answer"]["due_on"] == "2026-03-12"


async def test_a_closure_of_a_calendar_that_no_rule_counts_on_proposes_nothing(api: Api, desk: Desk) -> None:
    await a_draw(api)
    await a_closure(api, calendar="ca-federal")
    await propose(desk)
    assert await pending(api) == []


async def test_other_words_and_citations_are_taken_over_in_silence(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    rule = MECHANISM.rules["panelist_draw"]
    cites = [msgspec.structs.replace(cite, locator="ayer") for cite in rule.versions[0].cites]
    version = msgspec.structs.replace(rule.versions[0], cites=cites)
    earlier = altered(panelist_draw=msgspec.structs.replace(rule, versions=[version]))
    await pinned_to(desk, case["proceeding_id"], earlier)
    await propose(desk)
    assert await pending(api) == []
    assert (await api.get(f"/v1/proceedings/{case['proceeding_id']}")).json()["rules_digest"] == MECHANISM.digest
    deadline = (await deadlines(api, case["proceeding_id"]))["panelist_draw"]
    assert (deadline["revision"], deadline["computation"]["rules_digest"]) == (1, MECHANISM.digest)


async def test_closed_cases_are_left_alone_until_they_are_opened_again(api: Api, desk: Desk) -> None:
    case = await a_draw(api)
    version = (await api.get(f"/v1/complaints/{case['id']}")).json()["version"]
    url = f"/v1/complaints/{case['id']}"
    for status in ("open", "closed"):
        answer = await api.patch(url, json={"status": status}, version=version)
        assert answer.status_code == 200, answer.text
        version = answer.json()["version"]
    await closed_everywhere(api)
    await propose(desk)
    assert await pending(api) == []
    assert (await api.patch(url, json={"status": "open"}, version=version)).status_code == 200
    assert days(await proposed(api, desk)) == [("move", "panelist_draw", "2026-03-05", "2026-03-06")]


async def test_a_closed_procedure_stays_under_its_pin_until_something_is_recorded_in_it_anew(
    api: Api, desk: Desk
) -> None:
    proceeding = await a_proceeding(api, (await a_complaint(api))["id"])
    await pinned_to(desk, proceeding["id"], altered(panelist_draw=None))
    await an_event(api, proceeding["id"], type="panel_requested", on="2026-03-02")
    end = await an_event(api, proceeding["id"], type="withdrawn", on="2026-03-02")
    await propose(desk)
    assert await pending(api) == []
    url = f"/v1/proceedings/{proceeding['id']}/events/{end['id']}/withdraw"
    await api.post(url, json={"reason": "No se retiró"})
    assert days((await pending(api))[0])[0][:2] == ("add", "panelist_draw")


async def test_side_by_side_workers_make_one_proposal(api: Api, desk: Desk, empty: Database) -> None:
    for _ in range(3):
        await a_draw(api)
    await closed_everywhere(api)
    await asyncio.gather(*(propose(desk) for _ in range(4)))
    await propose(desk)
    with psycopg.connect(empty.owner_url) as owner:
        assert owner.execute("SELECT status, count(*) FROM rules_proposal GROUP BY status").fetchall() == [
            ("pending", 3)
        ]


async def test_closures_that_carry_a_count_past_its_calendar_propose_nothing_and_stop_nobody(
    api: Api, desk: Desk
) -> None:
    proceeding = await a_proceeding(api, (await a_complaint(api))["id"])
    announced = {"type": "panel_requested", "on": "2036-06-20", "kind": "announced"}
    await an_event(api, proceeding["id"], **announced)
    before = await deadlines(api, proceeding["id"])
    other = await a_draw(api)
    await closed_everywhere(api)
    for year in range(2036, 2041):  # until the last day that the calendars know
        await closed_everywhere(
            api, starts_on=f"{year}-06-21", ends_on=f"{year + 1}-06-20" if year < 2040 else "2040-12-31"
        )
    await propose(desk)
    assert [each["proceeding_id"] for each in await pending(api)] == [other["proceeding_id"]]
    assert await deadlines(api, proceeding["id"]) == before


async def test_a_number_seen_means_that_every_act_before_it_is_seen(desk: Desk, people: People) -> None:
    labels = ClosureLabels(es="Luto", en="Mourning", fr="Deuil")
    asked = ClosureIn(starts_on=date(2026, 3, 3), labels=labels, source="DOF")

    async def second() -> None:
        async with desk.work(people.admin) as work:
            await closures.record(work, "us-federal", asked)

    async with desk.work(people.admin) as work:
        await closures.record(work, "mx-lft", asked)
        rival = asyncio.create_task(second())
        done, _ = await asyncio.wait({rival}, timeout=0.3)
        assert not done  # it waits for its number until this one is committed
        async with desk.work(people.staff) as reader:
            assert (await book(reader)).head == 0
    await rival
    async with desk.work(people.staff) as reader:
        found = await book(reader)
    assert [(act.closure.calendar, act.recorded_no) for act in found.acts] == [("mx-lft", 1), ("us-federal", 2)]


async def test_events_of_procedures_without_proposals_cost_no_statement_more(
    api: Api, desk: Desk, statements: Any
) -> None:
    case = await a_draw(api)

    async def cost() -> int:
        with statements() as sent:
            await an_event(api, case["proceeding_id"], type="union_vote", on="2026-03-01")
        return len(sent)

    await cost()
    plain = await cost()
    await closed_everywhere(api, starts_on="2026-05-04")
    await propose(desk)
    assert await cost() == plain + 2  # the closures: for what follows, and for what is odd


@pytest.fixture
def task(database: Database, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The worker's task, and what it asked to be run."""
    settings.cache_clear()
    with monkeypatch.context() as environment:
        environment.setenv("VIGILANCIA_DATABASE_URL", database.url)
        found = import_module("workers.tasks.proceedings").propose
        beat = import_module("workers.app").BEAT
    settings.cache_clear()
    asked: list[Any] = []
    monkeypatch.setattr("workers.runner.run", asked.append)
    return found, asked, beat


async def test_the_worker_s_task_does_it_and_beat_asks_for_it(api: Api, desk: Desk, task: Any) -> None:
    run, asked, beat = task
    assert Job.PROPOSE.value in {entry["task"] for entry in beat.values()}
    await a_draw(api)
    await closed_everywhere(api)
    run()
    for each in asked:
        await each(desk)
    assert len(await pending(api)) == 1
