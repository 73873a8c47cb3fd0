"""Rule sets: what a procedure is pinned to is kept, read again by newer code, and used for all it computes."""

import json

import msgspec
import pytest
from sqlalchemy import select

from tests.builders import a_complaint, a_proceeding, an_event
from tests.conftest import Api, looking
from tests.rooms.proceedings.moving import MECHANISM, altered, deadlines, longer, pinned_to
from vigilancia.core.errors import UnavailableError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.law import loader
from vigilancia.proceedings import rulesets
from vigilancia.proceedings.models import RuleSetRow

TWENTY = altered(review_answer=longer("review_answer", 20))


@pytest.mark.parametrize("name", list(loader.mechanisms()))
def test_a_stored_rule_set_is_the_same_when_read_again(name: str) -> None:
    content = msgspec.json.encode(loader.mechanism(name))
    assert msgspec.json.encode(rulesets.decode(content.decode())) == content


def test_a_rule_set_of_before_a_field_existed_is_read_with_its_default() -> None:
    told = json.loads(msgspec.json.encode(MECHANISM))
    for rule in told["rules"].values():
        for name in ("follows", "practice", "runs_only_if", "repeat"):
            rule.pop(name, None)
    for event in told["events"].values():
        event.pop("reopened_by", None)
    found = rulesets.decode(json.dumps(told))
    assert list(found.stages) == list(MECHANISM.stages)
    assert {rule.repeat for rule in found.rules.values()} == {"first"}


async def test_what_is_there_and_cannot_be_read_is_an_outage_and_no_reason_to_use_other_rules(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        row = {"digest": "odd", "mechanism": MECHANISM.id, "content": "{}", "recorded_at": work.now}
        work.session.add(RuleSetRow(**row))
    with pytest.raises(UnavailableError):
        async with desk.work(SYSTEM) as work:
            await rulesets.of(work, mechanism=MECHANISM.id, digest="odd")


async def test_deadlines_of_a_rule_set_that_cannot_be_read_are_listed_with_the_words_of_today(
    api: Api, desk: Desk
) -> None:
    complaint = await a_complaint(api)
    proceeding = await a_proceeding(api, complaint["id"])
    unread = altered(review_answer=longer("review_answer", 21))
    await pinned_to(desk, proceeding["id"], unread)
    await an_event(api, proceeding["id"], type="review_requested", on="2026-03-02")
    async with desk.work(SYSTEM) as work:
        kept = await work.session.get(RuleSetRow, unread.digest)
        assert kept is not None
        kept.content = "{}"
    rulesets._decoded.clear()
    found = (await deadlines(api, proceeding["id"]))["review_answer"]
    assert (found["due_on"], found["title"]) == ("2026-03-23", MECHANISM.rules["review_answer"].titles["es"])
    assert (await api.get(f"/v1/proceedings/{proceeding['id']}")).status_code == 503


async def test_opening_a_procedure_keeps_the_rules_it_is_opened_under(api: Api, desk: Desk) -> None:
    complaint = await a_complaint(api)
    for _ in range(2):
        proceeding = await a_proceeding(api, complaint["id"])
    async with looking(desk) as session:
        kept = {row.digest: row.content for row in await session.scalars(select(RuleSetRow))}
    assert list(kept) == [proceeding["rules_digest"]] == [MECHANISM.digest]
    assert kept[MECHANISM.digest] == msgspec.json.encode(MECHANISM).decode()


async def test_events_of_a_pinned_procedure_are_computed_under_its_own_rules(api: Api, desk: Desk) -> None:
    complaint = await a_complaint(api)
    proceeding = await a_proceeding(api, complaint["id"])
    await pinned_to(desk, proceeding["id"], TWENTY)
    await an_event(api, proceeding["id"], type="review_requested", on="2026-03-02")
    deadline = (await deadlines(api, proceeding["id"]))["review_answer"]
    assert deadline["due_on"] == "2026-03-22"
    assert deadline["computation"]["rules_digest"] == TWENTY.digest
    assert (await api.get(f"/v1/proceedings/{proceeding['id']}")).json()["rules_digest"] == TWENTY.digest


async def test_an_event_type_that_only_newer_files_have_is_refused_under_the_earlier(api: Api, desk: Desk) -> None:
    complaint = await a_complaint(api)
    proceeding = await a_proceeding(api, complaint["id"])
    fewer = {name: event for name, event in MECHANISM.events.items() if name != "union_vote"}
    earlier = msgspec.structs.replace(altered(), events=fewer, digest="altered-without-a-vote")
    await pinned_to(desk, proceeding["id"], earlier)
    url = f"/v1/proceedings/{proceeding['id']}/events"
    answer = await api.post(url, json={"type": "union_vote", "on": "2026-02-01"})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/type"]


async def test_a_procedure_of_before_rule_sets_were_kept_is_computed_under_the_package(api: Api, desk: Desk) -> None:
    complaint = await a_complaint(api)
    proceeding = await a_proceeding(api, complaint["id"])
    forgotten = msgspec.structs.replace(TWENTY, digest="altered-and-never-kept")
    await pinned_to(desk, proceeding["id"], forgotten)
    async with desk.work(SYSTEM) as work:
        await work.session.delete(await work.session.get(RuleSetRow, forgotten.digest))
    await an_event(api, proceeding["id"], type="review_requested", on="2026-03-02")
    assert (await deadlines(api, proceeding["id"]))["review_answer"]["due_on"] == "2026-03-12"
    assert (await api.get(f"/v1/proceedings/{proceeding['id']}")).json()["rules_digest"] == MECHANISM.digest


async def test_a_page_of_procedures_pinned_to_many_rule_sets_costs_one_statement_more(
    api: Api, desk: Desk, statements: object
) -> None:
    complaint = await a_complaint(api)
    url = f"/v1/complaints/{complaint['id']}/proceedings"
    for count in range(21, 26):
        proceeding = await a_proceeding(api, complaint["id"])
        with statements() as before:  # type: ignore[operator]
            await api.get(url)
        await pinned_to(desk, proceeding["id"], altered(review_answer=longer("review_answer", count)))
        with statements() as after:  # type: ignore[operator]
            await api.get(url)
        assert len(after) <= len(before) + 1
