"""Petition readiness: what is there, what is missing, what stays withheld, and the draft a person writes on."""

from datetime import UTC, datetime
from typing import Any, get_args
from uuid import uuid4

import httpx
import pytest
from msgspec.structs import replace

from tests.builders import a_complaint, a_contact, a_facility, a_link, a_proceeding, an_event, an_organization
from tests.conftest import Api, Clock, People
from tests.rooms.complaints.cases import everything, granted
from tests.rooms.reports.test_report import Outline
from vigilancia.law import loader
from vigilancia.law.lists import PetitionFact
from vigilancia.reports.petition import facts
from vigilancia.reports.petition.record import Party, Record

LOCALES = ("es", "en", "fr")
FORMATS = ("json", "html", "text")
WITHOUT_LIST = sorted(name for name, each in loader.mechanisms().items() if each.petition is None and each.active)


@pytest.fixture
async def case(api: Api) -> dict[str, Any]:
    """A case with all that a petition can take from a record, and a word in every field it must not take from."""
    plant = await a_facility(
        api,
        name="Planta Río Bravo",
        company="Autopartes del Norte",
        parent_company="Northern Parts Inc.",
        municipality="Matamoros",
        subdivision="MX-TAM",
        sector="auto_parts",
        products=["arneses", "sensores"],
        hs_codes=["8544.30"],
        visibility="private",
    )
    union = await an_organization(api, name="Sindicato Libre del Norte", website="https://canarysite.example")
    await a_contact(api, union["id"], name="canarycontact", desk=False)
    made = await a_complaint(api, **everything(facility_id=plant["id"]))
    await a_link(api, made["id"], union["id"], source="canarylinksource")
    proceeding = await a_proceeding(api, made["id"])
    return {**made, "proceeding_id": proceeding["id"], "facility_id": plant["id"], "union_id": union["id"]}


async def asked(api: Api, proceeding_id: str, *, role: str = "staff", **params: str) -> httpx.Response:
    """Ask for the petition."""
    return await api.get(f"/v1/proceedings/{proceeding_id}/petition", params=params, role=role)


async def petition_of(api: Api, proceeding_id: str, **rest: str) -> dict[str, Any]:
    """Return the petition as data."""
    answer = await asked(api, proceeding_id, **rest)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def by_id(petition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in petition["items"]}


def codes(petition: dict[str, Any]) -> set[str]:
    return {warning["code"] for warning in petition["warnings"]}


async def test_what_is_recorded_is_present_and_says_where(api: Api, case: dict[str, Any]) -> None:
    items = by_id(await petition_of(api, case["proceeding_id"], locale="en"))
    plant, complaint = f"/v1/facilities/{case['facility_id']}", f"/v1/complaints/{case['id']}"
    told = {name: (item["state"], item["where"], item["said"]) for name, item in items.items()}
    assert told["facility_name"] == ("present", f"{plant}#/name", ["Planta Río Bravo"])
    owner = ["Autopartes del Norte", "Parent company: Northern Parts Inc."]
    assert told["facility_owner"] == ("present", f"{plant}#/company", owner)
    assert told["sector"][0] == "present"
    assert told["goods"][2] == ["arneses; sensores", "Harmonized System codes: 8544.30"]
    assert told["workers_concerned"] == (
        "present",
        f"{complaint}#/affected_workers",
        ["Between 120 and 400 workers."],
    )
    assert told["petitioner"][:2] == ("present", f"{complaint}/links")
    assert told["petitioner"][2] == ["Sindicato Libre del Norte (petitioner)"]


async def test_acts_are_told_no_more_precisely_than_they_are_known(api: Api, case: dict[str, Any]) -> None:
    acts = by_id(await petition_of(api, case["proceeding_id"], locale="es"))["acts_with_dates"]
    assert acts["state"] == "partial"  # one allegation has no date
    assert [line.split(": ", 1)[1] for line in acts["said"]] == [
        "2025",
        "jueves 29 de enero de 2026 \u2013 miércoles 11 de febrero de 2026",
        "fecha por precisar",
    ]


async def test_what_no_field_holds_is_missing_and_never_guessed(api: Api, case: dict[str, Any]) -> None:
    items = by_id(await petition_of(api, case["proceeding_id"]))
    for name in ("law_breached", "trade", "outcome_wanted", "confidentiality_wish"):
        assert (items[name]["state"], items[name]["said"], items[name]["where"]) == ("missing", [], None), name
        assert items[name]["note"]
    assert items["facility_address"]["state"] == "partial"
    assert items["facility_address"]["said"] == ["Matamoros, Tamaulipas, México"]


