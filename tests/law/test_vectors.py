"""The golden vectors: bare arithmetic on one calendar."""

from datetime import date

import pytest
from msgspec import Struct

from tests.law.case_files import HERE
from vigilancia.law.arithmetic import clock_start, read
from vigilancia.law.calendars import WorkingDays
from vigilancia.law.errors import CalendarHorizonError
from vigilancia.law.loader import calendars
from vigilancia.law.model import Suspension
from vigilancia.law.rules import RollPolicy, Unit
from vigilancia.law.yamlfile import read_yaml


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
    calendar = WorkingDays(calendars()[vector.calendar], calendars())
    reading = read(vector.start, count=vector.count, unit=vector.unit, roll=vector.roll, calendars=[calendar])
    assert (reading.due, reading.raw) == (vector.due, vector.raw or vector.due)


def test_clock_stopped_for_ever_runs_past_every_calendar() -> None:
    pause = Suspension(starts_on=date(2025, 1, 1), ends_on=date.max, basis="for ever")
    assert clock_start(date(2025, 3, 3), [pause]) == date.max
    calendar = WorkingDays(calendars()["mx-lft"], calendars())
    with pytest.raises(CalendarHorizonError):
        read(date.max, count=1, unit="calendar_days", roll="none", calendars=[calendar])
