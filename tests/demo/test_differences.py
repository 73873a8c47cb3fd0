"""Every computed day beside what happened: which acts count, what is left out, and every difference accounted for."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from vigilancia.demo import summary, table
from vigilancia.demo.dataset import read
from vigilancia.demo.differences import TELLING, Comparison, Line, compare, lines
from vigilancia.demo.records import Case, CaseEvent
from vigilancia.law.loader import mechanisms

DOCUMENT = Path(__file__).parents[2] / "docs" / "public-cases.md"
CASES = {case.key: case for case in read().cases}
KNOWN = mechanisms()
COMPARISONS = compare(read().cases, KNOWN)
COMPUTED = [case for case in read().cases if case.mechanism in KNOWN]
RAPID = table.MECHANISM


def line(rule: str, *, stand_in: bool = False, found: list[Comparison] = COMPARISONS) -> Line:
    """Return one rule's line of the rapid response mechanism."""
    (only,) = [
        each for each in lines(found, KNOWN[RAPID]) if each.rule == rule and (each.stand_in is not None) == stand_in
    ]
    return only


def moved(key: str, type_: str, **changes: object) -> Case:
    """Return a case with one type of its events changed."""
    events = tuple(
        msgspec.structs.replace(event, **changes) if event.type == type_ else event for event in CASES[key].events
    )
    return msgspec.structs.replace(CASES[key], events=events)


def of(case: Case, rule: str) -> Comparison:
    """Return what one case says of one rule, and not of its stand-in."""
    return next(each for each in compare([case], KNOWN) if each.rule == rule and not each.stand_in)


class TestAccountedFor:
    """The data set says why, case by case."""

    @pytest.mark.parametrize("case", COMPUTED, ids=lambda case: case.key)
    def test_every_difference_is_written_down_and_nothing_else_is(self, case: Case) -> None:
        """Where this fails after a change of rules, `differences` of the case lacks an entry or has an idle one."""
        found = Counter((each.rule, each.days) for each in COMPARISONS if each.case == case.key and each.act)
        apart = Counter({(rule, days): number for (rule, days), number in found.items() if days})
        assert Counter((said.rule, said.days) for said in case.differences) == apart

    @pytest.mark.parametrize("case", read().cases, ids=lambda case: case.key)
    def test_more_than_three_days_have_a_note_and_a_source_or_are_called_unexplained(self, case: Case) -> None:
        """A code alone is no explanation, and a note without a source is hearsay."""
        for said in case.differences:
            assert (said.note is None) == (said.note_en is None)
            if abs(said.days) > TELLING:
                assert said.why == "unexplained" or (said.note_en and said.source_url)

    @pytest.mark.parametrize("case", read().cases, ids=lambda case: case.key)
    def test_a_source_of_an_explanation_is_a_page_of_the_case(self, case: Case) -> None:
        """Nothing is explained with a page that is not listed."""
        assert {said.source_url for said in case.differences if said.source_url} <= set(case.sources)

    @pytest.mark.parametrize(
        "each", [each for each in COMPARISONS if each.said], ids=lambda each: f"{each.case}-{each.rule}"
    )
    def test_a_reason_is_possible_for_its_difference(self, each: Comparison) -> None:
        """Early is before the day, and an announcement explains only where the day of the act is not known."""
        assert each.said is not None
        assert each.said.why != "early" or each.days < 0
        assert each.said.why != "announcement" or not each.known
        assert each.said.why not in {"source_doubtful", "sources_differ"} or each.said.source_url

    def test_the_five_that_are_far_apart(self) -> None:
        """By name, so that a sixth is noticed."""
        found = [each for each in COMPARISONS if each.act and each.mechanism == RAPID]
        far = {(each.case, each.rule): each.days for each in found if abs(each.days) > TELLING}
        assert far == {
            ("us-06-vu-2", "remediation_consultation"): 5,
            ("us-11-san-martin", "panel_determination"): 210,
            ("us-26-pirelli", "review_answer"): -6,
            ("us-27-camino-rojo", "ilc_determination"): 36,
            ("us-30-vdo", "ilc_determination"): -4,
        }


