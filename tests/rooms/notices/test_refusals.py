"""Whatever the server says, or when there is none: each notice comes to an end, and only its own faults count."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, update

from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case, ledger
from tests.rooms.notices.conftest import Mailbox
from vigilancia.core.jobs import Job, JobRow
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.schedule import schedule
from vigilancia.registry.models import ContactRow


async def _open_jobs(desk: Desk) -> int:
    async with looking(desk) as session:
        query = select(func.count()).select_from(JobRow)
        found = await session.scalar(query.where(JobRow.task == Job.DELIVER.value, JobRow.done_at.is_(None)))
    return found or 0


async def test_a_refusal_for_now_is_tried_again_later_and_later(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    mailbox.at_recipient = "450 mailbox busy"
    waits = []

    while (await ledger(api))[0]["status"] == "planned":
        await deliver_all(posting)
        async with looking(posting) as session:
            run_at = await session.scalar(select(JobRow.run_at).where(JobRow.done_at.is_(None)))
        if run_at is None:
            break
        waits.append(run_at - clock.now)
        clock.set(run_at - timedelta(seconds=1))
        assert await deliver_all(posting) == 0
        clock.set(run_at)

    assert waits == sorted(waits)
    assert timedelta(days=2) < sum(waits, timedelta()) < timedelta(hours=76)


async def test_what_is_refused_for_now_ends_as_failed(api: Api, posting: Desk, mailbox: Mailbox, clock: Clock) -> None:
    case = await a_case(api, linked=False)
    await sweep(posting)
    mailbox.at_recipient = "450 mailbox busy"

    for minutes in (0, *schedule().backoff_minutes):
        clock.advance(timedelta(minutes=minutes))
        await deliver_all(posting)

    (notice,) = await ledger(api)
    assert (notice["status"], notice["reason"]) == ("failed", "gave_up")
    assert len(notice["attempts"]) == len(schedule().backoff_minutes) + 1
    assert {attempt["answer"] for attempt in notice["attempts"]} == {"450 recipient"}
    assert await _open_jobs(posting) == 0
    timeline = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    assert [item["after"]["reason"] for item in timeline if item["type"] == "notice_failed"] == ["gave_up"]


@pytest.mark.parametrize(
    ("at_recipient", "at_data", "answer"),
    [("550 no such user", None, "550 recipient"), (None, "554 refused", "554 message")],
)
async def test_a_refusal_for_good_fails_at_once_and_is_told(
    api: Api, posting: Desk, mailbox: Mailbox, at_recipient: str | None, at_data: str | None, answer: str
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    mailbox.at_recipient, mailbox.at_data = at_recipient, at_data

    await deliver_all(posting)

    (notice,) = await ledger(api)
    assert (notice["status"], notice["reason"]) == ("failed", "refused")
    assert [attempt["answer"] for attempt in notice["attempts"]] == [answer]
    assert await _open_jobs(posting) == 0


async def test_one_bad_recipient_does_not_hold_up_the_others(api: Api, posting: Desk, people: People) -> None:
    async with looking(posting) as session:
        bad = [{"kind": "email", "address": "bad address@@example.org"}]
        await session.execute(
            update(ContactRow).where(ContactRow.organization_id == people.union_id).values(channels=bad)
        )
        await session.commit()
    await a_case(api)
    await sweep(posting)

    await deliver_all(posting)

    told = {notice["organization_id"]: notice for notice in await ledger(api)}
    assert (told[str(people.union_id)]["status"], told[str(people.union_id)]["reason"]) == ("failed", "bad_address")
    assert told[str(people.centre_id)]["status"] == "delivered"


async def test_while_no_server_answers_no_notice_is_blamed(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    for _ in range(3):
        await a_case(api)
    await sweep(posting)
    await mailbox.close()

    for _ in range(20):
        await deliver_all(posting)
        clock.advance(timedelta(seconds=30))
    notices = await ledger(api)
    assert {notice["status"] for notice in notices} == {"planned"}
    assert [notice["attempts"] for notice in notices] == [[]] * 6

    await mailbox.open(mailbox.port)
    clock.advance(timedelta(minutes=2))
    await deliver_all(posting)

    assert len(mailbox.messages) == 6
    assert {notice["status"] for notice in await ledger(api)} == {"delivered"}


async def test_without_a_server_for_days_every_notice_still_ends(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_case(api)
    await sweep(posting)
    await mailbox.close()

    await deliver_all(posting)
    clock.advance(timedelta(hours=schedule().give_up_hours))
    await deliver_all(posting)

    assert {(notice["status"], notice["reason"]) for notice in await ledger(api)} == {("failed", "no_server")}
    assert await _open_jobs(posting) == 0


async def test_a_wrong_password_is_an_outage_and_a_right_one_works(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)

    def with_password(password: str) -> Desk:
        url = SecretStr(f"smtp://avisos%40centro:{password}@127.0.0.1:{mailbox.port}")
        chosen = posting.settings.model_copy(update={"smtp_url": url})
        return Desk(
            sessions=posting.sessions,
            settings=chosen,
            keys=posting.keys,
            vault=posting.vault,
            now=clock,
            wake=posting.wake,
        )

    await deliver_all(with_password("wrong"))
    assert [notice["attempts"] for notice in await ledger(api)] == [[]]
    clock.advance(timedelta(minutes=2))
    await deliver_all(with_password("s3cret%2F%40"))

    assert mailbox.logins[-1] == (b"avisos@centro", b"s3cret/@")
    assert [notice["status"] for notice in await ledger(api)] == ["delivered"]


async def test_nothing_goes_in_the_clear_where_tls_was_asked_for(api: Api, posting: Desk, mailbox: Mailbox) -> None:
    await a_case(api, linked=False)
    await sweep(posting)

    for scheme in ("smtp+starttls", "smtps"):
        url = SecretStr(f"{scheme}://127.0.0.1:{mailbox.port}")
        chosen = posting.settings.model_copy(update={"smtp_url": url})
        desk = Desk(
            sessions=posting.sessions,
            settings=chosen,
            keys=posting.keys,
            vault=posting.vault,
            now=posting.now,
            wake=posting.wake,
        )
        async with looking(desk) as session:
            await session.execute(update(JobRow).values(run_at=desk.now()))
            await session.commit()
        await deliver_all(desk)

    assert mailbox.messages == []
    assert [notice["status"] for notice in await ledger(api)] == ["planned"]
