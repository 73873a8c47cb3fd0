"""The shape of a case: facts with dates, what must follow, and because of what."""

from datetime import date
from functools import cache
from pathlib import Path

from msgspec import Struct, field

from vigilancia.law.model import Closure, Event, EventKind, Status, Suspension
from vigilancia.law.yamlfile import read_yaml

HERE = Path(__file__).parent


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event of a case; its place in the list is its id."""

    type: str
    on: date
    kind: EventKind = "happened"
    due_on: date | None = None
    rule: str | None = None
    stated_by: str | None = None


class Case(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case, one test."""

    name: str
    mechanism: str
    events: list[Fact]
    rule: str
    because: str
    expected: dict[str, str | int | bool | list[str] | None] = field(default_factory=dict)  # days in ISO form
    trigger_on: date | None = None  # which of several deadlines of the rule is meant
    deadlines: int | None = None  # how many the rule must have
    status: dict[date, Status] = field(default_factory=dict)
    stage: str | None = None
    outcome_warnings: list[str] | None = None
    as_of: date | None = None  # the day on which silence is listened for
    deemed: list[str] | None = None  # what silence counts as by then
    closures: list[Closure] = field(default_factory=list)
    suspensions: list[Suspension] = field(default_factory=list)

    def law_events(self) -> list[Event]:
        """Return the facts as the engine takes them."""
        return [
            Event(
                id=str(number),
                type=fact.type,
                on=fact.on,
                kind=fact.kind,
                due_on=fact.due_on,
                rule=fact.rule,
                stated_by=fact.stated_by,
            )
            for number, fact in enumerate(self.events)
        ]


@cache
def all_cases() -> list[Case]:
    """Read every case file, once."""
    return [
        case
        for path in sorted((HERE / "cases").glob("*.yaml"))
        for case in read_yaml(path, path.name).shaped(list[Case])
    ]
