"""Ladders: which rungs, whom each speaks to, which speak always. The default ones are data of the package."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Protocol, TypeVar

import msgspec

from vigilancia.core.strictyaml import parse
from vigilancia.notices import rungs

Audience = Literal[
    "handler_or_desk",
    "handler",
    "owner_desk",
    "assignee",
    "linked",
    "petitioners",
    "representatives",
    "counsel",
    "owner_parent_desk",
    "network",
]
FLOOR, TASK = "not_before", "task"
_WEEK, _WORKING = 7, 5  # to put rungs of both kinds into one order before a last day is known


class Rung(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a ladder."""

    at: Annotated[str, msgspec.Meta(pattern=rungs.PATTERN)]  # days or working days from the last day
    audiences: list[Audience]
    always: bool  # speaks although the recipient acknowledged
    at_once: bool = False  # does not wait for working hours, quiet hours or a digest


class Counted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which last day a run's rungs were counted, and how.

    Attributes:
        due_on: The last day.
        revision: Of the deadline or task, when that day became its last day.
        calendars: Whose days off are no working days; empty: weekends only.
    """

    due_on: date
    revision: int
    calendars: list[str] = []


class Ladder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run freezes: the rungs in their order, and the rules they are climbed by.

    Attributes:
        rungs: Of the ladder.
        offsets: Calendar days from the last day of each rung that counts working days; of former rungs too.
        counted: For which last day; none: it was never planned by a code that knew of working days.
        former: Rungs it had before it was moved to another ladder, for those that have spoken.
        quiet_until: Rungs that fell due up to then do not speak, for the ladder was moved when they were past.
    """

    rungs: list[Rung]
    acknowledgement_hours: int
    acknowledgement_hours_most: int
    silent_after_days: int
    late_after_minutes: int
    offsets: dict[str, int] = {}
    counted: Counted | None = None
    former: list[Rung] = []
    quiet_until: datetime | None = None

    def instant(self, rung: str, due_on: date, zone: str) -> datetime:
        """Return when a rung falls due, as `rungs.instant` with what was frozen."""
        return rungs.instant(rung, due_on, zone, self.offsets)

    def steps(self, due_on: date, zone: str) -> list["Step"]:
        """Return the rungs with their instants, in the order of time."""
        found = [Step(rung, self.instant(rung.at, due_on, zone)) for rung in self.rungs]
        return sorted(found, key=lambda step: (step.due_at, nearness(step.rung.at)))


class Step(msgspec.Struct, frozen=True):
    """A rung of a ladder, and when it falls due."""

    rung: Rung
    due_at: datetime

    @property
    def key(self) -> tuple[str, datetime]:
        """What makes it the same step: its name, for one instant."""
        return self.rung.at, self.due_at


