"""Taking a run into hand: offered to one, who says yes or no; handed over only when the other said yes."""

import asyncio
import logging
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from tests.builders import a_complaint, a_contact, an_event
from tests.conftest import Api, Clock, looking
from tests.rooms.climbing import a_case, a_day_goes_by, a_place, ledger, the_run
from tests.rooms.tasking import the_run_of
from vigilancia.complaints.models import LinkRow
from vigilancia.core.ids import new_id
from vigilancia.core.work import Desk
from vigilancia.escalation.models import AssignmentRow
from vigilancia.registry.models import ContactRow

CANARY = "Zopilotepec"


async def a_run(api: Api, desk: Desk, **changes: Any) -> dict[str, Any]:
    """Return the run of a case of the centre, of which the union gets alerts."""
    case = await a_case(api, **changes)
    await a_day_goes_by(desk)
    return await the_run(api, case["id"])


async def a_person(api: Api, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Record somebody of one's own organisation."""
    organization = api.people.union_id if role == "partner" else api.people.centre_id
    return await a_contact(api, organization, role=role, **{"name": "Ana", "desk": False, **changes})


async def assign(
    api: Api, run: dict[str, Any], person: dict[str, Any], *, role: str = "staff", status: int = 201
) -> dict[str, Any]:
    answer = await api.post(f"/v1/escalations/{run['id']}/assign", json={"contact_id": person["id"]}, role=role)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def say(
    api: Api, offer: dict[str, Any], answer: str, *, role: str = "staff", status: int = 200
) -> dict[str, Any]:
    path = f"/v1/escalations/{offer['escalation_id']}/assignments/{offer['id']}/{answer}"
    answered = await api.post(path, role=role)
    assert answered.status_code == status, answered.text
    found: dict[str, Any] = answered.json()
    return found


async def states(api: Api, run: dict[str, Any], *, role: str = "staff", **params: str) -> list[str]:
    answer = await api.get(f"/v1/escalations/{run['id']}/assignments", role=role, params=params)
    assert answer.status_code == 200, answer.text
    return [item["state"] for item in answer.json()["items"]]


async def the_link(api: Api, desk: Desk, offer: dict[str, Any], *, role: str = "staff") -> str:
    """Deliver, and return the path in the message that asks."""
    await a_day_goes_by(desk)
    notices = [item for item in await ledger(api, role=role, kind="assignment") if item["subject_id"] == offer["id"]]
    text = (desk.settings.mail_dir / f"{notices[0]['id']}.eml").read_text().replace("=\n", "")
    found = re.search(r"http://vigilancia\.test(/a/offers/[\w-]+)", text)
    assert found, text
    return found.group(1)


async def press(api: Api, link: str, answer: str, **params: str) -> httpx.Response:
    return await api.post(link, role=None, params={"answer": answer, **params})


async def notes(api: Api, run: dict[str, Any]) -> list[dict[str, Any]]:
    entries = (await api.get(f"/v1/complaints/{run['complaint_id']}/timeline")).json()["items"]
    return [entry for entry in entries if entry["type"].startswith("escalation_assign")]


async def test_an_offer_is_asked_by_a_message_and_answered_by_api(api: Api, desk: Desk) -> None:
    run, ana = await a_run(api, desk), await a_person(api)
    offer = await assign(api, run, ana)
    assert (offer["state"], offer["contact_id"], offer["organization_id"]) == (
        "offered",
        ana["id"],
        str(api.people.centre_id),
    )

    accepted = await say(api, offer, "accept")

    assert (accepted["state"], accepted["answered_at"]) == ("accepted", "2026-03-02T15:00:00Z")
    first, second = await notes(api, run)
    assert (first["type"], second["type"]) == ("escalation_assigned", "escalation_assignment_accepted")
    assert second["after"]["by_link"] is False
    assert ana["id"] not in f"{first}{second}"


async def test_a_no_leaves_things_as_they_were_and_is_seen(api: Api, desk: Desk) -> None:
    run, ana, luz = await a_run(api, desk), await a_person(api), await a_person(api, name="Luz")
    await say(api, await assign(api, run, ana), "accept")
    await say(api, await assign(api, run, luz), "decline")
    assert await states(api, run) == ["declined", "accepted"]
    assert await states(api, run, state="accepted") == ["accepted"]
    assert (await notes(api, run))[-1]["type"] == "escalation_assignment_declined"


async def test_until_the_other_says_yes_it_stays_where_it_is_and_then_passes_over(api: Api, desk: Desk) -> None:
    run, ana, luz = await a_run(api, desk), await a_person(api), await a_person(api, name="Luz")
    await say(api, await assign(api, run, ana), "accept")
    offer = await assign(api, run, luz)
    assert await states(api, run) == ["offered", "accepted"]

    await say(api, offer, "accept")

    assert await states(api, run) == ["accepted", "ended"]
    listed = (await api.get(f"/v1/escalations/{run['id']}/assignments")).json()["items"]
    assert listed[1]["ended_at"] == "2026-03-02T15:00:00Z"
    assert (await notes(api, run))[-1]["after"]["handed_over"] is True


async def test_one_offer_is_open_at_a_time(api: Api, desk: Desk) -> None:
    run, ana, luz = await a_run(api, desk), await a_person(api), await a_person(api, name="Luz")
    first = await assign(api, run, ana)
    await assign(api, run, luz, status=409)
    await say(api, first, "decline")  # the organisation takes it back
    await say(api, await assign(api, run, luz), "accept")
    await assign(api, run, luz, status=422)  # who has it already


async def test_of_many_offers_at_once_one_is_made(api: Api, desk: Desk) -> None:
    run = await a_run(api, desk)
    persons = [await a_person(api, name=f"Ana {number}") for number in range(4)]
    path = f"/v1/escalations/{run['id']}/assign"
    answers = await asyncio.gather(*(api.post(path, json={"contact_id": person["id"]}) for person in persons))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert await states(api, run) == ["offered"]
    assert len(await ledger(api, kind="assignment")) == 1


async def test_of_two_answers_at_once_one_counts(api: Api, desk: Desk) -> None:
    run, ana = await a_run(api, desk), await a_person(api)
    offer = await assign(api, run, ana)
    link = await the_link(api, desk, offer)
    path = f"/v1/escalations/{run['id']}/assignments/{offer['id']}"
    answers = await asyncio.gather(
        api.post(f"{path}/accept"), api.post(f"{path}/decline"), api.post(f"{path}/accept"), press(api, link, "accept")
    )
    assert sum(answer.status_code == 200 for answer in answers[:3]) <= 1
    assert answers[3].status_code == 200
    assert len([note for note in await notes(api, run) if note["type"] != "escalation_assigned"]) == 1


async def test_two_who_accept_at_once_leave_one_who_has_it(api: Api, desk: Desk) -> None:
    """The page of an earlier offer cannot be pressed twice, and a hand over leaves no second holder."""
    run, ana, luz = await a_run(api, desk), await a_person(api), await a_person(api, name="Luz")
    await say(api, await assign(api, run, ana), "accept")
    link = await the_link(api, desk, await assign(api, run, luz))
    await asyncio.gather(*(press(api, link, "accept") for _ in range(4)))
    assert sorted(await states(api, run)) == ["accepted", "ended"]


async def test_the_database_refuses_two_who_have_it(api: Api, desk: Desk) -> None:
    run, ana = await a_run(api, desk), await a_person(api)
    row = {"run_id": run["id"], "organization_id": api.people.centre_id, "contact_id": ana["id"]}
    async with looking(desk) as session:
        for state in ("accepted", "accepted"):
            made = AssignmentRow(id=new_id(), state=state, offered_at=desk.now(), answered_at=desk.now(), **row)
            session.add(made)
        with pytest.raises(Exception, match="uq_escalation_assignment_accepted"):
            await session.flush()


async def test_the_page_shows_first_and_acts_when_sent(api: Api, desk: Desk) -> None:
    run, ana = await a_run(api, desk), await a_person(api, locale="en")
    link = await the_link(api, desk, await assign(api, run, ana))

    for _ in range(3):  # a mail filter follows links
        shown = await api.get(link, role=None)
    assert shown.status_code == 200
    assert await states(api, run) == ["offered"]
    assert shown.text.count('<form method="post"') == 2
    for words in ("Will you take it on?", "I accept", "I cannot", "Tuesday 3 March 2026"):
        assert words in shown.text
    assert "<script" not in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]

    thanks = await press(api, link, "accept", lang="en")

    assert (thanks.status_code, "It was noted that you take it on" in thanks.text) == (200, True)
    assert "<form" not in thanks.text
    assert await states(api, run) == ["accepted"]
    assert (await notes(api, run))[-1]["after"]["by_link"] is True
    again = await press(api, link, "decline", lang="en")
    assert "It was noted that you take it on" in again.text
    assert await states(api, run) == ["accepted"]


