"""Reading a mechanism's folder: strict shapes first, then sense; a fault anywhere and nothing is loaded."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from vigilancia.law.errors import RuleFilesError, UnknownMechanismError
from vigilancia.law.lists import PetitionFile
from vigilancia.law.mechanism import Mechanism, MechanismFile
from vigilancia.law.petition import cites_of_petition, faults_of_petition
from vigilancia.law.proof import (
    Shelf,
    faults_of_calendar,
    faults_of_company,
    faults_of_labels,
    faults_of_mechanism,
    faults_of_rule,
    faults_of_sessions,
)
from vigilancia.law.rules import Rule, version_name
from vigilancia.law.shapes import Calendar, SessionTable, Source
from vigilancia.law.yamlfile import Document, Fault, FaultError, read_yaml

DATA = Path(__file__).parent / "data"
T = TypeVar("T")


class _Folder(Struct, kw_only=True):
    """What was read so far, and what was wrong with it."""

    root: Path
    faults: list[Fault] = field(default_factory=list)

    def read(self, path: Path, shape: type[T]) -> tuple[T, Document] | None:
        """Read one file into a shape; keep its fault, if it has one."""
        name = path.relative_to(self.root).as_posix()
        try:
            document = read_yaml(path, name)
            shaped = document.shaped(shape)
        except FaultError as error:
            self.faults.append(error.fault)
            return None
        self.faults += faults_of_labels(document)
        return shaped, document


def _stocked(folder: _Folder, shelf: Shelf) -> Shelf:
    """Add a folder's own sources, calendars and sessions to a shelf; none may take the place of another."""
    sources, before = dict(shelf.sources), len(folder.faults)
    path = folder.root / "sources.yaml"
    if path.is_file() and (read := folder.read(path, dict[str, Source])):
        own, document = read
        folder.faults += [document.fault(f"{name!r} is taken", name) for name in own if name in sources]
        sources |= own
    calendars, found = _own(folder, "calendars", Calendar, shelf.calendars, "calendar")
    sessions, tables = _own(folder, "sessions", SessionTable, shelf.sessions, "table of sessions")
    if len(folder.faults) > before:
        found, tables = {}, {}  # what rests on a file that cannot be read would only repeat it
    for name, (calendar, document) in found.items():
        folder.faults += faults_of_calendar(document, name, calendar, calendars, sources)
    for name, (table, document) in tables.items():
        folder.faults += faults_of_sessions(document, name, table, sources)
    return Shelf(sources=sources, calendars=calendars, sessions=sessions)


def _own(
    folder: _Folder, below: str, shape: type[T], known: Mapping[str, T], what: str
) -> tuple[dict[str, T], dict[str, tuple[T, Document]]]:
    """Read every file of one kind; return them among those known, and by themselves with their documents."""
    found: dict[str, tuple[T, Document]] = {}
    for path in sorted((folder.root / below).glob("*.yaml")):
        if entry := folder.read(path, shape):
            found[path.stem] = entry
    for name, (_, document) in found.items():
        if name in known:
            folder.faults.append(document.fault(f"the {what} {name!r} is taken", "id"))
    return {**known, **{name: each for name, (each, _) in found.items()}}, found


def own_shelf(root: Path) -> tuple[Shelf, list[Fault]]:
    """Read the sources, calendars and sessions of a folder that stands by itself, as the package's does."""
    folder = _Folder(root=root)
    return _stocked(folder, Shelf(sources={}, calendars={}, sessions={})), folder.faults


@cache
def _package_shelf() -> Shelf:
    """Read the package's own, once."""
    shelf, faults = own_shelf(DATA)
    _require_none(faults)
    return shelf


def _require_none(faults: list[Fault]) -> None:
    """Refuse to go on with package data that do not load.

    Raises:
        RuleFilesError: There is a fault.
    """
    if faults:
        raise RuleFilesError("; ".join(str(fault) for fault in faults))


def calendars() -> Mapping[str, Calendar]:
    """Return every calendar that comes with the package, by id.

    Raises:
        RuleFilesError: A file of ours does not load.
    """
    return MappingProxyType(dict(_package_shelf().calendars))


def _used(rules: Mapping[str, Rule], calendars: Mapping[str, Calendar]) -> set[str]:
    """Return the ids of the calendars the rules consult, with those they extend."""
    used: set[str] = set()
    for rule in rules.values():
        for version in rule.versions:
            used |= {*version.term.calendars, *version.roll.calendars}
        if rule.practice:
            used |= set(rule.practice.calendars)
    waiting = list(used)
    while waiting:
        extended = calendars[waiting.pop()].extends
        if extended is not None and extended not in used:
            used.add(extended)
            waiting.append(extended)
    return used


def _meets(rules: Mapping[str, Rule]) -> set[str]:
    """Return the ids of the tables of sessions the rules consult."""
    return {version.term.sessions for rule in rules.values() for version in rule.versions if version.term.sessions}


