"""A mechanism: the shape of its own file, and the whole that the loader makes of it and of all it rests on."""

from datetime import date
from typing import Literal

from msgspec import Struct, field

from vigilancia.law.lists import Beside, Gate, PetitionFile, WiderRemedies
from vigilancia.law.model import Confidence, Labels
from vigilancia.law.rules import Rule
from vigilancia.law.shapes import Calendar, Cite, InForce, SessionTable, Shape, Source


class Actor(Shape, frozen=True, kw_only=True):
    """Who must act, and where their day ends."""

    labels: Labels
    side: Literal["government", "panel", "workers", "company"]
    zones: list[str]  # several: the one that closes first


class EventType(Shape, frozen=True, kw_only=True):
    """A kind of fact the procedure knows."""

    labels: Labels
    stage: str | None = None  # the stage it leads into
    closes: bool = False  # ends the procedure, and every clock still running
    repeats: bool = False  # may happen several times without contradiction
    carries: list[Literal["due_on", "rule"]] = field(default_factory=list)
    after: list[str] = field(default_factory=list)  # one of these usually came before
    contradicts: list[str] = field(default_factory=list)  # results that cannot both be so
    reopened_by: list[str] = field(default_factory=list)  # after one of these, a new round begins


class Stage(Shape, frozen=True, kw_only=True):
    """Where a procedure stands."""

    labels: Labels
    closed: bool = False
    next: list[str] = field(default_factory=list)  # events that usually follow


class Extensions(Shape, frozen=True, kw_only=True):
    """How the parties move a day by agreement."""

    event: str
    confidence: Confidence
    cites: list[Cite]


class MechanismFile(Shape, frozen=True, kw_only=True):
    """`mechanism.yaml`: everything of a mechanism but its rules."""

    id: str
    labels: Labels
    about: Labels
    in_force: InForce
    last_verified_on: date
    parties: dict[str, str]  # part in the procedure: ISO 3166 country
    zone: str  # of dates that no authority owns
    actors: dict[str, Actor]
    stages: dict[str, Stage]  # in the procedure's order; the first is where it begins
    events: dict[str, EventType]
    cites: list[Cite]
    extensions: Extensions | None = None
    active: bool = True  # no: published and answered with a warning, but nothing is opened under it
    beside: list[Beside] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)
    wider_remedies: WiderRemedies | None = None


class Mechanism(Struct, frozen=True, kw_only=True):
    """A mechanism, read whole and checked, with all it rests on."""

    id: str
    labels: Labels
    about: Labels
    in_force: InForce
    last_verified_on: date
    parties: dict[str, str]
    zone: str
    zones: list[str]  # every zone in which one of its days ends
    actors: dict[str, Actor]
    stages: dict[str, Stage]
    events: dict[str, EventType]
    cites: list[Cite]
    extensions: Extensions | None
    rules: dict[str, Rule]
    versions: dict[str, list[str]]  # rule: names of its versions, as stored on deadlines
    calendars: dict[str, Calendar]
    sources: dict[str, Source]
    active: bool = True
    sessions: dict[str, SessionTable] = field(default_factory=dict)
    petition: PetitionFile | None = None  # none: no content list is known
    digest: str  # sha256 of all the files say of it; a comment or another mechanism's source changes nothing
    beside: list[Beside] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)
    wider_remedies: WiderRemedies | None = None