class Ready(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A default ladder, and what it is for; empty lists: everything."""

    rungs: list[Rung]
    mechanisms: list[str] = []
    rules: list[str] = []
    actors: list[str] = []
    natures: list[str] = []


class Defaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data file; see the words in it."""

    ladders: list[Ready]
    floors: list[str]
    completed_by: list[str]
    acknowledgement_hours: int
    acknowledgement_hours_most: int
    silent_after_days: int
    late_after_minutes: int
    batch: int
    moved_at_once: int


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What a ladder is chosen by.

    Attributes:
        mechanism: Of a task it may be none.
        rule: None: it is a task.
        actor: Who must act; none: it is a task.
        nature: Of a deadline, or `task`.
    """

    mechanism: str | None = None
    rule: str | None = None
    actor: str | None = None
    nature: str


class Policy(Protocol):
    """A ladder of an organisation, as far as the choice needs it: a row, or the columns of one."""

    @property
    def id(self) -> Any: ...  # noqa: ANN401, D102 - a mapped attribute or a column of a result
    @property
    def mechanism(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def rule(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def actor(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def nature(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def rungs(self) -> Any: ...  # noqa: ANN401, D102
    @property
    def created_at(self) -> Any: ...  # noqa: ANN401, D102


P = TypeVar("P", bound=Policy)


@cache
def defaults() -> Defaults:
    """Return the default ladders, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "default_ladder.yaml"
    return parse(file.read_text("utf-8"), Defaults, name=file.name)


def nearness(rung: str) -> float:
    """Return about how many calendar days a rung stands behind the last day: exact only where a calendar is asked."""
    days = rungs.offset(rung)
    return days * _WEEK / _WORKING if rungs.counts_working_days(rung) else days


def most_specific(policies: Iterable[P], kind: Kind) -> P | None:
    """Return the policy that names most of a deadline or task; of equals the newest.

    A rule counts for more than an actor, an actor for more than a nature, a nature for more than a mechanism. Tasks
    climb only ladders that name the nature `task`.
    """
    fitting = [policy for policy in policies if _fits(policy, kind)]
    return max(
        fitting,
        key=lambda policy: (
            policy.rule is not None,
            policy.actor is not None,
            policy.nature is not None,
            policy.mechanism is not None,
            policy.created_at,
            policy.id,
        ),
        default=None,
    )


def _fits(policy: Policy, kind: Kind) -> bool:
    if kind.nature == TASK and policy.nature != TASK:
        return False
    named = ((policy.mechanism, kind.mechanism), (policy.rule, kind.rule), (policy.actor, kind.actor))
    return all(wanted in (None, given) for wanted, given in (*named, (policy.nature, kind.nature)))


def default_for(kind: Kind) -> list[Rung]:
    """Return the rungs of the default ladder that names most of a deadline or task."""

    def weight(ready: Ready) -> tuple[bool, ...]:
        return bool(ready.rules), bool(ready.actors), bool(ready.natures), bool(ready.mechanisms)

    fitting = [
        ready
        for ready in defaults().ladders
        if _any_of(ready.mechanisms, kind.mechanism)
        and _any_of(ready.rules, kind.rule)
        and _any_of(ready.actors, kind.actor)
        and _any_of(ready.natures, kind.nature)
    ]
    return max(fitting, key=weight).rungs


def _any_of(named: Collection[str], given: str | None) -> bool:
    return not named or given in named


def frozen_for(kind: Kind, policy: Policy | None) -> Ladder:
    """Return the ladder of a deadline or task.

    A ladder of one's own that lacks the last day or the day after gets them from the default one. A floor climbs of a
    ladder that does not name floors only the rungs the default one has.

    Args:
        kind: What it is for.
        policy: The owner's; none: the default one.
    """
    if policy is None:
        return for_rungs(kind, None)
    return for_rungs(kind, msgspec.convert(policy.rungs, list[Rung]), named=policy.nature is not None)


def for_nature(nature: str, own: list[Rung] | None) -> Ladder:
    """Return the ladder of a deadline of no mechanism in particular; arguments as for `for_rungs`."""
    return for_rungs(Kind(nature=nature), own)


def for_rungs(kind: Kind, own: Sequence[Rung] | None, *, named: bool = False) -> Ladder:
    """Return the ladder that rungs of one's own make.

    Args:
        kind: What it is for.
        own: None: the default ones.
        named: Whether the policy names the nature of what it is for.
    """
    base, ready = defaults(), default_for(kind)
    chosen = list(ready if own is None else own)
    if kind.nature in base.floors and not named:
        kept = [rung.at for rung in ready]
        chosen = [rung for rung in chosen if rung.at in kept]
    has = {rung.at for rung in chosen}
    chosen += [rung for rung in ready if rung.at in base.completed_by and rung.at not in has]
    return Ladder(
        rungs=sorted(chosen, key=lambda rung: nearness(rung.at)),
        acknowledgement_hours=base.acknowledgement_hours,
        acknowledgement_hours_most=base.acknowledgement_hours_most,
        silent_after_days=base.silent_after_days,
        late_after_minutes=base.late_after_minutes,
    )
