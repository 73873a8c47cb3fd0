"""The case report: what a person reads, as data and as a page."""

from html.parser import HTMLParser
from typing import Any

import pytest

from tests.builders import a_complaint, a_facility, a_link, a_proceeding, an_event, an_organization
from tests.conftest import Api, People


@pytest.fixture
async def case(api: Api) -> dict[str, Any]:
    """A case whose governments state different results, with a procedure that went on."""
    plant = await a_facility(
        api, name="Planta Norte", subdivision="MX-TAM", municipality="Matamoros", sector="auto_parts"
    )
    union = await an_organization(api, name="Sindicato <b>Libre</b>")
    found = await a_complaint(
        api,
        title="Despidos & amenazas <script>alert(1)</script>",
        summary="Tras la asamblea despidieron a doce personas.",
        facility_id=plant["id"],
        allegations=["union_dismissal"],
        affected_workers={"min": 12},
        findings=[
            {"by": "US", "result": "denial", "on": "2026-02-20"},
            {"by": "MX", "result": "no_denial", "on": "2026-02-24", "source_url": "https://example.org/mx"},
        ],
    )
    await a_link(api, found["id"], union["id"])
    proceeding = await a_proceeding(api, found["id"])
    await an_event(api, proceeding["id"], stated_by="US", sources=["https://example.org/petition"])
    await an_event(api, proceeding["id"], type="review_requested", on="2026-02-26", kind="announced")
    return {**found, "proceeding_id": proceeding["id"]}


async def report_of(api: Api, case: dict[str, Any], *, role: str = "staff", **params: str) -> dict[str, Any]:
    """Return the report as data."""
    answer = await api.get(f"/v1/complaints/{case['id']}/report", params=params, role=role)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def page_of(api: Api, case: dict[str, Any], **params: str) -> str:
    """Return the report as a page."""
    answer = await api.get(f"/v1/complaints/{case['id']}/report", params={"format": "html", **params})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


