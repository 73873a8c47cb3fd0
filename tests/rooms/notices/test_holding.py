"""What can wait waits for its recipient; what cannot goes at once, and nothing that waits counts as late."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.builders import a_contact, an_event
from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case, a_day_goes_by, ledger
from tests.rooms.notices.conftest import Mailbox
from tests.rooms.notices.own_time import OFFICE, a_case_at_night, change_contact, settle_desk, the_desk, utc
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices import metrics
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.holding import AT_ONCE, Waiting, holds
from vigilancia.notices.schedule import schedule


async def overdue(desk: Desk) -> tuple[float, float]:
    """Return how many notices count as overdue, and the lag."""
    async with looking(desk) as session:
        found = await metrics.figures(session, desk.now())
    return found["notices_overdue_unsent"][1], found["deadline_notice_lag_seconds"][1]


async def test_a_rung_at_midnight_waits_until_its_recipient_is_there(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await settle_desk(api, working_hours=OFFICE)
    await a_case_at_night(api, clock)

    await a_day_goes_by(posting)
    clock.set(utc(2, 14, 59))
    await a_day_goes_by(posting)
    before = len(mailbox.messages)
    clock.set(utc(2, 15))
    await a_day_goes_by(posting)

    (notice,) = await ledger(api)
    assert (before, len(mailbox.messages)) == (0, 1)
    assert (notice["rung"], notice["status"], notice["hold_until"]) == ("-1d", "delivered", "2026-03-02T15:00:00Z")


async def test_the_last_day_does_not_wait(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    await settle_desk(api, working_hours=OFFICE)
    await a_case_at_night(api, clock)
    clock.set(utc(3, 5, 1))  # nobody swept on Monday

    await a_day_goes_by(posting)

    (notice,) = await ledger(api)
    assert (notice["rung"], notice["hold_until"], notice["status"]) == ("0", None, "delivered")
    assert len(mailbox.messages) == 1


async def test_who_opens_only_once_the_last_day_is_over_is_told_at_once(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await settle_desk(api, working_hours=[{"days": ["wed"], "from": "09:00", "until": "18:00"}])
    await a_case_at_night(api, clock)

    await a_day_goes_by(posting)

    (notice,) = await ledger(api)
    assert (notice["rung"], notice["hold_until"], notice["status"]) == ("-1d", None, "delivered")
    assert len(mailbox.messages) == 1


async def test_a_missed_day_waits_for_the_morning(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    await settle_desk(api, working_hours=OFFICE)
    await a_case_at_night(api, clock)
    clock.set(utc(4, 5, 1))

    await a_day_goes_by(posting)

    (notice,) = await ledger(api)
    assert (notice["rung"], notice["hold_until"]) == ("+1d", "2026-03-04T15:00:00Z")
    assert mailbox.messages == []


async def test_quiet_hours_alone_hold_too(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    await settle_desk(api, quiet_hours={"from": "22:00", "until": "07:00"})
    await a_case_at_night(api, clock)

    await a_day_goes_by(posting)

    assert [notice["hold_until"] for notice in await ledger(api)] == ["2026-03-02T13:00:00Z"]
    assert mailbox.messages == []


async def test_what_was_held_is_not_sent_when_the_act_came_meanwhile(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await settle_desk(api, working_hours=OFFICE)
    case = await a_case_at_night(api, clock)
    await a_day_goes_by(posting)
    await an_event(api, case["proceeding_id"], type="review_requested", on="2026-02-27")

    clock.set(utc(2, 15))
    await deliver_all(posting)

    held = [notice for notice in await ledger(api) if notice["rung"] == "-1d" and notice["hold_until"]]
    assert [(notice["status"], notice["reason"]) for notice in held] == [("suppressed", "met")]
    assert mailbox.messages == []


async def test_an_older_held_notice_gives_way_to_the_newer_rung(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await settle_desk(api, working_hours=[{"days": ["tue"], "from": "20:00", "until": "22:00"}])
    await a_case_at_night(api, clock)
    await a_day_goes_by(posting)
    clock.set(utc(3, 5, 1))
    await a_day_goes_by(posting)
    clock.set(utc(4, 2))
    await a_day_goes_by(posting)

    told = {notice["rung"]: (notice["status"], notice["reason"]) for notice in await ledger(api)}
    assert told == {"-1d": ("suppressed", "overtaken"), "0": ("delivered", None)}
    assert len(mailbox.messages) == 1


async def test_an_acknowledgement_lays_what_is_held_to_rest(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await settle_desk(api, working_hours=OFFICE)
    case = await a_case_at_night(api, clock)
    await a_day_goes_by(posting)
    (run,) = (await api.get("/v1/escalations", params={"complaint_id": case["id"]})).json()["items"]
    answer = await api.post(f"/v1/escalations/{run['id']}/acknowledge", json={})
    assert answer.status_code in {200, 201}, answer.text

    clock.set(utc(2, 15))
    await a_day_goes_by(posting)

    assert [(notice["status"], notice["reason"]) for notice in await ledger(api)] == [("suppressed", "acknowledged")]
    assert mailbox.messages == []


async def test_waiting_for_somebody_is_neither_lag_nor_a_reason_to_give_up(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await settle_desk(api, working_hours=[{"days": ["fri"], "from": "09:00", "until": "18:00"}])
    await a_case_at_night(api, clock, petition_on="2026-02-10")  # ten days to go: it waits 106 hours
    await a_day_goes_by(posting)

    clock.set(utc(6, 14, 59))
    await deliver_all(posting)
    assert await overdue(posting) == (0.0, 0.0)
    assert [notice["status"] for notice in await ledger(api)] == ["planned"]

    clock.set(utc(6, 15, schedule().overdue_minutes))
    assert await overdue(posting) == (1.0, schedule().overdue_minutes * 60.0)
    await deliver_all(posting)
    assert [notice["status"] for notice in await ledger(api)] == ["delivered"]
    assert len(mailbox.messages) == 1


async def test_who_finds_no_server_after_the_wait_gives_up_as_long_after_as_any_other(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await settle_desk(api, working_hours=OFFICE)
    await a_case_at_night(api, clock)
    await sweep(posting)
    await mailbox.close()

    clock.set(utc(2, 15) + timedelta(hours=schedule().give_up_hours, minutes=-1))
    await deliver_all(posting)
    before = [notice["status"] for notice in await ledger(api) if notice["rung"] == "-1d"]
    clock.advance(timedelta(minutes=2))
    await deliver_all(posting)

    assert before == ["planned"]
    assert [(each["status"], each["reason"]) for each in await ledger(api)] == [("failed", "no_server")]


async def test_asking_for_it_again_does_not_wait(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    await settle_desk(api, working_hours=OFFICE)
    await a_case_at_night(api, clock)
    await a_day_goes_by(posting)
    clock.set(utc(2, 15))
    await a_day_goes_by(posting)
    clock.set(utc(3, 4))  # 22:00 in Mexico
    (notice,) = await ledger(api)

    again = await api.post(f"/v1/notices/{notice['id']}/resend")
    await deliver_all(posting)

    assert again.status_code == 201, again.text
    assert again.json()["hold_until"] is None
    assert len(mailbox.messages) == 2


async def test_who_stands_in_after_a_failure_does_not_wait(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    addresses = [{"kind": "email", "address": f"{name}@example.org"} for name in ("first", "second")]
    await settle_desk(api, working_hours=OFFICE, channels=addresses)
    await a_case_at_night(api, clock)
    await a_day_goes_by(posting)
    mailbox.at_recipient = "450 busy"
    for minutes in (0, 1, 6, 21):  # refused since 17:40, in hours; the next way is taken at 18:01, out of them
        clock.set(utc(2, 23, 40) + timedelta(minutes=minutes))
        await deliver_all(posting)
    mailbox.at_recipient = None
    clock.advance(timedelta(minutes=1))
    await deliver_all(posting)

    first, second = await ledger(api)
    assert (first["status"], first["reason"]) == ("failed", "fell_back")
    assert (second["after_id"], second["hold_until"], second["status"]) == (first["id"], None, "delivered")
    assert [message["To"] for message in mailbox.messages] == ["second@example.org"]


async def test_each_waits_by_its_own_clock(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    handler = await a_contact(
        api,
        people.centre_id,
        desk=False,
        timezone="Europe/Paris",
        working_hours=OFFICE,
        channels=[{"kind": "email", "address": "h@example.org"}],
    )
    await change_contact(api, (await the_desk(api))["id"], working_hours=OFFICE)
    clock.set(utc(1, 20))
    await a_case(api, linked=False, handler_id=handler["id"])
    await a_case(api, linked=False)
    clock.set(utc(2, 5, 1))
    await sweep(desk)

    assert sorted(notice["hold_until"] for notice in await ledger(api)) == [
        "2026-03-02T08:00:00Z",
        "2026-03-02T15:00:00Z",
    ]


async def test_how_long_many_wait_is_read_with_one_statement(
    api: Api, desk: Desk, people: People, clock: Clock, statements: Any
) -> None:
    made = [await a_contact(api, people.centre_id, working_hours=OFFICE) for _ in range(8)]
    clock.set(utc(2, 5, 1))
    waiting = [Waiting(contact_id=UUID(each["id"]), at_once=False, closes_at=None) for each in made]

    async with desk.work(SYSTEM) as work:
        with statements() as sent:
            found = await holds(work, waiting * 20)

    assert len(sent) == 1
    assert {hold.until for hold in found} == {utc(2, 15)}


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_must_not_wait_reads_nothing(desk: Desk, people: People, statements: Any, at_once: bool) -> None:  # noqa: FBT001
    waiting = [Waiting(contact_id=people.centre_id, at_once=at_once, closes_at=None)]  # no contact at all

    async with desk.work(SYSTEM) as work:
        with statements() as sent:
            assert await holds(work, waiting) == [AT_ONCE]

    assert len(sent) == (0 if at_once else 1)
