"""The golden vectors: bare arithmetic on one calendar."""

from datetime import date

import pytest
from msgspec import Struct

from tests.law.case_files import HERE
from vigilancia.law.arithmetic import clock_start, read
from vigilancia.law.calendars import Days, together, working_days
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.loader import calendars
from vigilancia.law.model import Suspension
from vigilancia.law.rules import RollPolicy, Term, Unit
from vigilancia.law.yamlfile import read_yaml


def ready(name: str) -> Days:
    return together((working_days(calendars()[name], calendars()),))


class Vector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One count and where it must end."""

    start: date
    count: int
    unit: Unit
    roll: RollPolicy
    calendar: str
    due: date
    raw: date | None = None


VECTORS = read_yaml(HERE / "vectors.yaml", "vectors.yaml").shaped(list[Vector])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: f"{each.start}+{each.count} {each.unit} {each.calendar}")
def test_vector(vector: Vector) -> None:
    term = Term(unit=vector.unit, count=vector.count, month_end="clamp" if vector.unit == "calendar_months" else None)
    reading = read(vector.start, term=term, roll=vector.roll, days=ready(vector.calendar))
    assert (reading.due, reading.raw) == (vector.due, vector.raw or vector.due)


def test_clock_stopped_for_ever_runs_past_every_calendar() -> None:
    pause = Suspension(starts_on=date(2025, 1, 1), ends_on=date.max, basis="for ever")
    assert clock_start(date(2025, 3, 3), [pause]) == date.max
    with pytest.raises(CalendarHorizonError):
        read(date.max, term=Term(unit="calendar_days", count=1), roll="none", days=ready("mx-lft"))
