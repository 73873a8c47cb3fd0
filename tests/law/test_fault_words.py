"""What a person who writes law, and no Python, is told of a mistake: what, where, and once."""

import shutil
from pathlib import Path

import pytest

from tests.law.spoiling import spoil, the_fault
from vigilancia.law.check import check_folder
from vigilancia.law.loader import DATA

LATER = """  - in_force: {from: 2027-01-01}
    term: {count: 15, unit: calendar_days}
    roll: {policy: none, calendars: []}
    confidence: {term: primary, unit: primary, anchor: primary, roll: primary}
    cites: [{source: example-bylaw, locator: art. 5}]
on_expiry:"""


@pytest.fixture
def bylaw(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Path(__file__).parent / "bylaw", tmp_path / "bylaw"))


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("rules/answer.yaml", ", roll: primary}", "}", "Object missing required field `roll`, in `confidence`"),
        ("rules/answer.yaml", "    roll: {policy: none, calendars: []}\n", "", "Object missing required field `roll`"),
        (
            "sources.yaml",
            "diary, publisher: nobody}",
            "diary}",
            "Object missing required field `publisher`, in `example-diary`",
        ),
        ("mechanism.yaml", "    side: panel\n", "", "Object missing required field `side`, in `council`"),
        ("rules/answer.yaml", "actor:", "\tactor:", "is not YAML: found character '\\t' that cannot start any token"),
        ("rules/answer.yaml", "term: {", "term:{", "is not YAML: "),
    ],
)
def test_mistake_is_named_with_its_place(bylaw: Path, name: str, old: str, new: str, message: str) -> None:
    line = spoil(bylaw, name, old, new)
    told = check_folder(bylaw)[0]
    assert told.file == name
    assert told.message.startswith(message)
    assert abs(told.line - line) <= 3, (told, line)


def test_version_that_was_not_ended_is_told_in_words(bylaw: Path) -> None:
    spoil(bylaw, "rules/answer.yaml", ", until: 2030-12-31", "")
    spoil(bylaw, "rules/answer.yaml", "on_expiry:", LATER)
    assert the_fault(bylaw)[2] == "versions must meet: one ends never, the next starts 2027-01-01"


def test_sources_that_cannot_be_read_are_told_alone(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(DATA, tmp_path / "data"))
    with (copy / "sources.yaml").open("a", encoding="utf-8") as file:
        file.write("some-order:\n  title: An order: closing offices\n  publisher: President\n")
    file_name, _, message = the_fault(copy)
    assert (file_name, message) == ("sources.yaml", "is not YAML: mapping values are not allowed here")