async def test_a_no_from_the_page_is_noted(api: Api, desk: Desk) -> None:
    run, ana = await a_run(api, desk), await a_person(api)
    link = await the_link(api, desk, await assign(api, run, ana))
    assert "no puede hacerse cargo" in (await press(api, link, "decline")).text
    assert await states(api, run) == ["declined"]


@pytest.mark.parametrize("query", [{}, {"answer": "canary"}, {"lang": "en"}])
async def test_an_answer_that_is_none_changes_nothing(api: Api, desk: Desk, query: dict[str, str]) -> None:
    run, ana = await a_run(api, desk), await a_person(api)
    link = await the_link(api, desk, await assign(api, run, ana))
    answer = await api.post(link, role=None, params=query)
    assert answer.status_code == 200
    assert answer.text.count("<form") == 2
    assert "canary" not in answer.text
    assert await states(api, run) == ["offered"]


async def test_the_page_speaks_three_languages(api: Api, desk: Desk) -> None:
    run, ana = await a_run(api, desk), await a_person(api)
    link = await the_link(api, desk, await assign(api, run, ana))
    for lang, words in (("es", "¿Se hace cargo?"), ("en", "Will you take it on?"), ("fr", "Vous en chargez-vous ?")):
        assert words in (await api.get(link, role=None, params={"lang": lang})).text


