"""Digests: one message at the recipient's hour instead of many, the newest state, nothing lost and nothing double."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import an_event
from tests.conftest import Api, Clock, looking
from tests.rooms.climbing import a_case, a_day_goes_by, ledger
from tests.rooms.notices.conftest import Mailbox
from tests.rooms.notices.own_time import settle_desk, the_desk, utc
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.channels.smtp import Smtp
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.rounds import digests
from vigilancia.notices.rounds.figures import figures
from vigilancia.notices.schedule import schedule
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow

AT_EIGHT = {"every": "day", "at": "08:00"}
EIGHT = utc(2, 14)  # Monday, in Mexico
STRAY = timedelta(minutes=figures().stray_minutes, seconds=1)


async def some_cases_at_night(api: Api, clock: Clock, how_many: int = 2, **digest: Any) -> list[dict[str, Any]]:
    """Have the desk want a digest, and log cases whose rung of the day before fell due at night."""
    clock.set(utc(1, 20))
    await settle_desk(api, digest=AT_EIGHT | digest)
    cases = [await a_case(api, linked=False) for _ in range(how_many)]
    clock.set(utc(2, 5, 1))
    return cases


async def by_kind(api: Api, kind: str) -> list[dict[str, Any]]:
    """Read the notices of a kind."""
    return [notice for notice in await ledger(api) if notice["kind"] == kind]


def text_of(message: Any) -> str:
    """Return a mail's plain text, lines joined."""
    return " ".join(message.get_body(("plain",)).get_content().split())