class TestCompared:
    """Which act is set beside a computed day."""

    def test_mexicos_answers(self) -> None:
        """Eight answers have a day; those that a later step implies, and those nobody dated, are left out."""
        found = line("review_answer")
        assert found.days == [-6, -2, -2, -1, -1, 0, 0, 1]
        assert found.left_out == {"implied": 5, "ended": 5, "nothing": 10}

    def test_the_first_panel_is_measured_by_its_decision_and_not_by_its_publication(self) -> None:
        """It was decided on 26 April 2024 and published in May."""
        found = of(CASES["us-11-san-martin"], "panel_determination")
        assert (found.due_on, found.days, found.known) == (date(2023, 9, 29), 210, True)

    def test_an_announcement_after_the_day_counts_and_is_marked(self) -> None:
        """The plan for Manufacturas VU was made known five days after the tenth day of consultations."""
        found = of(CASES["us-06-vu-2"], "remediation_consultation")
        assert (found.days, found.known) == (5, False)

    def test_an_announcement_before_the_day_counts_and_is_marked(self) -> None:
        """Saint-Gobain's petition was declined on the last day, as announced."""
        found = of(CASES["us-p1-saint-gobain"], "ilc_determination")
        assert (found.days, found.known) == (0, False)

    def test_what_is_only_implied_has_no_day(self) -> None:
        """GM's case shows that Mexico answered, and not when."""
        found = of(CASES["us-01-gm-silao"], "review_answer")
        assert (found.act, found.left_out) == (None, "implied")
        with pytest.raises(ValueError, match="no day is known for review_answer"):
            _ = found.days

    def test_what_ended_before_the_act_is_left_out(self) -> None:
        """Panasonic's case was resolved before anybody reported."""
        assert of(CASES["us-03-panasonic"], "review_report").left_out == "ended"

    def test_what_nobody_recorded_is_left_out(self) -> None:
        """Of Faurecia only the request is known."""
        assert of(CASES["us-xx-faurecia"], "review_answer").left_out == "nothing"

    def test_the_request_stands_in_for_the_decision_as_in_the_other_table(self) -> None:
        """Two tables of one thing must not differ."""
        stand_ins = {each.case: each.days for each in COMPARISONS if each.stand_in}
        assert stand_ins == {row.case: row.days for row in table.rows(read().cases, KNOWN[RAPID])}
        assert line("ilc_determination").days == [0]
        assert len(line("ilc_determination", stand_in=True).days) == len(stand_ins)

    def test_moving_the_act_moves_the_difference_and_not_the_day(self) -> None:
        """No computed day is fitted to the act."""
        later = moved("us-08-goodyear", "review_accepted", on=date(2023, 6, 1) + timedelta(days=9))
        before, after = of(CASES["us-08-goodyear"], "review_answer"), of(later, "review_answer")
        assert (before.due_on, before.days) == (after.due_on, 0)
        assert (after.days, after.said) == (9, None)

    def test_a_floor_is_measured_in_days_after_it_and_apart(self) -> None:
        """A notice of remedies two days after the plan's end is no late act."""
        case = CASES["us-06-vu-2"]
        notice = CaseEvent(type="remedies_notice", on=date(2023, 10, 2), kind="happened", confidence="press")
        found = compare([msgspec.structs.replace(case, events=(*case.events, notice))], KNOWN)
        floor = line("remedies_notice_not_before", found=found)
        assert (floor.floor, floor.days) == (True, [2])
        text = summary.markdown(found, KNOWN)
        assert "Floors, the first day allowed; days after it:" in text
        assert "| No notice of remedies before this day<br>`remedies_notice_not_before` | 1 |" in text

    def test_a_case_of_a_mechanism_without_rules_is_passed_over(self) -> None:
        """Nothing is computed for it, and nothing is said."""
        assert compare([msgspec.structs.replace(CASES["us-01-gm-silao"], mechanism="ilo-cfa")], {}) == []

    def test_every_deadline_of_every_case_is_either_compared_or_left_out(self) -> None:
        """No figure gets better by forgetting."""
        assert all((each.act is None) == (each.left_out is not None) for each in COMPARISONS)
        assert {each.case for each in COMPARISONS} == {case.key for case in COMPUTED} - {"us-34-mma", "us-p2-bbb"}


class TestTables:
    """What a person reads."""

    def test_the_document_shows_the_tables_of_today(self) -> None:
        """A change of rules or of data that moves a day must show in the document in the same change."""
        text = DOCUMENT.read_text(encoding="utf-8")
        assert summary.fill(text, COMPARISONS, KNOWN) == text

    def test_a_line_holds_the_figures_of_its_rule(self) -> None:
        """Number, only announced, on the day, before, after, median, smallest, largest, and each."""
        assert (
            "`review_answer` | 8 | 0 | 2 | 5 | 1 | -1 | -6 | +1 | -6, -2 (2 times), -1 (2 times), 0 (2 times), +1 |"
        ) in summary.markdown(COMPARISONS, KNOWN)

    def test_rules_no_case_sets_going_are_named(self) -> None:
        """What was not tried must not look as if it had agreed."""
        text = summary.markdown(COMPARISONS, KNOWN)
        assert all(f"`{rule}`" in text for rule in KNOWN[RAPID].rules)

    def test_a_difference_without_an_entry_reads_unexplained(self) -> None:
        """The document never invents a reason."""
        later = moved("us-08-goodyear", "review_accepted", on=date(2023, 6, 10))
        assert "2023-06-10 Sat | +9 | unexplained |" in summary.markdown(compare([later], KNOWN), KNOWN)

    def test_rules_stand_in_the_order_of_the_procedure(self) -> None:
        """A reader follows the case, not the alphabet."""
        order = [each.rule for each in lines(COMPARISONS, KNOWN[RAPID]) if each.compared]
        assert order == [
            "ilc_determination",
            "ilc_determination",
            "review_answer",
            "review_report",
            "remediation_consultation",
            "remediation_due",
            "panel_determination",
        ]
