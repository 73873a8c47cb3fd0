"""What is told by the clock stays with who may know it, and never calls a week calm that was not."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from tests.builders import a_complaint, a_contact, a_link, a_proceeding, an_event
from tests.conftest import Api, Clock, looking
from tests.rooms.climbing import a_case, a_day_goes_by, ledger, the_run
from tests.rooms.notices.conftest import Mailbox
from tests.rooms.notices.own_time import settle_desk, utc
from vigilancia.core.work import Desk
from vigilancia.registry.models import ContactRow

ELSEWHERE = "registrada@example.org"
DAILY = {"every": "day", "at": "09:00", "empty": True}
SUNDAY, NINE = utc(8, 20), utc(9, 15)  # the Monday after, by the clock of Mexico City


async def the_unions_desk_as_the_centre_records_it(api: Api, **changes: Any) -> dict[str, Any]:
    """Have the centre keep a record of the union's desk, under an address of the centre's choice."""
    channels = [{"kind": "email", "address": ELSEWHERE}]
    return await a_contact(api, api.people.union_id, channels=channels, **changes)


async def a_case_of_the_union(api: Api) -> str:
    """Have the union log a case that the centre does not see; return its reference."""
    case = await a_complaint(api, role="partner")
    proceeding = await a_proceeding(api, case["id"], role="partner")
    await an_event(api, proceeding["id"], role="partner", on="2026-02-15")
    assert (await api.get(f"/v1/complaints/{case['id']}")).status_code == 404
    return str(case["reference"])


async def without_a_desk_of_its_own(api: Api, desk: Desk) -> None:
    """Take from the union the desk it keeps itself."""
    async with looking(desk) as session:
        await session.execute(delete(ContactRow).where(ContactRow.organization_id == api.people.union_id))
        await session.commit()


def texts(mailbox: Mailbox, address: str = ELSEWHERE) -> list[str]:
    """Return the plain texts that came to an address."""
    found = [message.get_body(("plain",)) for message in mailbox.arrived(address)]
    return [part.get_content() for part in found if part is not None]


async def calm_weeks(api: Api, role: str = "staff") -> list[str]:
    """Return whom the ledger says a calm week was told to."""
    return [notice["contact_id"] for notice in await ledger(api, role=role) if notice["kind"] == "calm"]


async def test_a_digest_to_a_desk_that_another_keeps_names_only_the_keepers_cases(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    shared = await a_complaint(api)
    await a_link(api, shared["id"], api.people.union_id)
    proceeding = await a_proceeding(api, shared["id"])
    await an_event(api, proceeding["id"], on="2026-02-15")
    unseen = await a_case_of_the_union(api)
    await the_unions_desk_as_the_centre_records_it(api, digest=DAILY)
    clock.set(NINE)
    await a_day_goes_by(posting)

    (text,) = texts(mailbox)
    assert shared["reference"] in text
    assert unseen not in text


async def test_a_desk_that_another_keeps_is_told_of_no_calm_in_cases_its_keeper_does_not_see(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await without_a_desk_of_its_own(api, posting)
    shared = await a_complaint(api)
    await a_link(api, shared["id"], api.people.union_id)
    await the_unions_desk_as_the_centre_records_it(api)
    await a_case_of_the_union(api)
    version = (await api.get(f"/v1/complaints/{shared['id']}")).json()["version"]
    closed = await api.patch(f"/v1/complaints/{shared['id']}", json={"status": "closed"}, version=version)
    assert closed.status_code == 200, closed.text
    clock.set(NINE)
    await a_day_goes_by(posting)

    assert texts(mailbox) == []
    assert await calm_weeks(api) == []


async def test_a_desk_that_another_keeps_is_told_of_calm_in_the_keepers_cases(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    await without_a_desk_of_its_own(api, posting)
    unseen = await a_case_of_the_union(api)
    shared = await a_complaint(api)
    await a_link(api, shared["id"], api.people.union_id)
    await the_unions_desk_as_the_centre_records_it(api)
    clock.set(NINE)
    await a_day_goes_by(posting)

    (text,) = texts(mailbox)
    assert "Se sigue un caso abierto" in text
    assert unseen not in text


async def test_with_a_desk_of_its_own_keeping_no_other_record_is_told_of_calm(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    shared = await a_complaint(api)
    await a_link(api, shared["id"], api.people.union_id)
    await the_unions_desk_as_the_centre_records_it(api)
    clock.set(NINE)
    await a_day_goes_by(posting)

    assert texts(mailbox) == []


async def test_the_desk_answers_for_cases_that_somebody_else_handles(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    clock.set(utc(1, 20))
    desk = await settle_desk(api, calm=True)
    handler = await a_contact(api, api.people.centre_id, desk=False)
    case = await a_case(api, linked=False, petition_on="2026-03-01", handler_id=handler["id"])
    clock.set(NINE)
    await a_day_goes_by(posting)

    (text,) = texts(mailbox, desk["channels"][0]["address"])
    assert "Se sigue un caso abierto" in text
    assert case["reference"] in text


async def test_a_week_in_which_a_warning_could_not_be_delivered_is_not_calm(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock
) -> None:
    clock.set(SUNDAY)
    await settle_desk(api, calm=True)
    await a_case(api, linked=False, petition_on="2026-02-14")  # ten days before: on 6 March, told late
    mailbox.at_recipient = "550 no such mailbox"
    await a_day_goes_by(posting)
    mailbox.at_recipient = None
    clock.set(NINE)
    await a_day_goes_by(posting)

    assert {notice["status"] for notice in await ledger(api)} == {"failed"}
    assert await calm_weeks(api) == []


async def test_a_week_in_which_a_warning_rested_is_not_calm(api: Api, posting: Desk, clock: Clock) -> None:
    await settle_desk(api, calm=True)
    case = await a_case(api, linked=False, petition_on="2026-02-09")  # due on 11 March
    await a_day_goes_by(posting)
    run = await the_run(api, case["id"])
    until = {"until": (clock.now + timedelta(days=8)).isoformat().replace("+00:00", "Z")}
    answer = await api.post(f"/v1/escalations/{run['id']}/acknowledge", json=until)
    assert answer.status_code < 300, answer.text
    clock.set(utc(9, 14))  # the rung of three days before fell due, and rested
    await a_day_goes_by(posting)
    clock.set(NINE + timedelta(days=1))
    await a_day_goes_by(posting)

    assert "acknowledged" in {notice["reason"] for notice in await ledger(api)}
    assert await calm_weeks(api) == []
