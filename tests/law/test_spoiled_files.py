"""What does not load, with the line that is to blame."""

import shutil
from pathlib import Path

import pytest

from tests.law.spoiling import spoil, the_fault
from vigilancia.law.check import check_folder
from vigilancia.law.loader import DATA, load_folder


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("rules/review_answer.yaml", "nature: mandatory", "natur: mandatory", "unknown field `natur`"),
        ("rules/review_answer.yaml", "    term: {count: 10,", "    term: {cuont: 10,", "unknown field `cuont`"),
        ("rules/review_answer.yaml", "nature: mandatory", "nature: mandatory\nnature: soft", "stands twice"),
        ("rules/review_answer.yaml", "nature: mandatory", "nature: strict", "Invalid enum value"),
        (
            "rules/review_answer.yaml",
            "in_force: {from: 2020-07-01}",
            "in_force: {until: 2020-07-01}",
            "required field `from`",
        ),
        (
            "rules/review_answer.yaml",
            "in_force: {from: 2020-07-01}",
            "in_force: {from: 2020-02-30}",
            "'2020-02-30' is not a day",
        ),
        ("rules/review_answer.yaml", "count: 10", "count: 10.5", "neither text, a whole number"),
        ("rules/review_answer.yaml", "count: 10", "count: 0", "1 or more"),
        ("rules/review_answer.yaml", "{count: 10, unit", "{unit", "a count is needed"),
        (
            "rules/review_answer.yaml",
            "policy: none, calendars: [mx-lft]",
            "policy: next, calendars: []",
            "a roll needs the calendars",
        ),
        (
            "rules/review_answer.yaml",
            "calendars: [mx-lft]}\n    conf",
            "calendars: [mx]}\n    conf",
            "no calendar 'mx'",
        ),
        ("rules/review_answer.yaml", "source: usmca-31a", "source: usmca-99", "no source 'usmca-99'"),
        ("rules/review_answer.yaml", "actor: mexico", "actor: canada", "no actor 'canada'"),
        ("rules/review_answer.yaml", "trigger: review_requested", "trigger: review_wanted", "no event 'review_wanted'"),
        ("rules/review_answer.yaml", "review_accepted, review", "review_taken, review", "no event 'review_taken'"),
        (
            "rules/review_answer.yaml",
            "  calendars: [mx-lft]\n  cites",
            "  calendars: []\n  cites",
            "practice needs a calendar",
        ),
        ("rules/review_answer.yaml", "id: review_answer", "id: answer", "the file is called 'review_answer'"),
        ("rules/review_answer.yaml", "  en: Mexico answers whether it will review\n", "", "es, en and fr"),
        ("rules/review_answer.yaml", "id: review_answer", "id: &a review_answer\nrunsonly: *a", "aliases"),
        ("rules/review_answer.yaml", "id: review_answer", "id: [", "is not YAML"),
        (
            "rules/review_answer.yaml",
            "id: review_answer",
            "? [a]\n: b\nid: review_answer",
            "a key must be a plain word",
        ),
        (
            "rules/panelist_draw.yaml",
            "unit: business_days, calendars: [mx-lft, us-federal, us-federal-offices]}",
            "unit: business_days}",
            "the term's calendars",
        ),
        (
            "rules/panelist_draw.yaml",
            "policy: none, calendars: [mx-lft, us-federal,",
            "policy: none, calendars: [us-federal,",
            "the same calendars",
        ),
        ("rules/remediation_due.yaml", "policy: none", "policy: next", "does not roll"),
        (
            "rules/remedies_notice_not_before.yaml",
            "follows: remediation_due",
            "follows: remediation",
            "no rule 'remediation'",
        ),
        ("rules/remedies_contest.yaml", "  - variant: before_finding\n    in_force", "  - in_force", "no version"),
        ("mechanism.yaml", "    side: panel", "    sides: panel", "unknown field `sides`"),
        ("mechanism.yaml", "    next: [review_requested]", "    next: [review_wanted]", "no event 'review_wanted'"),
        ("mechanism.yaml", "    zones: [America/New_York]", "    zones: [America/Washington]", "no zone"),
        ("mechanism.yaml", "    zones: [America/New_York]", "    zones: []", "needs a zone"),
        ("mechanism.yaml", "    stage: petition_review", "    stage: petition", "no stage 'petition'"),
        ("mechanism.yaml", "    stage: resolved\n    closes", "    stage: remedies\n    closes", "no closed stage"),
        ("mechanism.yaml", "  event: extension_agreed", "  event: extension", "no event 'extension'"),
    ],
)
def test_spoiled_file_is_refused_where_it_is_spoiled(folder: Path, name: str, old: str, new: str, message: str) -> None:
    line = spoil(folder, name, old, new)
    loaded, faults = load_folder(folder)
    assert loaded is None
    told = [fault for fault in faults if message in fault.message]
    assert told, faults
    assert told[0].file == name
    assert abs(told[0].line - line) <= 3, (told[0], line)


