"""Sending again on request: a new row that names the old one, once, and only where there is something to tell."""

import asyncio
from datetime import timedelta

from sqlalchemy import delete, update

from tests.builders import an_event
from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case, ledger
from tests.rooms.notices.conftest import Mailbox
from tests.rooms.notices.test_channels import keep
from vigilancia.complaints.models import LinkRow
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.models import NoticeRow


async def refused(api: Api, notice_id: str, role: str = "staff") -> tuple[int, list[str]]:
    """Ask for a notice again and return status and codes."""
    answer = await api.post(f"/v1/notices/{notice_id}/resend", role=role)
    return answer.status_code, [one["code"] for one in answer.json().get("errors", [])]


async def test_a_notice_is_sent_again_as_a_new_row_that_names_the_old(
    api: Api, posting: Desk, mailbox: Mailbox
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    await deliver_all(posting)
    (old,) = await ledger(api)

    answer = await api.post(f"/v1/notices/{old['id']}/resend", headers={"Idempotency-Key": "k"})
    same = await api.post(f"/v1/notices/{old['id']}/resend", headers={"Idempotency-Key": "k"})
    await deliver_all(posting)

    assert (answer.status_code, answer.json()["id"]) == (201, same.json()["id"])
    first, second = await ledger(api)
    assert first == old
    assert (second["resend"], second["after_id"], second["after_why"]) == (1, old["id"], "resend")
    assert second["status"] == "delivered"
    assert len({message["Message-ID"] for message in mailbox.messages}) == 2


async def test_of_many_who_ask_at_once_one_is_heard(api: Api, posting: Desk, mailbox: Mailbox) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    await deliver_all(posting)
    (old,) = await ledger(api)

    answers = await asyncio.gather(*(api.post(f"/v1/notices/{old['id']}/resend") for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    await deliver_all(posting)
    assert len(mailbox.messages) == 2


async def test_what_is_on_its_way_or_over_is_not_sent_again(api: Api, posting: Desk) -> None:
    case = await a_case(api, linked=False)
    await sweep(posting)
    (old,) = await ledger(api)
    assert await refused(api, old["id"]) == (409, ["resend_open"])
    await deliver_all(posting)
    await an_event(api, case["proceeding_id"], type="ilc_determined_sufficient", on="2026-03-02")
    assert await refused(api, old["id"]) == (409, ["resend_over"])


async def test_an_older_rung_is_not_sent_after_a_newer_has_spoken(api: Api, posting: Desk, clock: Clock) -> None:
    await a_case(api, linked=False, petition_on="2026-02-03")
    await sweep(posting)
    await deliver_all(posting)
    clock.advance(timedelta(days=3))
    await sweep(posting)
    await deliver_all(posting)
    old, new = await ledger(api)
    assert await refused(api, old["id"]) == (409, ["resend_overtaken"])
    assert (await api.post(f"/v1/notices/{new['id']}/resend")).status_code == 201


async def test_rights_are_asked_again(api: Api, posting: Desk, people: People) -> None:
    await a_case(api)
    await sweep(posting)
    await deliver_all(posting)
    (theirs,) = await ledger(api, organization_id=str(people.union_id))
    (ours,) = await ledger(api, organization_id=str(people.centre_id))
    assert (await refused(api, ours["id"], role="partner"))[0] == 404
    assert (await api.post(f"/v1/notices/{theirs['id']}/resend", role="partner")).status_code == 201
    await deliver_all(posting)
    async with looking(posting) as session:
        await session.execute(delete(LinkRow))
        await session.commit()
    assert await refused(api, theirs["id"]) == (409, ["resend_no_access"])


async def test_a_way_that_is_gone_gives_place_to_the_first_that_is_there(
    api: Api, posting: Desk, mailbox: Mailbox
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    await keep(posting)
    await deliver_all(posting)
    (old,) = await ledger(api)
    assert (old["status"], old["reason"]) == ("suppressed", "no_address")
    assert await refused(api, old["id"]) == (409, ["resend_no_address"])
    await keep(posting, ("email", "neu@example.org"))
    assert (await api.post(f"/v1/notices/{old['id']}/resend")).status_code == 201
    await deliver_all(posting)
    assert len(mailbox.arrived("neu@example.org")) == 1


async def test_the_ledger_is_read_by_subject_deadline_and_instant(api: Api, posting: Desk) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    (one,) = await ledger(api)
    assert len(await ledger(api, subject_id=one["deadline_id"])) == 1
    assert len(await ledger(api, deadline_id=one["deadline_id"])) == 1
    assert await ledger(api, deadline_id=one["id"]) == []
    assert await ledger(api, planned_at_before="2026-03-02T15:00:00Z") == []
    assert len(await ledger(api, planned_at_after="2026-03-02T14:59:00Z")) == 1
    wrong = await api.get("/v1/notices", params={"planned_at_after": "yesterday"})
    assert wrong.status_code == 400


async def test_a_letter_of_no_case_is_its_own_organisation_s_alone(api: Api, posting: Desk) -> None:
    await a_case(api)
    await sweep(posting)
    async with looking(posting) as session:
        await session.execute(
            update(NoticeRow).values(
                kind="calm", subject_id=NoticeRow.contact_id, deadline_id=None, complaint_id=None, run_id=None
            )
        )
        await session.commit()
    assert len(await ledger(api)) == 1
    assert len(await ledger(api, role="partner")) == 1