def _cited(
    mechanism: MechanismFile,
    rules: Mapping[str, Rule],
    calendars: Mapping[str, Calendar],
    sessions: Mapping[str, SessionTable],
    petition: PetitionFile | None,
) -> set[str]:
    """Return the ids of the sources that anything in the mechanism rests on."""
    cites = [*mechanism.cites, *(mechanism.extensions.cites if mechanism.extensions else [])]
    cites += [cite for each in mechanism.beside for cite in each.cites]
    for rule in rules.values():
        cites += [cite for version in rule.versions for cite in version.cites]
        cites += rule.practice.cites if rule.practice else []
        cites += [cite for stop in rule.stopped_by for cite in stop.cites]
    for table in sessions.values():
        cites += [*table.cites, *(cite for session in table.sessions for cite in session.cites)]
    for calendar in calendars.values():
        cites += calendar.cites
        cites += [cite for holiday in calendar.holidays.values() for cite in holiday.cites]
    cites += cites_of_petition(petition)
    cites += [cite for gate in mechanism.gates.values() for cite in gate.cites]
    if mechanism.wider_remedies:
        cites += mechanism.wider_remedies.cites
        cites += [cite for tier in mechanism.wider_remedies.tiers.values() for cite in tier.cites]
    return {cite.source for cite in cites}


def _unread(root: Path) -> list[Fault]:
    """Find files that look like data and would be passed over in silence: a rule with a misspelt ending is no rule."""
    read = {"mechanism.yaml", "petition.yaml", "sources.yaml"}
    return [
        Fault(file=name, line=1, message="nothing reads this file")
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".md"
        if (name := path.relative_to(root).as_posix()) not in read
        if not (
            path.parent.parent == root
            and path.parent.name in {"rules", "calendars", "sessions"}
            and path.suffix == ".yaml"
        )
    ]


def load_folder(path: Path, shelf: Shelf | None = None) -> tuple[Mechanism | None, list[Fault]]:
    """Read one mechanism's folder: `mechanism.yaml`, `rules/*.yaml`, `petition.yaml`, and what it adds to the shelf.

    Args:
        path: The folder.
        shelf: Sources, calendars and sessions at its disposal beside its own; none: the package's.

    Returns:
        The mechanism and no faults, or nothing and every fault found.
    """
    folder = _Folder(root=path)
    folder.faults += _unread(path)
    shelf = _stocked(folder, shelf or _package_shelf())
    head = folder.read(path / "mechanism.yaml", MechanismFile)
    rules: dict[str, tuple[Rule, Document]] = {}
    for rule_path in sorted((path / "rules").glob("*.yaml")):
        if read := folder.read(rule_path, Rule):
            rules[rule_path.stem] = read
    lists = folder.read(path / "petition.yaml", PetitionFile) if (path / "petition.yaml").is_file() else None
    if head is None:
        return None, folder.faults
    mechanism, document = head
    if lists is not None:
        folder.faults += faults_of_petition(lists[1], lists[0], mechanism, shelf.sources)
    folder.faults += faults_of_mechanism(document, mechanism, shelf.sources)
    known = {name: rule for name, (rule, _) in rules.items()}
    for name, (rule, rule_document) in rules.items():
        folder.faults += faults_of_rule(rule_document, name, rule, mechanism, known, shelf)
    if not rules:
        folder.faults.append(document.fault("the mechanism has no rules"))
    if folder.faults:
        return None, folder.faults
    return _whole(mechanism, known, lists[0] if lists else None, shelf), []


def _whole(
    mechanism: MechanismFile, rules: Mapping[str, Rule], petition: PetitionFile | None, shelf: Shelf
) -> Mechanism:
    """Put a faultless mechanism together, with those calendars, sessions and sources only that it rests on."""
    used = _used(rules, shelf.calendars)
    kept = {name: shelf.calendars[name] for name in sorted(used)}
    sessions = {name: shelf.sessions[name] for name in sorted(_meets(rules))}
    cited = {name: shelf.sources[name] for name in sorted(_cited(mechanism, rules, kept, sessions, petition))}
    said = msgspec.json.encode((mechanism, rules, kept, sessions, petition, cited))
    return Mechanism(
        id=mechanism.id,
        labels=mechanism.labels,
        about=mechanism.about,
        in_force=mechanism.in_force,
        last_verified_on=mechanism.last_verified_on,
        parties=mechanism.parties,
        zone=mechanism.zone,
        zones=sorted({zone for actor in mechanism.actors.values() for zone in actor.zones}),
        actors=mechanism.actors,
        stages=mechanism.stages,
        events=mechanism.events,
        cites=mechanism.cites,
        extensions=mechanism.extensions,
        rules=dict(rules),
        versions={name: [version_name(version) for version in rule.versions] for name, rule in rules.items()},
        calendars=kept,
        active=mechanism.active,
        sessions=sessions,
        sources=cited,
        petition=petition,
        digest=hashlib.sha256(said).hexdigest(),
        beside=mechanism.beside,
        gates=mechanism.gates,
        wider_remedies=mechanism.wider_remedies,
    )


@cache
def mechanisms() -> Mapping[str, Mechanism]:
    """Return the mechanisms that come with the package, by id; read once.

    Raises:
        RuleFilesError: A file of ours does not load.
    """
    found: dict[str, Mechanism] = {}
    for path in sorted((DATA / "mechanisms").iterdir()):
        loaded, faults = load_folder(path)
        _require_none(faults)
        found |= {loaded.id: loaded} if loaded else {}
    for each in found.values():
        _require_none(faults_of_company(Document(file=f"{each.id}/mechanism.yaml", data=None, lines={}), each, found))
    return MappingProxyType(found)


def mechanism(name: str) -> Mechanism:
    """Return one of the package's mechanisms.

    Raises:
        UnknownMechanismError: No rule file carries that id.
    """
    try:
        return mechanisms()[name]
    except KeyError:
        raise UnknownMechanismError(name) from None
