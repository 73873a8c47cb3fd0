"""The one definition of a status, at its boundaries."""

from datetime import UTC, date, datetime, timedelta

import pytest

from vigilancia.law.model import Nature, Status
from vigilancia.law.status import status

DUE = date(2026, 3, 2)
CLOSES = datetime(2026, 3, 3, 6, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def at(
    now: datetime, *, nature: Nature = "mandatory", met: bool = False, met_on: date | None = None, void: bool = False
) -> Status:
    return status(nature=nature, due_on=DUE, closes_at=CLOSES, met=met, met_on=met_on, void=void, now=now)


def test_last_day_itself_is_still_in_time() -> None:
    assert at(CLOSES - TICK) == "pending"


@pytest.mark.parametrize(
    ("nature", "after"), [("mandatory", "missed"), ("soft", "exceeded"), ("indicative", "exceeded")]
)
def test_first_instant_of_the_next_day_is_too_late(nature: Nature, after: Status) -> None:
    assert at(CLOSES, nature=nature) == after


def test_act_on_the_last_day_is_met() -> None:
    assert at(CLOSES + TICK, met=True, met_on=DUE) == "met"


def test_act_a_day_later_is_met_late() -> None:
    assert at(CLOSES + TICK, met=True, met_on=DUE + timedelta(days=1)) == "met_late"


def test_act_on_an_unknown_day_is_never_late() -> None:
    assert at(CLOSES + timedelta(days=400), met=True) == "met"


def test_met_comes_before_void() -> None:
    assert at(CLOSES, met=True, met_on=DUE, void=True) == "met"


def test_void_is_void_before_and_after_its_day() -> None:
    assert {at(CLOSES - TICK, void=True), at(CLOSES + TICK, void=True)} == {"void"}


def test_floor_is_in_force_from_the_start_of_its_first_day() -> None:
    opens = CLOSES - timedelta(days=1)
    assert (at(opens - TICK, nature="not_before"), at(opens, nature="not_before")) == ("pending", "in_force")


def test_floor_is_never_missed_and_never_late() -> None:
    assert at(CLOSES + timedelta(days=400), nature="not_before") == "in_force"
    assert at(CLOSES, nature="not_before", met=True, met_on=DUE + timedelta(days=9)) == "met"
