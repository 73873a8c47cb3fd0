"""From facts and rules to a day; no clock, no database."""

from datetime import date, timedelta

from msgspec import Struct

from vigilancia.core.clock import local_date
from vigilancia.keeping.facts import Facts
from vigilancia.keeping.rules import Outcome, Retention, Rule


class Term(Struct, frozen=True, kw_only=True):
    """How long a closed case is kept.

    Attributes:
        rule: Which rule keeps it longest.
        mechanism: Of the procedure the rule is about; none: it has no procedure.
        outcome: How that ended.
        counted_from: Day of the closing, or of the last event, whichever is later.
        ends_on: First day on which the rule no longer keeps it.
        warned_on: Day on which its owner was warned of this end.
        erase_on: First day on which it may be erased: not before the warning has had its time.
    """

    rule: Rule
    mechanism: str | None
    outcome: Outcome
    counted_from: date
    ends_on: date
    warned_on: date | None
    erase_on: date

    def is_due(self, today: date) -> bool:
        """Tell whether it is to be erased, as far as no hold stands."""
        return self.warned_on is not None and self.erase_on <= today

    def wants_warning(self, today: date, warning_days: int) -> bool:
        """Tell whether its owner must be warned now."""
        return self.warned_on is None and today >= self.ends_on - timedelta(days=warning_days)


def term_of(facts: Facts, rules: Retention, today: date) -> Term | None:
    """Return how long a case is kept; none while it is not closed.

    Args:
        facts: Of the case.
        rules: In force.
        today: Where its owner is.
    """
    if facts.status != "closed" or facts.closed_at is None:
        return None
    closed_on = local_date(facts.closed_at, facts.zone)
    start = max(closed_on, facts.last_event or closed_on)
    ends = _ends(facts, rules)
    mechanism, outcome, rule = max(ends, key=lambda end: end[2].ends_on(start))
    ends_on = rule.ends_on(start)
    warned_on = facts.warned.get(start)
    warning = timedelta(days=rules.warning_days)
    return Term(
        rule=rule,
        mechanism=mechanism,
        outcome=outcome,
        counted_from=start,
        ends_on=ends_on,
        warned_on=warned_on,
        erase_on=max(ends_on, (warned_on or max(today, ends_on - warning)) + warning),
    )


def _ends(facts: Facts, rules: Retention) -> list[tuple[str | None, Outcome, Rule]]:
    if not facts.procedures:
        outcome: Outcome = "no_mechanism" if facts.was_open else "not_taken_up"
        return [(None, outcome, rules.rule_for(None, outcome))]
    ends: list[tuple[str | None, Outcome, Rule]] = []
    for each in facts.procedures:
        ended = rules.outcome_of(each.mechanism, each.events)
        ends.append((each.mechanism, ended, rules.rule_for(each.mechanism, ended)))
    return ends
