"""The page behind a notice's link: the same facts, three languages, one button, no account."""

import re
from datetime import timedelta

import httpx
from sqlalchemy import delete, select, update

from tests.builders import an_event
from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case, a_day_goes_by, ledger, the_run
from vigilancia.complaints.models import LinkRow
from vigilancia.core.work import Desk
from vigilancia.notices import tokens
from vigilancia.registry.models import ContactRow


async def the_link(api: Api, desk: Desk, people: People) -> str:
    """Return the path in the union's message."""
    notice = next(item for item in await ledger(api) if item["organization_id"] == str(people.union_id))
    text = (desk.settings.mail_dir / f"{notice['id']}.eml").read_text().replace("=\n", "")
    found = re.search(r"http://vigilancia\.test(/a/[\w-]+)", text)
    assert found, text
    return found.group(1)


async def get(api: Api, path: str, **rest: str) -> httpx.Response:
    """Open a page as a stranger's browser does."""
    return await api.get(path, role=None, params=rest)


async def test_the_page_says_what_the_message_said_in_the_recipients_language(
    api: Api, desk: Desk, people: People
) -> None:
    case = await a_case(api)
    await a_day_goes_by(desk)

    answer = await get(api, await the_link(api, desk, people))

    assert answer.status_code == 200
    for words in (case["reference"], "Mañana es el último día", "Martes 3 de marzo de 2026", "no usted"):
        assert words in answer.text
    assert '<form method="post"' in answer.text
    assert 'lang="es"' in answer.text


async def test_the_page_speaks_the_language_asked_for(api: Api, desk: Desk, people: People) -> None:
    await a_case(api)
    await a_day_goes_by(desk)
    link = await the_link(api, desk, people)

    assert "Tomorrow is the last day" in (await get(api, link, lang="en")).text
    assert "Demain est le dernier jour" in (await get(api, link, lang="fr")).text
    assert "Mañana es el último día" in (await get(api, link, lang="nah")).text


