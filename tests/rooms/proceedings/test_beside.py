"""A clock that runs beside a procedure: proposed for what the case alleges, to those who see the case itself."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests.builders import a_complaint, a_facility, a_link, a_proceeding, an_event
from tests.conftest import Api, Clock
from tests.law.spoiling import OURS
from vigilancia.core import vocabularies
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism

EXAMPLE = Path(__file__).parents[2] / "law" / "example"
PACKAGE = loader.mechanisms()
WARNING = "parallel_clock_running"
# A law that does not exist: whoever was dismissed must answer within ten days, on the working day before at the latest.
BESIDE = """
beside:
  - mechanism: example-inspection
    event: report_notified
    allegations: [union_dismissal, severance]
    labels: {es: el despido, en: the dismissal, fr: le licenciement}
    why: {es: El plazo propio sigue corriendo., en: Their own clock runs on., fr: Le délai propre continue de courir.}
    confidence: secondary
    cites: [{source: mx-lft, locator: art. 0 (ficticio)}]
"""
A_DISMISSAL = {"allegation": "union_dismissal", "on": "2026-02-26"}  # its tenth day is Sunday 8 March: Saturday the 7th


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Our mechanism with the fictional one beside it, whatever the package says runs beside it."""
    folder = Path(shutil.copytree(OURS, tmp_path / "mechanism"))
    head = folder / "mechanism.yaml"
    text = head.read_text("utf-8")
    head.write_text(text.split("\nbeside:")[0] + BESIDE, "utf-8")
    known = {}
    for path in (folder, EXAMPLE):
        mechanism, faults = loader.load_folder(path)
        assert mechanism is not None, faults
        known[mechanism.id] = mechanism
    monkeypatch.setattr(loader, "mechanisms", lambda: MappingProxyType(known))