class Outline(HTMLParser):
    """What stands in a page: headings in order, what it loads, and whether every element is closed."""

    VOID = ("meta", "br", "link", "img", "input", "hr")

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.headings: list[int] = []
        self.loads: list[str] = []
        self.lang: str | None = None
        self.open: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        found = dict(attrs)
        self.loads += [found["src"] or ""] if "src" in found else []
        self.loads += [tag] if tag in ("script", "link", "iframe", "img", "form") else []
        self.ids += [found["id"] or ""] if "id" in found else []
        if tag == "html":
            self.lang = found.get("lang")
        if len(tag) == len("h1") and tag[0] == "h" and tag[1].isdecimal():
            self.headings.append(int(tag[1]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, which must be the one opened last."""
        assert self.open.pop() == tag


async def test_full_report_tells_the_case(api: Api, case: dict[str, Any]) -> None:
    report = await report_of(api, case, profile="full", locale="en")
    assert report["case"]["reference"] == case["reference"]
    assert report["case"]["title"] == case["title"]
    assert report["case"]["received_on"] == "2026-02-02"
    assert report["places"][0]["name"] == "Planta Norte"
    assert [(party["role"]["code"], party["name"]) for party in report["parties"]] == [
        ("petitioner", "Sindicato <b>Libre</b>")
    ]
    assert [(found["by"], found["result"]["code"]) for found in report["findings"]] == [
        ("United States", "denial"),
        ("Mexico", "no_denial"),
    ]
    assert report["findings_differ"]
    assert report["notices"] == {}
    assert "narrative" not in report["case"]


async def test_report_gives_every_deadline_its_reckoning_its_source_and_its_certainty(
    api: Api, case: dict[str, Any]
) -> None:
    report = await report_of(api, case, profile="full", locale="en")
    (proceeding,) = report["proceedings"]
    assert [event["type"] for event in proceeding["events"]] == ["petition_received", "review_requested"]
    assert proceeding["events"][0]["stated_by"] == "United States"
    days = {day["rule"]: day for day in proceeding["deadlines"]}
    determination = days["ilc_determination"]
    assert determination["due_on"] == "2026-03-03"
    assert determination["explanation"]
    assert determination["citation"][0]["locator"]
    assert determination["confidence"]["code"] in ("primary", "secondary", "practice", "unverified")
    assert [day["due_on"] for day in proceeding["deadlines"]] == sorted(
        day["due_on"] for day in proceeding["deadlines"]
    )


async def test_earlier_states_of_a_deadline_are_told(api: Api, case: dict[str, Any]) -> None:
    listed = (await api.get(f"/v1/proceedings/{case['proceeding_id']}/events")).json()["items"]
    petition = next(event for event in listed if event["type"] == "petition_received")
    path = f"/v1/proceedings/{case['proceeding_id']}/events/{petition['id']}"
    changed = await api.patch(path, json={"reason": "copia mal leída", "on": "2026-01-30"}, version=petition["version"])
    assert changed.status_code == 200, changed.text
    report = await report_of(api, case, profile="full")
    (day,) = [day for day in report["proceedings"][0]["deadlines"] if day["rule"] == "ilc_determination"]
    assert day["revision"] == 2
    assert [(state["revision"], state["due_on"]) for state in day["earlier"]] == [(1, "2026-03-03")]


async def test_report_says_what_is_not_known(api: Api, case: dict[str, Any]) -> None:
    unknown = {gap["code"] for gap in (await report_of(api, case, profile="full"))["unknown"]}
    assert {"findings_differ", "only_announced", "event_without_source"} <= unknown
    assert "no_place" not in unknown
    empty = await a_complaint(api)
    gaps = {gap["code"] for gap in (await report_of(api, empty, profile="full"))["unknown"]}
    assert {"no_place", "no_allegation", "no_number_of_workers", "no_party", "no_proceeding"} <= gaps


async def test_full_profile_is_for_those_who_see_the_case_in_full(api: Api, case: dict[str, Any]) -> None:
    path = f"/v1/complaints/{case['id']}/report"
    for role in ("admin", "analyst"):
        assert (await api.get(path, params={"profile": "full"}, role=role)).status_code == 403
        assert (await api.get(path, role=role)).status_code == 200


async def test_others_find_no_report(api: Api, case: dict[str, Any]) -> None:
    for profile in ("full", "deidentified"):
        answer = await api.get(f"/v1/complaints/{case['id']}/report", params={"profile": profile}, role="partner")
        assert answer.status_code == 404


async def test_alerted_party_reads_steps_and_dates_only(api: Api, case: dict[str, Any], people: People) -> None:
    await a_link(api, case["id"], people.union_id, role="staff")
    report = await report_of(api, case, role="partner")
    assert report["view"] == "alerts"
    assert report["case"]["reference"] == case["reference"]
    assert (report["case"]["title"], report["case"]["allegations"], report["places"], report["parties"]) == (
        None,
        [],
        [],
        [],
    )
    assert report["findings"] == []
    assert report["proceedings"][0]["events"][0]["sources"] == []


async def test_public_case_is_told_whole_to_everyone_but_for_what_is_not_public(api: Api) -> None:
    case = await a_complaint(api, confidentiality="public", channel="phone")
    await an_event(api, (await a_proceeding(api, case["id"]))["id"])
    for role in ("staff", "partner", "analyst"):
        report = await report_of(api, case, role=role)
        assert (report["view"], report["case"]["title"]) == ("public", case["title"])
        assert not report["months_only"]
        assert report["proceedings"][0]["events"][0]["on"] == "2026-02-01"
        assert report["proceedings"][0]["deadlines"][0]["explanation"]
        assert report["case"]["channel"] is None
        assert report["notices"] is None


async def test_page_is_whole_in_itself_in_each_language(api: Api, case: dict[str, Any]) -> None:
    words = {"es": "Lo que no se sabe", "en": "What is not known", "fr": "Ce qu&#39;on ne sait pas"}
    for locale, heading in words.items():
        for profile in ("deidentified", "full"):
            page = await page_of(api, case, locale=locale, profile=profile)
            outline = Outline(page)
            assert outline.lang == locale
            assert outline.loads == []
            assert outline.open == []
            assert outline.headings[0] == 1
            assert outline.headings.count(1) == 1
            steps = zip(outline.headings, outline.headings[1:], strict=False)
            assert all(after <= before + 1 for before, after in steps)
            assert len(set(outline.ids)) == len(outline.ids)
            assert heading in page


async def test_page_escapes_what_people_typed(api: Api, case: dict[str, Any]) -> None:
    page = await page_of(api, case, profile="full")
    assert "<script>" not in page
    assert "Despidos &amp; amenazas &lt;script&gt;" in page
    assert "<b>Libre" not in page


async def test_page_writes_days_out_in_the_readers_language(api: Api, case: dict[str, Any]) -> None:
    assert "martes 3 de marzo de 2026" in await page_of(api, case, profile="full", locale="es")
    assert "Tuesday 3 March 2026" in await page_of(api, case, profile="full", locale="en")
    assert "mardi 3 mars 2026" in await page_of(api, case, profile="full", locale="fr")
    plain = await page_of(api, case, locale="es")
    assert "marzo de 2026" in plain
    assert "3 de marzo" not in plain


async def test_page_may_load_and_run_nothing(api: Api, case: dict[str, Any]) -> None:
    answer = await api.get(f"/v1/complaints/{case['id']}/report", params={"format": "html"})
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_language_of_the_request_is_that_of_the_report(api: Api, case: dict[str, Any]) -> None:
    answer = await api.get(f"/v1/complaints/{case['id']}/report", headers={"Accept-Language": "fr"})
    assert answer.json()["locale"] == "fr"
    unknown = await api.get(f"/v1/complaints/{case['id']}/report", params={"locale": "de"})
    assert unknown.status_code == 400