async def test_the_page_needs_no_script_fetches_nothing_and_tells_nobody(api: Api, desk: Desk, people: People) -> None:
    await a_case(api)
    await a_day_goes_by(desk)

    answer = await get(api, await the_link(api, desk, people))

    assert "<script" not in answer.text
    assert not re.findall(r"(?:src|href)=\"(?!\?lang=)", answer.text)
    assert "url(" not in answer.text
    assert 'name="viewport"' in answer.text
    headers = answer.headers
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert "noindex" in headers["X-Robots-Tag"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


async def test_the_button_acknowledges_for_the_recipients_organisation(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api)
    await a_day_goes_by(desk)
    link = await the_link(api, desk, people)

    thanks = await api.post(link, role=None, params={"lang": "en"})

    assert thanks.status_code == 200
    assert "Thank you" in thanks.text
    assert "<form" not in thanks.text
    (entry,) = (await the_run(api, case["id"]))["acknowledgements"]
    assert entry["organization_id"] == str(people.union_id)
    assert entry["until"] == "2026-03-03T15:00:00Z"
    again = await get(api, link)
    assert "ya confirmó" in again.text
    assert "09:00" in again.text  # in Mexico City
    timeline = (await api.get(f"/v1/complaints/{case['id']}/timeline")).json()["items"]
    assert [item["after"]["by_link"] for item in timeline if item["type"] == "escalation_acknowledged"] == [True]


async def test_the_button_silences_the_recipients_organisation_alone_and_not_for_ever(
    api: Api, desk: Desk, people: People, clock: Clock
) -> None:
    rungs = [{"at": at, "audiences": ["handler_or_desk", "linked"]} for at in ("-3d", "-2d", "-1d")]
    await api.post("/v1/escalation-policies", json={"name": "Escalera", "rungs": rungs})
    await a_case(api, petition_on="2026-02-03")  # due on Thursday the 5th; the rung of today is -3d
    await a_day_goes_by(desk)
    assert (await api.post(await the_link(api, desk, people), role=None)).status_code == 200
    clock.advance(timedelta(hours=-1))
    for _ in range(2):
        clock.advance(timedelta(days=1))
        await a_day_goes_by(desk)

    told = {(notice["rung"], notice["organization_id"]): notice for notice in await ledger(api)}
    centre, union = str(people.centre_id), str(people.union_id)
    assert (told["-2d", union]["status"], told["-2d", union]["reason"]) == ("suppressed", "acknowledged")
    assert told["-2d", centre]["status"] == "stored"
    assert told["-1d", union]["status"] == "stored"


async def test_reading_the_page_acknowledges_nothing(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api)
    await a_day_goes_by(desk)

    for _ in range(3):
        await get(api, await the_link(api, desk, people))

    assert (await the_run(api, case["id"]))["acknowledgements"] == []


async def test_a_token_that_was_tampered_with_leads_nowhere(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api)
    await a_day_goes_by(desk)
    link = await the_link(api, desk, people)
    other = link[:-1] + ("A" if link[-1] != "A" else "B")

    for path in (other, "/a/x", "/a/" + "A" * 5000, link[:-8]):
        for answer in (await get(api, path), await api.post(path, role=None)):
            assert answer.status_code == 404
            assert case["reference"] not in answer.text
            assert "Enlace no encontrado" in answer.text


async def test_a_token_ends_on_its_own(api: Api, desk: Desk, people: People, clock: Clock) -> None:
    case = await a_case(api)
    await a_day_goes_by(desk)
    link = await the_link(api, desk, people)

    clock.advance(timedelta(days=60) - timedelta(seconds=1))
    assert (await get(api, link)).status_code == 200
    clock.advance(timedelta(seconds=1))
    answer = await api.post(link, role=None)

    assert (answer.status_code, case["reference"] in answer.text) == (410, False)
    assert (await the_run(api, case["id"]))["acknowledgements"] == []


async def test_whoever_lost_access_sees_nothing_any_more(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api)
    await a_day_goes_by(desk)
    link = await the_link(api, desk, people)
    async with looking(desk) as session:
        await session.execute(delete(LinkRow))
        await session.commit()

    answer = await get(api, link)

    assert (answer.status_code, case["reference"] in answer.text) == (410, False)


async def test_a_deadline_met_meanwhile_has_nothing_to_confirm(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api)
    await a_day_goes_by(desk)
    link = await the_link(api, desk, people)
    await an_event(api, case["proceeding_id"], type="ilc_determined_sufficient", on="2026-03-02")

    for answer in (await get(api, link), await api.post(link, role=None)):
        assert answer.status_code == 200
        assert "ya consta como cumplido" in answer.text
        assert "<form" not in answer.text
    assert (await the_run(api, case["id"]))["acknowledgements"] == []


async def test_a_day_that_moved_is_shown_as_it_is_now(api: Api, desk: Desk, people: People) -> None:
    case = await a_case(api)
    await a_day_goes_by(desk)
    link = await the_link(api, desk, people)
    path = f"/v1/proceedings/{case['proceeding_id']}/events/{case['event_id']}"
    await api.patch(path, json={"on": "2026-02-03", "reason": "the stamp says so"}, version=1)

    answer = await get(api, link)

    assert "La fecha cambió" in answer.text
    assert "Jueves 5 de marzo de 2026" in answer.text


async def test_an_address_cannot_carry_markup_into_the_page(api: Api, desk: Desk, people: People) -> None:
    await a_case(api)
    await a_day_goes_by(desk)
    link = await the_link(api, desk, people)

    answer = await get(api, link, lang='"><script>alert(1)</script>')

    assert "<script" not in answer.text


async def test_a_token_serves_one_purpose(desk: Desk) -> None:
    from vigilancia.core.ids import new_id

    token = tokens.make(desk.keys, "acknowledge", new_id(), desk.now())
    assert tokens.read(desk.keys, "acknowledge", token) is not None
    assert tokens.read(type(desk.keys)("other:" + "B" * 43 + "="), "acknowledge", token) is None


async def test_a_contact_that_left_the_organisation_sees_nothing(api: Api, desk: Desk, people: People) -> None:
    await a_case(api)
    await a_day_goes_by(desk)
    link = await the_link(api, desk, people)
    async with looking(desk) as session:
        union = ContactRow.organization_id == people.union_id
        assert await session.scalar(select(ContactRow.id).where(union))
        await session.execute(update(ContactRow).where(union).values(organization_id=people.centre_id))
        await session.commit()

    assert (await get(api, link)).status_code == 410
