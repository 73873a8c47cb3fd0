"""The shape of a rule file: what may stand in it, and nothing else."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from msgspec import field

from vigilancia.law.model import Confidence, Labels, Nature
from vigilancia.law.shapes import Cite, InForce, Shape

Unit = Literal["calendar_days", "business_days", "calendar_months", "next_session", "agreed_date"]
Direction = Literal["after", "before"]
RollPolicy = Literal["none", "next", "previous"]


class Term(Shape, frozen=True, kw_only=True):
    """How much time, in which unit, to which side of day zero; business days need the calendars that may be meant."""

    unit: Unit
    count: int | None = None
    calendars: list[str] = field(default_factory=list)
    direction: Direction = "after"  # before: the last day on which the act still comes that much time ahead
    month_end: Literal["clamp"] | None = None  # of months: a day the last month lacks becomes its last day
    sessions: str | None = None  # of the next session: the table; `count` is the days that must lie in between


class Longest(Shape, frozen=True, kw_only=True):
    """How long a stop may last."""

    count: int
    unit: Literal["calendar_days"]


class Stop(Shape, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Something recorded as events while which a clock stands still: from the day of one to the day of another."""

    from_: str
    until: list[str]
    labels: Labels
    confidence: Confidence
    cites: list[Cite]
    at_most: Longest | None = None


class Roll(Shape, frozen=True, kw_only=True):
    """What becomes of a last day that is a day off in one of the calendars; none at all where nobody's matter."""

    policy: RollPolicy
    calendars: list[str]


class Elements(Shape, frozen=True, kw_only=True):
    """How sure each element of a date is."""

    term: Confidence
    unit: Confidence
    anchor: Confidence
    roll: Confidence
    calendars: Confidence | None = None  # whose holidays; only where a holiday or their choice matters


class Version(Shape, frozen=True, kw_only=True):
    """A rule as one text fixed it for a span of trigger days."""

    in_force: InForce
    term: Term
    roll: Roll
    confidence: Elements
    cites: list[Cite]
    variant: str | None = None


class When(Shape, frozen=True, kw_only=True):
    """A condition on what came before the trigger, on its day at the latest."""

    earlier: str | None = None
    no_earlier: str | None = None


class Variant(Shape, frozen=True, kw_only=True):
    """The same rule with another trigger, or under a condition."""

    trigger: str | None = None  # none: the rule's own
    when: When | None = None
    gives_way_to: list[str] = field(default_factory=list)  # after one of these another clock, or none, runs instead


class OnExpiry(Shape, frozen=True, kw_only=True):
    """What the text attaches to a last day gone by."""

    effect: str
    labels: Labels
    confidence: Confidence
    emits: str | None = None  # the event silence counts as; once the day is over the engine states it, as `deemed`


class Practice(Shape, frozen=True, kw_only=True):
    """The day on which an actor was seen to act, where the last day is a day off."""

    on_day_off: Literal["previous_working_day"]
    calendars: list[str]
    cites: list[Cite]


class Rule(Shape, frozen=True, kw_only=True):
    """One deadline rule."""

    id: str
    titles: Labels
    version_chosen_by: Literal["trigger_date"]
    last_verified_on: date
    actor: str
    nature: Nature
    versions: list[Version]
    trigger: str | list[str] | None = None  # an event type; of several whichever comes first
    hangs_on: str | None = None  # instead of a trigger: another rule, whose last day is day zero here
    counts_from: Literal["on", "due_on"] = "on"  # day zero: the trigger's day, or the agreed day it carries
    repeat: Literal["first", "latest", "each"] = "first"  # which of several events of the trigger's type counts
    variants: dict[str, Variant] = field(default_factory=dict)
    satisfied_by: list[str] = field(default_factory=list)
    implied_by: list[str] = field(default_factory=list)  # show that it was met, not when
    void_by: list[str] = field(default_factory=list)  # end it unmet, whenever they come
    ended_by: list[str] = field(default_factory=list)  # end it unmet, while it still runs
    runs_only_if: str | None = None  # an event without which the day may not bind
    follows: str | None = None  # another rule, whose extensions move this day too
    on_expiry: OnExpiry | None = None
    practice: Practice | None = None
    stopped_by: list[Stop] = field(default_factory=list)


def version_name(version: Version) -> str:
    """Name a version as deadlines store it: its first day, behind its variant where it has one."""
    start = version.in_force.from_.isoformat()
    return f"{version.variant}/{start}" if version.variant else start


def triggers(rule: Rule) -> list[str]:
    """Return the event types that set a rule going; none for one that hangs on another."""
    return [rule.trigger] if isinstance(rule.trigger, str) else list(rule.trigger or [])


def in_order(rules: Mapping[str, Rule]) -> list[Rule]:
    """Return rules so that one that hangs on another comes after it; the files were checked for circles."""

    def depth(rule: Rule) -> int:
        return 0 if rule.hangs_on is None else 1 + depth(rules[rule.hangs_on])

    return sorted(rules.values(), key=depth)
