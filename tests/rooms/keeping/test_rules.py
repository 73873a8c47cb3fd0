"""The rules of retention are data, read strictly; a case is kept for the longest that any of its procedures wants."""

from datetime import date, timedelta
from importlib.resources import files
from uuid import uuid4

import pytest

from tests.conftest import MONDAY
from vigilancia.core import http, upkeep
from vigilancia.core.strictyaml import DataFileError
from vigilancia.keeping.counting import term_of
from vigilancia.keeping.facts import Facts, Procedure
from vigilancia.keeping.rules import read, retention
from vigilancia.notices.webhooks.figures import figures
from vigilancia.reports import making

TEXT = (files("vigilancia.keeping") / "data" / "retention.yaml").read_text("utf-8")
US_MX = "usmca-31a-us-mx"


def a_case(**changes: object) -> Facts:
    told: dict[str, object] = {
        "complaint_id": uuid4(),
        "reference": "VIG-2026-222222",
        "owner_id": uuid4(),
        "status": "closed",
        "zone": "America/Mexico_City",
        "closed_at": MONDAY,
        "was_open": True,
        "last_event": None,
        "procedures": [],
        "merged": [],
        "held": False,
        "warned": {},
        **changes,
    }
    return Facts(**told)  # type: ignore[arg-type]


def ends_on(case: Facts) -> date | None:
    term = term_of(case, retention(), date(2026, 3, 2))
    return term.ends_on if term else None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("days: 180", "days: 0", "days"),
        ("    days: 180\n", "", "wants days or months"),
        ("warning_days: 30", "warning_days: 30\nwarning_day: 3", "warning_day"),
        ("outcome: declined", "outcome: refused", "refused"),
        ("[mx-dismissal]", "[mx-dismisal]", "unknown mechanism mx-dismisal"),
        ("by: [ilc_determined_insufficient]", "by: [ilc_said_no]", "no event ilc_said_no"),
        ("- id: ended", "- id: declined", "declined stands twice"),
        ("outcome: no_mechanism", "outcome: not_taken_up", "no rule for no_mechanism"),
        ("      fr: L'autorité", "      de: L'autorité", "es, en and fr"),
        ("ranges_from: [0, 1", "ranges_from: [1, 0", "ranges_from"),
    ],
)
def test_a_spoiled_file_is_refused_and_says_why(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with pytest.raises(DataFileError, match=told):
        read(TEXT.replace(old, new, 1), "retention.yaml")


def test_an_open_case_is_never_erased() -> None:
    assert ends_on(a_case(status="open")) is None
    assert ends_on(a_case(status="intake", closed_at=None)) is None


def test_what_was_not_taken_up_is_kept_half_a_year_and_what_was_worked_on_two() -> None:
    assert ends_on(a_case(was_open=False)) == date(2026, 8, 29)
    assert ends_on(a_case()) == date(2028, 3, 2)


def test_a_declined_petition_is_kept_half_a_year_unless_it_was_taken_up_after_all() -> None:
    declined = ["petition_received", "ilc_determined_insufficient"]
    assert ends_on(a_case(procedures=[Procedure(mechanism=US_MX, events=declined)])) == date(2026, 8, 29)
    taken_up = [*declined, "review_requested"]
    assert ends_on(a_case(procedures=[Procedure(mechanism=US_MX, events=taken_up)])) == date(2028, 3, 2)


def test_of_several_procedures_the_one_that_is_kept_longest_counts() -> None:
    declined = Procedure(mechanism=US_MX, events=["ilc_determined_insufficient"])
    other = Procedure(mechanism="mx-dismissal", events=["dismissed", "settled"])
    term = term_of(a_case(procedures=[declined, other]), retention(), date(2026, 3, 2))
    assert term is not None
    assert (term.rule.id, term.mechanism) == ("dismissal_ended", "mx-dismissal")


def test_days_count_from_the_last_event_where_it_came_after_the_closing() -> None:
    assert ends_on(a_case(was_open=False, last_event=date(2026, 4, 1))) == date(2026, 9, 28)
    assert ends_on(a_case(was_open=False, last_event=date(2026, 1, 1))) == date(2026, 8, 29)


def test_a_late_warning_puts_the_erasure_off_and_nothing_is_due_without_one() -> None:
    case = a_case(was_open=False)
    late = date(2026, 12, 1)
    term = term_of(case, retention(), late)
    assert term is not None
    assert term.erase_on == date(2026, 12, 31)
    assert not term.is_due(date(2030, 1, 1))
    warned = term_of(a_case(was_open=False, warned={date(2026, 3, 2): late}), retention(), date(2026, 12, 30))
    assert warned is not None
    assert not warned.is_due(date(2026, 12, 30))
    assert warned.is_due(date(2026, 12, 31))


def test_a_warning_of_an_earlier_closing_does_not_count() -> None:
    term = term_of(a_case(warned={date(2025, 1, 1): date(2025, 6, 1)}), retention(), date(2028, 3, 2))
    assert term is not None
    assert term.warned_on is None


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0"), (1, "1-9"), (9, "1-9"), (49, "10-49"), (250, "250-999"), (80_000, "1000+")]
)
def test_counts_stay_as_ranges(count: int, told: str) -> None:
    assert retention().range_of(count) == told


def test_what_is_forgotten_besides_is_what_is_in_force() -> None:
    in_force = {
        "exports": making.LIFE,
        "webhook_deliveries": timedelta(days=figures().keep_days),
        "done_jobs": upkeep.KEEP_DONE_JOBS,
        "idempotency_keys": http.KEY_LIFE,
    }
    assert {each.what: timedelta(days=each.days) for each in retention().besides} == in_force
