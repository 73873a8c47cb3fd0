"""Addresses that nobody vouched for are asked first, and told nothing until they answered."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.builders import a_contact
from tests.conftest import Api, Clock, looking
from tests.rooms.climbing import a_case, a_day_goes_by, ledger
from tests.rooms.notices.conftest import Mailbox
from tests.rooms.notices.own_time import change_contact, settle_desk, the_desk
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices import tokens
from vigilancia.notices.rounds.figures import figures
from vigilancia.registry.models import ContactRow, OrganizationRow

CANARY = "Zopilotepec"
_OTHERS: tuple[tokens.Purpose, ...] = ("unsubscribe", "acknowledge", "assignment")
NEW = [{"kind": "email", "address": "nueva@example.org"}]


@pytest.fixture
async def careful(api: Api, posting: Desk) -> Desk:
    """A desk of an installation that asks addresses to confirm; the centre's own desk is vouched for."""
    await settle_desk(api, verified_by="Equipo de prueba")
    return replace(posting, settings=posting.settings.model_copy(update={"confirm_addresses": True}))


async def a_stranger(api: Api, **changes: Any) -> dict[str, Any]:
    """Record a person whose address nobody vouched for."""
    return await a_contact(api, api.people.centre_id, **{"desk": False, "channels": NEW, **changes})


def link_in(message: Any) -> str:
    """Return the path of the page behind a request to confirm."""
    found = re.search(r"http://vigilancia\.test(/c/[\w-]+)", message.get_body(("plain",)).get_content())
    assert found is not None
    return found.group(1)


async def asked(careful: Desk, mailbox: Mailbox, address: str = "nueva@example.org") -> str:
    """Let the contact be asked, and return the link in the mail."""
    await a_day_goes_by(careful)
    return link_in(mailbox.arrived(address)[-1])


