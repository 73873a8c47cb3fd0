"""Bounds that no case file can reach: statements side by side, and laws that are not ours."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from vigilancia.law.calendars import ONE_DAY
from vigilancia.law.engine import run
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.facts import Facts, effective
from vigilancia.law.loader import load_folder, mechanism
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Event, EventKind, Outcome, Override, Suspension
from vigilancia.law.rules import Rule, Term
from vigilancia.law.sessions import next_session
from vigilancia.law.shapes import SessionTable

OURS = mechanism("usmca-31a-us-mx")


@pytest.fixture(scope="module")
def bylaw() -> Mechanism:
    loaded, faults = load_folder(Path(__file__).parent / "bylaw")
    assert faults == []
    assert loaded is not None
    return loaded


def event(type_: str, on: str, *, kind: EventKind = "happened", due_on: str | None = None, id_: str = "") -> Event:
    carried = date.fromisoformat(due_on) if due_on else None
    return Event(id=id_ or f"{type_}-{on}", type=type_, on=date.fromisoformat(on), kind=kind, due_on=carried)


def the(outcome: Outcome, rule: str, on: str | None = None) -> Deadline:
    [found] = [
        each
        for each in outcome.deadlines
        if each.rule == rule and (on is None or each.computation.anchor_on.isoformat() == on)
    ]
    return found


def with_rule(law: Mechanism, rule: Rule) -> Mechanism:
    """The same law with one rule changed."""
    return replace(law, rules={**law.rules, rule.id: rule})


def with_term(law: Mechanism, name: str, term: Term) -> Mechanism:
    """The same law with another term for one rule of one version."""
    [version] = law.rules[name].versions
    return with_rule(law, replace(law.rules[name], versions=[replace(version, term=term)]))


class TestFacts:
    """Which of several statements speaks, and in which order."""

    def test_on_one_day_an_act_comes_before_its_notice_and_either_before_news(self) -> None:
        kinds: tuple[EventKind, ...] = ("happened", "notified", "deemed", "announced", "published")
        given = [
            event("review_accepted", "2024-03-04", kind=kind, id_=id_) for kind, id_ in zip(kinds, "edcba", strict=True)
        ]
        assert [each.kind for each in Facts(OURS, given).all("review_accepted")] == list(kinds)

    def test_news_of_what_carries_no_day_says_nothing_beside_the_act(self) -> None:
        act = event("remedies_notice", "2024-03-04")
        news = event("remedies_notice", "2024-03-06", kind="announced", due_on="2024-03-20")
        assert effective([act, news], agreed=False) == [act]

    def test_every_act_speaks_once_and_news_without_a_day_not_at_all(self) -> None:
        first = event("remediation_agreed", "2024-03-04", due_on="2024-05-06")
        second = event("remediation_agreed", "2024-04-04", due_on="2024-06-06")
        news = event("remediation_agreed", "2024-04-06", kind="announced")
        assert effective([first, second, news], agreed=True) == [first, second]


class TestStops:
    """What makes a clock stand still, and what does not."""

    def test_talks_begun_before_the_notice_stop_nothing(self, bylaw: Mechanism) -> None:
        talks = [event("talks_begun", "2026-01-10"), event("talks_ended", "2026-01-20")]
        assert the(run(bylaw, [event("notice_given", "2026-01-15"), *talks]), "claim").due_on == date(2026, 3, 15)

    def test_days_of_talks_are_called_what_the_files_call_them(self, bylaw: Mechanism) -> None:
        talks = [event("talks_begun", "2026-02-01"), event("talks_ended", "2026-02-01")]
        [day] = the(run(bylaw, [event("notice_given", "2026-01-15"), *talks]), "claim").computation.skipped
        assert (day.on, day.labels["en"]) == (date(2026, 2, 1), "talks")

    def test_an_end_of_earlier_talks_does_not_end_later_ones(self, bylaw: Mechanism) -> None:
        talks = [event("talks_ended", "2026-01-10"), event("talks_begun", "2026-02-01")]
        found = the(run(bylaw, [event("notice_given", "2026-01-15"), *talks]), "claim")
        assert (found.due_on, found.latest_due_on) == (date(2026, 3, 15), date(2026, 4, 30))

    def test_of_two_pauses_over_one_day_the_one_that_began_first_is_named(self) -> None:
        pauses = [
            Suspension(starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 4), basis="first"),
            Suspension(starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 5), basis="second"),
        ]
        told = [
            run(OURS, [event("review_requested", "2026-02-26")], suspensions=each) for each in (pauses, pauses[::-1])
        ]
        assert told[0] == told[1]
        named = [day.labels["en"] for day in the(told[0], "review_answer").computation.skipped]
        assert named == ["first", "first", "first", "second"]

    def test_a_target_that_stands_still_by_itself_is_suspended(self, bylaw: Mechanism) -> None:
        pause = Suspension(starts_on=date(2026, 2, 1), basis="a pause", rules=["claim_draft"])
        outcome = run(bylaw, [event("notice_given", "2026-01-15")], suspensions=[pause])
        assert (the(outcome, "claim").void, the(outcome, "claim_draft").void_reason) == (False, "suspended")


class TestSilence:
    """Only what silence itself counts as is no answer."""

    def test_a_refusal_that_was_spoken_is_an_answer(self, bylaw: Mechanism) -> None:
        events = [event("question_put", "2026-03-01"), event("answer_refused", "2026-03-05")]
        assert the(run(bylaw, events), "answer").met_on == date(2026, 3, 5)

    def test_speaks_of_nothing_that_is_void(self, bylaw: Mechanism) -> None:
        law = with_rule(bylaw, replace(bylaw.rules["answer"], void_by=["appeal_made"]))
        events = [event("question_put", "2026-03-01"), event("appeal_made", "2026-03-02")]
        outcome = run(law, events, as_of=datetime(2026, 4, 1, tzinfo=UTC))
        assert (the(outcome, "answer").void, outcome.silences) == (True, [])

    def test_means_nothing_where_no_text_says_so(self, bylaw: Mechanism) -> None:
        expiry = bylaw.rules["answer"].on_expiry
        assert expiry is not None
        expiry = replace(expiry, emits=None)
        law = with_rule(bylaw, replace(bylaw.rules["appeal"], trigger="question_put", on_expiry=expiry))
        law = replace(law, rules=dict(reversed(law.rules.items())))  # the rule without a meaning comes before the other
        outcome = run(law, [event("question_put", "2026-03-01")], as_of=datetime(2026, 4, 1, tzinfo=UTC))
        assert [silence.rule for silence in outcome.silences] == ["answer"]

    def test_another_answer_deemed_given_is_an_answer(self, bylaw: Mechanism) -> None:
        events = [event("question_put", "2026-03-01"), event("question_answered", "2026-03-05", kind="deemed")]
        assert the(run(bylaw, events), "answer").met


class TestClocks:
    """What a rule changed by a version or by a person does to its clock, and to no other."""

    def test_days_are_counted_on_the_calendars_of_the_term_and_not_on_those_of_the_roll(self) -> None:
        term = Term(unit="business_days", count=3, calendars=["mx-lft"])
        found = the(
            run(with_term(OURS, "panelist_draw", term), [event("panel_requested", "2025-11-14")]), "panelist_draw"
        )
        assert (found.due_on, found.latest_due_on) == (date(2025, 11, 20), date(2025, 11, 20))
        assert found.computation.calendars == ["mx-lft"]

    def test_a_version_that_agrees_a_day_needs_one_whatever_the_next_version_counts(self) -> None:
        [agreed] = OURS.rules["remediation_due"].versions
        before = replace(agreed, in_force=replace(agreed.in_force, until=date(2023, 12, 31)))
        after = replace(
            agreed, in_force=replace(agreed.in_force, from_=date(2024, 1, 1)), term=Term(unit="calendar_days", count=9)
        )
        law = with_rule(OURS, replace(OURS.rules["remediation_due"], versions=[before, after]))
        outcome = run(law, [event("remediation_agreed", "2023-07-31")])
        assert [each for each in outcome.deadlines if each.rule == "remediation_due"] == []

    def test_no_practice_puts_an_act_on_the_day_it_was_asked_for(self) -> None:
        law = with_term(OURS, "review_answer", Term(unit="calendar_days", count=1))
        found = the(run(law, [event("review_requested", "2026-03-06")]), "review_answer")  # a Friday
        assert (found.due_on, found.practice_on) == (date(2026, 3, 7), None)

    def test_an_ending_after_the_next_trigger_ends_nothing_before_it(self) -> None:
        law = with_rule(OURS, replace(OURS.rules["remedies_contest"], ended_by=["remedies_imposed"]))
        events = [event("remedies_notice", "2026-03-02"), event("remedies_notice", "2026-03-06")]
        outcome = run(law, [*events, event("remedies_imposed", "2026-03-09")])
        found = {day: the(outcome, "remedies_contest", day).void for day in ("2026-03-02", "2026-03-06")}
        assert found == {"2026-03-02": False, "2026-03-06": True}

    def test_a_target_not_in_force_for_one_notice_is_for_the_next(self, bylaw: Mechanism) -> None:
        [version] = bylaw.rules["claim_draft"].versions
        from_february = replace(version, in_force=replace(version.in_force, from_=date(2026, 2, 1)))
        law = with_rule(bylaw, replace(bylaw.rules["claim_draft"], versions=[from_february]))
        law = with_rule(law, replace(law.rules["claim"], repeat="each"))
        outcome = run(law, [event("notice_given", "2026-01-15"), event("notice_given", "2026-03-16")])
        assert the(outcome, "claim_draft").due_on == date(2026, 5, 11)

    def test_rounds_of_several_triggers_come_in_the_order_of_their_days(self, bylaw: Mechanism) -> None:
        anew = {
            name: replace(bylaw.events[name], reopened_by=["claim_made"])
            for name in ("notice_given", "notice_published")
        }
        law = replace(bylaw, events={**bylaw.events, **anew})
        events = [event("notice_published", "2026-01-12"), event("claim_made", "2026-02-02")]
        events += [event("notice_given", "2026-03-02"), event("claim_made", "2026-04-01")]
        outcome = run(law, events)
        met = {day: the(outcome, "claim", day).met_on for day in ("2026-01-12", "2026-03-02")}
        assert met == {"2026-01-12": date(2026, 2, 2), "2026-03-02": date(2026, 4, 1)}

    def test_within_a_round_the_first_of_several_triggers_counts(self, bylaw: Mechanism) -> None:
        names = ("notice_given", "notice_published")
        anew = {name: replace(bylaw.events[name], reopened_by=["claim_made"]) for name in names}
        events = [event("notice_given", "2026-01-20"), event("notice_published", "2026-01-12")]
        outcome = run(replace(bylaw, events={**bylaw.events, **anew}), [*events, event("claim_made", "2026-02-02")])
        assert the(outcome, "claim").computation.anchor_event == "notice_published"

    def test_news_of_another_plan_speaks_in_its_own_round(self) -> None:
        anew = replace(OURS.events["remediation_agreed"], reopened_by=["resolved"])
        events = [event("remediation_agreed", "2022-03-01", due_on="2022-05-02"), event("resolved", "2022-06-01")]
        events += [event("remediation_agreed", "2023-07-31", due_on="2023-10-31")]
        events += [event("remediation_agreed", "2023-10-15", due_on="2024-01-31", kind="announced")]
        law = replace(OURS, events={**OURS.events, "remediation_agreed": anew})
        assert the(run(law, events), "remediation_due", "2023-10-15").due_on == date(2024, 1, 31)

    def test_a_session_may_open_on_the_very_day_where_no_days_must_lie_between(self, bylaw: Mechanism) -> None:
        law = with_term(bylaw, "hearing", Term(unit="next_session", sessions="example-council"))
        assert the(run(law, [event("appeal_made", "2026-03-09")]), "hearing").due_on == date(2026, 3, 9)

    def test_the_first_day_of_a_table_of_sessions_is_known_and_the_day_before_is_not(self, bylaw: Mechanism) -> None:
        table: SessionTable = bylaw.sessions["example-council"]
        first = min(each.opens_on for each in table.sessions)
        assert next_session(table, table.covers_from).opens_on == next_session(table, first).opens_on == first
        assert next_session(table, first - ONE_DAY).opens_on == first
        assert next_session(table, first + ONE_DAY).opens_on > first
        with pytest.raises(CalendarHorizonError):
            next_session(table, table.covers_from - ONE_DAY)


class TestOutcome:
    """What all of it amounts to, in which order."""

    def test_deadlines_come_by_their_days_and_not_by_their_rules(self) -> None:
        outcome = run(OURS, [event("remedies_notice", "2024-03-04"), event("petition_received", "2024-03-04")])
        assert [each.due_on for each in outcome.deadlines] == sorted(each.due_on for each in outcome.deadlines)
        assert outcome.deadlines[0].rule == "remedies_contest"

    def test_that_a_law_is_not_in_use_is_said_first(self, bylaw: Mechanism) -> None:
        odd = [event("question_put", "2019-03-04"), event("vote_called", "2026-03-04")]
        assert run(bylaw, odd).warnings[0].code == "inactive"


class TestOverrides:
    """A day somebody set, beside what else moves a day."""

    REQUEST = event("review_requested", "2023-06-16")

    def ordered(self, due_on: str, rule: str = "review_report") -> Override:
        return Override(rule=rule, trigger_event_id=self.REQUEST.id, due_on=date.fromisoformat(due_on))

    def test_of_another_deadline_of_the_same_event_moves_nothing(self) -> None:
        outcome = run(OURS, [self.REQUEST], overrides=[self.ordered("2023-07-03", "review_answer")])
        assert the(outcome, "review_answer").due_on == date(2023, 7, 3)
        assert the(outcome, "review_report").due_on == date(2023, 7, 31)

    def test_on_a_sunday_is_as_meant(self) -> None:
        found = the(run(OURS, [self.REQUEST], overrides=[self.ordered("2023-08-06")]), "review_report")
        assert [warning.code for warning in found.warnings] == ["overridden", "unverified"]

    def test_of_an_agreed_day_keeps_the_agreed_one_readable(self) -> None:
        agreed = Event(
            id="a", type="extension_agreed", on=date(2023, 7, 20), rule="review_report", due_on=date(2023, 8, 10)
        )
        found = the(run(OURS, [self.REQUEST, agreed], overrides=[self.ordered("2023-08-21")]), "review_report")
        assert (found.due_on, found.computation.overridden_from, found.computation.extended_from) == (
            date(2023, 8, 21),
            date(2023, 8, 10),
            date(2023, 7, 31),
        )

    def test_of_a_day_known_from_an_announcement_is_not_provisional(self) -> None:
        told = event("review_requested", "2023-06-16", kind="announced")
        found = the(run(OURS, [told], overrides=[self.ordered("2023-08-21")]), "review_report")
        assert not found.computation.provisional


class TestWhatADateRestsOn:
    """Citations and doubts name what shaped the date, and nothing else."""

    def test_practice_is_cited_where_it_moved_the_day_expected(self) -> None:
        cited = {
            day: [each.source for each in the(run(OURS, [event("review_requested", day)]), "review_answer").citation]
            for day in ("2022-07-21", "2022-06-06")
        }
        assert ("public-cases" in cited["2022-07-21"], "public-cases" in cited["2022-06-06"]) == (True, False)

    def test_an_agreed_extension_is_cited(self) -> None:
        agreed = Event(
            id="a", type="extension_agreed", on=date(2023, 7, 20), rule="review_report", due_on=date(2023, 8, 10)
        )
        request = event("review_requested", "2023-06-16")
        extensions = OURS.extensions
        assert extensions is not None
        before = the(run(OURS, [request]), "review_report").citation
        after = the(run(OURS, [request, agreed]), "review_report").citation
        assert [each.locator for each in after[len(before) :]] == [each.locator for each in extensions.cites]

    def test_a_session_without_a_source_of_its_own_rests_on_the_table(self, bylaw: Mechanism) -> None:
        found = the(run(bylaw, [event("appeal_made", "2026-03-03")]), "hearing")
        table = bylaw.sessions["example-council"]
        assert found.citation[-1].locator == table.cites[-1].locator
        assert len(found.citation) == len(bylaw.rules["hearing"].versions[0].cites) + len(table.cites)

    def test_days_left_out_are_told_for_the_latest_reading_only_where_it_is_another_day(self) -> None:
        two = the(run(OURS, [event("panel_requested", "2025-11-14")]), "panelist_draw").computation
        one = the(run(OURS, [event("panel_requested", "2024-03-07")]), "panelist_draw").computation
        assert [day.on.isoformat() for day in two.latest_skipped] == ["2025-11-15", "2025-11-16", "2025-11-17"]
        assert one.latest_skipped == []

    def test_a_target_is_provisional_exactly_where_what_it_hangs_on_is(self, bylaw: Mechanism) -> None:
        sure = run(bylaw, [event("notice_given", "2026-01-15")])
        told = run(bylaw, [event("notice_given", "2026-01-15", kind="announced")])
        assert not the(sure, "claim_draft").computation.provisional
        assert the(told, "claim_draft").computation.provisional

    def test_a_target_is_provisional_where_only_news_moved_what_it_hangs_on(self, bylaw: Mechanism) -> None:
        day = date(2026, 2, 2)
        news = Event(id="n", type="truce_begun", on=day, kind="announced", rule="claim", due_on=date(2026, 4, 1))
        found = the(run(bylaw, [event("notice_given", "2026-01-15"), news]), "claim_draft")
        assert (found.due_on, found.computation.provisional) == (date(2026, 3, 27), True)