def test_update_without_a_citation_does_not_load(folder: Path) -> None:
    path = folder / "rules/review_answer.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("    cites:"), text.index("practice:")
    path.write_text(text[:start] + "    cites: []\n" + text[end:], encoding="utf-8")
    assert the_fault(folder)[2] == "nothing is cited"


SECOND = """  - in_force: {{from: {start}}}
    term: {{count: 12, unit: calendar_days}}
    roll: {{policy: none, calendars: [mx-lft]}}
    confidence: {{term: primary, unit: primary, anchor: primary, roll: primary}}
    cites: [{{source: usmca-31a, locator: somewhere}}]
practice:"""


def test_versions_that_meet_are_accepted_and_chosen_by_the_trigger(folder: Path) -> None:
    spoil(
        folder,
        "rules/review_answer.yaml",
        "in_force: {from: 2020-07-01}",
        "in_force: {from: 2020-07-01, until: 2024-12-31}",
    )
    spoil(folder, "rules/review_answer.yaml", "practice:", SECOND.format(start="2025-01-01"))
    loaded, faults = load_folder(folder)
    assert faults == []
    assert loaded is not None
    assert loaded.versions["review_answer"] == ["2020-07-01", "2025-01-01"]


@pytest.mark.parametrize(("until", "start"), [("2024-12-31", "2025-01-02"), ("2024-12-31", "2024-12-31")])
def test_versions_with_a_gap_or_an_overlap_are_refused(folder: Path, until: str, start: str) -> None:
    spoil(folder, "rules/review_answer.yaml", "{from: 2020-07-01}", f"{{from: 2020-07-01, until: {until}}}")
    spoil(folder, "rules/review_answer.yaml", "practice:", SECOND.format(start=start))
    assert "versions must meet" in the_fault(folder)[2]


def test_version_that_ends_before_it_starts_is_refused(folder: Path) -> None:
    spoil(folder, "rules/review_answer.yaml", "{from: 2020-07-01}", "{from: 2020-07-01, until: 2020-06-30}")
    assert "before it starts" in the_fault(folder)[2]


CALENDAR = """id: {id}
titles: {{es: a, en: a, fr: a}}
about: {{es: a, en: a, fr: a}}
last_verified_on: 2026-11-23
covers_from: 2020-01-01
covers_until: 2030-12-31
{extends}cites: [{{source: mx-lft, locator: art. 74}}]
weekend: {{days: [sunday], labels: {{es: a, en: a, fr: a}}}}
holidays:
  fiesta: {{labels: {{es: a, en: a, fr: a}}}}
days:
  {day}: {holiday}
"""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"day": "2031-01-01"}, "outside what the calendar covers"),
        ({"holiday": "feria"}, "no holiday 'feria'"),
        ({"id": "town"}, "the file is called 'village'"),
        ({"extends": "extends: nowhere\n"}, "no calendar 'nowhere'"),
        ({"extends": "extends: village\n"}, "extends itself"),
    ],
)
def test_calendar_that_does_not_hold_together_is_refused(folder: Path, changes: dict[str, str], message: str) -> None:
    written = {"id": "village", "extends": "", "day": "2026-05-03", "holiday": "fiesta", **changes}
    (folder / "calendars").mkdir()
    (folder / "calendars" / "village.yaml").write_text(CALENDAR.format(**written), encoding="utf-8")
    assert message in " / ".join(fault.message for fault in check_folder(folder))


