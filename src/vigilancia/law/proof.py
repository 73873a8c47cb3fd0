"""What must hold of rule files beyond their shape: names exist, versions fit together, words are in three languages."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from vigilancia.law.calendars import ONE_DAY
from vigilancia.law.mechanism import Mechanism, MechanismFile
from vigilancia.law.rules import Rule, Term, Version, triggers
from vigilancia.law.shapes import Calendar, Cite, SessionTable, Source
from vigilancia.law.yamlfile import Document, Fault, Place, Plain

LANGUAGES = frozenset({"es", "en", "fr"})


def faults_of_labels(document: Document) -> list[Fault]:
    """Find words given in one language and missing, or empty, in another."""
    found: list[Fault] = []

    def look(data: Plain, place: Place) -> None:
        if isinstance(data, dict):
            if LANGUAGES & data.keys() and (
                data.keys() != LANGUAGES or not all(isinstance(word, str) and word.strip() for word in data.values())
            ):
                found.append(document.fault("words must be given in es, en and fr, and in nothing else", *place))
            for key, value in data.items():
                look(value, (*place, key))
        elif isinstance(data, list):
            for number, value in enumerate(data):
                look(value, (*place, number))

    look(document.data, ())
    return found


def _unknown(
    document: Document, what: str, names: Iterable[str | None], known: Iterable[str], *place: str | int
) -> list[Fault]:
    known = set(known)
    return [document.fault(f"no {what} {name!r}", *place) for name in names if name is not None and name not in known]


def _uncited(
    document: Document, cites: Sequence[Cite], sources: Mapping[str, Source], *place: str | int
) -> list[Fault]:
    faults = [
        document.fault(f"no source {cite.source!r} in sources.yaml", *place, number, "source")
        for number, cite in enumerate(cites)
        if cite.source not in sources
    ]
    if not cites:
        faults.append(document.fault("nothing is cited", *place))
    return faults


def faults_of_calendar(
    document: Document, name: str, calendar: Calendar, calendars: Mapping[str, Calendar], sources: Mapping[str, Source]
) -> list[Fault]:
    """Find what a calendar names and does not have, and days it lists outside its own ends."""
    faults = _uncited(document, calendar.cites, sources, "cites")
    for holiday_name, each_holiday in calendar.holidays.items():
        if each_holiday.cites:
            faults += _uncited(document, each_holiday.cites, sources, "holidays", holiday_name, "cites")
    if calendar.id != name:
        faults.append(document.fault(f"the file is called {name!r}, the calendar {calendar.id!r}", "id"))
    faults += _unknown(document, "calendar", [calendar.extends], calendars, "extends")
    seen, each = {calendar.id}, calendar
    while each.extends is not None and each.extends in calendars:
        each = calendars[each.extends]
        if each.id in seen:
            faults.append(document.fault("the calendar extends itself", "extends"))
            break
        seen.add(each.id)
    for day, holiday in calendar.days.items():
        if not calendar.covers_from <= day <= calendar.covers_until:
            faults.append(document.fault(f"{day} is outside what the calendar covers", "days", day.isoformat()))
        if holiday not in calendar.holidays:
            faults.append(document.fault(f"no holiday {holiday!r}", "days", day.isoformat()))
    for unused in calendar.holidays.keys() - set(calendar.days.values()):
        faults.append(document.fault(f"the holiday {unused!r} has no day", "holidays", unused))
    return faults


def faults_of_sessions(
    document: Document, name: str, table: SessionTable, sources: Mapping[str, Source]
) -> list[Fault]:
    """Find sessions outside the table's own ends, and a table that has none."""
    faults = _uncited(document, table.cites, sources, "cites")
    if table.id != name:
        faults.append(document.fault(f"the file is called {name!r}, the table {table.id!r}", "id"))
    if not table.sessions:
        faults.append(document.fault("the table has no sessions", "sessions"))
    for number, session in enumerate(table.sessions):
        if session.cites:
            faults += _uncited(document, session.cites, sources, "sessions", number, "cites")
        if not table.covers_from <= session.opens_on <= table.covers_until:
            message = f"{session.opens_on} is outside what the table covers"
            faults.append(document.fault(message, "sessions", number, "opens_on"))
        if session.closes_on is not None and session.closes_on < session.opens_on:
            faults.append(document.fault("a session closes before it opens", "sessions", number, "closes_on"))
    return faults


