"""The table of computed days against days acted on: computed, explained from the data, and true in the document."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from vigilancia.demo import table
from vigilancia.demo.dataset import read
from vigilancia.law.loader import mechanisms

DOCUMENT = Path(__file__).parents[2] / "docs" / "public-cases.md"
ROWS = table.rows(read().cases, mechanisms()[table.MECHANISM])
# How many cases carry both days; those without a petition, without a request or under another mechanism do not count.
COMPARED = 25


def test_every_case_with_a_petition_and_a_request_is_compared() -> None:
    """No case is left out because its figure is awkward."""
    both = {"petition_received", "review_requested"}
    cases = {case.key for case in read().cases if both <= {event.type for event in case.events}}
    assert {row.case for row in ROWS} == cases
    assert len(ROWS) == COMPARED


def test_the_document_shows_the_table_of_today() -> None:
    """A change of rules or of data that moves a day must show in the document in the same change."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert table.fill(text, ROWS) == text


def test_the_counts_in_the_document_are_those_of_the_data() -> None:
    """A publication that miscounts itself is not believed elsewhere either."""
    whole = read()
    cases, events = whole.cases, [event for case in whole.cases for event in case.events]
    status = Counter(case.status for case in cases)
    kinds = Counter(event.kind for event in events)
    sure = Counter(event.confidence for event in events)
    described = sum(not organization.named_by_sources for organization in whole.organizations)
    companies = sum(organization.kind == "company" for organization in whole.organizations)
    unions = sum(organization.kind in {"union", "union_section"} for organization in whole.organizations)
    states = len({facility.subdivision for facility in whole.facilities})
    lines = [
        f"| status | {status['closed']} closed, {status['open']} open |",
        (
            f"| organisations | {len(whole.organizations)}, of which {companies} companies and {unions} unions and"
            f" union sections; {described} are described but not named by the sources |"
        ),
        f"| facilities | {len(whole.facilities)}, in {states} of Mexico's 32 states |",
        (
            f"| dated events | {len(events)}, of which {kinds['happened']} happened, {kinds['announced']} announced,"
            f" {kinds['published']} published |"
        ),
        (
            f"| certainty of the events | {sure['official']} official, {sure['press']} press,"
            f" {sure['secondary']} secondary |"
        ),
        (
            f"| findings, outcomes | {sum(len(case.findings) for case in cases)},"
            f" {sum(len(case.outcomes) for case in cases)} |"
        ),
        (
            f"| gaps and disagreements written down | {sum(len(case.gaps) for case in cases)},"
            f" {sum(len(case.disagreements) for case in cases)} |"
        ),
    ]
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [line for line in lines if line not in text] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case)
def test_a_difference_is_in_the_data_with_its_days_and_a_reason(row: table.Row) -> None:
    """What does not agree is written down with why, or as unexplained; what agrees needs no excuse."""
    case = next(case for case in read().cases if case.key == row.case)
    written = [said.days for said in case.differences if said.rule == table.RULE]
    assert written == ([row.days] if row.days else [])


@pytest.mark.parametrize("row", [row for row in ROWS if row.why], ids=lambda row: row.case)
def test_a_reason_is_possible_for_its_difference(row: table.Row) -> None:
    """An act may be early only before the last day; an announcement explains only where the act's day is unknown."""
    assert (row.why == "early") == (row.days < 0 and row.requested_kind == "happened")
    assert (row.why == "announcement") == (row.requested_kind in {"announced", "published"})
    assert row.why != "source_doubtful" or row.source_url


def test_the_day_is_computed_from_the_petition_alone() -> None:
    """Moving the request moves the difference and nothing else, so that no day is fitted to the answer."""
    case = next(case for case in read().cases if case.key == "us-04-teksid")
    later = tuple(
        msgspec.structs.replace(event, on=event.on + timedelta(days=5)) if event.type == "review_requested" else event
        for event in case.events
    )
    (row,) = table.rows([msgspec.structs.replace(case, events=later)], mechanisms()[table.MECHANISM])
    assert (row.raw_due_on, row.due_on, row.days) == (date(2022, 6, 4), date(2022, 6, 6), 5)
    assert "| +5 | unexplained |" in table.markdown([row])


def test_filling_twice_changes_nothing_more() -> None:
    """Whatever stood between the marks is replaced, the rest of the document is kept."""
    text = f"before\n{table.OPENS}\nold\n{table.CLOSES}\nafter\n"
    once = table.fill(text, ROWS)
    assert once.startswith(f"before\n{table.OPENS}\n25 cases.")
    assert once.endswith(f"\n{table.CLOSES}\nafter\n")
    assert "old" not in once
    assert table.fill(once, ROWS) == once


@pytest.mark.parametrize("text", ["no mark", table.OPENS, table.CLOSES])
def test_a_document_without_its_marks_is_refused(text: str) -> None:
    """Writing nowhere in silence would leave an old table in place."""
    with pytest.raises(ValueError, match="the text lacks"):
        table.fill(text, ROWS)


def test_the_program_writes_the_table_into_the_file(tmp_path: Path) -> None:
    """What a person runs does what the test of the document checks."""
    copy = tmp_path / "public-cases.md"
    copy.write_text(f"{table.OPENS}\n{table.CLOSES}\n", encoding="utf-8")
    table.main(copy)
    assert copy.read_text(encoding="utf-8") == table.fill(f"{table.OPENS}\n{table.CLOSES}\n", ROWS)
