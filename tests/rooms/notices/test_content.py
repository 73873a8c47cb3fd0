"""What a notice says, for every rule and in every language, and what it never says."""

import email
import email.policy
import re
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.builders import a_contact, a_facility, an_event
from tests.conftest import Api, Clock, People, looking
from tests.rooms.climbing import a_case, a_day_goes_by, ledger
from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Desk
from vigilancia.law import loader
from vigilancia.notices.content import compose
from vigilancia.notices.facts import Day, Facts
from vigilancia.notices.render import deadline_page, mail_bodies
from vigilancia.registry.models import ContactRow, OrganizationRow

MECHANISM = loader.mechanism("usmca-31a-us-mx")
SATURDAY = date(2026, 3, 7)
CANARY = "Zopilotepec"


def the_facts(rule: str = "review_answer", **changes: Any) -> Facts:
    """Return what is told of a rule's day, as if Saturday 7 March 2026 were the last."""
    law = MECHANISM.rules[rule]
    actor = MECHANISM.actors[law.actor]
    day: dict[str, Any] = {
        "titles": law.titles,
        "actor_labels": actor.labels,
        "side": actor.side,
        "nature": law.nature,
        "due_on": SATURDAY,
        "latest_due_on": SATURDAY,
        "practice_on": None,
        "zone": actor.zones[0],
        "met": False,
        "void": False,
        "confidence": "primary",
        "provisional": False,
        "effect": law.on_expiry.labels if law.on_expiry else None,
        "effect_confidence": law.on_expiry.confidence if law.on_expiry else None,
    }
    nobody = UUID(int=0)
    return Facts(
        channel="email",
        notice_id=nobody,
        complaint_id=nobody,
        deadline_id=nobody,
        run_id=nobody,
        organization_id=nobody,
        contact_id=nobody,
        reference="VIG-2026-7K3M9Q",
        rung="-1d",
        due_at=datetime(2026, 3, 6, 6, tzinfo=UTC),
        planned_at=datetime(2026, 3, 6, 6, tzinfo=UTC),
        status="planned",
        locale="es",
        address="mesa@example.org",
        zone="America/Mexico_City",
        entitled=True,
        deadline=Day(**{**day, **changes}),
    )


def noon(day: int) -> datetime:
    """Return noon of a day of March 2026, at the actors."""
    return datetime(2026, 3, day, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "headline"),
    [
        (4, "Faltan 3 días"),
        (6, "Mañana es el último día"),
        (7, "Hoy es el último día"),
        (8, "Venció ayer y no consta el acto"),
        (10, "Venció hace 3 días y no consta el acto"),
    ],
)
def test_the_subject_counts_the_days_as_they_are_when_it_leaves(day: int, headline: str) -> None:
    content = compose(the_facts(), "es", noon(day))

    assert content.subject == f"[VIG-2026-7K3M9Q] {headline}: México responde si hará la revisión"


def test_days_are_counted_at_the_authority_not_in_utc() -> None:
    late_evening_in_mexico = datetime(2026, 3, 8, 5, 59, tzinfo=UTC)

    assert compose(the_facts(), "es", late_evening_in_mexico).headline == "Hoy es el último día"
    assert compose(the_facts(), "es", late_evening_in_mexico + timedelta(minutes=1)).headline.startswith("Venció ayer")


@pytest.mark.parametrize(
    ("locale", "whose"),
    [
        ("es", "El gobierno de México, no usted."),
        ("en", "The government of Mexico must act, not you."),
        ("fr", "Le gouvernement du Mexique, et non vous."),
    ],
)
def test_it_says_whose_act_it_is(locale: Locale, whose: str) -> None:
    text, html = mail_bodies(compose(the_facts(), locale, noon(6)), "https://x.test/a/t")

    assert whose in text.replace("\n", " ")
    assert whose in html


def test_an_act_of_the_workers_side_is_told_as_theirs() -> None:
    content = compose(the_facts(side="workers"), "es", noon(6))

    assert "no usted" not in repr(content)
    assert "Termine y presente el acto" in repr(content)


def test_it_tells_what_practice_and_another_calendar_make_of_the_day() -> None:
    facts = the_facts(practice_on=date(2026, 3, 6), latest_due_on=date(2026, 3, 9), provisional=True)
    (day,) = [section for section in compose(facts, "es", noon(4)).sections if section.name == "day"]

    assert day.lines[0] == "Sábado 7 de marzo de 2026."
    told = " ".join(day.lines)
    for words in ("Ciudad de México", "viernes 6 de marzo de 2026", "lunes 9 de marzo de 2026", "parte de un anuncio"):
        assert words in told