def faults_of_mechanism(document: Document, mechanism: MechanismFile, sources: Mapping[str, Source]) -> list[Fault]:
    """Find stages, events and zones that are named and do not exist."""
    events, stages = mechanism.events, mechanism.stages
    faults = _uncited(document, mechanism.cites, sources, "cites")
    for name, stage in stages.items():
        faults += _unknown(document, "event", stage.next, events, "stages", name)
    for name, event in events.items():
        faults += _unknown(document, "stage", [event.stage], stages, "events", name)
        others = [*event.after, *event.contradicts, *event.reopened_by]
        faults += _unknown(document, "event", others, events, "events", name)
        if event.closes and (event.stage not in stages or not stages[event.stage].closed):
            faults.append(document.fault(f"{name} closes the procedure but leads into no closed stage", "events", name))
    if mechanism.extensions is not None:
        faults += _unknown(document, "event", [mechanism.extensions.event], events, "extensions", "event")
        faults += _uncited(document, mechanism.extensions.cites, sources, "extensions", "cites")
    faults += _faults_of_beside(document, mechanism, sources)
    if not stages:
        faults.append(document.fault("the mechanism has no stages", "stages"))
    for name, actor in mechanism.actors.items():
        if not actor.zones:
            faults.append(document.fault("an actor needs a zone", "actors", name, "zones"))
        faults += _unknown(document, "zone", actor.zones, filter(_is_zone, actor.zones), "actors", name, "zones")
    return (
        faults + faults_of_gates(document, mechanism, sources) + faults_of_wider_remedies(document, mechanism, sources)
    )


_NEEDED = {
    "located_in": ("party",),
    "sector_limb": ("limbs",),
    "any_fact": ("party", "facts"),
    "unrecorded": ("remark",),
}


def faults_of_gates(document: Document, mechanism: MechanismFile, sources: Mapping[str, Source]) -> list[Fault]:
    """Find gates that rest on nothing, name a party nobody is, or lack what their test asks about."""
    faults: list[Fault] = []
    for name, gate in mechanism.gates.items():
        faults += _uncited(document, gate.cites, sources, "gates", name, "cites")
        faults += _unknown(document, "party", [gate.party], mechanism.parties, "gates", name, "party")
        faults += [
            document.fault(f"the test {gate.test!r} needs {key!r}", "gates", name, "test")
            for key in _NEEDED[gate.test]
            if not getattr(gate, key)
        ]
    return faults


def faults_of_wider_remedies(
    document: Document, mechanism: MechanismFile, sources: Mapping[str, Source]
) -> list[Fault]:
    """Find events and sources that the count of earlier findings names and that do not exist."""
    wider, key = mechanism.wider_remedies, "wider_remedies"
    if wider is None:
        return []
    faults = _uncited(document, wider.cites, sources, key, "cites")
    for part in ("counts", "contradicted_by", "not_counted"):
        faults += _unknown(document, "event", getattr(wider, part), mechanism.events, key, part)
    if not wider.counts:
        faults.append(document.fault("no event counts", key, "counts"))
    for name, tier in wider.tiers.items():
        faults += _uncited(document, tier.cites, sources, key, "tiers", name, "cites")
    return faults


def _faults_of_beside(document: Document, mechanism: MechanismFile, sources: Mapping[str, Source]) -> list[Fault]:
    faults: list[Fault] = []
    for number, beside in enumerate(mechanism.beside):
        faults += _uncited(document, beside.cites, sources, "beside", number, "cites")
        if not beside.allegations:
            faults.append(document.fault("no allegation is named", "beside", number))
        if beside.mechanism == mechanism.id:
            faults.append(document.fault("a mechanism does not run beside itself", "beside", number, "mechanism"))
    return faults


