"""docs/mechanisms: what the pages say a rule counts, how it rolls and how sure it is, is what its file says."""

import re
from pathlib import Path

import pytest
from msgspec import Struct

from vigilancia.law.deadlines import FROM_SUREST, weakest
from vigilancia.law.loader import mechanism, mechanisms
from vigilancia.law.model import Confidence
from vigilancia.law.rules import Rule, Version

FOLDER = Path(__file__).parent.parent.parent / "docs" / "mechanisms"
SECTION = re.compile(r"^## `([a-z0-9-]+)`")
CODE = re.compile(r"`([a-z_0-9-]+)`")
ALL_OF = re.compile(r"all (\w+) rules of `([a-z0-9-]+)`")
IN_WORDS = {"thirteen": 13}
UNITS = {
    "calendar_days": "calendar days",
    "business_days": "business days",
    "calendar_months": "months",
    "next_session": "session that opens",
    "agreed_date": "the agreed day|the day the statement sets",
}


class Row(Struct, frozen=True, kw_only=True):
    """One row of a table of rules; the rules it speaks of are in its first cell."""

    page: str
    mechanism: str
    rules: str
    counts: str
    rolls: str
    sure: str
    note: str


def rows_of(page: Path) -> list[Row]:
    """Read the rows of the tables that begin with a column of rules."""
    rows, here, inside = [], "", False
    for line in page.read_text("utf-8").splitlines():
        if line.startswith("## "):
            found = SECTION.match(line)
            here = found.group(1) if found else ""
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        inside = bool(cells) and (inside or cells[0] == "rule")
        if inside and cells[0] != "rule" and not cells[0].startswith("---"):
            rules, counts, rolls, sure, note = cells
            rows.append(
                Row(page=page.stem, mechanism=here, rules=rules, counts=counts, rolls=rolls, sure=sure, note=note)
            )
    return rows


ROWS = [row for page in sorted(FOLDER.glob("*.md")) for row in rows_of(page)]
OWN = [row for row in ROWS if not ALL_OF.search(row.rules)]
ALL = list(mechanisms().values())
AS_THERE = [row for row in ROWS if ALL_OF.search(row.rules)]


def name(row: Row) -> str:
    return f"{row.mechanism} {row.rules}"


def named(row: Row) -> list[str]:
    if (found := ALL_OF.search(row.rules)) is not None:
        assert len(mechanism(found.group(2)).rules) == IN_WORDS[found.group(1)]
        return list(mechanism(found.group(2)).rules)
    return CODE.findall(row.rules)


def rules_of(row: Row) -> list[Rule]:
    return [mechanism(row.mechanism).rules[each] for each in named(row)]


def versions_of(row: Row) -> list[Version]:
    return [version for rule in rules_of(row) for version in rule.versions]


def base(version: Version) -> Confidence:
    """Return how sure a date is that no day off shaped."""
    sure = version.confidence
    return weakest([sure.term, sure.unit, sure.anchor])


def counted(versions: list[Version]) -> set[tuple[str, int | None, str]]:
    return {(each.term.unit, each.term.count, each.roll.policy) for each in versions}


def test_every_mechanism_has_its_table_and_every_rule_a_row() -> None:
    told = {each.id: sorted(rule for row in ROWS if row.mechanism == each.id for rule in named(row)) for each in ALL}
    assert told == {each.id: sorted(each.rules) for each in ALL}


@pytest.mark.parametrize("row", OWN, ids=name)
def test_a_row_counts_as_the_rule_does(row: Row) -> None:
    terms = [version.term for version in versions_of(row)]
    assert {int(each) for each in re.findall(r"\d+", row.counts)} == {term.count for term in terms if term.count}
    assert {unit for unit, words in UNITS.items() if re.search(words, row.counts)} == {term.unit for term in terms}
    assert ("back from" in row.counts) == any(term.direction == "before" for term in terms)


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_row_rolls_as_the_rule_does(row: Row) -> None:
    policies = {version.roll.policy for version in versions_of(row)}
    assert policies == {"next" if row.rolls.startswith("next") else "none"}
    assert ("(practice)" in row.rolls) == any(version.confidence.roll == "practice" for version in versions_of(row))


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_row_is_as_sure_as_the_rule(row: Row) -> None:
    told = re.findall("|".join(FROM_SUREST), row.sure)
    bases = [base(version) for version in versions_of(row)]
    if "on a day off" in row.sure:
        assert told == [bases[0], weakest([bases[0], versions_of(row)[0].confidence.roll])]
    else:
        assert told == ([bases[0]] if len(set(bases)) == 1 else bases)


@pytest.mark.parametrize("row", [row for row in OWN if row.page == "other"], ids=name)
def test_a_row_says_where_a_day_off_makes_the_date_less_sure(row: Row) -> None:
    for version in versions_of(row):
        if version.roll.calendars and weakest([base(version), version.confidence.roll]) != base(version):
            assert "on a day off" in row.sure


@pytest.mark.parametrize("row", OWN, ids=name)
def test_a_note_that_names_the_nature_of_a_rule_names_the_right_one(row: Row) -> None:
    natures = {rule.nature for rule in rules_of(row)}
    for word, nature in (("floor", "not_before"), ("soft", "soft"), ("indicative", "indicative")):
        if row.note.startswith(word):
            assert natures == {nature}


@pytest.mark.parametrize("row", AS_THERE, ids=name)
def test_a_row_that_points_to_another_mechanism_counts_as_that_one_does(row: Row) -> None:
    found = ALL_OF.search(row.rules)
    assert found is not None
    there, here = mechanism(found.group(2)).rules, mechanism(row.mechanism).rules
    assert {rule: counted(here[rule].versions) for rule in there} == {
        rule: counted(there[rule].versions) for rule in there
    }
