"""Delivery to a real server or to files: once, one message at a time, and told as things stand when it leaves."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from tests.builders import an_event
from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case, ledger
from tests.rooms.notices.conftest import Mailbox
from vigilancia.complaints.models import LinkRow
from vigilancia.core import jobs
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices import delivery, metrics
from vigilancia.notices.channels import smtp
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.mail import make_message
from vigilancia.notices.models import AttemptRow, NoticeRow
from vigilancia.notices.schedule import schedule
from vigilancia.registry.models import ContactRow


async def _open_jobs(desk: Desk) -> int:
    async with looking(desk) as session:
        query = select(func.count()).select_from(JobRow)
        found = await session.scalar(query.where(JobRow.task == Job.DELIVER.value, JobRow.done_at.is_(None)))
    return found or 0


async def test_a_notice_reaches_a_real_mailbox_exactly_once(api: Api, posting: Desk, mailbox: Mailbox) -> None:
    await a_case(api)
    await sweep(posting)

    for _ in range(3):
        await deliver_all(posting)

    assert sorted(message["To"] for message in mailbox.messages) == ["union@example.org", "worker_center@example.org"]
    assert set(mailbox.senders) == {"avisos@centro.example"}
    notices = await ledger(api)
    assert {notice["status"] for notice in notices} == {"delivered"}
    attempts = [attempt for notice in notices for attempt in notice["attempts"]]
    assert [(attempt["number"], attempt["result"], attempt["answer"]) for attempt in attempts] == [
        (1, "delivered", "250")
    ] * 2
    assert await _open_jobs(posting) == 0


async def test_all_messages_go_over_one_connection_one_after_the_other(
    api: Api, posting: Desk, mailbox: Mailbox
) -> None:
    for _ in range(4):
        await a_case(api)
    await sweep(posting)

    await asyncio.gather(*(deliver_all(posting) for _ in range(5)))

    assert len(mailbox.messages) == 8
    assert (mailbox.connections, mailbox.most_in_flight) == (1, 1)
    assert len({message["Message-ID"] for message in mailbox.messages}) == 8


async def test_headers_make_threads_and_keep_answering_machines_quiet(
    api: Api, posting: Desk, mailbox: Mailbox
) -> None:
    case = await a_case(api, linked=False)
    await sweep(posting)
    await deliver_all(posting)

    (message,) = mailbox.messages
    (notice,) = await ledger(api)
    assert message["Message-ID"] == f"<{notice['id']}@centro.example>"
    assert message["References"] == message["In-Reply-To"] == f"<deadline-{notice['deadline_id']}@centro.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == posting.now()
    assert message["Subject"].startswith(f"[{case['reference']}] Mañana es el último día")
    assert message["Content-Language"] == "es"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


async def test_a_message_cut_off_in_flight_is_sent_again_under_the_same_id(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)

    async def dies(*_: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "_record", dies)  # the worker ends between the server's answer and the ledger
        with pytest.raises(asyncio.CancelledError):
            await deliver_all(posting)
    (notice,) = await ledger(api)
    assert notice["status"] == "sending"
    await deliver_all(posting)
    assert len(mailbox.messages) == 1  # the lease still runs

    clock.advance(timedelta(seconds=schedule().lease_seconds))
    await deliver_all(posting)

    assert len(mailbox.messages) == 2
    assert len({message["Message-ID"] for message in mailbox.messages}) == 1
    (notice,) = await ledger(api)
    assert notice["status"] == "delivered"
    assert [(attempt["number"], attempt["result"]) for attempt in notice["attempts"]] == [(1, None), (2, "delivered")]


async def test_who_lost_access_between_planning_and_sending_gets_nothing(
    api: Api, posting: Desk, mailbox: Mailbox, people: People
) -> None:
    await a_case(api)
    await sweep(posting)
    async with looking(posting) as session:
        await session.execute(delete(LinkRow))
        await session.commit()

    await deliver_all(posting)

    assert mailbox.arrived("union@example.org") == []
    told = {notice["organization_id"]: notice for notice in await ledger(api)}
    assert (told[str(people.union_id)]["status"], told[str(people.union_id)]["reason"]) == ("suppressed", "no_access")
    assert told[str(people.centre_id)]["status"] == "delivered"


@pytest.mark.parametrize("what", ["met", "void", "superseded", "no_address"])
async def test_what_changed_between_planning_and_sending_is_not_sent(
    api: Api, posting: Desk, mailbox: Mailbox, what: str
) -> None:
    case = await a_case(api, linked=False)
    await sweep(posting)
    events = f"/v1/proceedings/{case['proceeding_id']}/events"
    match what:
        case "met":
            await an_event(api, case["proceeding_id"], type="ilc_determined_sufficient", on="2026-03-02")
        case "void":
            await api.post(f"{events}/{case['event_id']}/withdraw", json={"reason": "the wrong case"})
        case "superseded":
            body = {"on": "2026-02-03", "reason": "the stamp says so"}
            await api.patch(f"{events}/{case['event_id']}", json=body, version=1)
        case _:
            async with looking(posting) as session:
                await session.execute(update(ContactRow).values(channels=[]))
                await session.commit()

    await deliver_all(posting)

    assert mailbox.messages == []
    assert [(notice["status"], notice["reason"]) for notice in await ledger(api)] == [("suppressed", what)]
    assert await _open_jobs(posting) == 0


async def test_a_revision_that_moved_no_day_does_not_lose_the_notice(api: Api, posting: Desk, mailbox: Mailbox) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    async with looking(posting) as session:
        await session.execute(update(NoticeRow).values(revision=0))
        await session.commit()

    await deliver_all(posting)

    assert len(mailbox.messages) == 1


async def test_a_deadline_read_late_is_told_as_it_stands_when_it_leaves(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    clock.advance(timedelta(days=1))  # the reminder of the day before leaves on the last day

    await deliver_all(posting)

    assert "Hoy es el último día" in mailbox.messages[0]["Subject"]


async def test_a_fault_of_ours_in_one_notice_holds_up_no_other(
    api: Api, posting: Desk, people: People, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_case(api)
    await sweep(posting)
    make = make_message

    def stumbles(work: Any, facts: Any, address: str) -> Any:
        if facts.organization_id == people.union_id:
            raise KeyError("a text that is missing")
        return make(work, facts, address)

    monkeypatch.setattr(smtp, "make_message", stumbles)
    for minutes in (0, *schedule().backoff_minutes):
        clock.advance(timedelta(minutes=minutes))
        await deliver_all(posting)

    told = {notice["organization_id"]: notice for notice in await ledger(api, rung="-1d")}
    assert told[str(people.centre_id)]["status"] == "delivered"
    assert (told[str(people.union_id)]["status"], told[str(people.union_id)]["reason"]) == ("failed", "internal")


async def test_without_a_server_messages_are_files_and_the_ledger_says_stored(
    api: Api, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await a_case(api)
    await sweep(desk)
    await deliver_all(desk)
    await deliver_all(desk)

    notices = await ledger(api)
    files = {file.name for file in desk.settings.mail_dir.iterdir()}
    assert files == {f"{notice['id']}.eml" for notice in notices}
    assert {notice["status"] for notice in notices} == {"stored"}
    assert "mail_stored" in caplog.text
    assert "@example.org" not in caplog.text


async def test_figures_name_what_waits_and_what_failed(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    async def figures() -> dict[str, float]:
        async with looking(posting) as session:
            found = await metrics.figures(session, clock.now)
        return {name: value for name, (_, value) in found.items()}

    await a_case(api)
    await sweep(posting)
    clock.advance(timedelta(minutes=11))
    waiting = await figures()
    mailbox.at_recipient = "550 no"
    await deliver_all(posting)
    after = await figures()

    assert (waiting["deadline_notice_lag_seconds"], waiting["notices_overdue_unsent"]) == (660, 2)
    assert (after["deadline_notice_lag_seconds"], after["notices_overdue_unsent"]) == (0, 0)
    assert (waiting["notices_failed"], after["notices_failed"]) == (0, 2)


async def test_the_relay_wakes_the_workers_for_what_waits(api: Api, desk: Desk, woken: list[frozenset[Job]]) -> None:
    from vigilancia.core.upkeep import relay

    await relay(desk)
    assert woken == []
    await a_case(api)
    await sweep(desk)
    woken.clear()

    await relay(desk)

    assert woken == [frozenset({Job.DELIVER})]


async def test_rows_of_work_done_long_ago_are_forgotten(api: Api, desk: Desk, clock: Clock) -> None:
    await a_case(api)
    await sweep(desk)
    await deliver_all(desk)

    async def kept() -> int:
        async with looking(desk) as session:
            return await session.scalar(select(func.count()).select_from(JobRow)) or 0

    before = await kept()
    clock.advance(timedelta(days=6))
    async with desk.work(SYSTEM) as work:
        await jobs.forget_done(work.session, before=work.now - timedelta(days=7))
    assert await kept() == before

    clock.advance(timedelta(days=2))
    await sweep(desk)

    async with looking(desk) as session:
        done = await session.scalar(select(func.count()).select_from(JobRow).where(JobRow.done_at.is_not(None)))
        assert await session.scalar(select(func.count()).select_from(AttemptRow))  # the ledger keeps everything
    assert done == 0
