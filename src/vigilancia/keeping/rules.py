"""The rules of retention: data, read strictly, with every fault named."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from msgspec import Meta, Struct

from vigilancia.core import i18n
from vigilancia.core.strictyaml import DataFileError, parse
from vigilancia.law import loader
from vigilancia.law.arithmetic import months_from

Outcome = Literal["not_taken_up", "declined", "no_mechanism", "ended"]
_WITHOUT: tuple[Outcome, ...] = ("not_taken_up", "no_mechanism")  # ends of a case without a procedure
_WITH: tuple[Outcome, ...] = ("declined", "ended")

_Days = Annotated[int, Meta(ge=1, le=36_500)]
_Months = Annotated[int, Meta(ge=1, le=1_200)]


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long what ended in one way is kept.

    Attributes:
        id: Stable name.
        outcome: How it ended.
        why: The reason, in es, en and fr.
        mechanisms: Of which; empty: of every one.
        days: So long, or
        months: so long.
    """

    id: Annotated[str, Meta(pattern=r"^[a-z_]{1,60}$")]
    outcome: Outcome
    why: dict[str, str]
    mechanisms: list[str] = []
    days: _Days | None = None
    months: _Months | None = None

    def fits(self, mechanism: str | None, outcome: Outcome) -> bool:
        """Tell whether the rule is about a procedure that ended so."""
        return self.outcome == outcome and (not self.mechanisms or mechanism in self.mechanisms)

    def ends_on(self, start: date) -> date:
        """Return the day from which on it is no longer kept."""
        return months_from(start, self.months) if self.months else start + timedelta(days=self.days or 0)


class Declined(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By which events an authority declines a petition, unless others show that it was taken up."""

    by: list[str]
    unless: list[str]


class Besides(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is forgotten by itself after some days."""

    what: Literal["exports", "webhook_deliveries", "done_jobs", "idempotency_keys"]
    days: _Days


class Retention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/retention.yaml`, which says what each figure means."""

    version: Annotated[int, Meta(ge=1)]
    warning_days: _Days
    run_most: Annotated[int, Meta(ge=1, le=10_000)]
    declined: dict[str, Declined]
    rules: list[Rule]
    besides: list[Besides]
    ranges_from: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(min_length=1)]

    def range_of(self, count: int) -> str:
        """Return the range a count lies in, such as `10-49`, or `1000+`."""
        place = bisect_right(self.ranges_from, count) - 1
        start = self.ranges_from[place]
        if place == len(self.ranges_from) - 1:
            return f"{start}+"
        end = self.ranges_from[place + 1] - 1
        return str(start) if start == end else f"{start}-{end}"

    def rule_for(self, mechanism: str | None, outcome: Outcome) -> Rule:
        """Return the first rule that fits; there is one, which reading made sure of."""
        return next(rule for rule in self.rules if rule.fits(mechanism, outcome))

    def outcome_of(self, mechanism: str, events: Sequence[str]) -> Outcome:
        """Return how a procedure ended, by the types of what happened in it."""
        told = self.declined.get(mechanism)
        if told is None or not set(told.by) & set(events) or set(told.unless) & set(events):
            return "ended"
        return "declined"


@cache
def retention() -> Retention:
    """Return the rules, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "retention.yaml"
    return read(file.read_text("utf-8"), file.name)


def read(text: str, name: str) -> Retention:
    """Read rules.

    Args:
        text: YAML.
        name: What to call it in a refusal.

    Raises:
        DataFileError: It does not fit; every fault is named.
    """
    found = parse(text, Retention, name=name)
    edges = found.ranges_from
    disorder = [] if edges[0] == 0 and edges == sorted(set(edges)) else ["ranges_from begins with 0 and rises"]
    faults = [*disorder, *_rule_faults(found.rules), *_declined_faults(found.declined), *_gaps(found)]
    if faults:
        raise DataFileError(name, "; ".join(faults))
    return found


def _rule_faults(rules: Sequence[Rule]) -> Iterator[str]:
    known = loader.mechanisms()
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            yield f"rule {rule.id} stands twice"
        seen.add(rule.id)
        if (rule.days is None) == (rule.months is None):
            yield f"rule {rule.id} wants days or months, and not both"
        if set(rule.why) != set(i18n.LOCALES) or not all(text.strip() for text in rule.why.values()):
            yield f"rule {rule.id} wants a reason in es, en and fr"
        if rule.mechanisms and rule.outcome in _WITHOUT:
            yield f"rule {rule.id} names mechanisms, and its outcome is that of a case without any"
        yield from (
            f"rule {rule.id} names an unknown mechanism {each}" for each in rule.mechanisms if each not in known
        )


def _declined_faults(declined: Mapping[str, Declined]) -> Iterator[str]:
    known = loader.mechanisms()
    for mechanism, told in declined.items():
        if mechanism not in known:
            yield f"declined names an unknown mechanism {mechanism}"
            continue
        events = known[mechanism].events
        yield from (f"{mechanism} has no event {event}" for event in (*told.by, *told.unless) if event not in events)


def _gaps(found: Retention) -> Iterator[str]:
    """Find ends of cases that no rule is about."""
    for outcome in _WITHOUT:
        if not any(rule.fits(None, outcome) for rule in found.rules):
            yield f"no rule for {outcome}"
    for mechanism in loader.mechanisms():
        for outcome in _WITH:
            if not any(rule.fits(mechanism, outcome) for rule in found.rules):
                yield f"no rule for {mechanism} {outcome}"
