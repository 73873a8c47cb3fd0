"""Stages, next events and refusals: what cases about single deadlines do not show."""

from datetime import date

import pytest

from vigilancia.law.engine import run
from vigilancia.law.errors import CalendarHorizonError, UnknownEventError
from vigilancia.law.loader import mechanism
from vigilancia.law.model import Event, EventKind, Outcome

MECHANISM = mechanism("usmca-31a-us-mx")


def of(*facts: tuple[str, date]) -> Outcome:
    return run(MECHANISM, [Event(id=str(number), type=type_, on=on) for number, (type_, on) in enumerate(facts)])


def test_no_events_stand_at_the_beginning() -> None:
    outcome = of()
    assert (outcome.stage, outcome.closed, outcome.deadlines, outcome.warnings) == ("not_started", False, [], [])
    assert [event.type for event in outcome.next_events] == ["petition_received", "review_requested"]


def test_every_event_of_the_mechanism_can_stand_alone() -> None:
    for name in MECHANISM.events:
        outcome = of((name, date(2024, 3, 4)))
        assert outcome.stage in MECHANISM.stages


def test_of_two_stages_on_one_day_the_one_further_along_holds() -> None:
    day = date(2021, 5, 12)
    assert of(("review_accepted", day), ("review_requested", day)).stage == "under_review"


def test_newest_event_sets_the_stage_whatever_the_usual_order() -> None:
    outcome = of(("panel_requested", date(2024, 3, 4)), ("remediation_agreed", date(2024, 5, 6)))
    assert outcome.stage == "remediation"


def test_report_after_the_matter_was_resolved_does_not_reopen_it() -> None:
    outcome = of(
        ("review_requested", date(2024, 4, 12)),
        ("resolved", date(2024, 5, 30)),
        ("review_reported_no_denial", date(2024, 6, 4)),
    )
    assert (outcome.stage, outcome.closed) == ("resolved", True)


def test_declined_petition_closes_the_matter() -> None:
    outcome = of(("petition_received", date(2022, 9, 27)), ("ilc_determined_insufficient", date(2022, 10, 27)))
    assert (outcome.stage, outcome.closed, outcome.next_events) == ("declined", True, [])


def test_event_without_a_stage_moves_none() -> None:
    outcome = of(("review_requested", date(2025, 11, 13)), ("workers_reinstated", date(2025, 12, 15)))
    assert outcome.stage == "awaiting_answer"


def test_day_gone_by_moves_no_stage() -> None:
    assert of(("panel_constituted", date(2020, 8, 3))).stage == "panel_confirming"


def test_deadlines_come_in_the_order_of_their_days() -> None:
    outcome = of(("petition_received", date(2023, 5, 15)), ("review_requested", date(2023, 6, 16)))
    assert [each.due_on for each in outcome.deadlines] == sorted(each.due_on for each in outcome.deadlines)


def test_unknown_event_is_refused_by_name() -> None:
    with pytest.raises(UnknownEventError) as refusal:
        of(("petition_lost", date(2023, 5, 15)))
    assert (refusal.value.code, refusal.value.facts["event"]) == ("unknown-event", "petition_lost")


@pytest.mark.parametrize("on", [date(2041, 1, 1), date(9999, 12, 31)])
def test_event_past_the_calendars_is_refused(on: date) -> None:
    with pytest.raises(CalendarHorizonError):
        of(("petition_received", on))


def test_event_after_the_agreement_ended_starts_nothing() -> None:
    """Its term of sixteen years ends with June 2036, unless it is extended."""
    last = of(("petition_received", date(2036, 6, 30)))
    over = of(("petition_received", date(2036, 7, 1)))
    assert ([each.rule for each in last.deadlines], over.deadlines) == (["ilc_determination"], [])
    assert "not_in_force" in {warning.code for warning in over.warnings}


@pytest.mark.parametrize("due_on", [date(2041, 1, 1), date(9999, 12, 31), date(1, 1, 1)])
def test_agreed_day_past_the_calendars_is_refused(due_on: date) -> None:
    with pytest.raises(CalendarHorizonError):
        run(MECHANISM, [Event(id="1", type="remediation_agreed", on=date(2024, 3, 4), due_on=due_on)])


@pytest.mark.parametrize("kind", ["happened", "notified", "announced", "published", "deemed"])
def test_event_of_the_year_one_starts_nothing_and_breaks_nothing(kind: EventKind) -> None:
    outcome = run(MECHANISM, [Event(id="1", type="petition_received", on=date(1, 1, 1), kind=kind)])
    assert outcome.deadlines == []
    assert "not_in_force" in {warning.code for warning in outcome.warnings}


def test_warnings_say_which_mechanism_their_codes_belong_to() -> None:
    outcome = of(("review_accepted", date(2024, 3, 4)))
    assert [warning.params["mechanism"] for warning in outcome.warnings] == ["usmca-31a-us-mx"]


def test_none_of_the_acts_is_the_workers_own() -> None:
    outcome = of(*((name, date(2024, 3, 4)) for name in MECHANISM.events))
    assert outcome.deadlines
    assert not any(each.ours for each in outcome.deadlines)


def test_computation_says_where_it_came_from() -> None:
    [deadline] = [
        each for each in of(("review_requested", date(2023, 6, 16))).deadlines if each.rule == "review_answer"
    ]
    computation = deadline.computation
    assert (computation.anchor_event, computation.quantity, computation.unit) == (
        "review_requested",
        10,
        "calendar_days",
    )
    assert (computation.calendars, computation.roll) == (["mx-lft"], "none")
    assert computation.rules_digest == MECHANISM.digest
    assert deadline.citation[0].source == "usmca-31a"