async def a_case(api: Api, *incidents: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Open a petition for a case in which a dismissal is alleged; return the proceeding."""
    complaint = await a_complaint(api, incidents=list(incidents or [A_DISMISSAL]), **changes)
    return await a_proceeding(api, complaint["id"])


def codes(proceeding: dict[str, Any]) -> list[str]:
    """Return the codes of the warnings."""
    return [warning["code"] for warning in proceeding["warnings"]]


async def test_opening_a_petition_where_a_dismissal_is_alleged_proposes_the_workers_own_clock(api: Api) -> None:
    opened = await a_case(api)
    assert opened["suggestions"] == [
        {
            "mechanism": "example-inspection",
            "title": "inspección (ley ficticia)",
            "why": "El plazo propio sigue corriendo.",
            "sentence": "Ese plazo vencería el sábado 7 de marzo de 2026,"
            " si el despido fue el jueves 26 de febrero de 2026.",
            "citation": opened["suggestions"][0]["citation"],
            "confidence": "secondary",
            "event": "report_notified",
            "acts": [
                {
                    "allegation": "union_dismissal",
                    "on": "2026-02-26",
                    "precision": "day",
                    "would_be_due_on": "2026-03-07",
                    "confidence": "secondary",
                }
            ],
            "url": f"/v1/complaints/{opened['complaint_id']}/proceedings",
        }
    ]
    [citation] = opened["suggestions"][0]["citation"]
    assert (citation["source"], citation["title"]) == ("mx-lft", "Ley Federal del Trabajo")
    [warning] = opened["warnings"]
    assert warning["code"] == WARNING
    assert "inspección (ley ficticia)" in warning["text"]
    assert "sábado 7 de marzo de 2026" in warning["text"]


async def test_the_procedure_and_the_clock_show_it_until_the_other_procedure_is_opened(api: Api) -> None:
    opened = await a_case(api)
    clock_url = f"/v1/complaints/{opened['complaint_id']}/clock"
    shown = (await api.get(f"/v1/proceedings/{opened['id']}")).json()
    assert (shown["suggestions"], codes(shown)) == (opened["suggestions"], [WARNING])
    assert (await api.get(clock_url)).json()["suggestions"] == opened["suggestions"]
    assert "! Corre además otro plazo" in (await api.get(clock_url, params={"format": "text"})).text
    suggestion = opened["suggestions"][0]
    answer = await api.post(suggestion["url"], json={"mechanism": suggestion["mechanism"]})
    assert (answer.status_code, answer.json()["suggestions"], codes(answer.json())) == (201, [], [])
    await an_event(api, answer.json()["id"], type=suggestion["event"], on="2026-02-26")
    shown = (await api.get(f"/v1/proceedings/{opened['id']}")).json()
    assert (shown["suggestions"], codes(shown)) == ([], [])
    found = (await api.get(clock_url)).json()
    assert found["suggestions"] == []
    assert (found["most_urgent"]["ours"], found["most_urgent"]["by"]["due_on"]) == (True, "2026-03-07")
    assert "! " not in (await api.get(clock_url, params={"format": "text"})).text


async def test_nothing_is_proposed_where_nothing_of_the_kind_is_alleged_or_the_petition_is_closed(api: Api) -> None:
    other = await a_case(api, {"allegation": "threats_coercion", "on": "2026-02-26"}, allegations=["wages"])
    assert (other["suggestions"], codes(other)) == ([], [])
    closed = await a_case(api)
    await an_event(api, closed["id"], type="withdrawn", on="2026-03-01")
    shown = (await api.get(f"/v1/proceedings/{closed['id']}")).json()
    assert (shown["closed"], shown["suggestions"], codes(shown)) == (True, [], [])


async def test_an_allegation_without_a_day_warns_and_asks_for_the_day(api: Api) -> None:
    undated = {"allegation": "union_dismissal"}
    only_a_year = {"allegation": "union_dismissal", "on": "2026-01-05", "precision": "year"}
    for incidents, count in (([{"allegation": "wages"}], 0), ([undated], 1), ([only_a_year], 1)):
        opened = await a_case(api, *incidents, allegations=["severance"])
        [suggestion] = opened["suggestions"]
        assert [act["would_be_due_on"] for act in suggestion["acts"]] == [None] * count
        assert suggestion["sentence"].startswith("Falta saber qué día fue el despido")
        assert codes(opened) == [WARNING]


async def test_of_a_month_the_first_day_is_taken_and_only_as_the_earliest(api: Api) -> None:
    opened = await a_case(api, {"allegation": "union_dismissal", "on": "2026-02-26", "precision": "month"})
    [suggestion] = opened["suggestions"]
    [act] = suggestion["acts"]
    assert (act["on"], act["precision"], act["would_be_due_on"]) == ("2026-02-01", "month", "2026-02-11")
    assert "si el despido fue a principios de febrero de 2026" in suggestion["sentence"]


async def test_of_several_dismissals_the_sentence_tells_the_one_that_runs_out_next(api: Api, clock: Clock) -> None:
    days = ("2026-03-01", "2026-02-26", "2026-02-03", "2026-02-26")
    opened = await a_case(api, *({"allegation": "union_dismissal", "on": day} for day in days))
    [suggestion] = opened["suggestions"]
    acts = [(act["on"], act["would_be_due_on"]) for act in suggestion["acts"]]
    assert acts == [("2026-02-03", "2026-02-13"), ("2026-02-26", "2026-03-07"), ("2026-03-01", "2026-03-11")]
    assert "sábado 7 de marzo" in suggestion["sentence"]
    clock.set(datetime(2026, 4, 1, 15, tzinfo=UTC))
    [suggestion] = (await api.get(f"/v1/proceedings/{opened['id']}")).json()["suggestions"]
    assert "habría vencido el miércoles 11 de marzo de 2026" in suggestion["sentence"]
    assert "Averigüe hoy mismo" in suggestion["sentence"]


async def test_a_day_no_rule_or_calendar_knows_is_left_open(api: Api, clock: Clock) -> None:
    clock.set(datetime(2026, 6, 30, 15, tzinfo=UTC))
    opened = await a_case(api, *({**A_DISMISSAL, "on": day} for day in ("1990-01-01", "2026-06-29")))
    [suggestion] = opened["suggestions"]
    assert [act["would_be_due_on"] for act in suggestion["acts"]] == [None, None]


@pytest.mark.parametrize(("locale", "words"), [("en", "if the dismissal was on"), ("fr", "si le licenciement a eu")])
async def test_it_is_told_in_the_readers_language(api: Api, locale: str, words: str) -> None:
    opened = await a_case(api)
    headers = {"Accept-Language": locale}
    shown = (await api.get(f"/v1/proceedings/{opened['id']}", headers=headers)).json()
    assert words in shown["suggestions"][0]["sentence"]
    assert words in shown["warnings"][0]["text"]


async def test_who_sees_steps_and_dates_only_is_not_told_what_is_alleged(api: Api) -> None:
    plant = await a_facility(api)
    opened = await a_case(api, facility_id=plant["id"])
    await a_link(api, opened["complaint_id"], api.people.union_id)
    for role in ("partner", "analyst"):
        for url in (f"/v1/proceedings/{opened['id']}", f"/v1/complaints/{opened['complaint_id']}/clock"):
            answer = await api.get(url, role=role)
            assert (answer.status_code, answer.json()["suggestions"]) == (200, [])
            assert WARNING not in answer.text
        listed = await api.get(f"/v1/complaints/{opened['complaint_id']}/proceedings", role=role)
        assert [(each["suggestions"], codes(each)) for each in listed.json()["items"]] == [([], [])]
        text = await api.get(f"/v1/complaints/{opened['complaint_id']}/clock", role=role, params={"format": "text"})
        assert "! " not in text.text
        report = await api.get(f"/v1/complaints/{opened['complaint_id']}/report", role=role)
        assert "ficticia" not in report.text


async def test_a_report_without_names_and_days_does_not_tell_it_even_to_the_owner(api: Api) -> None:
    opened = await a_case(api)
    url = f"/v1/complaints/{opened['complaint_id']}/report"
    assert "ficticia" not in (await api.get(url)).text
    assert "ficticia" in (await api.get(url, params={"profile": "full"})).text


async def test_whoever_may_read_the_case_is_told(api: Api) -> None:
    opened = await a_case(api)
    link = await a_link(api, opened["complaint_id"], api.people.union_id, access="read")
    await api.post(f"/v1/complaints/{opened['complaint_id']}/links/{link['id']}/accept", role="partner", json={})
    shown = (await api.get(f"/v1/proceedings/{opened['id']}", role="partner")).json()
    assert shown["suggestions"] == opened["suggestions"]


async def test_of_a_public_case_a_stranger_is_told_as_what_is_alleged_is_public(api: Api) -> None:
    opened = await a_case(api, confidentiality="public")
    shown = (await api.get(f"/v1/proceedings/{opened['id']}", role="partner")).json()
    assert shown["suggestions"] == opened["suggestions"]


async def test_in_a_case_merged_into_another_nothing_more_is_proposed(api: Api) -> None:
    opened = await a_case(api)
    other = await a_complaint(api)
    merging = {"into": other["id"], "reason": "El mismo caso"}
    answer = await api.post(f"/v1/complaints/{opened['complaint_id']}/merge", json=merging, version=1)
    assert answer.status_code == 200, answer.text
    shown = (await api.get(f"/v1/proceedings/{opened['id']}")).json()
    assert (shown["suggestions"], codes(shown)) == ([], [])


async def test_it_costs_no_further_statement(api: Api, statements: Any) -> None:
    counts = []
    for allegation in ("wages", "union_dismissal"):
        opened = await a_case(api, *({"allegation": allegation, "on": f"2026-02-{day:02}"} for day in range(1, 20)))
        await api.get(f"/v1/proceedings/{opened['id']}")
        with statements() as sent:
            await api.get(f"/v1/proceedings/{opened['id']}")
        counts.append(len(sent))
    assert counts == [5, 5]  # the last notes that it was read


@pytest.mark.parametrize("mechanism", PACKAGE.values(), ids=PACKAGE.keys())
def test_every_allegation_that_calls_for_another_mechanism_is_on_the_list(mechanism: Mechanism) -> None:
    named = {name for beside in mechanism.beside for name in beside.allegations}
    assert named <= vocabularies.codes("allegation")
