"""Every computed day of the cases beside the day of the act it was computed for, as far as that day is known.

The law's engine computes from a case's events what it computes for everybody; nothing here knows a number of days. A
new mechanism's cases and rules appear by themselves. `summary` writes tables of this, `picture` draws it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from statistics import median
from typing import Literal

import msgspec

from vigilancia.demo import table
from vigilancia.demo.records import Case, CaseEvent, Difference
from vigilancia.law import engine
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Event
from vigilancia.law.rules import triggers

LeftOut = Literal["implied", "ended", "nothing"]

# More calendar days than this, and a difference asks for an explanation.
TELLING = 3
# Acts that are never published, and the event beside which their last day is set instead. It is not the act itself.
STAND_INS = {(table.MECHANISM, table.RULE): "review_requested"}


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One computed day and what happened; days are civil dates in the procedure's own place."""

    case: str
    mechanism: str
    rule: str
    floor: bool  # the first day allowed, and not the last one
    due_on: date
    act: CaseEvent | None  # what was done, where a day of it is known
    stand_in: bool = False  # the act is not the rule's own
    left_out: LeftOut | None = None  # why there is no act: only implied, ended without it, or nothing on record
    said: Difference | None = None  # what the data set says about the difference

    @property
    def days(self) -> int:
        """Calendar days from the computed day to the act; negative: the act came before it.

        Raises:
            ValueError: No day of the act is known.
        """
        if self.act is None:
            message = f"{self.case}: no day is known for {self.rule}"
            raise ValueError(message)
        return (self.act.on - self.due_on).days

    @property
    def known(self) -> bool:
        """Whether the day is that of the act, and not only of an announcement or a publication."""
        return self.act is not None and self.act.kind in {"happened", "notified"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """All comparisons of one rule, or of one rule's stand-in."""

    mechanism: str
    rule: str
    title: str
    stand_in: str | None  # the label of the event that stands in for the act
    floor: bool
    compared: tuple[Comparison, ...]
    left_out: Mapping[LeftOut, int]

    @property
    def days(self) -> list[int]:
        """The differences, smallest first."""
        return sorted(each.days for each in self.compared)

    @property
    def middle(self) -> float:
        """The median of the differences.

        Raises:
            StatisticsError: Nothing was compared.
        """
        return median(self.days)


def compare(cases: Iterable[Case], mechanisms: Mapping[str, Mechanism]) -> list[Comparison]:
    """Compare every deadline of every case, stand-ins besides.

    Args:
        cases: Any; those of a mechanism without rules are passed over.
        mechanisms: As the law's loader returns them.

    Returns:
        One comparison for each deadline, and one more where an event stands in for an act that is not published.
    """
    found = []
    for case in cases:
        mechanism = mechanisms.get(case.mechanism)
        if mechanism is None:
            continue
        events = [
            Event(id=str(place), type=event.type, on=event.on, kind=event.kind, due_on=event.due_on, place=place)
            for place, event in enumerate(case.events)
        ]
        for deadline in engine.run(mechanism, events).deadlines:
            found.append(_compared(case, deadline, _act(case, mechanism, deadline), stand_in=False))
            stand_in = _stand_in(case, deadline)
            if stand_in is not None:
                found.append(_compared(case, deadline, stand_in, stand_in=True))
    return found


def lines(comparisons: Iterable[Comparison], mechanism: Mechanism) -> list[Line]:
    """Gather the comparisons of a mechanism by rule, in the order of the procedure."""
    gathered: dict[tuple[str, bool], list[Comparison]] = {}
    for each in comparisons:
        if each.mechanism == mechanism.id:
            gathered.setdefault((each.rule, each.stand_in), []).append(each)
    ordered = sorted(gathered, key=lambda key: (*_order(mechanism, key[0]), key))
    return [_line(mechanism, rule, gathered[rule, stand_in], stand_in=stand_in) for rule, stand_in in ordered]


def _compared(case: Case, deadline: Deadline, act: CaseEvent | None, *, stand_in: bool) -> Comparison:
    days = (act.on - deadline.due_on).days if act else None
    left_out: LeftOut | None = None
    if act is None:
        left_out = "implied" if deadline.met else "ended" if deadline.void else "nothing"
    return Comparison(
        case=case.key,
        mechanism=case.mechanism,
        rule=deadline.rule,
        floor=deadline.nature == "not_before",
        due_on=deadline.due_on,
        act=act,
        stand_in=stand_in,
        left_out=left_out,
        said=next((said for said in case.differences if (said.rule, said.days) == (deadline.rule, days)), None),
    )


def _act(case: Case, mechanism: Mechanism, deadline: Deadline) -> CaseEvent | None:
    """Return the act with which the engine holds the deadline met, where it has a day.

    An announcement after the last day meets a deadline without a day; the engine says so in a warning.
    """
    on = deadline.met_on
    for warning in deadline.warnings:
        if warning.code == "met_by_announcement":
            on = date.fromisoformat(str(warning.params["on"]))
    acts = mechanism.rules[deadline.rule].satisfied_by
    return next((event for event in case.events if event.type in acts and event.on == on), None)


def _stand_in(case: Case, deadline: Deadline) -> CaseEvent | None:
    type_ = STAND_INS.get((case.mechanism, deadline.rule))
    since = deadline.computation.anchor_on
    return next((event for event in case.events if event.type == type_ and event.on >= since), None)


def _order(mechanism: Mechanism, rule: str) -> tuple[int, int]:
    """Return where a rule stands: by the stage its trigger leads into, then by how long it runs."""
    stages = list(mechanism.stages)
    stage = mechanism.events[triggers(mechanism.rules[rule])[0]].stage
    counts = [version.term.count or 0 for version in mechanism.rules[rule].versions]
    return stages.index(stage) if stage else len(stages), min(counts)


def _line(mechanism: Mechanism, rule: str, found: list[Comparison], *, stand_in: bool) -> Line:
    return Line(
        mechanism=mechanism.id,
        rule=rule,
        title=mechanism.rules[rule].titles["en"],
        stand_in=mechanism.events[STAND_INS[mechanism.id, rule]].labels["en"] if stand_in else None,
        floor=found[0].floor,
        compared=tuple(each for each in found if each.act is not None),
        left_out=Counter(each.left_out for each in found if each.left_out),
    )