def faults_of_company(document: Document, mechanism: Mechanism, known: Mapping[str, Mechanism]) -> list[Fault]:
    """Find mechanisms that are said to run beside this one and that nobody has, or that lack the event named."""
    faults = []
    for number, beside in enumerate(mechanism.beside):
        other = known.get(beside.mechanism)
        if other is None:
            faults.append(document.fault(f"no mechanism {beside.mechanism!r}", "beside", number, "mechanism"))
        elif all(beside.event not in _starts(rule) for rule in other.rules.values()):
            faults.append(document.fault(f"no rule there starts from {beside.event!r}", "beside", number, "event"))
    return faults


def _starts(rule: Rule) -> set[str | None]:
    return {*triggers(rule), *(variant.trigger for variant in rule.variants.values())}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


class Shelf(Struct, frozen=True, kw_only=True):
    """Sources, calendars and tables of sessions at a mechanism's disposal."""

    sources: Mapping[str, Source]
    calendars: Mapping[str, Calendar]
    sessions: Mapping[str, SessionTable]


def faults_of_rule(
    document: Document, name: str, rule: Rule, mechanism: MechanismFile, rules: Mapping[str, Rule], shelf: Shelf
) -> list[Fault]:
    """Find what a rule names and nobody has, terms without sense, and versions that overlap or leave a gap."""
    faults = []
    if rule.id != name:
        faults.append(document.fault(f"the file is called {name!r}, the rule {rule.id!r}", "id"))
    for key in ("satisfied_by", "implied_by", "void_by", "ended_by"):
        faults += _unknown(document, "event", getattr(rule, key), mechanism.events, key)
    faults += _unknown(document, "event", triggers(rule), mechanism.events, "trigger")
    faults += _unknown(document, "event", [rule.runs_only_if], mechanism.events, "runs_only_if")
    faults += _unknown(document, "rule", [rule.follows], rules, "follows")
    faults += _unknown(document, "actor", [rule.actor], mechanism.actors, "actor")
    if rule.on_expiry is not None:
        faults += _unknown(document, "event", [rule.on_expiry.emits], mechanism.events, "on_expiry", "emits")
    for variant_name, variant in rule.variants.items():
        named = [variant.trigger, *variant.gives_way_to]
        named += [variant.when.earlier, variant.when.no_earlier] if variant.when else []
        faults += _unknown(document, "event", named, mechanism.events, "variants", variant_name)
    if rule.practice is not None:
        faults += _unknown(document, "calendar", rule.practice.calendars, shelf.calendars, "practice", "calendars")
        faults += _uncited(document, rule.practice.cites, shelf.sources, "practice", "cites")
        if not rule.practice.calendars:
            faults.append(document.fault("practice needs a calendar to tell days off", "practice"))
    faults += _faults_of_start(document, rule, mechanism, rules)
    faults += _faults_of_stops(document, rule, mechanism, shelf)
    for number, version in enumerate(rule.versions):
        faults += _faults_of_version(document, number, version, shelf)
    return faults + _faults_of_sequence(document, rule)


def _faults_of_start(
    document: Document, rule: Rule, mechanism: MechanismFile, rules: Mapping[str, Rule]
) -> list[Fault]:
    """Check what sets the rule going: events or another rule, and a day zero that is really carried."""
    faults = []
    if bool(triggers(rule)) == (rule.hangs_on is not None):
        faults.append(document.fault("a rule needs a trigger, or another rule it hangs on, and not both", "trigger"))
    if rule.hangs_on is not None:
        faults += _unknown(document, "rule", [rule.hangs_on], rules, "hangs_on")
        seen, parent = {rule.id}, rules.get(rule.hangs_on)
        while parent is not None:
            if parent.id in seen:
                faults.append(document.fault("the rule hangs on itself", "hangs_on"))
                break
            seen.add(parent.id)
            parent = rules.get(parent.hangs_on) if parent.hangs_on else None
        if rule.variants or rule.counts_from != "on" or rule.repeat != "first":
            faults.append(
                document.fault("a rule that hangs on another has its day and its repeats from it", "hangs_on")
            )
    carried = [rule.counts_from == "due_on", any(version.term.unit == "agreed_date" for version in rule.versions)]
    if any(carried):
        named = [*triggers(rule), *(each.trigger for each in rule.variants.values() if each.trigger)]
        faults += [
            document.fault(f"the event {name!r} carries no day to count from", "trigger")
            for name in named
            if name in mechanism.events and "due_on" not in mechanism.events[name].carries
        ]
    return faults


