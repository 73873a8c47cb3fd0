"""One definition of status: the law's, and the same once more in SQL."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from sqlalchemy import Boolean, Date, DateTime, Integer, Text, column, select, values
from sqlalchemy.ext.asyncio import AsyncEngine

from vigilancia.law import status as law
from vigilancia.law.model import Nature, Status
from vigilancia.proceedings.status import STATUSES, status_at, status_is

DUE = date(2026, 3, 29)  # the clocks change that night in Europe, never at the authorities
CLOSES = datetime(2026, 3, 30, 4, 0, tzinfo=UTC)
NATURES: tuple[Nature, ...] = get_args(Nature)
MET_ON = (None, DUE - timedelta(days=1), DUE, DUE + timedelta(days=1))
MOMENTS = tuple(
    CLOSES + offset
    for day in (-2, -1, 0, 1)
    for offset in (timedelta(days=day, microseconds=-1), timedelta(days=day), timedelta(days=day, microseconds=1))
)


async def test_sql_and_law_say_the_same_over_the_whole_grid(engine: AsyncEngine) -> None:
    grid = list(itertools.product(NATURES, (False, True), MET_ON, (False, True)))
    table = values(
        column("place", Integer),
        column("nature", Text),
        column("due_on", Date),
        column("closes_at", DateTime(timezone=True)),
        column("met", Boolean),
        column("met_on", Date),
        column("void", Boolean),
        name="grid",
    ).data([(place, nature, DUE, CLOSES, met, on, void) for place, (nature, met, on, void) in enumerate(grid)])
    seen: set[str] = set()
    async with engine.connect() as connection:
        for now in MOMENTS:
            each = [status_is(now, [name], table.c).label(name) for name in STATUSES]
            both = status_is(now, ["met", "missed"], table.c).label("both")
            query: Any = select(table.c.place, status_at(now, table.c).label("status"), both, *each)
            for row in await connection.execute(query):
                nature, met, on, void = grid[row.place]
                expected = law.status(
                    nature=nature, due_on=DUE, closes_at=CLOSES, met=met, met_on=on, void=void, now=now
                )
                assert row.status == expected, (now, grid[row.place])
                assert {name for name in STATUSES if getattr(row, name)} == {expected}, (now, grid[row.place])
                assert row.both == (expected in ("met", "missed"))
                seen.add(expected)
    assert seen == set(STATUSES) == set(get_args(Status))
