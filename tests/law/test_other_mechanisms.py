"""What cases cannot say of the smaller mechanisms: refusals, and what silence counts as."""

from datetime import UTC, date, datetime

import pytest

from vigilancia.law.engine import run
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.explain import explain
from vigilancia.law.loader import mechanism, mechanisms
from vigilancia.law.model import Deadline, Event, Outcome


def event(name: str, on: date) -> Event:
    return Event(id=name, type=name, on=on)


def the(rule: str, outcome: Outcome) -> Deadline:
    [found] = [each for each in outcome.deadlines if each.rule == rule]
    return found


EXCLUDED = [
    event("goods_imported", date(2025, 12, 1)),
    event("wro_detention_notified", date(2025, 12, 8)),
    event("excluded", date(2026, 3, 10)),
]


@pytest.mark.parametrize("on", [date(2025, 11, 18), date(2026, 11, 25)])
def test_complaint_after_the_last_known_session_is_refused_and_no_day_is_guessed(on: date) -> None:
    with pytest.raises(CalendarHorizonError) as refusal:
        run(mechanism("ilo-cfa"), [event("complaint_filed", on)])
    assert refusal.value.code == "calendar-horizon"
    assert refusal.value.facts["calendar"] == "ilo-cfa"


def test_urgent_appeal_at_the_last_known_session_is_refused() -> None:
    with pytest.raises(CalendarHorizonError):
        run(mechanism("ilo-cfa"), [event("urgent_appeal", date(2025, 11, 17))])


def test_count_past_the_one_year_of_the_commission_is_refused() -> None:
    with pytest.raises(CalendarHorizonError) as refusal:
        run(mechanism("eu-sep"), [event("submitted", date(2023, 12, 20))])
    assert refusal.value.facts["calendar"] == "eu-commission"


def test_only_what_nobody_checked_or_what_knows_no_session_to_come_is_inactive() -> None:
    assert [name for name, each in mechanisms().items() if not each.active] == ["eu-sep", "ilo-cfa"]


def test_silence_of_sixty_days_counts_as_abandonment_only_once_they_are_over() -> None:
    law = mechanism("us-forced-labour")
    last_hour = run(law, EXCLUDED, as_of=datetime(2026, 5, 10, 3, 59, tzinfo=UTC))
    assert (last_hour.silences, last_hour.stage) == ([], "excluded")
    after = run(law, EXCLUDED, as_of=datetime(2026, 5, 10, 4, 0, tzinfo=UTC))
    assert [(each.event.type, each.event.kind) for each in after.silences] == [("abandoned", "deemed")]
    assert (after.stage, after.closed) == ("abandoned", True)
    assert not the("abandonment", after).met


def test_protest_nobody_decided_is_treated_as_denied_on_the_thirtieth_day() -> None:
    filed = [*EXCLUDED, event("protest_filed", date(2026, 4, 1))]
    outcome = run(mechanism("us-forced-labour"), filed, as_of=datetime(2026, 6, 1, tzinfo=UTC))
    assert [each.event.type for each in outcome.silences] == ["protest_deemed_denied"]
    assert outcome.stage == "denied"
    court = the("court_action_after_silence", outcome)
    assert (court.computation.anchor_on, court.due_on) == (date(2026, 5, 1), date(2026, 10, 28))
    assert "condition_open" not in {warning.code for warning in court.warnings}


def test_importers_days_are_not_ours_and_the_dismissed_workers_are() -> None:
    ours = {
        (name, rule.id)
        for name, each in mechanisms().items()
        for rule in each.rules.values()
        if each.actors[rule.actor].side == "workers"
    }
    assert ("mx-dismissal", "dismissal_claim") in ours
    assert ("mx-representation", "certificate_lapse") in ours
    assert not any(name == "us-forced-labour" for name, _ in ours)


@pytest.mark.parametrize(
    ("name", "started_by", "rule", "place"),
    [
        ("oecd-ncp", "submitted", "initial_assessment", "Paris"),
        ("ilo-cfa", "complaint_filed", "first_session", "Geneva"),
        ("mx-dismissal", "dismissed", "dismissal_claim", "Mexico City"),
    ],
)
def test_each_day_says_where_it_ends(name: str, started_by: str, rule: str, place: str) -> None:
    outcome = run(mechanism(name), [event(started_by, date(2025, 1, 15))])
    assert any(line.endswith(f"midnight in {place}.") for line in explain(the(rule, outcome), "en"))


def test_days_in_conciliation_are_told_in_the_explanation() -> None:
    outcome = run(
        mechanism("mx-dismissal"),
        [
            event("dismissed", date(2026, 3, 2)),
            event("conciliation_requested", date(2026, 3, 12)),
            event("conciliation_ended", date(2026, 4, 2)),
        ],
    )
    lines = explain(the("dismissal_claim", outcome), "es")
    assert any("conciliación prejudicial" in line for line in lines)