def _faults_of_stops(document: Document, rule: Rule, mechanism: MechanismFile, shelf: Shelf) -> list[Fault]:
    faults = []
    for number, stop in enumerate(rule.stopped_by):
        place = ("stopped_by", number)
        faults += _unknown(document, "event", [stop.from_, *stop.until], mechanism.events, *place)
        faults += _uncited(document, stop.cites, shelf.sources, *place, "cites")
        if stop.at_most is None and not stop.until:
            faults.append(document.fault("a stop needs an event that ends it, or a day it ends at the latest", *place))
        if stop.at_most is not None and stop.at_most.count < 1:
            faults.append(document.fault("a count is 1 or more", *place, "at_most"))
    return faults


def _faults_of_version(document: Document, number: int, version: Version, shelf: Shelf) -> list[Fault]:
    place = ("versions", number)
    term, roll = version.term, version.roll
    faults = _uncited(document, version.cites, shelf.sources, *place, "cites")
    faults += [
        document.fault(f"no calendar {name!r}", *place, "term" if name in term.calendars else "roll")
        for name in sorted({*term.calendars, *roll.calendars} - shelf.calendars.keys())
    ]
    if not roll.calendars and roll.policy != "none":
        faults.append(document.fault("a roll needs the calendars that tell a day off", *place, "roll"))
    if term.calendars and term.calendars != roll.calendars:
        faults.append(document.fault("term and roll must name the same calendars", *place, "roll"))
    return faults + [document.fault(message, *place, *where) for message, where in _faults_of_term(version, shelf)]


def _faults_of_term(version: Version, shelf: Shelf) -> Iterable[tuple[str, tuple[str, ...]]]:
    """Check that a term has what its unit needs and nothing that another unit needs."""
    term: Term = version.term
    met = term.unit == "next_session"
    if (term.unit == "agreed_date") != (term.count is None) and not met:
        yield "a count is needed, except where the parties agree the day", ("term",)
    if term.count is not None and term.count < (0 if met else 1):
        yield "a count is 1 or more", ("term", "count")
    if (term.unit == "business_days") != bool(term.calendars):
        yield "business days, and they alone, need the term's calendars", ("term",)
    if (term.unit == "calendar_months") != (term.month_end is not None):
        yield "months, and they alone, need month_end: what becomes of a day the last month lacks", ("term",)
    if met != (term.sessions is not None):
        yield "the next session, and it alone, needs the table of sessions", ("term",)
    if term.sessions is not None and term.sessions not in shelf.sessions:
        yield f"no table of sessions {term.sessions!r}", ("term", "sessions")
    if term.direction == "before" and (met or term.unit == "agreed_date"):
        yield "only a count of days or months can run backwards", ("term", "direction")
    if term.unit in {"agreed_date", "next_session"} and version.roll.policy != "none":
        yield "a day that is not counted does not roll", ("roll",)


def _faults_of_sequence(document: Document, rule: Rule) -> list[Fault]:
    """Check that each variant's versions follow one another without overlap or gap."""
    faults: list[Fault] = []
    names: set[str | None] = {version.variant for version in rule.versions}
    expected: set[str | None] = set(rule.variants) or {None}
    faults += [
        document.fault(f"variant {name!r} has no version, or a version no variant", "versions")
        for name in sorted(names ^ expected, key=str)
    ]
    for name in names:
        spans = sorted((each.in_force for each in rule.versions if each.variant == name), key=lambda span: span.from_)
        faults += [
            document.fault(f"a version ends on {span.until}, before it starts", "versions")
            for span in spans
            if span.until is not None and span.until < span.from_
        ]
        faults += [
            document.fault(f"versions must meet: one ends {ends}, the next starts {later.from_}", "versions")
            for earlier, later in pairwise(spans)
            for ends in [earlier.until or "never"]
            if earlier.until is None or later.from_ - earlier.until != ONE_DAY
        ]
    return faults