async def test_it_gets_only_the_question_until_it_said_yes(
    api: Api, careful: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    person = await a_stranger(api, name=f"Luz {CANARY}")
    case = await a_case(api, linked=False, handler_id=person["id"], title=CANARY)
    async with looking(careful) as session:
        await session.execute(update(OrganizationRow).values(name=f"Unión {CANARY}"))
        await session.commit()
    link = await asked(careful, mailbox)
    (question,) = mailbox.arrived("nueva@example.org")

    raw = question.as_string() + "".join(part.get_content() for part in question.walk() if not part.is_multipart())
    assert CANARY not in raw
    assert case["reference"] not in raw
    assert not [word for word in ("Centro", "queja", "caso", "expediente") if word in raw]
    told = {notice["contact_id"] for notice in await ledger(api) if notice["kind"] == "deadline"}
    assert person["id"] not in told

    assert (await api.post(link, role=None)).status_code == 200
    clock.advance(timedelta(days=1))
    await a_day_goes_by(careful)
    assert len(mailbox.arrived("nueva@example.org")) == 2
    assert case["reference"] in str(mailbox.arrived("nueva@example.org")[-1]["Subject"])


async def test_it_is_asked_once_however_often_the_sweep_looks(
    api: Api, careful: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    person = await a_stranger(api)
    for _ in range(3):
        await a_day_goes_by(careful)
        clock.advance(timedelta(days=1))
    await change_contact(api, person["id"], verified_by=None)
    await a_day_goes_by(careful)

    assert len(mailbox.arrived("nueva@example.org")) == 1


async def test_opening_the_page_changes_nothing(api: Api, careful: Desk, mailbox: Mailbox) -> None:
    person = await a_stranger(api)
    link = await asked(careful, mailbox)
    before = (await api.get(f"/v1/contacts/{person['id']}")).json()

    for _ in range(3):
        page = await api.get(link, role=None)
        assert page.status_code == 200
        assert "<form" in page.text
        assert page.headers["Cache-Control"] == "no-store"

    assert (await api.get(f"/v1/contacts/{person['id']}")).json() == before


async def test_yes_is_kept_with_its_moment_and_said_twice_is_said_once(
    api: Api, careful: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    person = await a_stranger(api)
    link = await asked(careful, mailbox)
    for _ in range(2):
        clock.advance(timedelta(minutes=1))
        assert (await api.post(link, role=None)).status_code == 200

    found = (await api.get(f"/v1/contacts/{person['id']}")).json()
    assert (found["verified_by"], found["verified_at"]) == (figures().confirmed_by, "2026-03-02T15:01:00Z")
    assert found["version"] == person["version"] + 1


async def test_a_link_for_older_addresses_confirms_nothing(api: Api, careful: Desk, mailbox: Mailbox) -> None:
    person = await a_stranger(api)
    old = await asked(careful, mailbox)
    other = [{"kind": "email", "address": "otra@example.org"}]
    await change_contact(api, person["id"], channels=other)

    assert (await api.get(old, role=None)).status_code == 410
    assert (await api.post(old, role=None)).status_code == 410
    assert (await api.get(f"/v1/contacts/{person['id']}")).json()["verified_by"] is None
    new = await asked(careful, mailbox, "otra@example.org")
    assert (await api.post(new, role=None)).status_code == 200


async def test_a_token_of_another_purpose_is_none(api: Api, careful: Desk, mailbox: Mailbox, clock: Clock) -> None:
    person = await a_stranger(api)
    await asked(careful, mailbox)
    (notice,) = [each for each in await ledger(api) if each["kind"] == "confirm"]
    until = clock.now + timedelta(days=1)
    for purpose in _OTHERS:
        token = tokens.make(careful.keys, purpose, UUID(notice["id"]), until)
        assert (await api.post(f"/c/{token}", role=None)).status_code == 404
    for garbage in ("x", "A" * 71, "A" * 500):
        assert (await api.post(f"/c/{garbage}", role=None)).status_code == 404

    assert (await api.get(f"/v1/contacts/{person['id']}")).json()["verified_by"] is None


async def test_a_notice_that_asked_nothing_confirms_nothing(api: Api, careful: Desk, clock: Clock) -> None:
    await settle_desk(api, verified_by=None)
    await a_case(api, linked=False)
    await settle_desk(api, verified_by="Equipo")
    await sweep(careful)
    await settle_desk(api, verified_by=None)
    (notice,) = [each for each in await ledger(api) if each["kind"] == "deadline"]
    token = tokens.make(careful.keys, "confirm", UUID(notice["id"]), clock.now + timedelta(days=1))

    assert (await api.post(f"/c/{token}", role=None)).status_code == 410


async def test_a_link_that_ran_out_confirms_nothing(api: Api, careful: Desk, mailbox: Mailbox, clock: Clock) -> None:
    person = await a_stranger(api)
    link = await asked(careful, mailbox)
    clock.advance(timedelta(days=figures().confirm_days))

    assert (await api.get(link, role=None)).status_code == 410
    assert (await api.post(link, role=None)).status_code == 410
    assert (await api.get(f"/v1/contacts/{person['id']}")).json()["verified_by"] is None


async def test_whom_somebody_vouches_for_is_not_asked(api: Api, careful: Desk, mailbox: Mailbox) -> None:
    person = await a_stranger(api, verified_by="Ana, que la llamó")
    await a_day_goes_by(careful)

    assert mailbox.messages == []
    assert person["verified_at"] == "2026-03-02T15:00:00Z"


async def test_new_addresses_are_vouched_for_anew(api: Api, careful: Desk, mailbox: Mailbox) -> None:
    person = await a_stranger(api, verified_by="Ana")
    other = [{"kind": "email", "address": "otra@example.org"}]
    changed = await change_contact(api, person["id"], channels=other)
    same = await change_contact(api, person["id"], channels=other, name="Otra")
    await a_day_goes_by(careful)
    vouched = await change_contact(api, person["id"], channels=NEW, verified_by="Ana")

    assert (changed["verified_by"], changed["verified_at"]) == (None, None)
    assert same["verified_by"] is None
    assert len(mailbox.arrived("otra@example.org")) == 1
    assert vouched["verified_by"] == "Ana"


async def test_the_same_addresses_written_again_stay_vouched_for(api: Api) -> None:
    person = await a_stranger(api, verified_by="Ana")

    again = await change_contact(api, person["id"], channels=NEW)

    assert (again["verified_by"], again["verified_at"]) == ("Ana", person["verified_at"])


@pytest.mark.parametrize("deputy", [True, False])
async def test_meanwhile_the_deputy_hears_or_else_the_desk(
    api: Api,
    careful: Desk,
    mailbox: Mailbox,
    deputy: bool,  # noqa: FBT001
) -> None:
    inbox = [{"kind": "email", "address": "suplente@example.org"}]
    second = await a_contact(api, api.people.centre_id, desk=False, channels=inbox, verified_by="Ana")
    person = await a_stranger(api, deputy_id=second["id"] if deputy else None)
    await a_case(api, linked=False, handler_id=person["id"])
    await a_day_goes_by(careful)

    told = [notice["contact_id"] for notice in await ledger(api) if notice["kind"] == "deadline"]
    assert len(told) == 1
    assert (told == [second["id"]]) is deputy
    assert len(mailbox.arrived("suplente@example.org" if deputy else "worker_center@example.org")) == 1


async def test_an_organisation_without_a_confirmed_address_is_heard_for_by_the_owners_desk(
    api: Api, careful: Desk, mailbox: Mailbox
) -> None:
    case = await a_case(api)  # the union's desk is vouched for by nobody
    await a_day_goes_by(careful)

    assert mailbox.arrived("union@example.org") == []
    assert len(mailbox.arrived("worker_center@example.org")) == 1
    timeline = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    (said,) = [entry for entry in timeline if entry["type"] == "escalation_unreachable"]
    assert said["after"]["organization_ids"] == [str(api.people.union_id)]


async def test_where_nobody_at_all_is_confirmed_that_is_said(api: Api, careful: Desk, mailbox: Mailbox) -> None:
    await settle_desk(api, verified_by=None)
    case = await a_case(api, linked=False)
    await a_day_goes_by(careful)

    timeline = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    assert "escalation_unreachable" in {entry["type"] for entry in timeline}
    assert [str(message["Subject"]).count(case["reference"]) for message in mailbox.messages] == [0]


async def test_what_was_planned_for_addresses_changed_since_is_not_sent_to_the_new_ones(
    api: Api, careful: Desk, mailbox: Mailbox
) -> None:
    case = await a_case(api, linked=False)
    await sweep(careful)
    await settle_desk(api, channels=NEW)
    await a_day_goes_by(careful)

    (question,) = mailbox.arrived("nueva@example.org")
    assert case["reference"] not in question.as_string()
    assert [(each["status"], each["reason"]) for each in await ledger(api) if each["kind"] == "deadline"] == [
        ("suppressed", "no_address")
    ]


async def test_an_installation_that_asks_nobody_writes_to_all(api: Api, posting: Desk, mailbox: Mailbox) -> None:
    person = await a_stranger(api)
    await a_case(api, linked=False, handler_id=person["id"])
    await a_day_goes_by(posting)

    assert {notice["kind"] for notice in await ledger(api)} == {"deadline"}
    assert len(mailbox.arrived("nueva@example.org")) == 1
    async with looking(posting) as session:
        row = await session.get(ContactRow, UUID(person["id"]))
        assert row is not None
        assert row.ask_pending is False


async def test_whose_link_ran_out_is_asked_again_on_request(
    api: Api, careful: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    person = await a_stranger(api)
    old = await asked(careful, mailbox)
    clock.advance(timedelta(days=figures().confirm_days))
    await change_contact(api, person["id"], verified_by=None)
    new = await asked(careful, mailbox)

    assert (await api.post(old, role=None)).status_code == 410
    assert (await api.post(new, role=None)).status_code == 200
    assert len(mailbox.arrived("nueva@example.org")) == 2


async def test_a_word_taken_back_ends_the_links_sent_before(api: Api, careful: Desk, mailbox: Mailbox) -> None:
    person = await a_stranger(api)
    link = await asked(careful, mailbox)
    await api.post(link, role=None)
    await change_contact(api, person["id"], verified_by=None)

    assert (await api.post(link, role=None)).status_code == 410
    assert (await api.get(f"/v1/contacts/{person['id']}")).json()["verified_by"] is None


async def test_a_yes_counts_for_the_mailbox_that_gave_it_and_no_other(
    api: Api, careful: Desk, mailbox: Mailbox
) -> None:
    other = {"kind": "email", "address": "otra@example.org"}
    person = await a_stranger(api, channels=[*NEW, other])
    await api.post(await asked(careful, mailbox), role=None)
    await a_case(api, linked=False, handler_id=person["id"])
    mailbox.at_recipient = "550 no such mailbox"
    await a_day_goes_by(careful)
    self_said = {(each["contact_id"], each["resend"]) for each in await ledger(api) if each["kind"] == "deadline"}
    await change_contact(api, person["id"], verified_by="Ana")
    mailbox.at_recipient = None
    await a_case(api, linked=False, handler_id=person["id"])
    await a_day_goes_by(careful)

    assert self_said == {(person["id"], 0), ((await the_desk(api))["id"], 0)}
    assert mailbox.arrived("otra@example.org") == []
    assert len(mailbox.arrived("nueva@example.org")) == 2
