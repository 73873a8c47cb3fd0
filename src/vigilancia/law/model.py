"""What goes into the engine and what comes out of it: frozen values, without behaviour.

Every `date` is a civil date in the procedure's own place; every `datetime` is an instant in UTC.
The shape of the rule files is in `vigilancia.law.rules`, `lists` and `mechanism`.
"""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct, field

EventKind = Literal["happened", "notified", "announced", "published", "deemed"]
Nature = Literal["mandatory", "soft", "indicative", "not_before"]
Confidence = Literal["primary", "secondary", "practice", "unverified"]
Status = Literal["pending", "met", "met_late", "missed", "exceeded", "in_force", "void"]
Labels = dict[str, str]


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dated fact of a procedure, as somebody stated it."""

    id: str
    type: str
    on: date
    kind: EventKind = "happened"
    due_on: date | None = None  # the agreed day, for events that carry one
    rule: str | None = None  # the rule whose day an extension moves
    stated_by: str | None = None
    place: int = 0  # of events alike in day, weight and agreed day the lowest place comes first, then the lowest id


class Closure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which one calendar's offices were closed, beyond its statutory days off."""

    calendar: str
    starts_on: date
    ends_on: date | None = None  # the last day closed; none: that one day
    id: str = "closure"
    labels: Labels = field(default_factory=dict)
    source: str | None = None


class Suspension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which time does not run, with the legal basis for saying so."""

    starts_on: date
    basis: str
    ends_on: date | None = None  # the last day suspended; none: still going on
    actors: list[str] = field(default_factory=list)  # whose clocks stand still; empty: everybody's
    rules: list[str] = field(default_factory=list)  # which rules stand still; empty: all of those actors'
    source: str | None = None
    labels: Labels = field(default_factory=dict)  # what to call it where `basis` is a code of the rule files


class Override(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another day that somebody with authority set for one deadline; what was computed stays readable beside it."""

    rule: str
    trigger_event_id: str
    due_on: date
    confidence: Confidence = "unverified"  # of the day set: whoever records it says how sure


class Skipped(Struct, frozen=True, kw_only=True):
    """A day that was not counted, or not allowed to be the last, and why."""

    on: date
    why: str  # "weekend", "suspension", or "<calendar>:<holiday>", as in "us-federal:labor-day"
    labels: Labels
    source: str | None = None


class Step(Struct, frozen=True, kw_only=True):
    """One step of the walk from the event to the last day."""

    code: str
    on: date | None = None
    params: dict[str, str | int] = field(default_factory=dict)


class Computation(Struct, frozen=True, kw_only=True):
    """The answer to "why this day?"."""

    anchor_event: str  # event type
    anchor_event_id: str
    anchor_labels: Labels
    anchor_on: date  # day zero: the event's day, the agreed day it carries, or the last day of the rule this hangs on
    clock_starts_on: date  # the anchor's day, unless time was suspended on it
    quantity: int | None
    unit: str  # calendar_days, business_days, calendar_months, next_session, agreed_date
    calendars: list[str]  # those the count or the roll consulted
    roll: str  # none, next, previous
    raw_due_on: date | None  # where the count ended, before any roll
    skipped: list[Skipped]  # on the way to due_on
    latest_skipped: list[Skipped]  # on the way to latest_due_on, where that is another day
    steps: list[Step]
    extended_from: date | None
    overridden_from: date | None = None  # what was computed, or agreed, where somebody set another day
    provisional: bool  # the count hangs on an announcement, not on the act
    rule_version: str
    rules_digest: str


class Citation(Struct, frozen=True, kw_only=True):
    """Where a rule is written."""

    source: str
    locator: str
    title: str
    quote: str | None = None
    url: str | None = None


class Warning_(Struct, frozen=True, kw_only=True):  # noqa: N801 - `Warning` is a builtin
    """Something a person should see; its words are in `law.explain`."""

    code: str
    params: dict[str, str | int] = field(default_factory=dict)


class Deadline(Struct, frozen=True, kw_only=True):
    """A day that one rule fixed from one event."""

    rule: str
    trigger_event_id: str
    titles: Labels
    actor: str
    actor_labels: Labels
    ours: bool  # an act of the workers' side, not of a government or a panel
    nature: Nature
    due_on: date  # the last day in time on the earliest reading; for a floor the first day allowed
    latest_due_on: date  # the same with the days off of every candidate calendar taken as off
    raw_due_on: date
    practice_on: date | None  # the day practice acts on, where that is another
    closes_at: datetime  # UTC; the start of the day after due_on at the actor's authority
    zone: str  # IANA name of that authority's zone
    met_on: date | None  # empty when unmet, when only implied, and when an announcement cannot prove the day
    met: bool
    void: bool
    void_reason: str | None  # the type of the event that ended it, or "suspended"
    effect_on_expiry: str | None
    effect_labels: Labels
    effect_confidence: Confidence | None
    silence_counts_as: str | None  # the event that silence past the last day counts as
    computation: Computation
    citation: list[Citation]
    confidence: Confidence  # of the date: its weakest element that really shaped it
    warnings: list[Warning_]


class ExpectedEvent(Struct, frozen=True, kw_only=True):
    """An event that usually comes next; nothing refuses another."""

    type: str
    labels: Labels


class Silence(Struct, frozen=True, kw_only=True):
    """A last day that passed without the act, where that counts as an event."""

    rule: str
    trigger_event_id: str
    event: Event  # `deemed`, on the day after the last
    labels: Labels


class Outcome(Struct, frozen=True, kw_only=True):
    """What the events amount to."""

    stage: str
    stage_labels: Labels
    closed: bool
    next_events: list[ExpectedEvent]
    deadlines: list[Deadline]
    warnings: list[Warning_]
    silences: list[Silence]  # heard by the instant asked about; none when no instant was given
