"""The default ladder is what the issue asks for, and rungs fall at the authority's midnight."""

from datetime import UTC, date, datetime

import pytest

from vigilancia.escalation import ladder
from vigilancia.escalation.ladder import Rung
from vigilancia.notices import rungs


def test_default_ladder_speaks_ten_three_and_one_day_before_on_the_day_and_the_day_after() -> None:
    frozen = ladder.for_nature("mandatory", None)

    assert [rung.at for rung in frozen.rungs] == ["-10d", "-3d", "-1d", "0", "+1d"]
    assert [rung.at for rung in frozen.rungs if rung.always] == ["0", "+1d"]
    assert all({"handler_or_desk", "linked"} <= set(rung.audiences) for rung in frozen.rungs)
    assert [rung.at for rung in frozen.rungs if "owner_parent_desk" in rung.audiences] == ["+1d"]
    assert (frozen.acknowledgement_hours, frozen.silent_after_days) == (24, 7)


def test_a_floor_speaks_on_its_day_alone_whoever_keeps_the_ladder() -> None:
    own = [Rung(at="-5d", audiences=["linked"], always=False)]

    assert [rung.at for rung in ladder.for_nature("not_before", None).rungs] == ["0"]
    assert [rung.at for rung in ladder.for_nature("not_before", own).rungs] == ["0"]


def test_rungs_are_climbed_in_the_order_of_time_however_they_were_written() -> None:
    own = [Rung(at=at, audiences=["linked"], always=False) for at in ("+2d", "-5d", "0")]

    assert [rung.at for rung in ladder.for_nature("mandatory", own).rungs] == ["-5d", "0", "+1d", "+2d"]


@pytest.mark.parametrize(
    ("rung", "zone", "instant"),
    [
        ("0", "America/New_York", datetime(2026, 3, 10, 4, tzinfo=UTC)),  # summer time began on the 8th
        ("-3d", "America/New_York", datetime(2026, 3, 7, 5, tzinfo=UTC)),
        ("0", "America/Mexico_City", datetime(2026, 3, 10, 6, tzinfo=UTC)),  # no summer time there any more
        ("+1d", "America/Mexico_City", datetime(2026, 3, 11, 6, tzinfo=UTC)),
    ],
)
def test_a_rung_falls_due_when_its_day_begins_at_the_authority(rung: str, zone: str, instant: datetime) -> None:
    assert rungs.instant(rung, date(2026, 3, 10), zone) == instant
