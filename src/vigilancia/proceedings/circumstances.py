"""What a proceeding's deadlines are computed from besides its events: rules, closures, what was changed for it alone.

A proceeding is pinned: `Pin` names the rule set and how far closures count. Whoever computes asks for `Circumstances`
and calls `run`; nobody in this room asks the loader for a mechanism to compute with.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct, structs
from sqlalchemy import select

from vigilancia.core.work import Work
from vigilancia.law import engine, loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Closure, Deadline, Event, Outcome
from vigilancia.proceedings import rulesets
from vigilancia.proceedings.changes.standing import NO_CHANGES, ClockChanges, changes_of
from vigilancia.proceedings.models import ClosureRow


class Pin(Struct, frozen=True, kw_only=True):
    """What a proceeding is computed under.

    Attributes:
        digest: Of the rule set.
        mark: Of the acts on closures, those up to this number count.
    """

    digest: str
    mark: int


class Act(Struct, frozen=True, kw_only=True):
    """A closure with the numbers of its recording and its withdrawal."""

    id: UUID
    closure: Closure
    starts_on: date
    ends_on: date
    recorded_no: int
    withdrawn_no: int | None

    def stands(self, mark: int) -> bool:
        """Tell whether it counts at a mark."""
        return self.recorded_no <= mark and (self.withdrawn_no is None or self.withdrawn_no > mark)


class Book(Struct, frozen=True, kw_only=True):
    """Every closure ever recorded, as one statement saw them.

    Numbers are drawn under a lock held to the commit, so they come in the order of the commits: whoever sees one sees
    all before it.
    """

    acts: Sequence[Act]

    @property
    def head(self) -> int:
        """The number of the newest act; 0 before any."""
        return max((act.withdrawn_no or act.recorded_no for act in self.acts), default=0)

    def at(self, mark: int) -> tuple[Closure, ...]:
        """Return the closures that count at a mark."""
        return tuple(act.closure for act in self.acts if act.stands(mark))

    def between(self, earlier: int, later: int) -> list[Act]:
        """Return the closures that count at only one of two marks."""
        return [act for act in self.acts if act.stands(earlier) != act.stands(later)]


class Circumstances(Struct, frozen=True, kw_only=True):
    """Everything but the events.

    Attributes:
        mechanism: The rule set.
        closures: That count.
        pin: Which these are.
        changes: What stops the clocks of this proceeding, and the days set in it.
    """

    mechanism: Mechanism
    closures: tuple[Closure, ...]
    pin: Pin
    changes: ClockChanges = NO_CHANGES

    def run(
        self,
        events: Sequence[Event],
        *,
        as_of: datetime | None = None,
        speaks: Callable[[Deadline], bool] = lambda _: True,
    ) -> Outcome:
        """Work out what events amount to; `as_of` and `speaks` as for the engine.

        Raises:
            CalendarHorizonError: A count runs past what a calendar covers.
            UnknownEventError: An event of a type the rule set does not name.
        """
        return engine.run(
            self.mechanism,
            events,
            closures=self.closures,
            suspensions=self.changes.suspensions,
            overrides=self.changes.overrides,
            as_of=as_of,
            speaks=speaks,
        )

    def changed_by(self, changes: ClockChanges) -> "Circumstances":
        """Return the same rules and closures with what was changed for one proceeding."""
        return structs.replace(self, changes=changes)


class Pinned(Protocol):
    """A row of proceedings."""

    @property
    def mechanism(self) -> Any: ...  # noqa: ANN401, D102 - a mapped attribute or a column of a result
    @property
    def rules_digest(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def closures_mark(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def clocks_changed(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def id(self) -> Any: ...  # noqa: ANN401, D102


EMPTY = Book(acts=())


async def book(work: Work) -> Book:
    """Read every closure; one statement. They are as many as an installation recorded in its years."""
    column = ClosureRow.__table__.c
    rows = await work.session.execute(select(*column).order_by(column.recorded_no))
    return Book(acts=[_act(row) for row in rows])


def _act(row: Any) -> Act:  # noqa: ANN401 - a row of the table
    """Return a closure as the engine takes it; an explanation names its source beside its words."""
    closure = Closure(
        calendar=row.calendar,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        id=str(row.id),
        labels=row.labels,
        source=row.source,
    )
    return Act(
        id=row.id,
        closure=closure,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        recorded_no=row.recorded_no,
        withdrawn_no=row.withdrawn_no,
    )


def pin_of(proceeding: Pinned) -> Pin:
    """Return what a proceeding is pinned to."""
    return Pin(digest=proceeding.rules_digest, mark=proceeding.closures_mark)


def under(mechanism: Mechanism, closures: Book, mark: int) -> Circumstances:
    """Return the circumstances of a rule set with the closures that count at a mark."""
    return Circumstances(mechanism=mechanism, closures=closures.at(mark), pin=Pin(digest=mechanism.digest, mark=mark))


async def circumstances(work: Work, proceeding: Pinned) -> Circumstances:
    """Return what a proceeding is computed from.

    No statement for the package's rules and no closures; else one for the rule set, unless this process knows it, and
    one for the closures. Where nobody stored the rule set (a proceeding of before rule sets were kept) the package's
    is used, and its pin is the one returned.
    """
    (found,) = await circumstances_of(work, [proceeding])
    return found


async def circumstances_of(work: Work, proceedings: Sequence[Pinned]) -> list[Circumstances]:
    """Return what each of several proceedings is computed from; four statements at most, however many there are.

    Two of them only where a suspension or another day was ever recorded.
    """
    pins = [pin_of(proceeding) for proceeding in proceedings]
    known = await rulesets.find(work, [pin.digest for pin in pins])
    closures = await book(work) if any(pin.mark for pin in pins) else EMPTY
    changes = await changes_of(work, proceedings)
    return [
        under(known.get(pin.digest) or loader.mechanism(proceeding.mechanism), closures, pin.mark).changed_by(
            changes.get(proceeding.id, NO_CHANGES)
        )
        for proceeding, pin in zip(proceedings, pins, strict=True)
    ]


async def circumstances_under(work: Work, pins: Collection[Pin]) -> Mapping[Pin, Circumstances]:
    """Return the circumstances of pins; those whose rule set nobody stored are left out."""
    if not pins:
        return {}
    known = await rulesets.find(work, {pin.digest for pin in pins})
    closures = await book(work) if any(pin.mark for pin in pins) else EMPTY
    return {pin: under(known[pin.digest], closures, pin.mark) for pin in pins if pin.digest in known}


async def of_today(work: Work, mechanism: str) -> tuple[Circumstances, Book]:
    """Return the package's rules with every closure that stands, and the closures they were taken from.

    Raises:
        UnknownMechanismError: No rule file carries that id.
    """
    closures = await book(work)
    return under(loader.mechanism(mechanism), closures, closures.head), closures


def calendars_of(mechanism: Mechanism) -> Mapping[str, frozenset[str]]:
    """Return for each rule every calendar that may shape its day: those it names, those they extend, its parent's."""
    return {rule.id: frozenset(_chained(mechanism, _named(mechanism, rule.id))) for rule in mechanism.rules.values()}


def _named(mechanism: Mechanism, rule: str) -> Iterable[str]:
    chosen = mechanism.rules[rule]
    if chosen.hangs_on is not None:
        yield from _named(mechanism, chosen.hangs_on)
    for version in chosen.versions:
        yield from version.term.calendars
        yield from version.roll.calendars
    if chosen.practice is not None:
        yield from chosen.practice.calendars


def _chained(mechanism: Mechanism, names: Iterable[str]) -> Iterable[str]:
    for name in names:
        link: str | None = name
        while link is not None:
            yield link
            link = mechanism.calendars[link].extends