async def test_who_a_person_is_stays_withheld_for_want_of_a_consent(api: Api, case: dict[str, Any]) -> None:
    items = by_id(await petition_of(api, case["proceeding_id"], locale="en"))
    for name in ("contact", "persons_involved"):
        assert (items[name]["state"], items[name]["said"]) == ("withheld", [])
        assert "consent" in items[name]["note"]


async def test_empty_case_lacks_everything_and_says_what_first(api: Api) -> None:
    bare = await a_complaint(api)
    petition = await petition_of(api, (await a_proceeding(api, bare["id"]))["id"])
    assert petition["ready"]["required_missing"] == ["facility_name", "acts_with_dates"]
    assert by_id(petition)["facility_name"]["where"] == f"/v1/complaints/{bare['id']}#/facility_id"
    assert not [item["id"] for item in petition["items"] if item["state"] in ("present", "partial")]


async def test_petition_of_2022_is_read_under_the_interim_guidelines(api: Api, case: dict[str, Any]) -> None:
    await an_event(api, case["proceeding_id"], on="2022-06-21")
    petition = await petition_of(api, case["proceeding_id"], locale="en")
    assert petition["version"]["in_force"] == {"from": "2020-06-30", "until": "2023-06-21"}
    assert (petition["chosen_by"]["on"], petition["chosen_by"]["why"]) == ("2022-06-21", "petition_received")
    items = by_id(petition)
    assert {name: items[name]["need"] for name in ("petitioner", "contact", "domestic_steps")} == {
        "petitioner": "required",
        "contact": "required",
        "domestic_steps": "recommended",
    }
    assert "contact" in petition["ready"]["required_missing"]
    assert "identity_required" in codes(petition)
    assert petition["version"]["languages"] is None
    assert "languages_unknown" in codes(petition)


async def test_petition_of_2024_may_be_anonymous(api: Api, case: dict[str, Any]) -> None:
    await an_event(api, case["proceeding_id"], on="2024-05-01")
    petition = await petition_of(api, case["proceeding_id"])
    assert petition["version"]["in_force"]["from"] == "2023-06-22"
    items = by_id(petition)
    assert (items["petitioner"]["need"], items["contact"]["need"]) == ("optional", "optional")
    assert "domestic_steps" not in items
    assert "identity_required" not in codes(petition)
    assert petition["ready"]["required_missing"] == ["acts_with_dates"]


async def test_without_a_receipt_today_in_washington_picks_the_text(
    api: Api, clock: Clock, case: dict[str, Any]
) -> None:
    clock.set(datetime(2023, 6, 22, 3, 30, tzinfo=UTC))  # still the 21st there
    petition = await petition_of(api, case["proceeding_id"])
    assert (petition["chosen_by"]["on"], petition["chosen_by"]["why"]) == ("2023-06-21", "today")
    assert petition["version"]["in_force"]["from"] == "2020-06-30"


async def test_no_list_is_made_up_for_a_day_before_the_first_text(api: Api, case: dict[str, Any]) -> None:
    await an_event(api, case["proceeding_id"], on="2020-06-01")
    petition = await petition_of(api, case["proceeding_id"])
    assert (petition["version"], petition["items"], codes(petition)) == (None, [], {"no_version_in_force"})
    for format_ in ("html", "text"):
        assert (await asked(api, case["proceeding_id"], format=format_)).status_code == 200


@pytest.mark.parametrize("mechanism", WITHOUT_LIST)
async def test_mechanism_without_a_list_says_so(api: Api, mechanism: str) -> None:
    opened = await a_proceeding(api, (await a_complaint(api))["id"], mechanism=mechanism)
    petition = await petition_of(api, opened["id"])
    assert (petition["version"], petition["items"], codes(petition)) == (None, [], {"no_content_list"})
    for format_ in ("html", "text"):
        assert (await asked(api, opened["id"], format=format_)).status_code == 200


async def test_every_item_is_cited_and_says_how_sure_it_is(api: Api, case: dict[str, Any]) -> None:
    petition = await petition_of(api, case["proceeding_id"])
    assert petition["version"]["citation"]
    for item in petition["items"]:
        assert item["citation"][0]["title"], item["id"]
        assert item["confidence"] in ("primary", "secondary", "practice", "unverified")
    assert "text_not_read" in codes(petition)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("format_", FORMATS)
