"""Each case of cases/*.yaml, and the proof that cases and rules cover one another."""

from collections.abc import Mapping
from datetime import date

import msgspec
import pytest

from tests.law.case_files import Case, all_cases
from vigilancia.law.engine import run
from vigilancia.law.loader import mechanism, mechanisms
from vigilancia.law.model import Deadline, Outcome
from vigilancia.law.status import noon, status_on

CASES = all_cases()
OF_COMPUTATION = frozenset(
    {"anchor_on", "clock_starts_on", "quantity", "unit", "provisional", "extended_from", "rule_version"}
)


def outcome_of(case: Case) -> Outcome:
    return run(
        mechanism(case.mechanism),
        case.law_events(),
        closures=case.closures,
        suspensions=case.suspensions,
        as_of=noon(case.as_of) if case.as_of else None,
    )


def deadlines_of(case: Case, outcome: Outcome) -> list[Deadline]:
    return [deadline for deadline in outcome.deadlines if deadline.rule == case.rule]


def as_said(deadline: Deadline, name: str) -> object:
    """Return one field of a deadline as a case writes it."""
    if name == "skipped":
        return [skipped.on.isoformat() for skipped in deadline.computation.skipped]
    if name == "warnings":
        return sorted(warning.code for warning in deadline.warnings)
    holder = deadline.computation if name in OF_COMPUTATION else deadline
    return msgspec.to_builtins(getattr(holder, name))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    outcome = outcome_of(case)
    found = deadlines_of(case, outcome)
    if case.deadlines is not None:
        assert len(found) == case.deadlines, case.because
    if case.stage is not None:
        assert outcome.stage == case.stage, case.because
    if case.deemed is not None:
        assert [silence.event.type for silence in outcome.silences] == case.deemed, case.because
    if case.outcome_warnings is not None:
        assert sorted({warning.code for warning in outcome.warnings}) == case.outcome_warnings, case.because
    if case.expected:
        [deadline] = [
            each for each in found if case.trigger_on is None or each.computation.anchor_on == case.trigger_on
        ]
        said = {name: as_said(deadline, name) for name in case.expected}
        assert said == case.expected, case.because
        assert {day: status_on(deadline, day) for day in case.status} == case.status, case.because


def test_every_case_says_what_must_follow() -> None:
    assert [case.name for case in CASES if not case.expected and case.deadlines is None] == []


def test_no_two_cases_share_a_name() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


def test_every_version_of_every_rule_is_hit_by_a_case() -> None:
    hit = {
        (case.mechanism, deadline.rule, deadline.computation.rule_version)
        for case in CASES
        for deadline in deadlines_of(case, outcome_of(case))
    }
    written = {
        (name, rule, version)
        for name, each in mechanisms().items()
        for rule, versions in each.versions.items()
        for version in versions
    }
    assert written - hit == set()


def test_every_case_names_a_rule_that_exists() -> None:
    known: Mapping[str, frozenset[str]] = {name: frozenset(each.rules) for name, each in mechanisms().items()}
    assert [case.name for case in CASES if case.rule not in known.get(case.mechanism, frozenset())] == []


def test_first_and_last_day_in_force_of_every_version_has_a_case() -> None:
    tried = {fact.on for case in CASES for fact in case.events}
    bounds: set[date] = set()
    for each in mechanisms().values():
        for rule in each.rules.values():
            for version in rule.versions:
                bounds.add(version.in_force.from_)
                if version.in_force.until is not None:
                    bounds.add(version.in_force.until)
    assert bounds - tried == set()
