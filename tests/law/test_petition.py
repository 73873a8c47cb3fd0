"""Content lists of petitions: which one governs, and which do not load."""

from datetime import date
from pathlib import Path

import pytest

from tests.law.spoiling import spoil, the_fault
from vigilancia.law.check import check_folder
from vigilancia.law.lists import PetitionFile, PetitionVersion
from vigilancia.law.loader import load_folder, mechanism, mechanisms
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Event
from vigilancia.law.petition import authority_zone, received_on, version_on

NAME = "petition.yaml"
INTERIM, FINAL = date(2020, 6, 30), date(2023, 6, 22)


@pytest.fixture(scope="module")
def ours() -> Mechanism:
    return mechanism("usmca-31a-us-mx")


@pytest.fixture(scope="module")
def lists(ours: Mechanism) -> PetitionFile:
    assert ours.petition is not None
    return ours.petition


def on(lists: PetitionFile, day: date) -> PetitionVersion:
    found = version_on(lists, day)
    assert found is not None
    return found


def needs(version: PetitionVersion) -> dict[str, str]:
    return {item.id: item.need for item in version.items}


def event(on_: date, type_: str = "petition_received", **changes: str) -> Event:
    return Event(**{"id": f"{type_}-{on_}", "type": type_, "on": on_, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2020, 6, 30), INTERIM),
        (date(2022, 6, 21), INTERIM),
        (date(2023, 6, 21), INTERIM),
        (date(2023, 6, 22), FINAL),
        (date(2024, 5, 1), FINAL),
    ],
)
def test_day_of_receipt_picks_the_version(lists: PetitionFile, day: date, start: date) -> None:
    assert on(lists, day).in_force.from_ == start


def test_no_version_is_made_up_for_a_day_before_the_first(lists: PetitionFile) -> None:
    assert version_on(lists, date(2020, 6, 29)) is None


def test_petition_of_2022_must_name_who_files_it_and_one_of_2024_need_not(lists: PetitionFile) -> None:
    interim, final = needs(on(lists, date(2022, 6, 21))), needs(on(lists, date(2024, 5, 1)))
    assert [interim[name] for name in ("petitioner", "contact")] == ["required", "required"]
    assert [final[name] for name in ("petitioner", "contact")] == ["optional", "optional"]


def test_questions_about_relief_sought_are_gone_since_2023(lists: PetitionFile) -> None:
    asked = {"domestic_steps", "international_steps"}
    assert {needs(on(lists, INTERIM))[name] for name in asked} == {"recommended"}
    assert not asked & needs(on(lists, FINAL)).keys()


def test_only_the_facility_and_the_facts_are_hard_since_2023(lists: PetitionFile) -> None:
    hard = [name for name, need in needs(on(lists, FINAL)).items() if need == "required"]
    assert hard == ["facility_name", "acts_with_dates"]


def test_what_no_text_was_read_for_is_not_called_primary() -> None:
    for each in mechanisms().values():
        for version in each.petition.versions if each.petition else []:
            for item in version.items:
                quoted = any(cite.quote for cite in item.cites)
                assert item.confidence != "primary" or quoted, f"{each.id}: {item.id}"


def test_first_statement_of_the_receipt_counts(ours: Mechanism) -> None:
    assert received_on(ours, [event(date(2022, 7, 1)), event(date(2022, 6, 21), kind="notified")]) == date(2022, 6, 21)


def test_announcement_counts_only_while_nothing_better_is_known(ours: Mechanism) -> None:
    told = event(date(2022, 6, 1), kind="announced")
    assert received_on(ours, [told]) == date(2022, 6, 1)
    assert received_on(ours, [told, event(date(2022, 6, 21))]) == date(2022, 6, 21)


def test_petition_filed_again_is_read_under_the_text_of_its_own_day(ours: Mechanism) -> None:
    declined = event(date(2022, 7, 21), "ilc_determined_insufficient")
    events = [event(date(2022, 6, 21)), declined, event(date(2024, 5, 1))]
    assert received_on(ours, events[:2]) == date(2022, 6, 21)
    assert received_on(ours, events) == date(2024, 5, 1)