async def test_a_token_serves_one_purpose_is_whole_and_ends(api: Api, desk: Desk, clock: Clock) -> None:
    run, ana = await a_run(api, desk), await a_person(api)
    link = await the_link(api, desk, await assign(api, run, ana))
    token = link.rpartition("/")[2]
    broken = link[:-1] + ("A" if link[-1] != "A" else "B")
    for path in (broken, f"/a/{token}", "/a/offers/x", link[:-8]):
        for answer in (await api.get(path, role=None), await press(api, path, "accept")):
            assert answer.status_code in (400, 404), path
            assert "VIG-" not in answer.text
    clock.advance(timedelta(days=400))
    assert (await press(api, link, "accept")).status_code == 410
    assert await states(api, run) == ["offered"]


async def test_a_notice_of_a_deadline_opens_no_offer(api: Api, desk: Desk) -> None:
    run = await a_run(api, desk)
    notice = (await ledger(api, kind="deadline"))[0]
    text = (desk.settings.mail_dir / f"{notice['id']}.eml").read_text().replace("=\n", "")
    found = re.search(r"/a/([\w-]+)", text)
    assert found
    assert (await press(api, f"/a/offers/{found.group(1)}", "accept")).status_code == 404
    assert await states(api, run) == []


async def test_who_is_told_no_more_cannot_answer(api: Api, desk: Desk) -> None:
    run, luz = await a_run(api, desk), await a_person(api, role="partner")
    offer = await assign(api, run, luz, role="partner")
    link = await the_link(api, desk, offer, role="partner")
    async with looking(desk) as session:
        await session.execute(update(LinkRow).values(access="none"))
        await session.commit()
    assert (await api.get(link, role=None)).status_code == 410
    assert (await press(api, link, "accept")).status_code == 410
    await say(api, offer, "accept", role="partner", status=404)


async def test_a_contact_that_left_cannot_answer_and_gets_no_message(api: Api, desk: Desk) -> None:
    run, ana = await a_run(api, desk), await a_person(api)
    await assign(api, run, ana)
    async with looking(desk) as session:
        left = update(ContactRow).where(ContactRow.id == ana["id"]).values(organization_id=api.people.union_id)
        await session.execute(left)
        await session.commit()
    await a_day_goes_by(desk)
    (notice,) = await ledger(api, kind="assignment")
    assert (notice["status"], notice["reason"]) == ("suppressed", "no_access")


async def test_what_was_answered_before_the_sending_is_not_asked(api: Api, desk: Desk) -> None:
    run, ana = await a_run(api, desk), await a_person(api)
    await say(api, await assign(api, run, ana), "accept")
    await a_day_goes_by(desk)
    (notice,) = await ledger(api, kind="assignment")
    assert (notice["status"], notice["reason"]) == ("suppressed", "superseded")


