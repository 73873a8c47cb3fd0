"""The law by itself, with no database: timelines of a full case, and business days against NumPy's and `holidays`'."""

import asyncio
import random
from collections.abc import Callable
from datetime import date, timedelta

import holidays
import msgspec
import numpy as np

from tests.bench.measure import Contender, show, take_turns
from vigilancia.law.arithmetic import read
from vigilancia.law.calendars import ONE_DAY, Days, together, working_days
from vigilancia.law.engine import run as work_out
from vigilancia.law.explain import explain
from vigilancia.law.loader import calendars, mechanism
from vigilancia.law.model import Computation, Event
from vigilancia.law.rules import Term

MECHANISM = "usmca-31a-us-mx"
CASE = {
    "petition_received": "2023-01-09",
    "ilc_determined_sufficient": "2023-02-07",
    "review_requested": "2023-02-09",
    "review_accepted": "2023-02-17",
    "review_reported_denial": "2023-03-24",
    "remediation_agreed": "2023-04-05",
    "remediation_found_incomplete": "2023-10-10",
    "panel_requested": "2023-10-13",
    "panelists_drawn": "2023-10-18",
    "panel_constituted": "2023-10-20",
    "petition_confirmed": "2023-10-25",
    "verification_requested": "2023-10-27",
    "verification_accepted": "2023-11-03",
    "verification_completed": "2023-12-01",
    "panel_found_denial": "2023-12-29",
    "remedies_notice": "2024-01-05",
    "remedies_contested": "2024-01-12",
    "remedies_imposed": "2024-02-01",
}
AGREED = {"remediation_agreed": "2023-09-30"}
DATES, COUNT = 100_000, 5
FIRST, LAST = date(2020, 1, 1), date(2034, 12, 31)


def called(work: Callable[[], object]) -> Contender:
    """Let something that waits for nothing take its turn."""

    async def turn() -> object:
        return work()

    return turn


async def run() -> None:
    """Measure and print; needs no database."""
    await _timelines()
    await _business_days()


async def _timelines() -> None:
    """A full case through the engine, against the bare arithmetic of the same days: no reasons, no events weighed."""
    ours, events = mechanism(MECHANISM), _events()
    outcome = work_out(ours, events)
    counts = [_bare(each.computation) for each in outcome.deadlines]
    for each, count in zip(outcome.deadlines, counts, strict=True):
        days = count()
        assert (min(days), max(days)) == (each.due_on, each.latest_due_on), each.rule
    yardstick = "the same days, bare"
    figures = await take_turns(
        {
            yardstick: called(lambda: [count() for count in counts]),
            "a full case": called(lambda: work_out(ours, events)),
            "each of its days explained in Spanish": called(
                lambda: [explain(each, "es") for each in outcome.deadlines]
            ),
            "its outcome as JSON": called(lambda: msgspec.json.encode(outcome)),
        },
        rounds=150,
        inner=3,  # short turns: the longer one lasts, the likelier a busy machine breaks into it
    )
    show(f"A timeline: {len(events)} events, {len(outcome.deadlines)} deadlines", figures, yardstick)
    full = figures["a full case"]
    print(f"  {1 / full.median:.0f} timelines a second; in the quickest turn {1 / full.least:.0f}")  # noqa: T201


def _events() -> list[Event]:
    agreed = {name: date.fromisoformat(day) for name, day in AGREED.items()}
    return [
        Event(id=str(number), type=name, on=date.fromisoformat(day), due_on=agreed.get(name))
        for number, (name, day) in enumerate(CASE.items())
    ]


def _bare(computation: Computation) -> Callable[[], list[date]]:
    """Return a count of every reading of a computed day, made as short as it can be."""
    start, quantity, unit = computation.clock_starts_on, computation.quantity, computation.unit
    ready = [working_days(calendars()[name], calendars()) for name in computation.calendars]
    readings = [*(together((each,)) for each in ready), together(tuple(ready))]
    if quantity is None:
        return lambda: [computation.raw_due_on or start]
    if unit == "business_days":
        return lambda: [days.working_day_after(start, quantity) for days in readings]
    end = timedelta(days=quantity)
    if computation.roll == "none":
        return lambda: [start + end]
    return lambda: [_rolled(start + end, days) for days in readings]


def _rolled(day: date, days: Days) -> date:
    while days.why_off(day):
        day += ONE_DAY
    return day


async def _business_days() -> None:
    """Five business days from each of 100,000 dates, against NumPy on the whole array; all give the same days."""
    chance = random.Random(1)  # noqa: S311 - the same dates in every run
    dates = [FIRST + timedelta(days=chance.randint(0, (LAST - FIRST).days)) for _ in range(DATES)]
    array = np.array(dates, dtype="datetime64[D]")
    ours = calendars()["us-federal"]
    calendar = working_days(ours, calendars())
    days = together((calendar,))
    theirs = np.busdaycalendar(holidays=np.array(sorted(ours.days), dtype="datetime64[D]"))
    library = holidays.country_holidays("US", years=range(FIRST.year, LAST.year + 2))
    term = Term(unit="business_days", count=COUNT)
    first, _, up_to, working = days._table
    numbers = [day.toordinal() - first for day in dates]
    prepared = [working[place + COUNT - 1] for place in up_to if place + COUNT <= len(working)]

    def numpy_from(starts: np.ndarray) -> np.ndarray:
        return np.busday_offset(starts, COUNT, roll="preceding", busdaycal=theirs)

    yardstick = "NumPy, array to array"
    ways: dict[str, Callable[[], object]] = {
        yardstick: lambda: numpy_from(array),
        "NumPy, dates to dates": lambda: numpy_from(np.array(dates, dtype="datetime64[D]")).tolist(),
        "our table, a call for each date": lambda: [days.working_day_after(day, COUNT) for day in dates],
        "our table, by day number": lambda: [working[up_to[number] + COUNT - 1] for number in numbers],
        "a list for this count, by day number": lambda: [*map(prepared.__getitem__, numbers)],
        "with its explanation": lambda: [read(day, term=term, roll="none", days=days).due for day in dates],
        "the holidays library": lambda: [library.get_nth_working_day(day, COUNT) for day in dates],
    }
    for name, way in ways.items():
        assert np.array_equal(np.array(way(), dtype="datetime64[D]"), numpy_from(array)), name
    parts: dict[str, Callable[[], object]] = {
        "of which dates to an array": lambda: np.array(dates, dtype="datetime64[D]"),
        "making our table": lambda: Days([calendar])._table,
    }
    figures = await take_turns({name: called(way) for name, way in (ways | parts).items()}, rounds=7)
    show(f"{COUNT} business days after each of {DATES} dates", figures, yardstick)


if __name__ == "__main__":
    asyncio.run(run())