async def test_no_word_of_case_contact_or_note_is_in_any_form(
    api: Api, case: dict[str, Any], format_: str, locale: str
) -> None:
    await an_event(
        api, case["proceeding_id"], note="canarynote", stated_by="canarystater", sources=["https://canary.example/"]
    )
    answer = await asked(api, case["proceeding_id"], format=format_, locale=locale)
    assert answer.status_code == 200, answer.text
    assert "canary" not in answer.text
    assert "Planta Río Bravo" in answer.text


async def test_organisation_kept_private_by_another_is_not_named(api: Api, case: dict[str, Any]) -> None:
    hidden = await an_organization(api, name="canaryprivate", visibility="private")
    await a_link(api, case["id"], hidden["id"], access="none")
    await granted(api, case["id"], "read")
    own = by_id(await petition_of(api, case["proceeding_id"]))["petitioner"]
    assert any("canaryprivate" in line for line in own["said"])
    for format_ in FORMATS:
        answer = await asked(api, case["proceeding_id"], role="partner", format=format_)
        assert answer.status_code == 200
        assert "canaryprivate" not in answer.text
    theirs = by_id(await petition_of(api, case["proceeding_id"], role="partner"))["petitioner"]
    assert theirs["state"] == "partial"


async def test_several_places_are_pointed_out_and_the_main_one_taken(api: Api, case: dict[str, Any]) -> None:
    other = await a_facility(api, name="Otra planta")
    changed = await api.patch(
        f"/v1/complaints/{case['id']}",
        json={"facility_ids": [case["facility_id"], other["id"]]},
        version=(await api.get(f"/v1/complaints/{case['id']}")).json()["version"],
    )
    assert changed.status_code == 200, changed.text
    petition = await petition_of(api, case["proceeding_id"])
    assert "several_facilities" in codes(petition)
    assert by_id(petition)["facility_name"]["said"] == ["Planta Río Bravo"]


@pytest.mark.parametrize("access", ["read", "write"])
async def test_who_reads_the_case_by_a_link_gets_the_draft(api: Api, case: dict[str, Any], access: str) -> None:
    assert (await asked(api, case["proceeding_id"], role="partner")).status_code == 404
    await granted(api, case["id"], access)
    assert (await asked(api, case["proceeding_id"], role="partner")).status_code == 200


async def test_who_gets_alerts_or_is_an_analyst_does_not(api: Api, case: dict[str, Any], people: People) -> None:
    await a_link(api, case["id"], people.union_id)
    for role in ("partner", "analyst"):
        for format_ in FORMATS:
            assert (await asked(api, case["proceeding_id"], role=role, format=format_)).status_code == 403, role


async def test_public_case_shows_its_draft_to_its_own_people_only(api: Api) -> None:
    case = await a_complaint(api, confidentiality="public")
    proceeding = await a_proceeding(api, case["id"])
    assert (await asked(api, proceeding["id"])).status_code == 200
    for role in ("partner", "analyst"):
        assert (await asked(api, proceeding["id"], role=role)).status_code == 403


async def test_unknown_procedure_is_not_found_and_an_unknown_form_is_refused(api: Api, case: dict[str, Any]) -> None:
    assert (await asked(api, str(uuid4()))).status_code == 404
    for params in ({"format": "pdf"}, {"locale": "de"}, {"profile": "full"}):
        assert (await asked(api, case["proceeding_id"], **params)).status_code == 400


async def test_answer_speaks_the_language_of_the_request(api: Api, case: dict[str, Any]) -> None:
    for locale, name in (("es", "Centro de trabajo"), ("en", "Facility"), ("fr", "Établissement")):
        answer = await api.get(f"/v1/proceedings/{case['proceeding_id']}/petition", headers={"Accept-Language": locale})
        assert by_id(answer.json())["facility_name"]["label"] == name
        assert answer.json()["locale"] == locale


@pytest.mark.parametrize("locale", LOCALES)
async def test_page_is_whole_in_itself_and_never_kept(api: Api, case: dict[str, Any], locale: str) -> None:
    answer = await asked(api, case["proceeding_id"], format="html", locale=locale)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["content-disposition"] == f'inline; filename="petition-{case["proceeding_id"]}.html"'
    outline = Outline(answer.text)
    assert (outline.lang, outline.loads, outline.open) == (locale, [], [])
    assert outline.headings.count(1) == 1
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps)
    assert len(set(outline.ids)) == len(outline.ids)