def test_no_receipt_is_made_up(ours: Mechanism) -> None:
    assert received_on(ours, [event(date(2022, 7, 1), "review_requested")]) is None


def test_today_is_counted_where_the_petition_is_received(ours: Mechanism, lists: PetitionFile) -> None:
    assert authority_zone(ours, lists) == "America/New_York"


def test_mechanism_without_a_list_loads_and_its_digest_is_another(folder: Path, ours: Mechanism) -> None:
    (folder / NAME).unlink()
    loaded, faults = load_folder(folder)
    assert faults == []
    assert loaded is not None
    assert loaded.petition is None
    assert received_on(loaded, [event(date(2022, 6, 21))]) is None
    assert loaded.digest != ours.digest
    assert "str-trade-2023" in ours.sources
    assert "str-trade-2023" not in loaded.sources


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("trigger: petition_received", "trigger: petition", "no event 'petition'"),
        ("authority: ilc", "authority: otla", "no actor 'otla'"),
        ("version_chosen_by: trigger_date", "version_chosen_by: today", "Invalid enum value"),
        ("        need: required", "        need: hard", "Invalid enum value"),
        ("        fact: petitioner", "        fact: petitioners", "Invalid enum value"),
        ("        fact: contact", "        fact: petitioner", "the fact 'petitioner' stands twice"),
        ("      - id: contact", "      - id: petitioner", "the id 'petitioner' stands twice"),
        ("        confidence: secondary", "        confidence: sure", "Invalid enum value"),
        ("        need: required", "        neeed: required", "unknown field `neeed`"),
        ('          en: "Who files the petition"\n', "", "es, en and fr"),
        (
            "- {source: us-ilc-guidelines-2020",
            "- {source: us-ilc-guidelines-2019",
            "no source 'us-ilc-guidelines-2019'",
        ),
        (
            "cites: [{source: export-compliance-daily-2020, locator:",
            "cites: [{source: nobody, locator:",
            "no source 'nobody'",
        ),
        ("{from: 2020-06-30, until: 2023-06-21}", "{from: 2020-06-30, until: 2020-06-29}", "before it starts"),
    ],
)
def test_spoiled_list_is_refused_where_it_is_spoiled(folder: Path, old: str, new: str, message: str) -> None:
    line = spoil(folder, NAME, old, new)
    faults = check_folder(folder)
    assert load_folder(folder)[0] is None
    told = [fault for fault in faults if message in fault.message]
    assert told, faults
    assert told[0].file == NAME
    assert abs(told[0].line - line) <= 3, (told[0], line)


@pytest.mark.parametrize("until", ["2023-06-20", "2023-06-22"])
def test_versions_with_a_gap_or_an_overlap_are_refused(folder: Path, until: str) -> None:
    spoil(folder, NAME, "until: 2023-06-21", f"until: {until}")
    file, line, message = the_fault(folder)
    assert (file, message) == (NAME, f"versions must meet: one ends {until}, the next starts 2023-06-22")
    assert "{from: 2023-06-22}" in (folder / NAME).read_text(encoding="utf-8").splitlines()[line - 1]


def test_version_must_cite_and_ask_for_something(folder: Path) -> None:
    path = folder / NAME
    text = path.read_text(encoding="utf-8")
    head = text[: text.index("versions:")]
    empty = "  - in_force: {from: 2020-06-30}\n    confidence: unverified\n    cites: []\n    items: []\n"
    path.write_text(f"{head}versions:\n{empty}", encoding="utf-8")
    told = [fault.message for fault in check_folder(folder)]
    assert told == ["nothing is cited", "a version without an item asks for nothing"]
    path.write_text(f"{head}versions: []\n", encoding="utf-8")
    assert the_fault(folder)[2] == "the petition has no version"


def test_list_of_a_mechanism_that_does_not_load_is_checked_too(folder: Path) -> None:
    spoil(folder, "mechanism.yaml", "id: usmca-31a-us-mx", "ident: usmca-31a-us-mx")
    spoil(folder, NAME, "authority: ilc", "authorities: ilc")
    assert {fault.file for fault in check_folder(folder)} == {NAME, "mechanism.yaml"}
