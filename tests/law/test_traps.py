"""The page on traps names tests that exist; and the traps that are not one date."""

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from vigilancia.law.engine import run
from vigilancia.law.explain import explain
from vigilancia.law.loader import mechanism, mechanisms
from vigilancia.law.model import Deadline, Event, Status
from vigilancia.law.status import status
from vigilancia.law.yamlfile import read_yaml

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "traps.md"
ROW = re.compile(r"^\| (?P<number>\d+) \|.*\| (?P<guards>[^|]+) \|$", re.MULTILINE)
GUARD = re.compile(r"^`(?P<file>[^`]+)` (?P<name>.+)$")


def guards() -> list[tuple[int, str]]:
    text = PAGE.read_text(encoding="utf-8")
    return [(int(row["number"]), guard) for row in ROW.finditer(text) for guard in row["guards"].split("<br>")]


def names_in(path: Path) -> set[str]:
    """Return the names of the tests of a file, or of its cases."""
    if path.suffix == ".yaml":
        cases = read_yaml(path, path.name).data
        assert isinstance(cases, list)
        return {str(case["name"]) for case in cases if isinstance(case, dict)}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_each_of_the_traps_stands_on_the_page_once() -> None:
    assert [int(row["number"]) for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))] == list(range(1, 25))


@pytest.mark.parametrize(("trap", "guard"), guards(), ids=str)
def test_trap_is_guarded_by_a_test_that_exists(trap: int, guard: str) -> None:
    named = GUARD.match(guard)
    assert named, f"trap {trap} names no test"
    path = TESTS / named["file"] if "/" in named["file"] else TESTS / "law" / "cases" / named["file"]
    assert named["name"] in names_in(path)


def test_every_case_about_a_trap_stands_on_the_page() -> None:
    on_page = {guard.partition("` ")[2] for _, guard in guards()}
    assert names_in(TESTS / "law" / "cases" / "traps.yaml") - on_page == set()


def asked_of_petitions(name: str, day: date) -> dict[str, str]:
    """Return what a petition must or may say, by the fact it rests on."""
    lists = mechanism(name).petition
    assert lists is not None
    [version] = [
        each
        for each in lists.versions
        if each.in_force.from_ <= day and (each.in_force.until is None or day <= each.in_force.until)
    ]
    return {str(item.fact): item.need for item in version.items}


def test_trap_13_canada_asks_for_somebody_of_canada_and_washington_does_not() -> None:
    day = date(2026, 3, 2)
    assert asked_of_petitions("usmca-31b-ca-mx", day)["filer_of_party"] == "required"
    assert "required" not in {
        need
        for fact, need in asked_of_petitions("usmca-31a-us-mx", day).items()
        if fact in {"petitioner", "contact", "filer_of_party"}
    }


def test_trap_16_no_enforced_order_is_asked_for_against_mexico() -> None:
    asks = {name for name, each in mechanisms().items() if "enforced_order" in each.gates}
    assert asks == {"usmca-31a-mx-us", "usmca-31b-mx-ca"}


def test_trap_19_half_past_ten_in_mexico_city_is_tomorrow_in_washington() -> None:
    half_past_ten = datetime(2023, 6, 17, 4, 30, tzinfo=UTC)
    events = [
        Event(id="p", type="petition_received", on=date(2023, 5, 17)),
        Event(id="r", type="review_requested", on=date(2023, 6, 6)),
    ]
    outcome = run(mechanism("usmca-31a-us-mx"), [events[1]])
    [mexico] = [each for each in outcome.deadlines if each.rule == "review_answer"]
    [washington] = run(mechanism("usmca-31a-us-mx"), [events[0]]).deadlines
    assert mexico.due_on == washington.due_on == date(2023, 6, 16)
    assert (at(mexico, half_past_ten), at(washington, half_past_ten)) == ("pending", "missed")


def at(deadline: Deadline, now: datetime) -> Status:
    return status(
        nature=deadline.nature,
        due_on=deadline.due_on,
        closes_at=deadline.closes_at,
        met=deadline.met,
        met_on=deadline.met_on,
        void=deadline.void,
        now=now,
    )


def test_trap_24_every_date_of_every_mechanism_says_how_sure_it_is_and_why() -> None:
    day = date(2023, 3, 6)
    found = [
        deadline
        for each in mechanisms().values()
        for name in each.events
        for deadline in run(each, [Event(id="1", type=name, on=day, due_on=day)]).deadlines
    ]
    assert found
    for deadline in found:
        assert deadline.citation, deadline.rule
        told = explain(deadline, "en")
        assert any(line.startswith("How sure: ") for line in told), deadline.rule
        assert any(line.startswith("Source: ") for line in told), deadline.rule
        codes = {warning.code for warning in deadline.warnings}
        assert ("unverified" in codes) == (deadline.confidence == "unverified"), deadline.rule