async def test_names_are_written_and_never_run(api: Api) -> None:
    plant = await a_facility(api, name="Planta <script>alert(1)</script>")
    case = await a_complaint(api, facility_id=plant["id"])
    page = (await asked(api, (await a_proceeding(api, case["id"]))["id"], format="html")).text
    assert "<script" not in page
    assert "Planta &lt;script&gt;" in page


async def test_text_says_the_same_in_the_same_order(api: Api, case: dict[str, Any]) -> None:
    petition = await petition_of(api, case["proceeding_id"], locale="en")
    answer = await asked(api, case["proceeding_id"], locale="en", format="text")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].endswith(f'petition-{case["proceeding_id"]}.txt"')
    places = [answer.text.index(f"{number}. {item['label']}") for number, item in enumerate(petition["items"], 1)]
    assert places == sorted(places)
    assert "[To be written: No field holds this. Name the law and its articles.]" in answer.text
    assert all(len(line) <= 79 for line in answer.text.splitlines())


async def test_mechanism_publishes_its_content_lists(api: Api) -> None:
    versions = (await api.get("/v1/mechanisms/usmca-31a-us-mx")).json()["petition"]["versions"]
    assert [version["in_force"]["from"] for version in versions] == ["2020-06-30", "2023-06-22"]
    assert versions[0]["items"][0]["need"] == "required"


def a_record(**changes: Any) -> Record:
    """Return a record with nothing in it."""
    return Record(
        **{
            "locale": "en",
            "mechanism": loader.mechanism("usmca-31a-us-mx"),
            "complaint_id": uuid4(),
            "plant": None,
            "parties": [],
            "others": [],
            "incidents": [],
            "allegations": [],
            "workers": None,
            "has_sources": False,
            **changes,
        }
    )


@pytest.mark.parametrize("fact", get_args(PetitionFact))
def test_every_verb_tells_an_empty_record_without_a_word(fact: PetitionFact) -> None:
    found = facts.find(fact, a_record())
    assert found.state in ("missing", "withheld")
    assert found.said == ()
    assert found.note


@pytest.mark.parametrize(("country", "state"), [("US", "present"), ("MX", "missing"), (None, "missing")])
def test_filer_belongs_to_the_complaining_party_only_if_its_record_says_so(country: str | None, state: str) -> None:
    party = Party(id=uuid4(), role="petitioner", name="Union", country=country)
    found = facts.find("filer_of_party", a_record(parties=[party]))
    assert found.state == state
    assert found.said == (("Union; country of its seat: United States",) if state == "present" else ())


@pytest.mark.parametrize(
    ("ours", "other", "told_by"),
    [
        ({"complainant": "US", "respondent": "MX"}, {"authority": "MX"}, ["domestic_steps"]),
        ({"complainant": "US", "respondent": "MX"}, {"complainant": "US"}, ["international_steps"]),
        ({"complainant": "US", "respondent": "MX"}, {"complainant": "CA", "respondent": "MX"}, ["international_steps"]),
        ({"complainant": "US"}, {"authority": "MX"}, ["domestic_steps"]),
        ({"complainant": "US"}, {"complainant": "US"}, ["international_steps"]),
        ({"complainant": "US", "respondent": "MX"}, {}, []),
    ],
)
def test_other_procedures_are_steps_at_home_or_abroad_as_their_countries_say(
    ours: dict[str, str], other: dict[str, str], told_by: list[PetitionFact]
) -> None:
    known = loader.mechanism("usmca-31a-us-mx")
    record = a_record(mechanism=replace(known, parties=ours), others=[replace(known, parties=other)])
    steps: tuple[PetitionFact, ...] = ("domestic_steps", "international_steps")
    assert [fact for fact in steps if facts.find(fact, record).said == (known.labels["en"],)] == told_by


@pytest.mark.parametrize("kind", ["contract_holder", "incumbent_union", "challenger_union"])
def test_unions_of_the_case_are_told_and_the_contract_is_left_to_write(kind: str) -> None:
    shown, hidden = (Party(id=uuid4(), role=kind, name=name, country="MX") for name in ("Union", None))
    assert facts.find("union_and_contract", a_record(parties=[shown, hidden])).state == "partial"
    assert facts.find("union_and_contract", a_record(parties=[hidden])).state == "withheld"
