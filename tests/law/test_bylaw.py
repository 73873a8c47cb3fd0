"""A fictional bylaw: months, sessions, counting back, clocks that hang on others, stand still and speak."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.law.spoiling import spoil
from vigilancia.law.check import check_folder
from vigilancia.law.engine import run
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.explain import explain, timeline, warning_text
from vigilancia.law.loader import load_folder
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Event, EventKind, Outcome, Override, Suspension
from vigilancia.law.shapes import InForce
from vigilancia.law.status import status_on
from vigilancia.law.texts import Locale

FOLDER = Path(__file__).parent / "bylaw"


@pytest.fixture(scope="module")
def bylaw() -> Mechanism:
    loaded, faults = load_folder(FOLDER)
    assert faults == []
    assert loaded is not None
    return loaded


def event(type_: str, on: str, *, kind: EventKind = "happened", due_on: str | None = None) -> Event:
    carried = date.fromisoformat(due_on) if due_on else None
    return Event(id=f"{type_}-{on}", type=type_, on=date.fromisoformat(on), kind=kind, due_on=carried)


def the(outcome: Outcome, rule: str) -> Deadline:
    [found] = [each for each in outcome.deadlines if each.rule == rule]
    return found


def codes(deadline: Deadline) -> list[str]:
    return [warning.code for warning in deadline.warnings]


def test_folder_has_no_fault() -> None:
    assert check_folder(FOLDER) == []


@pytest.mark.parametrize(
    ("given", "due"),
    [
        ("2026-01-15", "2026-03-15"),
        ("2026-12-31", "2027-02-28"),
        ("2027-12-31", "2028-02-29"),
        ("2026-06-30", "2026-08-30"),
        ("2026-07-31", "2026-09-30"),
    ],
)
def test_two_months_end_on_the_same_day_or_on_the_last_of_a_shorter_month(
    bylaw: Mechanism, given: str, due: str
) -> None:
    found = the(run(bylaw, [event("notice_given", given)]), "claim")
    assert (found.due_on.isoformat(), found.latest_due_on.isoformat()) == (due, due)


def test_of_several_triggers_the_first_counts(bylaw: Mechanism) -> None:
    events = [event("notice_published", "2026-01-10"), event("notice_given", "2026-01-20")]
    found = the(run(bylaw, events), "claim")
    assert (found.due_on, found.computation.anchor_event) == (date(2026, 3, 10), "notice_published")


def test_days_of_talks_that_ended_are_added_behind_the_months(bylaw: Mechanism) -> None:
    talks = [event("talks_begun", "2026-02-01"), event("talks_ended", "2026-02-10")]
    found = the(run(bylaw, [event("notice_given", "2026-01-15"), *talks]), "claim")
    assert (found.due_on, found.latest_due_on) == (date(2026, 3, 25), date(2026, 3, 25))
    assert len(found.computation.skipped) == 10
    assert found.confidence == "secondary"
    assert [citation.locator for citation in found.citation] == ["art. 1", "art. 2"]


def test_talks_longer_than_the_text_allows_stop_the_clock_for_the_time_allowed_or_to_their_end(
    bylaw: Mechanism,
) -> None:
    talks = [event("talks_begun", "2026-02-01"), event("talks_ended", "2026-03-28")]
    found = the(run(bylaw, [event("notice_given", "2026-01-15"), *talks]), "claim")
    assert len(found.computation.skipped) == 46  # 1 February and 45 days after it
    assert (found.due_on, found.latest_due_on) == (date(2026, 4, 30), date(2026, 5, 10))
    assert codes(found) == ["stop_long"]


def test_talks_to_the_very_last_day_allowed_leave_no_doubt(bylaw: Mechanism) -> None:
    talks = [event("talks_begun", "2026-02-01"), event("talks_ended", "2026-03-18")]
    found = the(run(bylaw, [event("notice_given", "2026-01-15"), *talks]), "claim")
    assert (found.due_on, found.latest_due_on, codes(found)) == (date(2026, 4, 30), date(2026, 4, 30), [])


def test_while_no_end_of_the_talks_is_known_the_day_to_act_on_is_the_one_without_them(bylaw: Mechanism) -> None:
    events = [event("notice_given", "2026-01-15"), event("talks_begun", "2026-02-01")]
    found = the(run(bylaw, events), "claim")
    assert (found.due_on, found.latest_due_on) == (date(2026, 3, 15), date(2026, 4, 30))
    assert codes(found) == ["stop_open"]
    assert explain(found, "en")[2].startswith("If the clock stood still for “talks_begun” as long as the text allows")


def test_truce_without_a_longest_day_holds_the_clock_until_its_end_is_recorded(bylaw: Mechanism) -> None:
    events = [event("notice_given", "2026-01-15"), event("truce_begun", "2026-02-01")]
    held = the(run(bylaw, events), "claim")
    assert (held.void, held.void_reason) == (True, "suspended")
    ended = the(run(bylaw, [*events, event("truce_ended", "2026-02-03")]), "claim")
    assert (ended.void, ended.due_on, ended.confidence) == (False, date(2026, 3, 18), "unverified")


def test_target_hangs_on_the_last_day_of_the_claim_and_moves_with_it(bylaw: Mechanism) -> None:
    notice = event("notice_given", "2026-01-15")
    talks = [event("talks_begun", "2026-02-01"), event("talks_ended", "2026-02-10")]
    assert the(run(bylaw, [notice]), "claim_draft").due_on == date(2026, 3, 10)
    moved = the(run(bylaw, [notice, *talks]), "claim_draft")
    assert (moved.due_on, moved.computation.anchor_on, moved.confidence) == (
        date(2026, 3, 20),
        date(2026, 3, 25),
        "secondary",
    )
    assert explain(moved, "en")[:2] == [
        "“claim” ends on Wednesday 25 March 2026. That day is not counted.",
        "5 calendar days before it, weekends and holidays included: Friday 20 March 2026.",
    ]


def test_target_of_a_claim_that_stands_still_stands_still_too(bylaw: Mechanism) -> None:
    events = [event("notice_given", "2026-01-15"), event("truce_begun", "2026-02-01")]
    assert the(run(bylaw, events), "claim_draft").void_reason == "suspended"


def test_working_days_before_a_vote_are_counted_back_from_the_day_it_is_called_for(bylaw: Mechanism) -> None:
    # Friday 20 March 2026; Monday 16 is a statutory rest day.
    found = the(run(bylaw, [event("vote_called", "2026-02-20", due_on="2026-03-18")]), "text_to_voters")
    assert (found.due_on, found.computation.anchor_on) == (date(2026, 3, 12), date(2026, 3, 18))
    assert [day.on.isoformat() for day in found.computation.skipped] == ["2026-03-14", "2026-03-15", "2026-03-16"]
    lines = explain(found, "es")
    assert lines[0].endswith("para el miércoles 18 de marzo de 2026. Ese día no se cuenta.")
    assert lines[1].startswith("3 días hábiles antes: jueves 12 de marzo de 2026")


def test_vote_called_for_no_day_sets_nothing_going(bylaw: Mechanism) -> None:
    outcome = run(bylaw, [event("vote_called", "2026-02-20")])
    assert outcome.deadlines == []
    assert "agreed_day_missing" in {warning.code for warning in outcome.warnings}


class TestSilence:
    """Silence counts as an event only once the last day is over, and only while nobody answered."""

    AFTER = datetime(2026, 3, 12, 6, tzinfo=UTC)  # midnight after 11 March in Mexico City

    def test_speaks_from_the_first_moment_after_the_last_day(self, bylaw: Mechanism) -> None:
        outcome = run(bylaw, [event("question_put", "2026-03-01")], as_of=self.AFTER)
        [silence] = [each.event for each in outcome.silences]
        assert (silence.type, silence.on, silence.kind) == ("answer_refused", date(2026, 3, 12), "deemed")
        assert outcome.stage == "refused"
        assert the(outcome, "appeal").due_on == date(2026, 3, 17)
        answer = the(outcome, "answer")
        assert (answer.met, answer.void, status_on(answer, date(2026, 3, 12))) == (False, False, "missed")

    def test_says_nothing_a_moment_before(self, bylaw: Mechanism) -> None:
        before = self.AFTER.replace(hour=5, minute=59, second=59)
        outcome = run(bylaw, [event("question_put", "2026-03-01")], as_of=before)
        assert (outcome.silences, outcome.stage) == ([], "open")

    def test_says_nothing_where_it_proves_nothing(self, bylaw: Mechanism) -> None:
        outcome = run(bylaw, [event("question_put", "2026-03-01")], as_of=self.AFTER, speaks=lambda _: False)
        assert outcome.silences == []

    def test_says_nothing_where_no_instant_is_given(self, bylaw: Mechanism) -> None:
        assert run(bylaw, [event("question_put", "2026-03-01")]).silences == []

    def test_is_over_when_an_answer_is_recorded_even_a_late_one(self, bylaw: Mechanism) -> None:
        events = [event("question_put", "2026-03-01"), event("question_answered", "2026-03-20")]
        outcome = run(bylaw, events, as_of=datetime(2026, 4, 1, tzinfo=UTC))
        assert (outcome.silences, outcome.stage) == ([], "answered")
        assert status_on(the(outcome, "answer"), date(2026, 4, 1)) == "met_late"

    def test_is_not_the_act_when_it_stands_recorded(self, bylaw: Mechanism) -> None:
        events = [event("question_put", "2026-03-01"), event("answer_refused", "2026-03-12", kind="deemed")]
        outcome = run(bylaw, events)
        assert not the(outcome, "answer").met
        assert outcome.stage == "refused"


@pytest.mark.parametrize(
    ("appealed", "opens"),
    [
        ("2026-03-02", "2026-03-09"),  # seven days in between, to the day
        ("2026-03-03", "2026-06-01"),
        ("2026-06-13", "2026-10-26"),
        ("2026-10-19", "2026-10-26"),
    ],
)
def test_hearing_is_at_the_next_session_far_enough_off(bylaw: Mechanism, appealed: str, opens: str) -> None:
    found = the(run(bylaw, [event("appeal_made", appealed)]), "hearing")
    assert found.due_on.isoformat() == opens
    assert found.citation[-1].source == ("example-diary" if opens == "2026-03-09" else "example-bylaw")


@pytest.mark.parametrize("appealed", ["2026-10-20", "2025-12-31"])
def test_session_past_the_table_is_refused_and_not_guessed(bylaw: Mechanism, appealed: str) -> None:
    with pytest.raises(CalendarHorizonError) as refusal:
        run(bylaw, [event("appeal_made", appealed)])
    assert refusal.value.facts["calendar"] == "example-council"


class TestOverride:
    """A day set by somebody with authority holds; the computed one stays readable."""

    def test_replaces_the_day_and_keeps_what_was_computed(self, bylaw: Mechanism) -> None:
        notice = event("notice_given", "2026-01-15")
        order = Override(rule="claim", trigger_event_id=notice.id, due_on=date(2026, 4, 1), confidence="primary")
        found = the(run(bylaw, [notice], overrides=[order]), "claim")
        assert (found.due_on, found.raw_due_on, found.computation.overridden_from) == (
            date(2026, 4, 1),
            date(2026, 3, 15),
            date(2026, 3, 15),
        )
        assert (found.confidence, codes(found)) == ("primary", ["overridden"])
        assert found.closes_at == datetime(2026, 4, 2, 6, tzinfo=UTC)
        assert "Another day was set" in " ".join(explain(found, "en"))

    def test_of_two_the_newer_holds_and_other_deadlines_stay(self, bylaw: Mechanism) -> None:
        notice = event("notice_given", "2026-01-15")
        days = [date(2026, 4, 1), date(2026, 4, 2)]
        orders = [Override(rule="claim", trigger_event_id=notice.id, due_on=day) for day in days]
        other = Override(rule="claim", trigger_event_id="another", due_on=date(2026, 5, 5))
        assert the(run(bylaw, [notice], overrides=[*orders, other]), "claim").due_on == date(2026, 4, 2)

    def test_carries_on_although_the_clock_stands_still(self, bylaw: Mechanism) -> None:
        events = [event("notice_given", "2026-01-15"), event("truce_begun", "2026-02-01")]
        order = Override(rule="claim", trigger_event_id=events[0].id, due_on=date(2026, 4, 1))
        assert not the(run(bylaw, events, overrides=[order]), "claim").void

    def test_decides_what_is_late(self, bylaw: Mechanism) -> None:
        events = [event("notice_given", "2026-01-15"), event("claim_made", "2026-03-14")]
        order = Override(rule="claim", trigger_event_id=events[0].id, due_on=date(2026, 3, 1))
        assert status_on(the(run(bylaw, events, overrides=[order]), "claim"), date(2026, 3, 20)) == "met_late"


@pytest.mark.parametrize(("on", "found"), [("2019-12-31", 0), ("2020-01-01", 1), ("2030-12-31", 1), ("2031-01-01", 0)])
def test_nothing_runs_before_or_after_the_bylaw_is_in_force(bylaw: Mechanism, on: str, found: int) -> None:
    outcome = run(bylaw, [event("question_put", on)])
    assert len(outcome.deadlines) == found
    assert ("not_in_force" in {warning.code for warning in outcome.warnings}) == (not found)


def test_rules_that_are_not_in_use_say_so(bylaw: Mechanism) -> None:
    assert run(bylaw, []).warnings[0].code == "inactive"


@pytest.mark.parametrize("on", ["9999-12-31", "1850-01-01"])
def test_day_in_a_year_no_procedure_has_is_refused(bylaw: Mechanism, on: str) -> None:
    always = InForce(from_=date.min)
    [version] = bylaw.rules["claim"].versions
    claim = replace(bylaw.rules["claim"], versions=[replace(version, in_force=always)])
    ancient = replace(bylaw, in_force=always, rules={"claim": claim})
    with pytest.raises(CalendarHorizonError):
        run(ancient, [event("notice_given", on)])


def test_recorded_pause_with_an_end_moves_months_too(bylaw: Mechanism) -> None:
    pause = Suspension(starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 3), basis="an order", actors=["worker"])
    found = the(run(bylaw, [event("notice_given", "2026-01-15")], suspensions=[pause]), "claim")
    assert found.due_on == date(2026, 3, 18)


@pytest.mark.parametrize("locale", ["es", "en", "fr"])
def test_everything_can_be_told_in_every_language(bylaw: Mechanism, locale: Locale) -> None:
    notice = event("notice_given", "2026-01-15")
    events = [notice, event("talks_begun", "2026-02-01"), event("question_put", "2026-03-01")]
    events += [event("vote_called", "2026-02-20", due_on="2026-03-18"), event("appeal_made", "2026-03-02")]
    order = Override(rule="answer", trigger_event_id=events[2].id, due_on=date(2026, 3, 5))
    outcome = run(bylaw, events, overrides=[order], as_of=datetime(2026, 4, 1, tzinfo=UTC))
    told = [line for each in outcome.deadlines for line in explain(each, locale)]
    said = [*outcome.warnings, *(warning for each in outcome.deadlines for warning in each.warnings)]
    told += [warning_text(each, locale) for each in said]
    assert not [line for line in told if "{" in line or not line.strip()]
    written = timeline(outcome, locale, date(2026, 4, 1))
    assert max(len(line) for line in written.splitlines()) <= 80


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("rules/claim.yaml", "trigger: [notice_given, notice_published]\n", "", "a trigger, or another rule"),
        ("rules/claim.yaml", "nature: mandatory", "nature: mandatory\nhangs_on: answer", "and not both"),
        ("rules/claim.yaml", "[notice_given, notice", "[notice_give, notice", "no event 'notice_give'"),
        ("rules/claim.yaml", ", month_end: clamp", "", "months, and they alone, need month_end"),
        ("rules/claim.yaml", "from: talks_begun", "from: talks", "no event 'talks'"),
        ("rules/claim.yaml", "until: [talks_ended]", "until: [talks]", "no event 'talks'"),
        ("rules/claim.yaml", "until: [truce_ended]", "until: []", "a stop needs an event that ends it"),
        ("rules/claim.yaml", "at_most: {count: 45", "at_most: {count: 0", "1 or more"),
        ("rules/claim.yaml", "locator: art. 2}]", "locator: art. 2}, {source: x, locator: y}]", "no source 'x'"),
        ("rules/claim_draft.yaml", "hangs_on: claim", "hangs_on: claims", "no rule 'claims'"),
        ("rules/claim_draft.yaml", "hangs_on: claim", "hangs_on: claim_draft", "the rule hangs on itself"),
        ("rules/claim_draft.yaml", "nature: soft", "nature: soft\nrepeat: each", "has its day and its repeats from it"),
        ("rules/text_to_voters.yaml", "trigger: vote_called", "trigger: question_put", "carries no day to count from"),
        ("rules/answer.yaml", "emits: answer_refused", "emits: silence", "no event 'silence'"),
        ("rules/hearing.yaml", "sessions: example-council", "sessions: council", "no table of sessions 'council'"),
        ("rules/hearing.yaml", ", sessions: example-council", "", "the next session, and it alone"),
        ("rules/hearing.yaml", "count: 7", "count: 7, direction: before", "can run backwards"),
        ("rules/hearing.yaml", "{policy: none, calendars: []", "{policy: next, calendars: [mx-lft]", "does not roll"),
        ("rules/appeal.yaml", "calendar_days}", "calendar_days, month_end: clamp}", "months, and they alone"),
        ("rules/appeal.yaml", "calendar_days}", "calendar_days, sessions: example-council}", "the next session, and"),
        ("sessions/example-council.yaml", "id: example-council", "id: council", "the file is called"),
        ("sessions/example-council.yaml", "opens_on: 2026-03-09", "opens_on: 2027-03-09", "outside what the table"),
        ("sessions/example-council.yaml", "closes_on: 2026-06-12", "closes_on: 2026-05-12", "before it opens"),
        ("sessions/example-council.yaml", "source: example-diary", "source: diary", "no source 'diary'"),
    ],
)
def test_spoiled_file_is_refused(tmp_path: Path, name: str, old: str, new: str, message: str) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "bylaw"))
    spoil(folder, name, old, new)
    faults = check_folder(folder)
    assert [fault.file for fault in faults][:1] == [name]
    assert message in faults[0].message


def test_table_without_a_session_is_a_fault(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "bylaw"))
    path = folder / "sessions" / "example-council.yaml"
    path.write_text(path.read_text(encoding="utf-8").split("sessions:\n")[0] + "sessions: []\n", encoding="utf-8")
    assert [fault.message for fault in check_folder(folder)] == ["the table has no sessions"]