async def test_all_that_fell_due_comes_in_one_mail_at_the_hour_asked_for(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    cases = await some_cases_at_night(api, clock, 3)
    await a_day_goes_by(posting)
    clock.set(EIGHT - timedelta(minutes=1))
    await a_day_goes_by(posting)
    before = len(mailbox.messages)

    clock.set(EIGHT)
    await a_day_goes_by(posting)
    await a_day_goes_by(posting)

    (digest,), singles = await by_kind(api, "digest"), await by_kind(api, "deadline")
    (message,) = mailbox.messages
    assert before == 0
    assert digest["status"] == "delivered"
    assert {(each["status"], each["within_id"], each["hold_until"]) for each in singles} == {
        ("delivered", digest["id"], "2026-03-02T14:00:00Z")
    }
    assert len(singles) == 3
    assert all(case["reference"] in text_of(message) for case in cases)
    assert not any(case["reference"] in str(message["Subject"]) for case in cases)


async def test_it_tells_the_state_of_its_own_hour(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    met, open_ = await some_cases_at_night(api, clock)
    await a_day_goes_by(posting)
    await an_event(api, met["proceeding_id"], type="review_requested", on="2026-02-27")

    clock.set(EIGHT)
    await a_day_goes_by(posting)
    clock.advance(STRAY)
    await a_day_goes_by(posting)

    ended = {each["complaint_id"]: each for each in await by_kind(api, "deadline") if each["rung"] == "-1d"}
    assert (ended[met["id"]]["status"], ended[met["id"]]["reason"]) == ("suppressed", "met")
    assert ended[open_["id"]]["status"] == "delivered"
    assert "Falta" not in str(mailbox.messages[0]["Subject"])
    assert len(mailbox.messages) == 1


async def test_what_somebody_acknowledged_meanwhile_is_not_in_it(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    done, _ = await some_cases_at_night(api, clock)
    await a_day_goes_by(posting)
    (run,) = (await api.get("/v1/escalations", params={"complaint_id": done["id"]})).json()["items"]
    await api.post(f"/v1/escalations/{run['id']}/acknowledge", json={})

    clock.set(EIGHT)
    await a_day_goes_by(posting)

    (digest,) = await by_kind(api, "digest")
    ended = {each["complaint_id"]: each for each in await by_kind(api, "deadline")}
    assert (ended[done["id"]]["status"], ended[done["id"]]["within_id"]) == ("suppressed", None)
    assert [each["within_id"] for each in ended.values()].count(digest["id"]) == 1
    assert "Un aviso" in text_of(mailbox.messages[0])


@pytest.mark.parametrize(
    ("zone", "after", "due"),
    [
        ("America/Mexico_City", "2026-03-07T14:00+00:00", "2026-03-08T14:00+00:00"),
        ("America/New_York", "2026-03-07T13:00+00:00", "2026-03-08T12:00+00:00"),
        ("America/New_York", "2026-10-31T12:00+00:00", "2026-11-01T13:00+00:00"),
        ("Asia/Kathmandu", "2026-03-07T02:14+00:00", "2026-03-07T02:15+00:00"),
    ],
)
def test_its_hour_is_that_of_the_clock_of_the_place(zone: str, after: str, due: str) -> None:
    assert rounds.next_digest(AT_EIGHT, zone, datetime.fromisoformat(after)) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("at", "days"),
    [("02:30", ["2026-03-07T07:30", "2026-03-08T07:30", "2026-03-09T06:30"]),
     ("01:30", ["2026-10-31T05:30", "2026-11-01T05:30", "2026-11-02T06:30"])],
)  # fmt: skip
def test_an_hour_that_is_skipped_or_comes_twice_gives_one_digest_that_day(at: str, days: list[str]) -> None:
    due: datetime | None = datetime.fromisoformat(days[0] + "+00:00") - timedelta(minutes=1)
    for day in days:
        assert due is not None
        due = rounds.next_digest({"every": "day", "at": at}, "America/New_York", due)
        assert due == datetime.fromisoformat(day + "+00:00")


async def test_a_weekly_one_comes_on_its_day(api: Api, posting: Desk, clock: Clock) -> None:
    clock.set(utc(1, 20))
    await settle_desk(api, digest={"every": "week", "at": "08:00", "weekday": "thu", "empty": True})
    for day in range(2, 16):
        clock.set(utc(day, 14))
        await a_day_goes_by(posting)

    assert [notice["due_at"] for notice in await by_kind(api, "digest")] == [
        "2026-03-05T14:00:00Z",
        "2026-03-12T14:00:00Z",
    ]


async def test_three_days_without_a_beat_give_one_digest(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await some_cases_at_night(api, clock, empty=True)
    await a_day_goes_by(posting)
    clock.set(utc(5, 18))

    for _ in range(2):
        await a_day_goes_by(posting)
        clock.advance(STRAY)

    assert [notice["status"] for notice in await by_kind(api, "digest")] == ["delivered"]
    assert len([each for each in mailbox.messages if "Resumen" in text_of(each)]) == 1
    newest = [each for each in await by_kind(api, "deadline") if each["rung"] == "+1d"]
    assert {each["status"] for each in newest} == {"delivered"}
    assert len(mailbox.messages) == 1
    assert {each["status"] for each in await ledger(api)} <= {"delivered", "suppressed"}


async def test_beside_single_messages_it_comes_as_well(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    await some_cases_at_night(api, clock, beside=True)
    await a_day_goes_by(posting)
    singles = len(mailbox.messages)
    clock.set(EIGHT)
    await a_day_goes_by(posting)

    assert (singles, len(mailbox.messages)) == (2, 3)
    assert [notice["status"] for notice in await by_kind(api, "digest")] == ["delivered"]
    assert {notice["within_id"] for notice in await by_kind(api, "deadline")} == {None}


@pytest.mark.parametrize(
    ("empty_too", "ends", "mails"), [(True, ("delivered", None), 1), (False, ("suppressed", "empty"), 0)]
)
async def test_with_nothing_to_tell_it_comes_where_that_is_wanted(
    api: Api,
    posting: Desk,
    mailbox: Mailbox,
    clock: Clock,
    empty_too: bool,  # noqa: FBT001
    ends: Any,
    mails: int,
) -> None:
    clock.set(utc(1, 20))
    await settle_desk(api, digest=AT_EIGHT | {"empty": empty_too})
    clock.set(EIGHT)
    await a_day_goes_by(posting)

    assert [(each["status"], each["reason"]) for each in await by_kind(api, "digest")] == [ends]
    assert len(mailbox.messages) == mails


async def test_it_never_holds_what_would_come_too_late(api: Api, posting: Desk, clock: Clock) -> None:
    clock.set(utc(1, 20))
    await settle_desk(api, digest={"every": "week", "at": "08:00", "weekday": "sun"})
    await a_case(api, linked=False)
    clock.set(utc(2, 5, 1))
    await a_day_goes_by(posting)

    (notice,) = await ledger(api)
    assert (notice["kind"], notice["hold_until"], notice["status"]) == ("deadline", None, "delivered")


async def test_the_last_day_does_not_wait_for_it(api: Api, posting: Desk, clock: Clock) -> None:
    await some_cases_at_night(api, clock, 1)
    clock.set(utc(3, 5, 1))
    await sweep(posting)

    assert [(each["rung"], each["hold_until"]) for each in await by_kind(api, "deadline")] == [("0", None)]


async def test_what_a_digest_that_failed_for_good_held_goes_singly(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await some_cases_at_night(api, clock)
    await a_day_goes_by(posting)
    mailbox.at_data = "554 no"
    clock.set(EIGHT)
    await a_day_goes_by(posting)
    mailbox.at_data = None
    failed = await by_kind(api, "digest")
    early = len(mailbox.messages)
    clock.advance(STRAY)
    await a_day_goes_by(posting)

    assert [(each["status"], each["reason"]) for each in failed] == [("failed", "refused")]
    assert (early, len(mailbox.messages)) == (0, 2)
    assert {(each["status"], each["within_id"]) for each in await by_kind(api, "deadline")} == {("delivered", None)}


async def test_a_digest_refused_for_now_keeps_what_it_holds_and_tells_it_once(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await some_cases_at_night(api, clock)
    await a_day_goes_by(posting)
    mailbox.at_data = "451 later"
    for minutes in (0, 1, 6, 12):
        clock.set(EIGHT + timedelta(minutes=minutes))
        await a_day_goes_by(posting)
    mailbox.at_data = None
    clock.set(EIGHT + timedelta(minutes=30))
    await a_day_goes_by(posting)

    assert len(mailbox.messages) == 1
    assert {each["status"] for each in await ledger(api)} == {"delivered"}
    assert {each["within_id"] for each in await by_kind(api, "deadline")} == {
        each["id"] for each in await by_kind(api, "digest")
    }


async def test_what_is_held_goes_singly_where_the_digest_is_switched_off(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await some_cases_at_night(api, clock)
    await a_day_goes_by(posting)
    await settle_desk(api, digest=None)
    clock.set(EIGHT + STRAY)
    await a_day_goes_by(posting)

    assert await by_kind(api, "digest") == []
    assert {each["status"] for each in await by_kind(api, "deadline")} == {"delivered"}
    assert len(mailbox.messages) == 2


async def test_two_sweeps_at_once_make_one_digest(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    await some_cases_at_night(api, clock)
    await a_day_goes_by(posting)
    clock.set(EIGHT + STRAY)  # so late that what is held looks astray

    await asyncio.gather(*(sweep(posting) for _ in range(4)))
    await deliver_all(posting)

    assert len(await by_kind(api, "digest")) == len(mailbox.messages) == 1
    assert {each["status"] for each in await ledger(api)} == {"delivered"}


async def test_what_a_rival_is_making_a_digest_of_is_not_astray(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await some_cases_at_night(api, clock)
    await a_day_goes_by(posting)
    clock.set(EIGHT + STRAY)
    async with posting.work(SYSTEM) as rival:
        assert await digests.plan_due(rival) == 1
        await sweep(posting)  # sees nothing of what the other has not committed

    await a_day_goes_by(posting)

    assert len(mailbox.messages) == 1


async def test_cut_off_after_the_server_took_it_the_same_message_comes_again_and_ends_once(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some_cases_at_night(api, clock)
    await a_day_goes_by(posting)
    clock.set(EIGHT)
    await sweep(posting)
    send = Smtp.send

    async def dies(*given: Any) -> None:
        await send(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Smtp, "send", dies)
        with pytest.raises(KeyboardInterrupt):
            await deliver_all(posting)
    assert {each["status"] for each in await by_kind(api, "deadline")} == {"planned"}
    clock.advance(STRAY + timedelta(seconds=schedule().lease_seconds))
    await a_day_goes_by(posting)

    first, second = mailbox.messages
    (digest,) = await by_kind(api, "digest")
    assert first["Message-ID"] == second["Message-ID"]
    assert {(each["status"], each["within_id"]) for each in await by_kind(api, "deadline")} == {
        ("delivered", digest["id"])
    }


async def test_its_next_hour_follows_the_zone_of_the_contact(api: Api, desk: Desk, clock: Clock) -> None:
    clock.set(utc(1, 20))
    contact = await settle_desk(api, digest=AT_EIGHT)
    found = []
    for zone in (None, "Europe/Paris", "America/Tijuana"):
        await settle_desk(api, timezone=zone)
        async with looking(desk) as session:
            query = select(ContactRow.digest_next_at).where(ContactRow.id == contact["id"])
            found.append(await session.scalar(query))

    assert found == [utc(2, 14), utc(2, 7), utc(2, 16)]


async def test_its_next_hour_follows_the_zone_of_the_organisation(api: Api, desk: Desk, clock: Clock) -> None:
    clock.set(utc(1, 20))
    contact = await settle_desk(api, digest=AT_EIGHT)
    path = f"/v1/organizations/{api.people.centre_id}"
    version = (await api.get(path)).json()["version"]
    answer = await api.patch(path, json={"timezone": "Europe/Paris"}, version=version)
    assert answer.status_code == 200, answer.text

    async with looking(desk) as session:
        query = select(ContactRow.digest_next_at).where(ContactRow.id == contact["id"])
        assert await session.scalar(query) == utc(2, 7)
    assert (await the_desk(api))["digest"]["at"] == "08:00"
