"""Telling alarms: at once, to who may act, to nobody else, once, and without a word of the case."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.builders import a_complaint, a_contact, a_link, a_proceeding, an_event, an_organization
from tests.conftest import Api, Clock, looking
from tests.rooms.climbing import a_day_goes_by, a_place, ledger
from vigilancia.complaints.models import AlarmRow
from vigilancia.core.identity import SYSTEM
from vigilancia.core.settings import Locale
from vigilancia.core.work import Desk
from vigilancia.escalation import alarms
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.letters.alarm import compose
from vigilancia.notices.render import mail_bodies
from vigilancia.registry.models import ContactRow

CANARY = "Zopilotepec"


async def told(api: Api, **params: str) -> list[dict[str, Any]]:
    return await ledger(api, kind="alarm", **params)


def the_mail(desk: Desk, notice: dict[str, Any]) -> str:
    return (desk.settings.mail_dir / f"{notice['id']}.eml").read_text().replace("=\n", "")


async def accepted(api: Api, case: dict[str, Any], **link: Any) -> dict[str, Any]:
    """Link the union and let it accept."""
    made = await a_place(api, case["id"], **link)
    answer = await api.post(f"/v1/complaints/{case['id']}/links/{made['id']}/accept", role="partner")
    assert answer.status_code == 200, answer.text
    return made


async def test_who_handles_the_case_and_the_owners_desk_are_told_at_once(api: Api, desk: Desk) -> None:
    ana = await a_contact(api, api.people.centre_id, name="Ana", desk=False, locale="en")
    await a_contact(api, api.people.centre_id, name="Luz", desk=False)  # has no part in the case
    case = await a_complaint(api, risk_level="acute", handler_id=ana["id"])

    await a_day_goes_by(desk)

    notices = await told(api, complaint_id=case["id"])
    assert {notice["organization_id"] for notice in notices} == {str(api.people.centre_id)}
    assert len(notices) == 2
    assert ana["id"] in {notice["contact_id"] for notice in notices}
    for notice in notices:
        assert (notice["rung"], notice["status"], notice["late"], notice["hold_until"]) == (
            "alarm",
            "stored",
            False,
            None,
        )
        assert case["reference"] in the_mail(desk, notice)
    (english,) = [notice for notice in notices if notice["contact_id"] == ana["id"]]
    assert "the risk to people is acute" in the_mail(desk, english)


async def test_an_accepted_writer_is_told(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await accepted(api, case, access="write")
    proceeding = await a_proceeding(api, case["id"])
    await an_event(api, proceeding["id"], type="dismissal_reported", on="2026-03-01")

    await a_day_goes_by(desk)

    notices = await told(api)
    assert {notice["organization_id"] for notice in notices} == {str(api.people.centre_id), str(api.people.union_id)}
    assert all("se inform=C3=B3 de un despido" in the_mail(desk, notice) for notice in notices)


@pytest.mark.parametrize(
    ("link", "accepts"),
    [
        ({"access": "alerts"}, False),
        ({"access": "read"}, True),
        ({"access": "write"}, False),  # offered, not accepted
        ({"access": "none"}, False),
        ({"access": "write", "role": "election_observer"}, True),  # a role that gets no alerts
        (
            {
                "access": "write",
                "adverse": True,
                "adverse_override": {"by": "Ana", "reason": "Pidió ayuda"},
            },
            True,
        ),
        ({"access": "write", "expires_at": "2026-03-02T16:00:00Z"}, True),  # ended by the time of telling
    ],
)
async def test_nobody_else_is_told(
    api: Api,
    desk: Desk,
    clock: Clock,
    link: dict[str, Any],
    accepts: bool,  # noqa: FBT001
) -> None:
    case = await a_complaint(api, confidentiality="public")
    if accepts:
        await accepted(api, case, **link)
    else:
        await a_place(api, case["id"], **link)
    proceeding = await a_proceeding(api, case["id"])
    clock.advance(timedelta(hours=2))
    await an_event(api, proceeding["id"], type="dismissal_reported", on="2026-03-01")

    await a_day_goes_by(desk)

    assert {notice["organization_id"] for notice in await told(api)} == {str(api.people.centre_id)}
    assert await ledger(api, role="partner", kind="alarm") == []


async def test_a_writer_who_lost_its_access_before_the_sending_gets_nothing(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    link = await accepted(api, case, access="write")
    await api.patch(f"/v1/complaints/{case['id']}", json={"risk_level": "acute"}, version=1)
    await sweep(desk)
    assert (await api.delete(f"/v1/complaints/{case['id']}/links/{link['id']}", version=2)).status_code == 204

    await deliver_all(desk)

    ends = {notice["organization_id"]: (notice["status"], notice["reason"]) for notice in await told(api)}
    assert ends[str(api.people.union_id)] == ("suppressed", "no_access")
    assert ends[str(api.people.centre_id)] == ("stored", None)


async def test_many_sweeps_at_once_tell_once(api: Api, desk: Desk) -> None:
    for _ in range(3):
        await a_complaint(api, risk_level="acute")
    await asyncio.gather(*(sweep(desk) for _ in range(4)))
    await sweep(desk)
    assert len(await told(api)) == 3
    async with looking(desk) as session:
        rows = (await session.scalars(select(AlarmRow))).all()
    assert not [row for row in rows if row.tell_pending or row.told_at is None]


async def test_two_batches_of_one_moment_share_no_alarm(api: Api, desk: Desk) -> None:
    await a_complaint(api, risk_level="acute")
    async with desk.work(SYSTEM) as first, desk.work(SYSTEM) as second:
        assert await alarms.tell_pending(first) == 1
        assert await alarms.tell_pending(second) == 0
    assert len(await told(api)) == 1


async def test_a_worker_that_dies_while_telling_leaves_the_alarm_to_the_next(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, risk_level="acute")

    async def die() -> None:
        async with desk.work(SYSTEM) as work:
            await alarms.tell_pending(work)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await die()
    assert await told(api) == []
    await a_day_goes_by(desk)
    assert [notice["status"] for notice in await told(api)] == ["stored"]
    entries = (await api.get(f"/v1/complaints/{case['id']}/timeline", params={"type": "alarm_told"})).json()["items"]
    assert len(entries) == 1


async def test_a_batch_costs_the_same_however_many_alarms_there_are(api: Api, desk: Desk, statements: Any) -> None:
    await a_complaint(api, risk_level="acute")
    async with desk.work(SYSTEM) as work:
        with statements() as few:
            await alarms.tell_pending(work)
    for _ in range(5):
        await a_complaint(api, risk_level="acute")
    async with desk.work(SYSTEM) as work:
        with statements() as many:
            assert await alarms.tell_pending(work) == 5
    assert len(many) == len(few)


async def test_an_acute_risk_that_was_lowered_and_rose_again_is_told_again(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, risk_level="acute")
    path = f"/v1/complaints/{case['id']}"
    await a_day_goes_by(desk)
    for version, level in ((1, "high"), (2, "acute")):
        assert (await api.patch(path, json={"risk_level": level}, version=version)).status_code == 200
        await a_day_goes_by(desk)
    assert [notice["status"] for notice in await told(api)] == ["stored", "stored"]


async def test_of_two_alarms_of_one_danger_only_the_newest_leaves(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, risk_level="acute")
    path = f"/v1/complaints/{case['id']}"
    for version, level in ((1, "high"), (2, "acute")):
        await api.patch(path, json={"risk_level": level}, version=version)
    await a_day_goes_by(desk)
    assert [(notice["status"], notice["reason"]) for notice in await told(api)] == [
        ("suppressed", "superseded"),
        ("stored", None),
    ]


async def test_a_danger_taken_back_before_the_sending_is_not_told(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, risk_level="acute")
    proceeding = await a_proceeding(api, case["id"])
    event = await an_event(api, proceeding["id"], type="dismissal_reported", on="2026-03-01")
    await sweep(desk)
    await api.patch(f"/v1/complaints/{case['id']}", json={"risk_level": "low"}, version=1)
    withdrawn = await api.post(
        f"/v1/proceedings/{proceeding['id']}/events/{event['id']}/withdraw", json={"reason": "No era cierto"}
    )
    assert withdrawn.status_code == 200, withdrawn.text
    await deliver_all(desk)
    assert {(notice["status"], notice["reason"]) for notice in await told(api)} == {("suppressed", "void")}


async def test_an_alarm_of_a_closed_case_is_told(api: Api, desk: Desk) -> None:
    case = await a_complaint(api)
    await api.patch(f"/v1/complaints/{case['id']}", json={"status": "closed"}, version=1)
    await api.patch(f"/v1/complaints/{case['id']}", json={"risk_level": "acute"}, version=2)
    await a_day_goes_by(desk)
    assert [notice["status"] for notice in await told(api)] == ["stored"]


async def test_an_alarm_raised_just_before_a_merge_is_told_all_the_same(api: Api, desk: Desk) -> None:
    case, other = await a_complaint(api, risk_level="acute"), await a_complaint(api)
    body = {"into": other["id"], "reason": "La misma"}
    assert (await api.post(f"/v1/complaints/{case['id']}/merge", json=body, version=1)).status_code == 200
    await a_day_goes_by(desk)
    assert [notice["status"] for notice in await told(api)] == ["stored"]


async def test_after_an_outage_an_alarm_goes_out_once_and_says_that_it_is_late(
    api: Api, desk: Desk, clock: Clock
) -> None:
    await a_complaint(api, risk_level="acute")
    clock.advance(timedelta(hours=6))
    for _ in range(2):
        await a_day_goes_by(desk)
    (notice,) = await told(api)
    assert (notice["late"], notice["late_by"]) == (True, 6 * 3600)


async def test_an_alarm_that_waits_shows_in_the_figures(api: Api, desk: Desk, clock: Clock) -> None:
    await a_complaint(api, risk_level="acute")
    clock.advance(timedelta(minutes=3))
    assert "vigilancia_alarm_lag_seconds 180.0" in (await api.get("/metrics", role=None)).text
    await sweep(desk)
    assert "vigilancia_alarm_lag_seconds 0.0" in (await api.get("/metrics", role=None)).text


async def test_the_deputy_is_told_while_somebody_is_away(api: Api, desk: Desk, clock: Clock) -> None:
    deputy = await a_contact(api, api.people.centre_id, name="Luz", desk=False)
    ana = await a_contact(api, api.people.centre_id, name="Ana", desk=False, deputy_id=deputy["id"])
    async with looking(desk) as session:
        away = [{"from": "2026-03-01", "until": "2026-03-05"}]
        await session.execute(update(ContactRow).where(ContactRow.id == ana["id"]).values(away=away))
        await session.commit()
    for _ in range(2):
        await a_complaint(api, risk_level="acute", handler_id=ana["id"])
        await sweep(desk)
        clock.advance(timedelta(days=5))
    contacts = [notice["contact_id"] for notice in await told(api)]
    assert (contacts.count(deputy["id"]), contacts.count(ana["id"])) == (1, 1)


async def test_a_deputy_without_address_and_one_who_is_away_pass_it_on(api: Api, desk: Desk) -> None:
    last = await a_contact(api, api.people.centre_id, name="Eva", desk=False)
    away = await a_contact(api, api.people.centre_id, name="Luz", desk=False, deputy_id=last["id"])
    mute = await a_contact(api, api.people.centre_id, name="Ana", desk=False, deputy_id=away["id"], channels=[])
    async with looking(desk) as session:
        absent = update(ContactRow).where(ContactRow.id == away["id"])
        await session.execute(absent.values(away=[{"from": "2026-03-01", "until": None}]))
        await session.execute(update(ContactRow).where(ContactRow.id == last["id"]).values(deputy_id=mute["id"]))
        await session.commit()
    await a_complaint(api, risk_level="acute", handler_id=mute["id"])
    await sweep(desk)
    assert last["id"] in {notice["contact_id"] for notice in await told(api)}
    assert len(await told(api)) == 2


async def test_an_organisation_without_a_desk_is_told_through_whoever_can_be_reached(api: Api, desk: Desk) -> None:
    async with looking(desk) as session:
        await session.execute(update(ContactRow).values(desk=False))
        await session.commit()
    await a_complaint(api, risk_level="acute")
    await sweep(desk)
    assert len(await told(api)) == 1


async def test_nobody_reachable_stands_on_the_timeline(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, risk_level="acute")
    async with looking(desk) as session:
        await session.execute(update(ContactRow).values(channels=[]))
        await session.commit()
    await a_day_goes_by(desk)
    assert await told(api) == []
    entries = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    (entry,) = [entry for entry in entries if entry["type"] == "escalation_unreachable"]
    assert entry["after"] == {"rung": "alarm", "contacts": 0, "organization_ids": [str(api.people.centre_id)]}


async def test_a_contact_that_a_stranger_recorded_gets_no_alarm(api: Api, desk: Desk) -> None:
    """The union writes down a desk of the centre that leads to itself."""
    case = await a_complaint(api)
    await a_link(api, case["id"], api.people.union_id)
    planted = await a_contact(api, api.people.centre_id, name="Falsa")
    async with looking(desk) as session:
        theirs = update(ContactRow).where(ContactRow.id == planted["id"]).values(owner_id=api.people.union_id)
        await session.execute(theirs)
        await session.commit()
    await api.patch(f"/v1/complaints/{case['id']}", json={"risk_level": "acute"}, version=1)
    await a_day_goes_by(desk)
    assert planted["id"] not in {notice["contact_id"] for notice in await told(api)}


async def test_an_address_that_nobody_confirmed_gets_no_alarm_where_that_is_asked(api: Api, desk: Desk) -> None:
    await a_complaint(api, risk_level="acute")
    await a_day_goes_by(replace(desk, settings=desk.settings.model_copy(update={"confirm_addresses": True})))
    assert await told(api) == []


async def test_the_timeline_counts_and_names_nobody(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, risk_level="acute")
    await a_day_goes_by(desk)
    entries = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    (entry,) = [entry for entry in entries if entry["type"] == "alarm_told"]
    assert entry["after"] == {"contacts": 1, "organizations": 1, "late": False}


async def test_no_word_of_the_case_stands_in_an_alarm_or_in_the_log(
    api: Api, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    words = dict.fromkeys(("title", "summary", "narrative"), CANARY)
    case = await a_complaint(api, **words, tags=[CANARY], risk_level="acute")
    union = await an_organization(api, name=CANARY)
    await a_link(api, case["id"], union["id"])
    proceeding = await a_proceeding(api, case["id"])
    more: dict[str, Any] = {"note": CANARY, "stated_by": CANARY}
    await an_event(api, proceeding["id"], type="dismissal_reported", on="2026-03-01", **more)
    await a_day_goes_by(desk)
    notices = await told(api)
    assert len(notices) == 2
    assert not [notice for notice in notices if CANARY in the_mail(desk, notice) or CANARY in str(notice)]
    assert CANARY not in caplog.text


@pytest.mark.parametrize("locale", ["es", "en", "fr"])
@pytest.mark.parametrize("cause", ["acute", "dismissal"])
def test_an_alarm_says_what_to_do_in_three_languages_and_has_no_button(locale: Locale, cause: Any) -> None:
    content = compose("VIG-2026-7K3M9Q", cause, locale)
    text, html = mail_bodies(content, None)
    assert "VIG-2026-7K3M9Q" in content.subject
    assert [section.name for section in content.sections] == ["now", "care", "who"]
    assert "{" not in text
    assert "href" not in html
