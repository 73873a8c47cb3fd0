"""Our own rule files, and what a folder may bring."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.law.spoiling import spoil, the_fault
from tests.law.test_spoiled_files import CALENDAR
from vigilancia.law.check import check_folder
from vigilancia.law.errors import UnknownMechanismError
from vigilancia.law.loader import DATA, load_folder, mechanism, mechanisms
from vigilancia.law.texts import texts

ROOT = Path(__file__).parent.parent.parent


def test_our_own_files_have_no_fault() -> None:
    assert check_folder(DATA) == []


def test_a_copy_has_the_same_digest(folder: Path) -> None:
    copy, faults = load_folder(folder)
    assert faults == []
    assert copy is not None
    assert copy.digest == mechanism("usmca-31a-us-mx").digest


def test_a_comment_leaves_the_digest_and_a_number_changes_it(folder: Path) -> None:
    spoil(folder, "rules/review_answer.yaml", "id: review_answer", "# a remark\nid: review_answer")
    commented = load_folder(folder)[0]
    spoil(folder, "rules/review_answer.yaml", "count: 10", "count: 11")
    changed = load_folder(folder)[0]
    assert commented is not None
    assert changed is not None
    assert commented.digest == mechanism("usmca-31a-us-mx").digest != changed.digest


def test_folder_may_bring_its_own_calendar_and_sources(folder: Path) -> None:
    (folder / "calendars").mkdir()
    (folder / "calendars" / "village.yaml").write_text(
        CALENDAR.format(id="village", extends="extends: mx-lft\n", day="2026-05-03", holiday="fiesta"), encoding="utf-8"
    )
    (folder / "sources.yaml").write_text("bylaw: {title: A bylaw, publisher: The village}\n", encoding="utf-8")
    spoil(folder, "rules/review_answer.yaml", "calendars: [mx-lft]", "calendars: [village]")
    spoil(folder, "rules/review_answer.yaml", "{source: usmca-31a,", "{source: bylaw,")
    loaded, faults = load_folder(folder)
    assert faults == []
    assert loaded is not None
    assert {"village", "mx-lft"} <= loaded.calendars.keys()
    assert loaded.sources["bylaw"].title == "A bylaw"


def test_every_fault_is_told_at_once(folder: Path) -> None:
    spoil(folder, "rules/review_answer.yaml", "actor: mexico", "actor: canada")
    spoil(folder, "rules/review_report.yaml", "actor: mexico", "actor: canada")
    assert [fault.file for fault in check_folder(folder)] == ["rules/review_answer.yaml", "rules/review_report.yaml"]


def test_fault_reads_like_a_compiler_message(folder: Path) -> None:
    line = spoil(folder, "rules/review_answer.yaml", "actor: mexico", "actor: canada")
    assert str(check_folder(folder)[0]) == f"rules/review_answer.yaml:{line}: no actor 'canada'"


def test_folder_above_names_the_folder_of_each_fault(folder: Path) -> None:
    spoil(folder, "rules/review_answer.yaml", "actor: mexico", "actor: canada")
    assert the_fault(folder.parent)[0] == "mechanism/rules/review_answer.yaml"


def test_folder_without_a_mechanism_is_a_fault(tmp_path: Path) -> None:
    assert "no mechanism.yaml" in the_fault(tmp_path)[2]


def test_mechanism_without_rules_is_a_fault(folder: Path) -> None:
    shutil.rmtree(folder / "rules")
    assert the_fault(folder)[2] == "the mechanism has no rules"


def test_asking_for_an_unknown_mechanism_is_refused() -> None:
    with pytest.raises(UnknownMechanismError) as refusal:
        mechanism("nowhere")
    assert refusal.value.code == "unknown-mechanism"


def test_published_mechanism_holds_only_what_it_rests_on() -> None:
    ours = mechanisms()["usmca-31a-us-mx"]
    assert set(ours.calendars) == {
        "mx-elections",
        "mx-lft",
        "us-federal",
        "us-federal-offices",
        "us-federal-washington",
    }
    assert "ca-labour-code" not in ours.sources
    assert ours.zones == ["America/Mexico_City", "America/New_York"]


def test_contract_names_of_rules_and_events_are_all_there() -> None:
    ours = mechanisms()["usmca-31a-us-mx"]
    rules = """ilc_determination panel_decision review_answer review_report remediation_consultation remediation_due
        remedies_not_before remedies_contest panelist_draw petition_confirmation verification_answer verification_done
        panel_determination remedies_notice_not_before remediation_redetermination_not_before"""
    events = """petition_received ilc_determined_sufficient ilc_determined_insufficient review_requested review_accepted
        review_refused review_reported_denial review_reported_no_denial remediation_agreed remediation_completed
        remediation_found_incomplete extension_agreed remedies_notice remedies_contested panel_requested panelists_drawn
        panel_constituted petition_confirmed petition_not_confirmed verification_requested verification_accepted
        verification_refused verification_completed panel_found_denial panel_found_no_denial remedies_imposed
        remedies_lifted settlement_delayed settlement_resumed company_undertaking workers_reinstated union_vote
        facility_closed resolved withdrawn dismissal_reported"""
    assert set(ours.rules) == set(rules.split())
    assert set(ours.events) == set(events.split())


def test_three_languages_have_the_same_codes() -> None:
    es, en, fr = texts("es"), texts("en"), texts("fr")
    for part in ("steps", "confidence", "sure", "kinds", "statuses", "timeline", "warnings", "zones"):
        assert getattr(es, part).keys() == getattr(en, part).keys() == getattr(fr, part).keys()
    assert len(es.months) == len(en.months) == len(fr.months) == 12


def test_data_files_pass_yamllint() -> None:
    where = [str(DATA), str(Path(__file__).parent)]
    command = [sys.executable, "-m", "yamllint", "--strict", "-c", str(ROOT / ".yamllint"), *where]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_each_mechanism_is_called_like_its_folder() -> None:
    assert sorted(mechanisms()) == sorted(path.name for path in (DATA / "mechanisms").iterdir())