async def test_where_nothing_is_left_to_do_nothing_is_offered(api: Api, desk: Desk) -> None:
    case = await a_case(api)
    await a_day_goes_by(desk)
    run, ana = await the_run(api, case["id"]), await a_person(api)
    link = await the_link(api, desk, await assign(api, run, ana))
    await an_event(api, case["proceeding_id"], type="ilc_determined_sufficient", on="2026-03-02")
    page = await press(api, link, "accept")
    assert "Ya no hay nada pendiente" in page.text
    assert await states(api, run) == ["offered"]
    luz = await a_person(api, name="Luz")
    await assign(api, run, luz, status=409)


async def test_a_party_assigns_its_own_people_and_sees_only_its_own(api: Api, desk: Desk) -> None:
    run, ana, luz = await a_run(api, desk), await a_person(api), await a_person(api, role="partner")
    mine = await assign(api, run, ana)
    theirs = await assign(api, run, luz, role="partner")
    assert await states(api, run) == await states(api, run, role="partner") == ["offered"]
    await say(api, theirs, "accept", status=404)
    await say(api, mine, "accept", role="partner", status=404)
    await assign(api, run, luz, status=422)
    await assign(api, run, ana, role="partner", status=422)
    await say(api, mine, "accept")
    await say(api, theirs, "accept", role="partner")


async def test_for_a_stranger_there_is_neither_run_nor_offer(api: Api, desk: Desk) -> None:
    run, ana = await a_run(api, desk, linked=False), await a_person(api)
    offer = await assign(api, run, ana)
    luz = await a_person(api, role="partner")
    await assign(api, run, luz, role="partner", status=404)
    await say(api, offer, "accept", role="partner", status=404)
    assert (await api.get(f"/v1/escalations/{run['id']}/assignments", role="partner")).status_code == 404


async def test_who_is_not_told_of_the_run_assigns_nobody(api: Api, desk: Desk) -> None:
    run = await a_run(api, desk, linked=False)
    luz = await a_person(api, role="partner")
    link = await a_place(api, run["complaint_id"], role="election_observer", access="read")
    await api.post(f"/v1/complaints/{run['complaint_id']}/links/{link['id']}/accept", role="partner")
    await assign(api, run, luz, role="partner", status=403)


async def test_an_unknown_contact_and_an_unknown_field_are_refused(api: Api, desk: Desk) -> None:
    run = await a_run(api, desk)
    path = f"/v1/escalations/{run['id']}/assign"
    for body in ({}, {"contact_id": "x"}, {"contact_id": str(new_id())}, {"contact_id": str(new_id()), "x": 1}):
        assert (await api.post(path, json=body)).status_code == 422


async def test_no_word_of_the_case_stands_in_the_message_the_page_or_the_log(
    api: Api, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    run = await a_run(api, desk, title=CANARY, summary=CANARY, narrative=CANARY)
    offer = await assign(api, run, await a_person(api, name=CANARY))
    link = await the_link(api, desk, offer)
    texts = [file.read_text() for file in desk.settings.mail_dir.glob("*.eml")]
    texts += [(await api.get(link, role=None)).text, (await press(api, link, "accept")).text, caplog.text]
    assert not [text for text in texts if CANARY in text]


async def test_a_run_of_a_task_is_offered_within_its_organisation_only(api: Api, desk: Desk) -> None:
    case = await a_complaint(api, title=CANARY)
    link = await a_place(api, case["id"], access="write")
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner")
    task = await api.post(
        f"/v1/complaints/{case['id']}/tasks", json={"code": "prepare_meeting", "due_on": "2026-03-20", "title": CANARY}
    )
    run = await the_run_of(desk, task.json())
    ana, luz = await a_person(api), await a_person(api, role="partner")
    acknowledged = await api.post(f"/v1/escalations/{run['id']}/acknowledge", json={}, role="partner")
    assert acknowledged.status_code == 404
    await assign(api, run, luz, role="partner", status=404)  # it writes in the case, but the task is the centre's
    link_of = await the_link(api, desk, await assign(api, run, ana))
    page = (await api.get(link_of, role=None)).text
    assert "preparar una reunión" in page
    assert CANARY not in page
    assert "usted se hace cargo" in (await press(api, link_of, "accept")).text
