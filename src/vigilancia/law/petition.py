"""What a petition must, should and may say: which version of the list governs, and whether a list holds together."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from vigilancia.law.calendars import ONE_DAY
from vigilancia.law.facts import Facts
from vigilancia.law.lists import PetitionFile, PetitionVersion
from vigilancia.law.mechanism import Mechanism, MechanismFile
from vigilancia.law.model import Event
from vigilancia.law.shapes import Cite, Source
from vigilancia.law.yamlfile import Document, Fault


def received_on(mechanism: Mechanism, events: Iterable[Event]) -> date | None:
    """Return the day on which the petition was received, as far as the events say so.

    Of several statements the earliest speaks, as for the clocks. After a petition was turned down a new one may be
    filed; then the day of the newest counts.

    Args:
        mechanism: With a content list; without one there is no such day.
        events: Those of one procedure that stand.
    """
    if mechanism.petition is None:
        return None
    rounds = Facts(mechanism, events).rounds(mechanism.petition.trigger)
    return rounds[-1][0].on if rounds else None


def version_on(petition: PetitionFile, day: date) -> PetitionVersion | None:
    """Return the version in force on a day; none where no text is known for it."""
    return next((each for each in petition.versions if _holds(each, day)), None)


def authority_zone(mechanism: Mechanism, petition: PetitionFile) -> str:
    """Return the zone in which the receiving authority's day is counted."""
    return mechanism.actors[petition.authority].zones[0]


def cites_of_petition(petition: PetitionFile | None) -> list[Cite]:
    """Return every place in a source that a content list rests on."""
    versions = petition.versions if petition else []
    own = [cite for version in versions for cite in version.cites]
    return own + [cite for version in versions for item in version.items for cite in item.cites]


def faults_of_petition(
    document: Document, petition: PetitionFile, mechanism: MechanismFile, sources: Mapping[str, Source]
) -> list[Fault]:
    """Find what a content list names and nobody has, items without a source, and versions that do not meet."""
    faults = []
    if petition.trigger not in mechanism.events:
        faults.append(document.fault(f"no event {petition.trigger!r}", "trigger"))
    if petition.authority not in mechanism.actors:
        faults.append(document.fault(f"no actor {petition.authority!r}", "authority"))
    if not petition.versions:
        faults.append(document.fault("the petition has no version", "versions"))
    for number, version in enumerate(petition.versions):
        faults += _faults_of_version(document, number, version, sources)
    return faults + _faults_of_spans(document, petition)


def _holds(version: PetitionVersion, day: date) -> bool:
    span = version.in_force
    return span.from_ <= day and (span.until is None or day <= span.until)


def _faults_of_version(
    document: Document, number: int, version: PetitionVersion, sources: Mapping[str, Source]
) -> list[Fault]:
    place = ("versions", number)
    faults = _faults_of_cites(document, version.cites, sources, *place, "cites")
    if not version.items:
        faults.append(document.fault("a version without an item asks for nothing", *place, "items"))
    for at, item in enumerate(version.items):
        faults += _faults_of_cites(document, item.cites, sources, *place, "items", at, "cites")
    for key in ("id", "fact"):  # two items of one fact would say the same thing twice
        seen: set[str] = set()
        for at, item in enumerate(version.items):
            name = str(getattr(item, key))
            if name in seen:
                faults.append(document.fault(f"the {key} {name!r} stands twice", *place, "items", at, key))
            seen.add(name)
    return faults


def _faults_of_cites(
    document: Document, cites: Sequence[Cite], sources: Mapping[str, Source], *place: str | int
) -> list[Fault]:
    if not cites:
        return [document.fault("nothing is cited", *place)]
    return [
        document.fault(f"no source {cite.source!r} in sources.yaml", *place, at, "source")
        for at, cite in enumerate(cites)
        if cite.source not in sources
    ]


def _faults_of_spans(document: Document, petition: PetitionFile) -> list[Fault]:
    """Check that versions follow one another without overlap or gap."""
    spans = sorted(
        ((each.in_force, number) for number, each in enumerate(petition.versions)), key=lambda found: found[0].from_
    )
    faults = [
        document.fault(f"a version ends on {span.until}, before it starts", "versions", number, "in_force")
        for span, number in spans
        if span.until is not None and span.until < span.from_
    ]
    return faults + [
        document.fault(
            f"versions must meet: one ends {earlier.until}, the next starts {later.from_}",
            *("versions", number, "in_force"),
        )
        for (earlier, _), (later, number) in pairwise(spans)
        if earlier.until is None or later.from_ - earlier.until != ONE_DAY
    ]
