"""What may stand in the files that rules rest on: texts, citations, calendars, tables of sessions.

A key these shapes do not name is refused when the files are read, so a misplaced number cannot be ignored in silence.
"""

from datetime import date
from typing import Literal

from msgspec import Struct, field

from vigilancia.law.model import Labels

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Shape(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, and closed to keys it does not name."""


class Source(Shape, frozen=True, kw_only=True):
    """A text that rules and calendars rest on."""

    title: str
    publisher: str
    url: str | None = None
    note: str | None = None  # what of it was read, and how


class Cite(Shape, frozen=True, kw_only=True):
    """A place in a source."""

    source: str  # an id of sources.yaml
    locator: str
    quote: str | None = None  # words that were seen, never words remembered


class Weekend(Shape, frozen=True, kw_only=True):
    """The days of the week that are off."""

    days: list[Weekday]
    labels: Labels


class Holiday(Shape, frozen=True, kw_only=True):
    """A day off by name."""

    labels: Labels
    cites: list[Cite] = field(default_factory=list)


class Calendar(Shape, frozen=True, kw_only=True, eq=False):
    """Days off, frozen as data; past its ends nothing is known. Compared by identity: tables are kept for it."""

    id: str
    titles: Labels
    about: Labels
    last_verified_on: date
    covers_from: date
    covers_until: date
    cites: list[Cite]
    weekend: Weekend
    holidays: dict[str, Holiday]
    days: dict[date, str]  # day off: id of the holiday
    extends: str | None = None  # another calendar, whose days off count here too


class Session(Shape, frozen=True, kw_only=True):
    """One meeting of a body that meets a few times a year."""

    opens_on: date
    closes_on: date | None = None
    labels: Labels = field(default_factory=dict)
    cites: list[Cite] = field(default_factory=list)


class SessionTable(Shape, frozen=True, kw_only=True):
    """The meetings of a body, frozen as data; past its ends nothing is known."""

    id: str
    titles: Labels
    about: Labels
    last_verified_on: date
    covers_from: date
    covers_until: date
    cites: list[Cite]
    sessions: list[Session]


class InForce(Shape, frozen=True, kw_only=True, rename={"from_": "from"}):
    """First and last day on which a trigger is governed by a version."""

    from_: date
    until: date | None = None
