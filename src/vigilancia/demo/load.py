"""Loads the public cases through the services everyone's data goes through, once, whole or not at all."""

from uuid import UUID

from vigilancia.access.scopes import ROLE_SCOPES
from vigilancia.complaints import service as complaints
from vigilancia.complaints.links import service as links
from vigilancia.complaints.links.schemas import LinkIn
from vigilancia.complaints.schemas import (
    AffectedWorkers,
    ComplaintIn,
    ComplaintPatch,
    ExternalId,
    Finding,
    Incident,
    Outcome,
    Relation,
)
from vigilancia.core.identity import SYSTEM, Caller
from vigilancia.core.work import Desk, Work
from vigilancia.demo import dataset
from vigilancia.demo.dataset import Case, CaseFacility, CaseOrganization, DataSet
from vigilancia.law import loader
from vigilancia.proceedings import service as proceedings
from vigilancia.proceedings.schemas import EventIn, ProceedingIn
from vigilancia.registry import bootstrap
from vigilancia.registry.facilities import service as facilities
from vigilancia.registry.facilities.schemas import FacilityIn
from vigilancia.registry.identifiers import Identifier
from vigilancia.registry.organizations import service as organizations
from vigilancia.registry.organizations.schemas import OrganizationIn

SEAT = "PUBLIC-CASES"
_NOTE_LIMIT = 2000


async def load_demo(desk: Desk) -> int:
    """Load the data set, unless it was loaded before.

    Everything is one transaction: a process killed in the middle leaves nothing. The cases belong to an organisation of
    their own and are public; nobody is alerted about them.

    Returns:
        How many cases were loaded; 0 when they stood there already.
    """
    found = dataset.read()
    async with desk.work(SYSTEM) as work:
        if await bootstrap.party(work, SEAT) is not None:
            return 0
        keeper = await organizations.record(work, _keeper(found))
        work.caller = Caller(organization_id=keeper, role="staff", scopes=ROLE_SCOPES["staff"])
        names = {party.key: party.name for party in found.organizations}
        parties = await _record_parties(work, found.organizations)
        plants = {plant.key: await facilities.record(work, _facility(plant, names)) for plant in found.facilities}
        cases = {case.key: await _log(work, case, parties, plants, names) for case in found.cases}
        for case in found.cases:
            await _relate(work, case, cases)
    return len(cases)


def _keeper(found: DataSet) -> OrganizationIn:
    return OrganizationIn(
        kind="other",
        name=found.about.title,
        locale="es",
        visibility="public",
        identifiers=[Identifier(scheme=bootstrap.SCHEME, value=SEAT)],
    )


async def _record_parties(work: Work, parties: tuple[CaseOrganization, ...]) -> dict[str, UUID]:
    """Record every organisation, parents before their children."""
    made: dict[str, UUID] = {}
    waiting = list(parties)
    while waiting:
        ready = [party for party in waiting if party.parent is None or party.parent in made]
        for party in ready:
            made[party.key] = await organizations.record(
                work,
                OrganizationIn(
                    kind=party.kind,
                    name=party.name,
                    aliases=list(party.aliases),
                    country=party.country,
                    parent_id=made[party.parent] if party.parent else None,
                    visibility="public",
                ),
            )
        waiting = [party for party in waiting if party.key not in made]
    return made


def _facility(plant: CaseFacility, names: dict[str, str]) -> FacilityIn:
    return FacilityIn(
        name=plant.name,
        aliases=list(plant.aliases),
        country=plant.country,
        subdivision=plant.subdivision,
        municipality=plant.municipality,
        sector=plant.sector,
        products=list(plant.products),
        company=names[plant.company],
        parent_company=names[plant.parent_company] if plant.parent_company else None,
        workforce=plant.workforce,
        visibility="public",
    )


async def _log(
    work: Work, case: Case, parties: dict[str, UUID], plants: dict[str, UUID], names: dict[str, str]
) -> UUID:
    complaint = await complaints.log(work, _complaint(case, plants, names))
    for link in case.links:
        party = LinkIn(organization_id=parties[link.organization], role=link.role, adverse=link.adverse)
        await links.record(work, complaint, party)
    if case.mechanism not in loader.mechanisms():
        return complaint  # a mechanism this version does not compute: its events stay in the data set
    proceeding = await proceedings.open_proceeding(work, complaint, ProceedingIn(mechanism=case.mechanism))
    for event in case.events:
        await proceedings.record_event(
            work,
            proceeding,
            EventIn(
                type=event.type,
                on=event.on,
                kind=event.kind,
                due_on=event.due_on,
                stated_by=names.get(event.stated_by or "", event.stated_by),
                note=(event.note or "")[:_NOTE_LIMIT] or None,
                sources=list(event.sources),
            ),
        )
    return complaint


def _complaint(case: Case, plants: dict[str, UUID], names: dict[str, str]) -> ComplaintIn:
    workers = case.affected_workers
    return ComplaintIn(
        title=case.title,
        summary=case.summary,
        received_on=case.received_on,
        status=case.status,
        confidentiality=case.confidentiality,
        channel=case.channel,
        facility_id=plants[case.facilities[0]],
        facility_ids=[plants[key] for key in case.facilities],
        allegations=list(case.allegations),
        incidents=[
            Incident(allegation=incident.allegation, on=incident.on, precision=incident.precision)
            for incident in case.incidents
        ],
        affected_workers=AffectedWorkers(min=workers.min, max=workers.max) if workers else None,
        external_ids=[ExternalId(system=number.system, id=number.id) for number in case.external_ids],
        source_urls=list(case.sources),
        findings=[
            Finding(by=names[finding.by], result=finding.result, on=finding.on, source_url=finding.source_url)
            for finding in case.findings
        ],
        outcomes=[
            Outcome(
                outcome=outcome.outcome,
                stage=outcome.stage,
                by=names[outcome.by] if outcome.by else None,
                count=outcome.count,
                amount=outcome.amount,
                currency=outcome.currency,
                source_url=outcome.source_url,
            )
            for outcome in case.outcomes
        ],
    )


async def _relate(work: Work, case: Case, cases: dict[str, UUID]) -> None:
    if case.related:
        related = [Relation(complaint_id=cases[other.case], kind=other.kind) for other in case.related]
        await complaints.change(work, cases[case.key], ComplaintPatch(related=related), 1)
