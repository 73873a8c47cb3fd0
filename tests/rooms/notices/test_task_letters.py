"""Letters about tasks: the words of the code and the day, to the task's own organisation, as long as it may record."""

import email
import email.policy
import logging
import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.builders import a_complaint, a_contact
from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_place, ledger
from tests.rooms.tasking import a_task, the_run_of
from vigilancia.complaints.models import LinkRow
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices import links, rungs
from vigilancia.notices import service as notices
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.service import Planned
from vigilancia.registry.models import ContactRow, OrganizationRow

CANARY = "Zopilotepec"
ZONE = "America/Mexico_City"


async def a_meeting(api: Api, complaint_id: str, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Record a meeting to be prepared by tomorrow, Tuesday 3 March 2026."""
    body = {"code": "prepare_meeting", "due_on": "2026-03-03", "title": CANARY, **changes}
    return await a_task(api, complaint_id, role=role, **body)


async def remind(desk: Desk, task: dict[str, Any], contact: dict[str, Any], *, rung: str = "-1d") -> None:
    """Put a rung's notice into the ledger, as a climb does."""
    run = await the_run_of(desk, task)
    async with desk.work(SYSTEM) as work:
        planned = Planned(
            kind="task",
            subject_id=UUID(task["id"]),
            complaint_id=UUID(task["complaint_id"]),
            run_id=UUID(run["id"]),
            revision=task["revision"],
            rung=rung,
            organization_id=UUID(contact["organization_id"]),
            contact_id=UUID(contact["id"]),
            locale=contact["locale"] or "es",
            due_at=rungs.instant(rung, date.fromisoformat(task["due_on"]), ZONE),
            late=False,
        )
        assert await notices.put_all_once(work, [planned]) == 1


async def the_end(api: Api, *, role: str = "staff") -> tuple[str, str | None]:
    (notice,) = await ledger(api, role=role, kind="task")
    return notice["status"], notice["reason"]


async def the_text(api: Api, desk: Desk) -> str:
    (notice,) = await ledger(api, kind="task")
    text = (desk.settings.mail_dir / f"{notice['id']}.eml").read_bytes()
    message = email.message_from_bytes(text, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return f"{message['Subject']}\n{body.get_content()}"


async def ana(api: Api, people: People, **changes: Any) -> dict[str, Any]:
    return await a_contact(api, people.centre_id, **{"name": "Ana", "desk": False, **changes})


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("es", ("Mañana vence una tarea", "preparar una reunión", "Martes 3 de marzo de 2026", "A su organización")),
        ("en", ("A task is due tomorrow", "prepare a meeting", "Tuesday 3 March 2026", "Your organisation's")),
        ("fr", ("arrive à échéance demain", "préparer une réunion", "Mardi 3 mars 2026", "À votre organisation")),
    ],
)
async def test_a_letter_tells_the_words_of_the_code_and_the_day_and_never_the_title(
    api: Api, desk: Desk, people: People, caplog: pytest.LogCaptureFixture, locale: str, words: tuple[str, ...]
) -> None:
    caplog.set_level(logging.DEBUG)
    case = await a_complaint(api, title=CANARY, summary=CANARY, narrative=CANARY)
    person = await ana(api, people, locale=locale)
    await remind(desk, await a_meeting(api, case["id"], contact_id=person["id"]), person)

    await deliver_all(desk)

    text = await the_text(api, desk)
    assert not [word for word in (*words, case["reference"], "http://vigilancia.test/a/") if word not in text]
    assert CANARY not in text + caplog.text
    assert "{" not in text


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-03-03T15:00:00+00:00", "Hoy vence una tarea"),
        ("2026-03-04T05:59:00+00:00", "Hoy vence una tarea"),  # still the 3rd in Mexico City
        ("2026-03-04T06:00:00+00:00", "Una tarea venció ayer y sigue abierta"),
        ("2026-03-08T15:00:00+00:00", "Una tarea venció hace 5 días y sigue abierta"),
        ("2026-03-02T16:00:00+00:00", "Mañana vence una tarea"),
    ],
)
async def test_days_left_are_true_when_the_letter_leaves(
    api: Api, desk: Desk, people: People, clock: Clock, now: str, words: str
) -> None:
    person = await ana(api, people)
    await remind(desk, await a_meeting(api, (await a_complaint(api))["id"]), person)
    clock.set(datetime.fromisoformat(now))
    await deliver_all(desk)
    assert words in await the_text(api, desk)


@pytest.mark.parametrize(("verb", "reason"), [("done", "met"), ("cancel", "void")])
async def test_what_was_ended_before_the_sending_is_not_told(
    api: Api, desk: Desk, people: People, verb: str, reason: str
) -> None:
    person, case = await ana(api, people), await a_complaint(api)
    task = await a_meeting(api, case["id"])
    await remind(desk, task, person)
    assert (await api.post(f"/v1/complaints/{case['id']}/tasks/{task['id']}/{verb}")).status_code == 200
    await deliver_all(desk)
    assert await the_end(api) == ("suppressed", reason)


