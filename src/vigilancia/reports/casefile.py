"""Gathering the case report: what the other rooms show this reader, put together for a person."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from msgspec.structs import replace as with_
from sqlalchemy import func, or_, select

from vigilancia.access import fields
from vigilancia.access.pseudonyms import Pseudonyms
from vigilancia.complaints import queries as complaints
from vigilancia.complaints.links import queries as links
from vigilancia.complaints.links.schemas import Link
from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRow
from vigilancia.complaints.schemas import Complaint
from vigilancia.core.errors import ForbiddenError
from vigilancia.core.paging import Listing
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.models import NoticeRow
from vigilancia.registry.models import FacilityRow, OrganizationRow
from vigilancia.registry.organizations.queries import seen
from vigilancia.registry.places import municipality
from vigilancia.reports import casefile_steps, labels
from vigilancia.reports.columns import Profile
from vigilancia.reports.datasets import as_profile
from vigilancia.reports.gaps import gaps
from vigilancia.reports.schemas_report import (
    Head,
    Party,
    Place,
    Report,
    ReportFinding,
    ReportIncident,
    ReportOutcome,
)

_ALL = Listing(cursor=None, limit=1000, sort=None, q=None, updated_since=None)
_NAMED = ("full", "shared", "public")


async def gather(work: Work, complaint_id: UUID, *, profile: Profile, locale: Locale) -> Report:
    """Gather the report of one case.

    The de-identified profile reads the case as an analyst of the caller's organisation would.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The full profile, for a caller who does not see the case in full.
    """
    reading = replace(work, caller=as_profile(work.caller, profile), locale=locale)
    case = await complaints.read(reading, complaint_id)
    if profile == "full" and case.view != "full":
        raise ForbiddenError(profile="full")
    findings = [
        ReportFinding(
            by=labels.speaker(each.by, locale),
            result=labels.coded("finding", each.result, locale),
            on=each.on,
            source_url=each.source_url,
        )
        for each in case.findings or []
    ]
    report = Report(
        locale=locale,
        profile=profile,
        view=case.view,
        months_only=case.view == "deidentified",
        generated_at=work.now,
        case=await _head(reading, case),
        places=await _places(reading, case),
        parties=await _parties(reading, case),
        proceedings=await casefile_steps.proceedings(reading, case),
        findings=findings,
        findings_differ=len({each.result.code for each in findings}) > 1,
        outcomes=_outcomes(case, locale),
        notices=await _notices(reading, case),
        unknown=[],
    )
    return with_(report, unknown=gaps(report))


async def _head(work: Work, case: Complaint) -> Head:
    locale, hidden = work.locale, case.view == "deidentified"
    owner = None
    if case.view in _NAMED and case.owner_id is not None:
        known = select(OrganizationRow.name).where(OrganizationRow.id == case.owner_id, seen(work))
        owner = await work.session.scalar(known)
    workers = case.affected_workers
    return Head(
        id=None if hidden else case.id,
        reference=None if hidden else case.reference,
        pseudonym=Pseudonyms(work.keys).of_case(case.id) if hidden else None,
        title=case.title,
        summary=case.summary,
        status=labels.coded("complaint_status", case.status, locale),
        confidentiality=labels.coded("confidentiality", case.confidentiality, locale),
        owner=owner,
        received_on=case.received_on,
        channel=labels.maybe("channel", case.channel, locale),
        risk_level=labels.maybe("risk_level", case.risk_level, locale),
        allegations=[labels.coded("allegation", code, locale) for code in case.allegations or []],
        incidents=[
            ReportIncident(
                allegation=labels.coded("allegation", each.allegation, locale),
                on=each.on,
                until=each.until,
                precision=each.precision,
            )
            for each in case.incidents or []
        ],
        affected_min=workers.min if workers else None,
        affected_max=workers.max if workers else None,
        groups=[labels.coded("group", code, locale) for code in case.groups or []],
        languages=[labels.language(code, locale) for code in case.languages or []],
        interpreter_needed=case.interpreter_needed,
        source_urls=case.source_urls or [],
    )


async def _places(work: Work, case: Complaint) -> list[Place]:
    """Return the places of work, the main one first; where names are hidden, each state and sector once."""
    if case.view == "alerts":
        return []
    row = FacilityRow.__table__.c
    query = (
        select(FacilityRow, municipality(work).label("municipality"))
        .join(ComplaintFacilityRow, ComplaintFacilityRow.facility_id == row.id)
        .where(ComplaintFacilityRow.complaint_id == case.id)
        .order_by((row.id == case.facility_id).desc(), row.id)
    )
    found = [_place(case, plant, town, work.locale) for plant, town in await work.session.execute(query)]
    return [place for at, place in enumerate(found) if place not in found[:at]]


def _place(case: Complaint, plant: FacilityRow, town: str | None, locale: Locale) -> Place:
    named = case.view in _NAMED and plant.visibility in fields.places(case.view)
    return Place(
        name=plant.name if named else None,
        company=plant.company if named else None,
        municipality=town if named else None,
        subdivision=labels.maybe("place", plant.subdivision, locale),
        country=labels.country(plant.country, locale),
        sector=labels.maybe("sector", plant.sector, locale),
    )


async def _parties(work: Work, case: Complaint) -> list[Party]:
    """Return who is in the case as its links tell this reader.

    Names only where the case itself is named, and of records that exist for the reader: of an organisation that
    somebody keeps for himself the role alone is told.
    """
    if case.view == "alerts":
        return []
    page = await links.list_page(work, case.id, _ALL)
    ids = {link.organization_id for link in page.items}
    known = select(OrganizationRow).where(OrganizationRow.id.in_(ids), seen(work))
    organizations = {row.id: row for row in await work.session.scalars(known)}
    return [_party(case, link, organizations.get(link.organization_id), work.locale) for link in page.items]


def _party(case: Complaint, link: Link, organization: OrganizationRow | None, locale: Locale) -> Party:
    return Party(
        role=labels.coded("link_role", link.role, locale),
        kind=labels.coded("organization_kind", organization.kind, locale) if organization else None,
        name=organization.name if organization and case.view in _NAMED else None,
        adverse=bool(link.adverse),
    )


def _outcomes(case: Complaint, locale: Locale) -> list[ReportOutcome]:
    return [
        ReportOutcome(
            outcome=labels.coded("outcome", each.outcome, locale),
            stage=labels.coded("outcome_stage", each.stage, locale),
            by=labels.speaker(each.by, locale),
            count=each.count,
            amount=each.amount,
            currency=each.currency,
            on=each.on,
            source_url=each.source_url,
        )
        for each in case.outcomes or []
    ]


async def _notices(work: Work, case: Complaint) -> dict[str, int] | None:
    """Return how many notices ended how: the owner counts all of the case's, others their own, the public none."""
    if case.view == "public":
        return None
    row: Any = NoticeRow.__table__.c
    mine = work.caller.organization_id
    counted = or_(row.organization_id == mine, ComplaintRow.owner_id == mine)
    query = (
        select(row.status, func.count().label("number"))
        .join(ComplaintRow, ComplaintRow.id == row.complaint_id)
        .where(row.complaint_id == case.id, counted)
        .group_by(row.status)
    )
    found = await work.session.execute(query)
    return {each.status: each.number for each in sorted(found, key=lambda each: str(each.status))}
