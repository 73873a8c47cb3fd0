"""Remarks and steps name the right day, event and mechanism, and are made only where something is odd."""

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from vigilancia.law.engine import run
from vigilancia.law.loader import load_folder, mechanism
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Event, EventKind, Outcome, Step
from vigilancia.law.rules import Term

OURS = mechanism("usmca-31a-us-mx")


@pytest.fixture(scope="module")
def bylaw() -> Mechanism:
    loaded, _ = load_folder(Path(__file__).parent / "bylaw")
    assert loaded is not None
    return loaded


def of(*facts: tuple[str, str], law: Mechanism = OURS, kind: EventKind = "happened") -> Outcome:
    return run(
        law,
        [
            Event(id=str(number), type=type_, on=date.fromisoformat(on), kind=kind)
            for number, (type_, on) in enumerate(facts)
        ],
    )


def remarks(outcome: Outcome, code: str) -> list[dict[str, str | int]]:
    return [warning.params for warning in outcome.warnings if warning.code == code]


def steps(outcome: Outcome, rule: str) -> list[Step]:
    [found] = [each for each in outcome.deadlines if each.rule == rule]
    return found.computation.steps


def test_of_several_days_stated_the_first_and_the_last_are_named() -> None:
    found = of(*(("petition_received", f"2024-03-{day}") for day in ("12", "04", "06", "08")))
    [remark] = remarks(found, "stated_differently")
    assert (remark["on"], remark["other_on"]) == ("2024-03-04", "2024-03-12")


def test_what_may_happen_several_times_is_not_stated_differently(bylaw: Mechanism) -> None:
    found = of(("talks_begun", "2026-02-02"), ("talks_begun", "2026-03-02"), law=bylaw)
    assert remarks(found, "stated_differently") == []


def test_news_of_several_days_contradicts_nothing() -> None:
    found = of(("petition_received", "2024-03-04"), ("petition_received", "2024-03-06"), kind="announced")
    assert remarks(found, "stated_differently") == []


@pytest.mark.parametrize(("due_on", "said"), [("2024-03-04", 0), ("2024-03-03", 1)])
def test_a_day_agreed_for_today_is_not_past(due_on: str, said: int) -> None:
    agreed = Event(id="1", type="remediation_agreed", on=date(2024, 3, 4), due_on=date.fromisoformat(due_on))
    assert len(remarks(run(OURS, [agreed]), "agreed_day_past")) == said


@pytest.mark.parametrize(("rule", "named"), [("review_raport", "review_raport"), (None, "")])
def test_the_deadline_nobody_knows_is_named_as_it_was_written(rule: str | None, named: str) -> None:
    agreed = Event(id="1", type="extension_agreed", on=date(2024, 3, 4), due_on=date(2024, 5, 6), rule=rule)
    [remark] = remarks(run(OURS, [agreed]), "extended_rule_unknown")
    assert remark["rule"] == named


def test_the_first_statement_of_an_act_tells_whether_it_came_too_early() -> None:
    found = of(("review_accepted", "2023-06-10"), ("review_requested", "2023-06-16"), ("review_accepted", "2023-06-20"))
    [remark] = remarks(found, "unusual_order")
    assert (remark["on"], remark["other"]) == ("2023-06-10", "review_requested")


@pytest.mark.parametrize(("imposed", "said"), [("2023-11-20", 1), ("2023-11-21", 0), ("2023-12-04", 0)])
def test_a_floor_is_respected_from_its_first_day(imposed: str, said: int) -> None:
    found = of(("remedies_notice", "2023-11-06"), ("remedies_imposed", imposed))
    assert len(remarks(found, "floor_not_respected")) == said


def test_of_two_acts_before_what_asked_for_them_the_later_is_named() -> None:
    found = of(("review_accepted", "2023-06-08"), ("review_refused", "2023-06-15"), ("review_requested", "2023-06-16"))
    [remark] = [each for each in remarks(found, "act_before_trigger") if each["rule"] == "review_answer"]
    assert (remark["event"], remark["on"]) == ("review_refused", "2023-06-15")


def test_an_act_before_what_asked_for_it_is_remarked_on_although_other_clocks_ran_before() -> None:
    found = of(
        ("petition_received", "2023-05-15"), ("review_accepted", "2023-06-15"), ("review_requested", "2023-06-16")
    )
    assert [each["rule"] for each in remarks(found, "act_before_trigger")] == ["review_answer"]


def test_an_act_given_in_time_makes_an_earlier_statement_of_it_no_matter() -> None:
    found = of(("review_accepted", "2023-06-15"), ("review_requested", "2023-06-16"), ("review_accepted", "2023-06-24"))
    assert remarks(found, "act_before_trigger") == []


def test_steps_that_name_a_rule_or_an_event_name_the_mechanism_too(bylaw: Mechanism) -> None:
    hanging = steps(of(("notice_given", "2026-01-15"), law=bylaw), "claim_draft")
    assert [step.params.get("mechanism") for step in hanging[:2]] == ["example-bylaw", None]


def test_a_vote_called_for_the_same_day_carries_no_other_day(bylaw: Mechanism) -> None:
    day = date(2026, 3, 18)
    called = {on: Event(id="1", type="vote_called", on=on, due_on=day) for on in (day, date(2026, 2, 20))}
    found = {on: steps(run(bylaw, [each]), "text_to_voters")[0].code for on, each in called.items()}
    assert found == {day: "trigger", date(2026, 2, 20): "trigger_carries"}


@pytest.mark.parametrize("count", [7, None])
def test_a_session_is_told_with_its_table_and_the_days_between(bylaw: Mechanism, count: int | None) -> None:
    [version] = bylaw.rules["hearing"].versions
    term = Term(unit="next_session", sessions="example-council", count=count)
    hearing = replace(bylaw.rules["hearing"], versions=[replace(version, term=term)])
    law = replace(bylaw, rules={**bylaw.rules, "hearing": hearing})
    told = steps(of(("appeal_made", "2026-03-02"), law=law), "hearing")[1]
    assert (told.code, told.params["count"], told.params["sessions"]) == ("session", count or 0, "example-council")
