"""The weekly message that nothing fell due: silence is not mistaken for peace."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from tests.builders import a_complaint, a_contact, a_facility
from tests.conftest import Api, Clock, looking
from tests.rooms.climbing import a_case, a_day_goes_by, a_place, ledger
from tests.rooms.notices.conftest import Mailbox
from tests.rooms.notices.own_time import change_contact, settle_desk, the_desk, utc
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.registry.models import ContactRow, OrganizationRow

CANARY = "Zopilotepec"
NINE = utc(9, 15)  # Monday 9 March, in Mexico


async def calm_weeks(api: Api) -> list[dict[str, Any]]:
    """Read the calm messages of the ledger."""
    return [notice for notice in await ledger(api) if notice["kind"] == "calm"]


async def a_desk_that_wants_it(api: Api, clock: Clock, **changes: Any) -> dict[str, Any]:
    """Have the centre's desk told, from Sunday 1 March on."""
    clock.set(utc(1, 20))
    return await settle_desk(api, calm=True, **changes)


async def test_each_monday_at_nine_of_its_own_clock_the_desk_is_told(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_desk_that_wants_it(api, clock)
    await a_complaint(api)
    await a_complaint(api)
    clock.set(utc(2, 14, 59))
    await a_day_goes_by(posting)
    before = len(mailbox.messages)
    for _ in range(15):
        clock.advance(timedelta(days=1))
        clock.set(clock.now.replace(hour=15, minute=0))
        await a_day_goes_by(posting)

    assert before == 0
    assert [notice["due_at"] for notice in await calm_weeks(api)] == [
        "2026-03-02T15:00:00Z",
        "2026-03-09T15:00:00Z",
        "2026-03-16T15:00:00Z",
    ]
    assert {notice["status"] for notice in await calm_weeks(api)} == {"delivered"}


async def test_it_names_how_many_cases_and_the_next_day(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_desk_that_wants_it(api, clock)
    case = await a_case(api, linked=False, petition_on="2026-02-24")  # due on 26 March
    await a_complaint(api)
    clock.set(utc(2, 15))
    await a_day_goes_by(posting)

    text = " ".join(mailbox.messages[0].get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    assert "Se siguen 2 casos abiertos." in text
    assert case["reference"] in text
    assert "26 de marzo de 2026" in text


async def test_where_somebody_was_told_within_the_week_nobody_is_told_of_calm(
    api: Api, posting: Desk, clock: Clock
) -> None:
    await a_desk_that_wants_it(api, clock)
    await a_case(api, linked=False)
    for day in (2, 3, 4):
        clock.set(utc(day, 5, 1))
        await a_day_goes_by(posting)
    clock.set(utc(2, 15))
    await sweep(posting)
    clock.set(NINE)
    await sweep(posting)
    first = await calm_weeks(api)
    clock.set(NINE + timedelta(days=7))
    await sweep(posting)

    assert first == []
    assert [notice["due_at"] for notice in await calm_weeks(api)] == ["2026-03-16T15:00:00Z"]


async def test_what_still_waits_for_its_recipient_is_no_calm(api: Api, posting: Desk, clock: Clock) -> None:
    saturdays = [{"days": ["sat"], "from": "09:00", "until": "10:00"}]
    await a_desk_that_wants_it(api, clock)
    handler = await a_contact(api, api.people.centre_id, desk=False, working_hours=saturdays)
    await a_case(api, linked=False, petition_on="2026-02-18", handler_id=handler["id"])  # ten days before: on the 10th
    clock.set(utc(8, 20))  # after the first Monday's
    await sweep(posting)
    clock.set(utc(10, 5))
    await sweep(posting)
    held = [notice["hold_until"] for notice in await ledger(api) if notice["kind"] == "deadline"]
    clock.set(utc(14, 14))
    await sweep(posting)
    before = len(await calm_weeks(api))
    clock.set(utc(16, 15))
    await sweep(posting)

    assert held == ["2026-03-14T15:00:00Z"]
    assert len(await calm_weeks(api)) == before


async def test_only_desks_that_want_it_and_follow_a_case_get_it(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_desk_that_wants_it(api, clock)
    clock.set(utc(2, 15))
    await a_day_goes_by(posting)
    without_a_case = len(mailbox.messages)

    await a_complaint(api)
    await a_contact(api, api.people.centre_id, desk=False, channels=[{"kind": "email", "address": "p@example.org"}])
    silent = [{"kind": "email", "address": "silent@example.org"}]
    await a_contact(api, api.people.centre_id, calm=False, channels=silent)
    clock.set(NINE)
    await a_day_goes_by(posting)

    assert without_a_case == 0
    assert [message["To"] for message in mailbox.messages] == ["worker_center@example.org"]


async def test_the_hour_moves_on_where_nothing_was_sent(api: Api, posting: Desk, clock: Clock) -> None:
    contact = await a_desk_that_wants_it(api, clock)
    clock.set(utc(2, 15))
    await sweep(posting)

    async with looking(posting) as session:
        row = await session.get(ContactRow, UUID(contact["id"]))
        assert row is not None
        assert row.calm_next_at == NINE
    assert await calm_weeks(api) == []


async def test_an_organisation_told_of_a_case_is_told_of_calm_as_well(api: Api, posting: Desk, clock: Clock) -> None:
    await a_desk_that_wants_it(api, clock)
    theirs = await the_desk(api, api.people.union_id, role="partner")
    await change_contact(api, theirs["id"], role="partner", calm=True, timezone="America/New_York")
    case = await a_complaint(api)
    await a_place(api, case["id"])
    clock.set(utc(2, 14))
    await sweep(posting)

    assert [notice["contact_id"] for notice in await ledger(api, role="partner")] == [theirs["id"]]


async def test_a_link_that_gets_no_alerts_brings_no_word_of_calm(api: Api, posting: Desk, clock: Clock) -> None:
    await a_desk_that_wants_it(api, clock)
    theirs = await the_desk(api, api.people.union_id, role="partner")
    await change_contact(api, theirs["id"], role="partner", calm=True)
    case = await a_complaint(api)
    await a_place(api, case["id"], access="none")
    clock.set(utc(2, 15))
    await sweep(posting)

    assert await ledger(api, role="partner") == []


async def test_a_month_that_stood_still_gives_one_message(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_desk_that_wants_it(api, clock)
    await a_complaint(api)
    clock.set(utc(1, 18, month=4))
    await a_day_goes_by(posting)
    await a_day_goes_by(posting)

    assert len(mailbox.messages) == 1
    clock.set(utc(6, 15, month=4))
    await a_day_goes_by(posting)
    assert len(mailbox.messages) == 2


async def test_a_closed_case_is_followed_by_nobody(api: Api, posting: Desk, clock: Clock) -> None:
    await a_desk_that_wants_it(api, clock)
    case = await a_complaint(api)
    version = (await api.get(f"/v1/complaints/{case['id']}")).json()["version"]
    closing = {"status": "closed"}
    closed = await api.patch(f"/v1/complaints/{case['id']}", json=closing, version=version)
    assert closed.status_code == 200, closed.text
    clock.set(utc(2, 15))
    await sweep(posting)

    assert await calm_weeks(api) == []


async def test_it_holds_no_name_and_no_word_of_a_case(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    await a_desk_that_wants_it(api, clock)
    facility = await a_facility(api, name=f"Planta {CANARY}", company=f"{CANARY} S.A.")
    words: dict[str, Any] = {name: f"{CANARY} {name}" for name in ("title", "summary", "narrative")}
    await a_case(
        api, linked=False, petition_on="2026-02-24", facility_id=facility["id"], facility_ids=[facility["id"]],
        tags=[CANARY], **words,
    )  # fmt: skip
    async with looking(posting) as session:
        await session.execute(update(OrganizationRow).values(name=f"Unión {CANARY}"))
        await session.execute(update(ContactRow).values(name=f"Luz {CANARY}"))
        await session.commit()
    clock.set(utc(2, 15))
    await a_day_goes_by(posting)

    (message,) = mailbox.messages
    bodies = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    assert len(bodies) == 2
    assert not any(CANARY in text for text in (*bodies, *map(str, message.values())))
