"""The cases under the rules: every event is known to the law, and days that sources print are the days it computes."""

import pytest

from vigilancia.demo.dataset import read
from vigilancia.demo.records import Case
from vigilancia.demo.table import MECHANISM
from vigilancia.law import engine
from vigilancia.law.loader import mechanisms
from vigilancia.law.model import Deadline, Event

CASES = [case for case in read().cases if case.mechanism == MECHANISM]
# Last days that the collected pages print themselves: none of these was computed by whoever collected them.
PRINTED = [
    ("us-02-tridonex", "review_report"),
    ("us-03-panasonic", "ilc_determination"),
    ("us-05-vu-1", "review_report"),
    ("us-08-goodyear", "review_answer"),
    ("us-08-goodyear", "review_report"),
    ("us-08-goodyear", "review_report"),
    ("us-p1-saint-gobain", "ilc_determination"),
]


def deadlines(case: Case) -> dict[str, Deadline]:
    """Return what the rules make of a case, by rule."""
    events = [
        Event(id=str(place), type=event.type, on=event.on, kind=event.kind, due_on=event.due_on)
        for place, event in enumerate(case.events)
    ]
    return {deadline.rule: deadline for deadline in engine.run(mechanisms()[MECHANISM], events).deadlines}


@pytest.mark.parametrize("case", read().cases, ids=lambda case: case.key)
def test_every_event_is_known_to_its_mechanism(case: Case) -> None:
    """A type no rule file names would be refused at loading."""
    assert {event.type for event in case.events} <= mechanisms()[case.mechanism].events.keys()


def test_every_day_a_source_prints_is_the_day_the_rules_give() -> None:
    """Seven times a page says by when; the rules say the same each time, also where the day is no working day."""
    printed = [
        (case, said)
        for case in CASES
        for event in case.events
        for said in event.stated_due
        if said.basis == "source" and said.about in mechanisms()[MECHANISM].rules
    ]
    assert sorted((case.key, said.about) for case, said in printed) == PRINTED
    for case, said in printed:
        assert deadlines(case)[said.about].due_on == said.on


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_a_case_without_a_petition_owes_no_determination(case: Case) -> None:
    """Self-initiated requests, and those whose petition has no day on record, start no clock of the committee."""
    petitioned = any(event.type == "petition_received" for event in case.events)
    assert ("ilc_determination" in deadlines(case)) == petitioned