async def test_a_day_that_moved_is_not_told_as_it_was(api: Api, desk: Desk, people: People) -> None:
    person, case = await ana(api, people), await a_complaint(api)
    task = await a_meeting(api, case["id"])
    await remind(desk, task, person)
    path = f"/v1/complaints/{case['id']}/tasks/{task['id']}"
    assert (await api.patch(path, json={"due_on": "2026-03-20"}, version=1)).status_code == 200
    await deliver_all(desk)
    assert await the_end(api) == ("suppressed", "superseded")


async def test_who_left_the_organisation_is_not_told(api: Api, desk: Desk, people: People) -> None:
    person, case = await ana(api, people), await a_complaint(api)
    await remind(desk, await a_meeting(api, case["id"]), person)
    async with looking(desk) as session:
        await session.execute(
            update(ContactRow).where(ContactRow.id == person["id"]).values(organization_id=people.union_id)
        )
        await session.commit()
    await deliver_all(desk)
    assert await the_end(api) == ("suppressed", "no_access")


async def test_an_organisation_that_may_record_no_more_is_not_told(api: Api, desk: Desk, people: People) -> None:
    case = await a_complaint(api)
    link = await a_place(api, case["id"], access="write")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    luz = await a_contact(api, people.union_id, role="partner", name="Luz", desk=False)
    await remind(desk, await a_meeting(api, case["id"], role="partner"), luz)
    async with looking(desk) as session:
        await session.execute(update(LinkRow).values(access="read"))
        await session.commit()
    await deliver_all(desk)
    assert await the_end(api, role="partner") == ("suppressed", "no_access")


async def test_of_a_task_only_its_organisation_and_the_one_above_it_are_told(
    api: Api, desk: Desk, people: People
) -> None:
    case = await a_complaint(api)
    link = await a_place(api, case["id"], access="write")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    luz = await a_contact(api, people.union_id, role="partner", name="Luz", desk=False)
    await remind(desk, await a_meeting(api, case["id"]), luz)  # the centre's task, to somebody of the union
    await deliver_all(desk)
    assert await the_end(api) == ("suppressed", "no_access")

    async with looking(desk) as session:
        await session.execute(
            update(OrganizationRow).where(OrganizationRow.id == people.centre_id).values(parent_id=people.union_id)
        )
        await session.commit()
    await remind(desk, await a_meeting(api, case["id"]), luz)
    await deliver_all(desk)
    assert [notice["status"] for notice in await ledger(api, kind="task")] == ["suppressed", "stored"]


async def the_page(api: Api, desk: Desk) -> str:
    await deliver_all(desk)
    found = re.search(r"http://vigilancia\.test(/a/[\w-]+)", await the_text(api, desk))
    assert found
    return found.group(1)


async def test_the_page_of_a_task_shows_first_and_acknowledges_when_sent(api: Api, desk: Desk, people: People) -> None:
    person, case = await ana(api, people), await a_complaint(api)
    task = await a_meeting(api, case["id"])
    await remind(desk, task, person)
    link = await the_page(api, desk)

    shown = await api.get(link, role=None)
    assert (shown.status_code, shown.text.count("<form")) == (200, 1)
    assert "preparar una reunión" in shown.text
    assert f"Tarea del caso {case['reference']}" in shown.text
    assert CANARY not in shown.text
    thanks = await api.post(link, role=None)
    assert "Gracias, quedó anotado" in thanks.text

    entries = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    (entry,) = [entry for entry in entries if entry["type"] == "escalation_acknowledged"]
    assert (entry["subject_id"], entry["after"]["by_link"]) == (task["id"], True)
    assert entry["after"]["organization_id"] == str(people.centre_id)


async def test_the_page_says_that_a_task_is_done_cancelled_or_moved(api: Api, desk: Desk, people: People) -> None:
    person, case = await ana(api, people), await a_complaint(api)
    task = await a_meeting(api, case["id"])
    await remind(desk, task, person)
    link = await the_page(api, desk)
    path = f"/v1/complaints/{case['id']}/tasks/{task['id']}"

    await api.patch(path, json={"due_on": "2026-03-20"}, version=1)
    assert "cambió después de enviado el aviso" in (await api.get(link, role=None)).text
    for verb, words in (("done", "ya consta como hecha"), ("reopen", ""), ("cancel", "se canceló")):
        assert (await api.post(f"{path}/{verb}")).status_code == 200
        page = await api.post(link, role=None)
        assert words in page.text
    async with looking(desk) as session:
        await session.execute(update(ContactRow).values(organization_id=people.union_id))
        await session.commit()
    assert (await api.get(link, role=None)).status_code == 410


async def test_the_link_of_a_task_ends(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    person, case = await ana(api, people), await a_complaint(api)
    await remind(desk, await a_meeting(api, case["id"]), person)
    link = await the_page(api, desk)
    clock.advance(timedelta(days=400))
    assert (await api.post(link, role=None)).status_code == 410


async def test_an_alarm_has_no_page(api: Api, desk: Desk) -> None:
    await a_complaint(api, risk_level="acute")
    await sweep(desk)
    (notice,) = await ledger(api, kind="alarm")
    async with desk.work(SYSTEM) as work:
        link = links.acknowledge(work, UUID(notice["id"]), work.now)
    path = link.removeprefix("http://vigilancia.test")
    assert (await api.post(path, role=None)).status_code == 410
