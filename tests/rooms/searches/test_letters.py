"""What a search found is told by letter: how many cases and their numbers, and no name, filter or word of a case."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.builders import a_complaint, a_contact, a_link
from tests.conftest import Api, Clock
from tests.rooms.climbing import a_day_goes_by, ledger
from tests.rooms.complaints.cases import everything
from tests.rooms.searches.finding import FITTING, a_search, look
from vigilancia.core.identity import SYSTEM
from vigilancia.core.settings import Locale
from vigilancia.core.work import Desk
from vigilancia.escalation.sweep import sweep
from vigilancia.notices.content import Content
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.letters import reading
from vigilancia.notices.searches.figures import figures
from vigilancia.notices.searches.letters import compose
from vigilancia.notices.searches.untold import Tidings


def tidings(count: int) -> Tidings:
    return Tidings(
        search_id=uuid4(),
        owner_id=uuid4(),
        contact_id=uuid4(),
        complaint_ids=[uuid4() for _ in range(count)],
        references=[f"VIG-2026-{place:06}" for place in range(count)],
    )


def lines(content: Content) -> list[str]:
    return [line for section in content.sections for line in section.lines]


@pytest.mark.parametrize(
    ("locale", "one", "several"),
    [
        ("es", "Un caso nuevo cumple una búsqueda guardada", "3 casos nuevos cumplen una búsqueda guardada"),
        ("en", "A new case fits a saved search", "3 new cases fit a saved search"),
        (
            "fr",
            "Un nouveau dossier répond à une recherche enregistrée",
            "3 nouveaux dossiers répondent à une recherche enregistrée",
        ),
    ],
)
def test_the_subject_says_how_many_in_each_language(locale: Locale, one: str, several: str) -> None:
    assert compose(tidings(1), uuid4(), locale).subject == f"[vigilancia] {one}"
    assert compose(tidings(3), uuid4(), locale).subject == f"[vigilancia] {several}"


def test_a_letter_names_so_many_cases_and_says_how_many_it_does_not_name() -> None:
    most = figures().most_references
    named = [line for line in lines(compose(tidings(most), uuid4(), "en")) if line.startswith("VIG-")]
    assert len(named) == most
    assert "And one more case." in lines(compose(tidings(most + 1), uuid4(), "en"))
    cut = compose(tidings(most + 5), uuid4(), "en")
    assert len([line for line in lines(cut) if line.startswith("VIG-")]) == most
    assert "And 5 more cases." in lines(cut)
    assert cut.headline.startswith(str(most + 5))


def mails(desk: Desk) -> list[str]:
    """Return the messages stored, newest last."""
    from email import message_from_bytes, policy

    files = sorted(desk.settings.mail_dir.glob("*.eml"), key=lambda path: path.name)
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    return ["\n".join([str(each["Subject"]), each.get_body(("plain",)).get_content()]) for each in found]  # type: ignore[union-attr]


async def test_the_sweep_finds_and_the_delivery_tells_without_a_word_of_case_filter_or_search(
    api: Api, desk: Desk, clock: Clock
) -> None:
    made = await a_search(api, name="canaryname", filter={"q": "canarytitle"})
    cases = [await a_complaint(api, **everything()) for _ in range(2)]
    clock.advance(figures().every)
    await a_day_goes_by(desk)
    (notice,) = await ledger(api, kind="search")
    assert (notice["status"], notice["complaint_id"], notice["contact_id"]) == ("stored", None, made["contact_id"])
    (mail,) = mails(desk)
    assert mail.startswith("[vigilancia] 2 casos nuevos cumplen una búsqueda guardada\n")
    for case in cases:
        assert case["reference"] in mail
    assert f"GET /v1/saved-searches/{made['id']}/matches" in mail
    assert "canary" not in mail.lower()
    html = next(desk.settings.mail_dir.glob("*.eml")).read_text("utf-8")
    assert "canary" not in html.lower()
    clock.advance(figures().every)
    await a_day_goes_by(desk)
    assert len(await ledger(api, kind="search")) == 1


async def test_what_is_found_later_is_a_letter_of_its_own(api: Api, desk: Desk, clock: Clock) -> None:
    await a_search(api)
    for count in (1, 2):
        await a_complaint(api, **FITTING)
        clock.advance(figures().every)
        await a_day_goes_by(desk)
        assert len(await ledger(api, kind="search")) == count
    assert [mail.partition("\n")[0] for mail in mails(desk)] == [
        "[vigilancia] Un caso nuevo cumple una búsqueda guardada"
    ] * 2


async def test_a_case_lost_after_the_ledger_is_not_in_the_letter_and_none_left_suppresses_it(
    api: Api, desk: Desk, clock: Clock
) -> None:
    await a_search(api, role="partner", filter={"status": "intake"})
    cases = [await a_complaint(api) for _ in range(2)]
    links = [await a_link(api, case["id"], api.people.union_id) for case in cases]
    clock.advance(figures().every)
    await sweep(desk)
    (planned,) = await ledger(api, role="partner", kind="search")

    async def lose(place: int) -> Any:
        path = f"/v1/complaints/{cases[place]['id']}/links/{links[place]['id']}"
        assert (await api.delete(path, version=1)).status_code == 204
        async with desk.work(SYSTEM) as work:
            return await reading.read(work, UUID(planned["id"]))

    letter = await lose(0)
    assert letter.obstacle is None
    assert cases[1]["reference"] in lines(letter.content)
    assert cases[0]["reference"] not in lines(letter.content)
    assert (await lose(1)).obstacle == "superseded"
    await deliver_all(desk)
    (ended,) = await ledger(api, role="partner", kind="search")
    assert (ended["status"], ended["reason"]) == ("suppressed", "superseded")
    assert mails(desk) == []


async def test_a_removed_search_tells_nothing_that_was_planned(api: Api, desk: Desk, clock: Clock) -> None:
    made = await a_search(api)
    await a_complaint(api, **FITTING)
    clock.advance(figures().every)
    await sweep(desk)
    assert (await api.delete(f"/v1/saved-searches/{made['id']}", version=1)).status_code == 204
    await deliver_all(desk)
    (ended,) = await ledger(api, kind="search")
    assert (ended["status"], ended["reason"]) == ("suppressed", "superseded")


async def test_a_contact_without_an_address_stands_in_the_ledger_as_not_reached(
    api: Api, desk: Desk, clock: Clock
) -> None:
    mute = await a_contact(api, str(api.people.centre_id), name="Ana", desk=False, channels=[])
    await a_search(api, contact_id=mute["id"])
    await a_complaint(api, **FITTING)
    clock.advance(figures().every)
    await a_day_goes_by(desk)
    (notice,) = await ledger(api, kind="search")
    assert (notice["status"], notice["reason"]) == ("suppressed", "no_address")


async def test_a_letter_is_written_in_the_contacts_language(api: Api, desk: Desk, clock: Clock) -> None:
    ana = await a_contact(api, str(api.people.centre_id), name="Ana", desk=False, locale="fr")
    await a_search(api, contact_id=ana["id"])
    await a_complaint(api, **FITTING)
    clock.advance(figures().every)
    await a_day_goes_by(desk)
    (mail,) = mails(desk)
    assert "Un nouveau dossier répond à une recherche enregistrée" in mail


async def test_the_letters_of_another_organisations_search_are_not_in_ones_ledger(
    api: Api, desk: Desk, clock: Clock
) -> None:
    await a_search(api, role="partner")
    await a_complaint(api, role="partner", **FITTING)
    await look(desk, clock)
    await a_day_goes_by(desk)
    assert await ledger(api, kind="search") == []
    assert len(await ledger(api, role="partner", kind="search")) == 1
