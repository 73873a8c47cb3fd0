"""docs/new-mechanism.md: its files, as they stand there, make a mechanism that does what the page says."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.law.case_files import Case
from vigilancia.law.check import check_folder
from vigilancia.law.engine import run
from vigilancia.law.loader import load_folder
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Event, Outcome
from vigilancia.law.status import noon
from vigilancia.law.yamlfile import read_yaml

PAGE = Path(__file__).parent.parent.parent / "docs" / "new-mechanism.md"
FILE = re.compile(r"^`([a-z/_.-]+\.yaml)`\n\n```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
CASE = re.compile(r"^```yaml\n(- name: .*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder the page builds."""
    root = tmp_path / "ruritania-inspection"
    for name, text in FILE.findall(PAGE.read_text(encoding="utf-8")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def mechanism(folder: Path) -> Mechanism:
    loaded, faults = load_folder(folder)
    assert faults == []
    assert loaded is not None
    return loaded


def outcome(mechanism: Mechanism, type_: str, on: date, as_of: date | None = None) -> Outcome:
    events = [Event(id="1", type=type_, on=on)]
    return run(mechanism, events, as_of=noon(as_of) if as_of else None)


def days(found: Outcome) -> dict[str, date]:
    return {each.rule: each.due_on for each in found.deadlines}


def test_folder_of_the_page_has_no_fault_and_every_file_of_its_drawing(folder: Path) -> None:
    assert check_folder(folder) == []
    assert len(list(folder.rglob("*.yaml"))) == 7


def test_table_of_the_page_is_what_is_computed(mechanism: Mechanism) -> None:
    answer = outcome(mechanism, "report_received", date(2026, 5, 28))
    assert days(answer) == {"report_answer": date(2026, 6, 12)}
    assert [day.on for day in answer.deadlines[0].computation.skipped if day.why != "weekend"] == [date(2026, 6, 3)]
    silent = outcome(mechanism, "report_received", date(2026, 5, 28), as_of=date(2026, 6, 13))
    assert [silence.event.on for silence in silent.silences] == [date(2026, 6, 13)]
    assert days(silent)["refusal_appeal"] == date(2026, 7, 13)
    assert days(outcome(mechanism, "appeal_filed", date(2026, 7, 1))) == {"appeal_hearing": date(2026, 9, 7)}
    assert days(outcome(mechanism, "report_received", date(2025, 5, 29))) == {"report_answer": date(2025, 6, 6)}


def test_case_of_the_page_holds(mechanism: Mechanism, tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("\n".join(CASE.findall(PAGE.read_text(encoding="utf-8"))), encoding="utf-8")
    [case] = read_yaml(path, path.name).shaped(list[Case])
    assert case.as_of is not None
    found = run(mechanism, case.law_events(), as_of=noon(case.as_of))
    assert days(found)[case.rule].isoformat() == case.expected["due_on"]
    assert found.stage == case.stage


def test_fault_is_told_as_the_page_says(folder: Path) -> None:
    path = folder / "rules" / "report_answer.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("actor: plant", "actor: plants"), encoding="utf-8")
    [fault] = [str(fault) for fault in check_folder(folder)]
    assert re.fullmatch(r"rules/report_answer.yaml:\d+: no actor 'plants'", fault)
    assert f"`{fault}`" in PAGE.read_text(encoding="utf-8")