def test_folder_may_not_replace_what_the_package_holds(folder: Path) -> None:
    (folder / "calendars").mkdir()
    shutil.copy(DATA / "calendars" / "mx-lft.yaml", folder / "calendars" / "mx-lft.yaml")
    (folder / "sources.yaml").write_text("mx-lft: {title: Mine, publisher: Me}\n", encoding="utf-8")
    assert [fault.message for fault in check_folder(folder)] == ["'mx-lft' is taken", "the calendar 'mx-lft' is taken"]


def test_calendars_that_extend_each_other_are_refused(folder: Path) -> None:
    (folder / "calendars").mkdir()
    for name, other in (("village", "hamlet"), ("hamlet", "village")):
        written = CALENDAR.format(id=name, extends=f"extends: {other}\n", day="2026-05-03", holiday="fiesta")
        (folder / "calendars" / f"{name}.yaml").write_text(written, encoding="utf-8")
    assert [fault.message for fault in check_folder(folder)] == ["the calendar extends itself"] * 2


def test_holiday_that_rests_on_an_unknown_source_or_has_no_day_is_refused(folder: Path) -> None:
    (folder / "calendars").mkdir()
    written = CALENDAR.format(id="village", extends="", day="2026-05-03", holiday="fiesta")
    more = "holidays:\n  dance: {labels: {es: a, en: a, fr: a}, cites: [{source: nobody, locator: a}]}"
    (folder / "calendars" / "village.yaml").write_text(written.replace("holidays:", more), encoding="utf-8")
    told = [fault.message for fault in check_folder(folder)]
    assert told == ["no source 'nobody' in sources.yaml", "the holiday 'dance' has no day"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"a: " + b"[" * 600, "cannot be read"),
        (b"x" * 1_000_001, "too large"),
    ],
    ids=["empty", "not text", "nested too deep", "too large"],
)
def test_broken_file_is_a_fault_and_no_crash(folder: Path, content: bytes, message: str) -> None:
    (folder / "mechanism.yaml").write_bytes(content)
    assert message in the_fault(folder)[2]


def test_mechanism_without_stages_is_a_fault(folder: Path) -> None:
    text = (folder / "mechanism.yaml").read_text(encoding="utf-8")
    start, end = text.index("stages:"), text.index("events:")
    (folder / "mechanism.yaml").write_text(text[:start] + "stages: {}\n\n" + text[end:], encoding="utf-8")
    assert "the mechanism has no stages" in [fault.message for fault in check_folder(folder)]


def test_broken_calendar_is_told_and_not_used(folder: Path) -> None:
    (folder / "calendars").mkdir()
    (folder / "calendars" / "village.yaml").write_text("id: village\n", encoding="utf-8")
    assert the_fault(folder)[:2] == ("calendars/village.yaml", 1)


def test_rule_with_a_misspelt_ending_is_not_passed_over(folder: Path) -> None:
    (folder / "rules" / "review_answer.yaml").rename(folder / "rules" / "review_answer.yml")
    assert the_fault(folder) == ("rules/review_answer.yml", 1, "nothing reads this file")


def test_wrong_value_in_a_table_is_blamed_on_the_table(folder: Path) -> None:
    spoil(folder, "mechanism.yaml", "    side: panel", "    side: court")
    actors = (folder / "mechanism.yaml").read_text(encoding="utf-8").splitlines().index("actors:") + 1
    assert the_fault(folder)[:2] == ("mechanism.yaml", actors)


def test_copy_of_all_our_data_is_checked_as_a_whole(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(DATA, tmp_path / "data"))
    assert check_folder(copy) == []
    line = spoil(copy, "calendars/us-federal.yaml", "  2026-07-04:", "  2026-7-4:")
    assert the_fault(copy) == ("calendars/us-federal.yaml", line, "'2026-7-4' is not a day that exists, as YYYY-MM-DD")
