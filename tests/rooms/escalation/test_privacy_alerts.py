"""Telling whoever answers for privacy: the lead, else the desk; once, at once, and without a name or a word."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.builders import a_complaint, a_contact, an_organization
from tests.conftest import MONDAY, Api, Clock, looking
from tests.rooms.climbing import a_day_goes_by, ledger
from tests.rooms.complaints.cases import granted
from vigilancia.access import privacy as marks
from vigilancia.access.models import PrivacyAlertRow
from vigilancia.core import i18n
from vigilancia.core.identity import SYSTEM
from vigilancia.core.ids import new_id
from vigilancia.core.settings import Locale
from vigilancia.core.work import Desk
from vigilancia.escalation import privacy
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.letters.privacy import CAUSES, compose
from vigilancia.notices.render import mail_bodies


async def raised(desk: Desk, organization_id: Any, cause: str = "consent_withdrawn", **mark: Any) -> None:
    """Leave a mark, as rooms do."""
    mark = {"subject_id": new_id(), **mark}
    async with desk.work(SYSTEM) as work:
        await marks.raise_alert(work, UUID(str(organization_id)), cause, **mark)


async def led_by(api: Api, **contact: Any) -> str:
    """Give the centre a privacy lead."""
    lead = await a_contact(api, api.people.centre_id, **{"name": "Luz", "desk": False, **contact})
    body = {"consent": "people", "second_person": [], "privacy_lead_id": lead["id"]}
    path = f"/v1/organizations/{api.people.centre_id}/safeguards"
    version = (await api.get(path)).json()["version"]
    assert (await api.request("PUT", path, json=body, version=version)).status_code == 200
    return str(lead["id"])


async def letters(api: Api, **params: str) -> list[dict[str, Any]]:
    return await ledger(api, kind="privacy", **params)


def the_mail(desk: Desk, notice: dict[str, Any]) -> str:
    return (desk.settings.mail_dir / f"{notice['id']}.eml").read_text().replace("=\n", "")


async def desk_of(api: Api) -> str:
    found = await api.get(f"/v1/organizations/{api.people.centre_id}/contacts", params={"desk": "true"})
    return str(found.json()["items"][0]["id"])


async def test_the_lead_is_told_at_once_and_once(api: Api, desk: Desk, clock: Clock) -> None:
    lead = await led_by(api, locale="en")
    case = await a_complaint(api, title="canarytitle")
    await raised(desk, api.people.centre_id, complaint_id=UUID(case["id"]))
    await a_day_goes_by(desk)
    clock.advance(timedelta(minutes=1))
    await a_day_goes_by(desk)
    (notice,) = await letters(api)
    assert (notice["contact_id"], notice["status"], notice["rung"], notice["late"]) == (
        lead,
        "stored",
        "privacy",
        False,
    )
    mail = the_mail(desk, notice)
    assert f"[{case['reference']}] Privacy: a consent was withdrawn" in mail
    assert "Monday 2 March 2026" in mail
    assert "canary" not in mail
    async with looking(desk) as session:
        row = await session.scalar(select(PrivacyAlertRow))
    assert (row.tell_pending, row.told_at) == (False, MONDAY)


async def test_without_a_lead_or_while_it_cannot_be_reached_the_desk_is_told(api: Api, desk: Desk) -> None:
    await raised(desk, api.people.centre_id)
    await sweep(desk)
    assert [one["contact_id"] for one in await letters(api)] == [await desk_of(api)]
    await led_by(api, away=[{"from": "2026-02-01", "until": "2026-04-01"}])
    await raised(desk, api.people.centre_id)
    await sweep(desk)
    assert {one["contact_id"] for one in await letters(api)} == {await desk_of(api)}


async def test_a_number_of_a_case_is_told_only_to_who_stands_to_it(api: Api, desk: Desk) -> None:
    """That a case is public gives its number to nobody here."""
    case = await a_complaint(api, confidentiality="public")
    await raised(desk, api.people.union_id, "identity_elsewhere", complaint_id=UUID(case["id"]))
    await a_day_goes_by(desk)
    (notice,) = await letters(api, organization_id=str(api.people.union_id))
    assert case["reference"] not in the_mail(desk, notice)
    await granted(api, case["id"], "read")
    await raised(desk, api.people.union_id, "identity_elsewhere", complaint_id=UUID(case["id"]))
    await a_day_goes_by(desk)
    notice = (await letters(api, organization_id=str(api.people.union_id)))[-1]
    assert case["reference"] in the_mail(desk, notice)


async def test_a_lead_that_was_replaced_is_told_with_the_new_one(api: Api, desk: Desk) -> None:
    first = await led_by(api, name="Ana")
    second = await led_by(api, name="Luz")
    await a_day_goes_by(desk)
    notices = await letters(api)
    assert {one["contact_id"] for one in notices} == {first, second}
    assert all("se relaj=C3=B3 una salvaguarda" in the_mail(desk, one) for one in notices)


async def test_whom_nobody_can_tell_stands_on_the_timeline(api: Api, desk: Desk) -> None:
    lonely = await an_organization(api)
    case = await a_complaint(api)
    await raised(desk, lonely["id"], complaint_id=UUID(case["id"]))
    await raised(desk, lonely["id"])
    await sweep(desk)
    assert await letters(api) == []
    timeline = await api.get(f"/v1/complaints/{case['id']}/timeline", params={"type": "escalation_unreachable"})
    (entry,) = timeline.json()["items"]
    assert entry["after"] == {"rung": "privacy", "contacts": 0, "organization_ids": [lonely["id"]]}
    async with looking(desk) as session:
        rows = (await session.scalars(select(PrivacyAlertRow))).all()
    assert [(row.tell_pending, row.told_at) for row in rows] == [(False, None)] * 2


async def test_rivals_tell_once(api: Api, desk: Desk) -> None:
    for _ in range(5):
        await raised(desk, api.people.centre_id)

    async def one() -> None:
        async with desk.work(SYSTEM) as work:
            await privacy.tell_pending(work)

    await asyncio.gather(*(one() for _ in range(4)))
    assert len(await letters(api)) == 5


async def test_one_occasion_is_told_once(api: Api, desk: Desk) -> None:
    subject = new_id()
    for occasion in ("h1", "h1", "h2"):
        await raised(desk, api.people.centre_id, "unusual_reading", subject_id=subject, occasion=occasion)
    await sweep(desk)
    assert len(await letters(api)) == 2


async def test_other_organisations_do_not_see_the_letter(api: Api, desk: Desk) -> None:
    await raised(desk, api.people.centre_id)
    await sweep(desk)
    assert await ledger(api, role="partner") == []


@pytest.mark.parametrize("locale", i18n.LOCALES)
@pytest.mark.parametrize("cause", [*CAUSES, "something_new"])
def test_every_cause_has_its_words(cause: str, locale: Locale) -> None:
    for reference in ("VIG-2026-7K3M9Q", None):
        content = compose(cause, locale, reference=reference, raised_at=MONDAY, zone="America/Mexico_City")
        text, html = mail_bodies(content, None)
        assert content.headline in text
        assert (reference or "[vigilancia]") in content.subject
        assert "{" not in text
        assert "<a " not in html