@pytest.mark.parametrize("confidence", ["primary", "secondary", "practice", "unverified"])
@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_it_says_how_sure_the_date_is(locale: Locale, confidence: str) -> None:
    text, _ = mail_bodies(compose(the_facts(confidence=confidence), locale, noon(6)), "https://x.test/a/t")

    assert i18n.t(f"notices.sure.{confidence}", locale) in text.replace("\n", " ")


def test_a_floor_is_the_first_day_allowed_and_never_missed() -> None:
    content = compose(the_facts("remedies_not_before"), "es", noon(9))

    assert content.headline == "Ya llegó el primer día permitido"
    assert {"first_day", "now"} <= {section.name for section in content.sections}
    assert not {"day", "expiry"} & {section.name for section in content.sections}


def test_a_soft_date_is_told_as_one() -> None:
    assert "Es una fecha orientativa" in repr(compose(the_facts("panel_decision"), "es", noon(6)))
    assert "Es una fecha orientativa" not in repr(compose(the_facts(), "es", noon(6)))


@pytest.mark.parametrize("rule", sorted(MECHANISM.rules))
@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_rule_can_be_told_on_any_day_in_every_language(rule: str, locale: Locale) -> None:
    facts = the_facts(rule, practice_on=date(2026, 3, 6), latest_due_on=date(2026, 3, 9), provisional=True)

    for day in (1, 6, 7, 8, 20):
        content = compose(facts, locale, noon(day))
        link = "https://x.test/a/" + "t" * 71
        text, html = mail_bodies(content, link)
        page = deadline_page(content, [], asks=True, promise="p")
        assert MECHANISM.rules[rule].titles[locale] in content.subject
        assert max(map(len, text.splitlines())) <= 160
        assert link in text.splitlines()
        for body in (text, html, page):
            assert not re.search(r"\{\w*\}|\{\{|None|notices\.", body)


async def test_no_word_of_the_complaint_and_no_name_leaves_in_any_part_of_a_message(
    api: Api, desk: Desk, people: People, clock: Clock
) -> None:
    facility = await a_facility(api, name=f"Planta {CANARY}", company=f"{CANARY} S.A. de C.V.")
    handler = await a_contact(
        api, people.centre_id, name=f"Paz {CANARY}", channels=[{"kind": "email", "address": "h@example.org"}]
    )
    async with looking(desk) as session:
        await session.execute(update(OrganizationRow).values(name=f"Unión {CANARY}"))
        await session.execute(update(ContactRow).values(name=f"Luz {CANARY}"))
        await session.commit()
    words: dict[str, Any] = {name: f"{CANARY} {name}" for name in ("title", "summary", "narrative")}
    case = await a_case(
        api, handler_id=handler["id"], facility_id=facility["id"], facility_ids=[facility["id"]], tags=[CANARY], **words
    )
    note = {"note": CANARY, "stated_by": CANARY, "type": "review_requested", "on": "2026-02-27"}
    await an_event(api, case["proceeding_id"], **note)

    pages = []
    for _ in range(10):
        await a_day_goes_by(desk)
        clock.advance(timedelta(days=1))
    files = sorted(desk.settings.mail_dir.iterdir())
    for file in files:
        raw = file.read_bytes()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        assert CANARY.encode() not in raw
        assert CANARY not in str(message["Subject"])
        assert all(CANARY not in str(value) for value in message.values())
        text = message.get_body(("plain",))
        html = message.get_body(("html",))
        assert text is not None
        assert html is not None
        assert CANARY not in text.get_content()
        assert CANARY not in html.get_content()
        found = re.search(r"/a/[\w-]+", text.get_content())
        assert found
        pages.append(await api.get(found.group(), role=None))
        addresses = [str(value) for name, value in message.items() if name not in ("From", "To") and "@" in str(value)]
        assert all("example.org" not in value for value in addresses)

    assert len(files) >= 8
    assert all(CANARY not in page.text for page in pages)
    assert {page.status_code for page in pages} == {200}
    assert case["reference"] in pages[0].text
    assert CANARY not in (await api.get("/v1/notices")).text


async def test_each_recipient_reads_its_own_language(api: Api, desk: Desk, people: People) -> None:
    async with looking(desk) as session:
        of_union = OrganizationRow.id == people.union_id
        await session.execute(update(OrganizationRow).where(of_union).values(locale="fr"))
        desk_of_centre = ContactRow.organization_id == people.centre_id
        await session.execute(update(ContactRow).where(desk_of_centre).values(locale="en"))
        await session.commit()
    await a_case(api)

    await a_day_goes_by(desk)

    said = {}
    for notice in await ledger(api):
        raw = (desk.settings.mail_dir / f"{notice['id']}.eml").read_bytes()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        said[notice["organization_id"]] = (notice["locale"], str(message["Subject"]).split("] ")[1].split(":")[0])
    assert said == {
        str(people.union_id): ("fr", "Demain est le dernier jour"),
        str(people.centre_id): ("en", "Tomorrow is the last day"),
    }
