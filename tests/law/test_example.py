"""A fictional law: versions, an extended calendar, a roll backwards, an act of the workers' own, another time zone."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from vigilancia.law.check import check_folder
from vigilancia.law.engine import run
from vigilancia.law.errors import CalendarHorizonError, RuleFilesError
from vigilancia.law.explain import explain
from vigilancia.law.loader import _require_none, load_folder
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Event
from vigilancia.law.status import status_on

FOLDER = Path(__file__).parent / "example"


@pytest.fixture(scope="module")
def example() -> Mechanism:
    loaded, faults = load_folder(FOLDER)
    assert faults == []
    assert loaded is not None
    return loaded


def the_deadline(example: Mechanism, on: date) -> Deadline:
    [deadline] = run(example, [Event(id="1", type="report_notified", on=on, kind="notified")]).deadlines
    return deadline


def test_longer_term_does_not_reach_a_report_notified_the_day_before_it(example: Mechanism) -> None:
    # 1 Jan is off in the country, Sunday 4 and the fair of Monday 5 in the town: Fri 2, Sat 3, Tue 6, Wed 7, Thu 8.
    deadline = the_deadline(example, date(2025, 12, 31))
    assert (deadline.due_on, deadline.computation.rule_version) == (date(2026, 1, 8), "2019-05-02")


def test_new_term_holds_from_its_first_day(example: Mechanism) -> None:
    deadline = the_deadline(example, date(2026, 1, 1))
    assert (deadline.raw_due_on, deadline.due_on) == (date(2026, 1, 11), date(2026, 1, 10))
    assert (deadline.computation.rule_version, deadline.confidence) == ("2026-01-01", "secondary")


def test_day_off_of_the_wider_calendar_is_named_as_its_own(example: Mechanism) -> None:
    skipped = {day.on: (day.why, day.source) for day in the_deadline(example, date(2025, 12, 31)).computation.skipped}
    assert skipped == {
        date(2026, 1, 1): ("example-country:new-year", "example-act"),
        date(2026, 1, 4): ("weekend", None),
        date(2026, 1, 5): ("example-town:fair", "example-decree"),
    }


def test_calendar_ends_where_the_first_of_its_chain_ends(example: Mechanism) -> None:
    with pytest.raises(CalendarHorizonError) as refusal:
        the_deadline(example, date(2026, 6, 25))
    assert refusal.value.facts["covers_until"] == "2026-06-30"


def test_act_of_the_workers_own_is_said_to_be_ours(example: Mechanism) -> None:
    assert the_deadline(example, date(2026, 1, 1)).ours


def test_indicative_day_is_exceeded_and_never_missed(example: Mechanism) -> None:
    assert status_on(the_deadline(example, date(2026, 1, 1)), date(2026, 2, 1)) == "exceeded"


def test_day_ends_earlier_on_the_other_side_of_the_date_line(example: Mechanism) -> None:
    assert the_deadline(example, date(2026, 1, 1)).closes_at == datetime(2026, 1, 10, 11, tzinfo=UTC)


def test_mechanism_without_extensions_or_effects_is_explained_too(example: Mechanism) -> None:
    lines = explain(the_deadline(example, date(2026, 1, 1)), "en")
    assert lines[-1] == "Source: The Example Decree 7 of 2025, art. 3."
    assert "It ends at midnight in Pacific/Auckland." in lines[-3]


def test_folder_of_the_fictional_law_has_no_fault() -> None:
    assert check_folder(FOLDER) == []


def test_package_data_with_a_fault_stop_everything(tmp_path: Path) -> None:
    with pytest.raises(RuleFilesError, match="no mechanism"):
        _require_none(check_folder(tmp_path))
