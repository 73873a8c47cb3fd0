"""Standing in: the next way, the deputy, the desks; never two ways at once, and silence is said once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update

from tests.builders import a_contact
from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case, ledger, the_run
from tests.rooms.notices.conftest import Mailbox, Subscriber
from tests.rooms.notices.test_channels import keep, target
from vigilancia.complaints.models import LinkRow, TimelineRow
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices import metrics
from vigilancia.notices.delivery import call_all, deliver_all
from vigilancia.notices.models import NoticeRow
from vigilancia.notices.schedule import schedule
from vigilancia.registry.models import ContactRow


async def ends(api: Api, **params: str) -> list[tuple[str, str, str | None]]:
    """Return channel, status and reason of each notice, oldest first."""
    return [(one["channel"], one["status"], one["reason"]) for one in await ledger(api, **params)]


async def unreachable(desk: Desk) -> int:
    """Count what timelines tell of organisations that could not be told."""
    async with looking(desk) as session:
        query = select(func.count()).select_from(TimelineRow).where(TimelineRow.type == "escalation_unreachable")
        return await session.scalar(query) or 0


async def test_a_refusal_for_good_takes_the_next_way_and_the_ledger_names_it(
    api: Api, calling: Desk, mailbox: Mailbox, subscriber: Subscriber
) -> None:
    await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("email", "a@example.org"), ("apprise", target(subscriber)))
    mailbox.at_recipient = "550 no such user"

    await deliver_all(calling)
    await call_all(calling)

    first, second = await ledger(api)
    assert (first["status"], first["reason"]) == ("failed", "refused")
    assert (second["channel"], second["status"]) == ("apprise", "delivered")
    assert (second["after_id"], second["after_why"]) == (first["id"], "fallback")
    assert len(subscriber.bodies) == 1
    assert await unreachable(calling) == 0


async def test_refusals_for_now_take_the_next_way_after_some_minutes_and_never_both(
    api: Api, calling: Desk, mailbox: Mailbox, subscriber: Subscriber, clock: Clock
) -> None:
    await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("email", "a@example.org"), ("webhook", subscriber.url))
    mailbox.at_recipient = "451 later"

    for minutes in (0, 1, 5):
        clock.advance(timedelta(minutes=minutes))
        await deliver_all(calling)
        await call_all(calling)
    assert await ends(api) == [("email", "planned", None)]
    clock.advance(timedelta(minutes=15))
    await deliver_all(calling)
    mailbox.at_recipient = None
    await call_all(calling)
    clock.advance(timedelta(days=4))
    await deliver_all(calling)

    assert await ends(api) == [("email", "failed", "fell_back"), ("webhook", "delivered", None)]
    assert (mailbox.messages, len(subscriber.bodies)) == ([], 1)


async def test_while_no_mail_server_answers_the_next_way_is_taken_after_some_minutes(
    api: Api, calling: Desk, mailbox: Mailbox, subscriber: Subscriber, clock: Clock
) -> None:
    await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("email", "a@example.org"), ("webhook", subscriber.url))
    await mailbox.close()

    await deliver_all(calling)
    assert await ends(api) == [("email", "planned", None)]
    clock.advance(timedelta(minutes=schedule().fallback_minutes))
    await deliver_all(calling)
    await call_all(calling)

    assert await ends(api) == [("email", "failed", "fell_back"), ("webhook", "delivered", None)]


async def test_a_second_address_of_the_same_kind_is_another_way(api: Api, posting: Desk, mailbox: Mailbox) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    await keep(posting, ("email", "a@example.org"), ("email", "b@example.org"))
    mailbox.when_it_comes = lambda: setattr(mailbox, "at_data", None)
    mailbox.at_recipient = "550 no"
    await deliver_all(posting)
    mailbox.at_recipient = None
    await deliver_all(posting)

    notices = await ledger(api)
    assert {(one["resend"], one["status"]) for one in notices} <= {(0, "failed"), (1, "failed"), (1, "delivered")}
    assert [one["resend"] for one in notices] == [0, 1]
    assert [one["address"] for one in notices] == ["a…@example.org", "b…@example.org"]


async def test_an_address_taken_away_meanwhile_is_no_silence(api: Api, calling: Desk, subscriber: Subscriber) -> None:
    await a_case(api, linked=False)
    await sweep(calling)
    await keep(calling, ("webhook", subscriber.url))

    await deliver_all(calling)
    await call_all(calling)

    assert await ends(api) == [("email", "suppressed", "no_address"), ("webhook", "delivered", None)]


async def test_after_the_last_way_deputy_desk_and_owner_s_desk_stand_in(
    api: Api, posting: Desk, mailbox: Mailbox, people: People
) -> None:
    deputy = await a_contact(
        api,
        people.union_id,
        role="partner",
        name="D",
        desk=False,
        channels=[{"kind": "email", "address": "d@u.example"}],
    )
    async with looking(posting) as session:
        await session.execute(
            update(ContactRow)
            .where(ContactRow.organization_id == people.union_id, ContactRow.desk)
            .values(deputy_id=UUID(deputy["id"]))
        )
        await session.commit()
    await a_case(api)
    await sweep(posting)
    mailbox.at_recipient = "550 nobody"
    await deliver_all(posting)

    notices = await ledger(api)
    union = [one for one in notices if one["organization_id"] == str(people.union_id)]
    assert [one["contact_id"] == deputy["id"] for one in union] == [False, True]
    assert [one["after_why"] for one in union] == [None, "fallback"]
    # The owner's desk got this rung already: it is told once, whoever else failed.
    assert len(notices) == 3
    assert {one["status"] for one in notices} == {"failed"}
    assert await unreachable(posting) == 2  # each organisation once


async def test_who_lost_access_is_suppressed_and_nobody_of_its_organisation_stands_in(
    api: Api, calling: Desk, people: People, subscriber: Subscriber
) -> None:
    await a_case(api)
    await sweep(calling)
    await keep(calling, ("email", "a@example.org"), ("webhook", subscriber.url), organization_id=people.union_id)
    async with looking(calling) as session:
        await session.execute(delete(LinkRow))
        await session.commit()
    await deliver_all(calling)

    theirs = await ends(api, organization_id=str(people.union_id))
    assert theirs == [("email", "suppressed", "no_access")]
    assert subscriber.bodies == []


async def test_an_older_rung_that_waits_gives_way_to_a_newer_one(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_case(api, linked=False, petition_on="2026-02-03")
    await sweep(posting)
    mailbox.at_recipient = "451 later"
    await deliver_all(posting)
    clock.advance(timedelta(days=3))
    await sweep(posting)
    mailbox.at_recipient = None
    await deliver_all(posting)

    found = await ledger(api)
    assert [(one["status"], one["reason"]) for one in found] == [("suppressed", "overtaken"), ("delivered", None)]
    assert len(mailbox.messages) == 1


async def test_an_answer_while_a_message_is_in_flight_ends_its_retries(
    api: Api, calling: Desk, mailbox: Mailbox, subscriber: Subscriber, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await a_case(api, linked=False, petition_on="2026-02-03")
    await sweep(calling)
    await keep(calling, ("email", "a@example.org"), ("webhook", subscriber.url))
    run = await the_run(api, case["id"])
    answers: list[asyncio.Task[Any]] = []

    async def say() -> None:
        answer = await api.post(f"/v1/escalations/{run['id']}/acknowledge", json={})
        assert answer.status_code in (200, 201), answer.text

    mailbox.when_it_comes = lambda: answers.append(asyncio.ensure_future(say()))
    original = mailbox.handle_DATA

    async def slowly(*args: Any) -> str:
        await original(*args)
        await asyncio.gather(*answers)
        return "451 later"

    monkeypatch.setattr(mailbox, "handle_DATA", slowly)
    await deliver_all(calling)
    clock.advance(timedelta(minutes=1))
    await deliver_all(calling)
    await call_all(calling)

    assert await ends(api) == [("email", "suppressed", "acknowledged")]
    assert subscriber.bodies == []


async def test_what_is_held_is_neither_overdue_nor_given_up_before_its_time(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    until = clock.now + timedelta(days=5)
    async with looking(posting) as session:
        await session.execute(update(NoticeRow).values(hold_until=until))
        await session.commit()
    await mailbox.close()
    clock.set(until - timedelta(minutes=1))
    async with looking(posting) as session:
        early = await metrics.figures(session, clock.now)
    await deliver_all(posting)
    assert (early["notices_overdue_unsent"][1], early["deadline_notice_lag_seconds"][1]) == (0, 0)
    assert [status for _, status, _ in await ends(api)] == ["planned"]

    clock.set(until + timedelta(hours=schedule().give_up_hours))
    await deliver_all(posting)
    async with looking(posting) as session:
        ratio = await metrics.by_channel(session, clock.now)

    assert await ends(api) == [("email", "failed", "no_server")]
    assert ratio["notice_failure_ratio"][1] == {"email": 1.0, "webhook": 0.0, "apprise": 0.0}


@pytest.mark.parametrize("confirmed", [True, False])
async def test_the_figures_of_each_channel_are_published(api: Api, calling: Desk, confirmed: bool) -> None:  # noqa: FBT001
    await a_case(api, linked=False)
    await sweep(calling)
    if confirmed:
        await deliver_all(calling)
    text = (await api.get("/metrics", role=None)).text
    assert 'vigilancia_notice_failure_ratio{channel="apprise"} 0.0' in text
    assert 'vigilancia_job_age_seconds{job="vigilancia.call"} 0.0' in text
