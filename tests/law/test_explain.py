"""The words: why this day, in three languages."""

from datetime import date

from vigilancia.law.engine import run
from vigilancia.law.explain import explain, timeline, warning_text
from vigilancia.law.loader import mechanism
from vigilancia.law.model import Deadline, Event, Suspension, Warning_

MECHANISM = mechanism("usmca-31a-us-mx")


def the_deadline(rule: str, *events: Event, suspensions: tuple[Suspension, ...] = ()) -> Deadline:
    [found] = [each for each in run(MECHANISM, events, suspensions=suspensions).deadlines if each.rule == rule]
    return found


def petition(on: date) -> Event:
    return Event(id="1", type="petition_received", on=on)


def test_roll_over_a_long_weekend_is_told_day_by_day() -> None:
    assert explain(the_deadline("ilc_determination", petition(date(2024, 4, 25))), "en")[:7] == [
        "Petition received: Thursday 25 April 2024. That day is not counted.",
        "30 calendar days after it, weekends and holidays included: Saturday 25 May 2024.",
        "Left out: Saturday 25 May 2024 to Sunday 26 May 2024 (weekend).",
        "Left out: Monday 27 May 2024 (Memorial Day; 5 U.S.C. 6103, holidays).",
        "The count ends on a day off, Saturday 25 May 2024, and moves to Tuesday 28 May 2024.",
        "Last day: Tuesday 28 May 2024. It ends at midnight in Washington.",
        "Afterwards: The statute does not say what follows if the committee does not decide in time.",
    ]


def test_practice_is_told_in_spanish() -> None:
    request = Event(id="1", type="review_requested", on=date(2022, 7, 21))
    lines = explain(the_deadline("review_answer", request), "es")
    assert "El domingo 31 de julio de 2022 es día inhábil; el texto no lo mueve." in lines
    assert "En la práctica el acto llega el día hábil anterior: viernes 29 de julio de 2022." in lines
    assert any(line.endswith("(sin cotejar con el texto oficial)") for line in lines)


def test_the_first_of_a_month_is_told_as_the_french_do() -> None:
    lines = explain(the_deadline("ilc_determination", petition(date(2024, 2, 1))), "fr")
    assert lines[0] == "Pétition reçue : jeudi 1er février 2024. Ce jour n'est pas compté."


def test_each_reading_is_told_with_what_makes_the_difference() -> None:
    constituted = Event(id="1", type="panel_constituted", on=date(2023, 8, 30))
    lines = explain(the_deadline("petition_confirmation", constituted), "en")
    assert "Counted on “Mexico's statutory rest days”: Wednesday 6 September 2023." in lines
    assert "Counted on “United States federal holidays”: Thursday 7 September 2023." in lines
    assert "Left out: Monday 4 September 2023 (Labor Day; 5 U.S.C. 6103, holidays)." in lines
    assert lines.index("Left out: Monday 4 September 2023 (Labor Day; 5 U.S.C. 6103, holidays).") > 3


def test_suspension_and_extension_are_told() -> None:
    pause = Suspension(starts_on=date(2025, 10, 1), ends_on=date(2025, 11, 12), basis="section closed")
    requested = Event(id="1", type="panel_requested", on=date(2025, 10, 2))
    moved = Event(
        id="2", type="extension_agreed", on=date(2025, 11, 14), rule="panelist_draw", due_on=date(2025, 12, 1)
    )
    lines = explain(the_deadline("panelist_draw", requested, moved, suspensions=(pause,)), "en")
    assert lines[1].startswith("Time was suspended then; the count starts from Thursday 13 November 2025")
    assert "Both sides agreed another day: Monday 1 December 2025 instead of Tuesday 18 November 2025." in lines


def test_days_suspended_in_a_row_are_told_as_one_span() -> None:
    pause = Suspension(starts_on=date(2025, 10, 1), ends_on=date(2025, 10, 5), basis="an agreed pause")
    request = Event(id="1", type="review_requested", on=date(2025, 9, 26))
    lines = explain(the_deadline("review_answer", request, suspensions=(pause,)), "en")
    assert "Left out: Wednesday 1 October 2025 to Sunday 5 October 2025 (an agreed pause)." in lines


def test_floor_tells_its_first_day() -> None:
    notice = Event(id="1", type="remedies_notice", on=date(2023, 11, 6))
    lines = explain(the_deadline("remedies_not_before", notice), "en")
    assert "First day on which it is allowed: Tuesday 21 November 2023, in Washington." in lines


def test_floor_with_two_readings_tells_from_when_it_is_safe() -> None:
    finding = Event(id="1", type="panel_found_denial", on=date(2025, 11, 3))
    notice = Event(id="2", type="remedies_notice", on=date(2025, 11, 12))
    deadline = the_deadline("remedies_not_before", finding, notice)
    assert any(line.endswith("is it allowed on every reading.") for line in explain(deadline, "en"))
    assert warning_text(deadline.warnings[0], "en").endswith("on every reading only from Thursday 20 November 2025.")


def test_agreed_day_is_not_said_to_be_counted() -> None:
    plan = Event(id="1", type="remediation_agreed", on=date(2023, 7, 31), due_on=date(2023, 10, 31))
    assert explain(the_deadline("remediation_due", plan), "en")[:2] == [
        "Course of remediation agreed: Monday 31 July 2023.",
        "The day agreed is Tuesday 31 October 2023.",
    ]


def test_confidence_and_source_close_the_explanation() -> None:
    lines = explain(the_deadline("ilc_determination", petition(date(2023, 5, 15))), "en")
    assert "How sure: the text itself was read." in lines
    assert lines[-4].startswith("Source: 19 U.S.C. 4646")
    assert lines[-4].endswith("subsection (b): “within 30 days”.")


def test_warning_without_words_falls_back_to_its_code() -> None:
    assert warning_text(Warning_(code="brand_new"), "es") == "brand_new"


def test_warning_about_what_no_mechanism_knows_keeps_the_codes() -> None:
    warning = Warning_(code="act_before_trigger", params={"rule": "old_rule", "event": "old_event", "on": "2024-03-04"})
    assert warning_text(warning, "en").startswith("“old_rule”: “old_event” is dated Monday 4 March 2024")


def test_timeline_shows_stage_statuses_readings_and_remarks() -> None:
    outcome = run(
        MECHANISM,
        [
            petition(date(2022, 6, 21)),
            Event(id="2", type="review_requested", on=date(2022, 7, 21)),
            Event(id="3", type="review_accepted", on=date(2022, 7, 29)),
            Event(id="4", type="panel_constituted", on=date(2023, 8, 30)),
        ],
    )
    told = timeline(outcome, "es", date(2022, 9, 1))
    assert told.splitlines()[0] == "Etapa: panel constituido"
    assert "2022-07-21  cumplido        El comité de Washington" in told
    assert "hecho el 2022-07-29" in told
    assert "2022-09-04  pendiente       México informa el resultado" in told
    assert "2023-09-07" in told
    assert "! «panel constituido»" in told
    assert max(map(len, told.splitlines())) <= 80


def test_timeline_of_nothing_says_so() -> None:
    assert "No dates follow from these events." in timeline(run(MECHANISM, []), "en", date(2024, 3, 4))
