"""Reading what of a case may stand in a petition; what must never stand there is not read on."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from vigilancia.complaints.links import queries as links
from vigilancia.complaints.schemas import AffectedWorkers, Complaint, Incident
from vigilancia.core.paging import Listing
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.proceedings.models import ProceedingRow
from vigilancia.registry.models import FacilityRow, OrganizationRow
from vigilancia.registry.organizations.queries import seen
from vigilancia.registry.places import municipality

_ALL = Listing(cursor=None, limit=1000, sort=None, q=None, updated_since=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An organisation in the case; its name and country are null where its record is not the reader's to see."""

    id: UUID
    role: str
    name: str | None
    country: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """The place of work the petition is about, as far as the reader is told of it."""

    id: UUID
    name: str
    country: str
    subdivision: str | None
    municipality: str | None
    sector: str | None
    products: list[str]
    hs_codes: list[str]
    company: str | None
    parent_company: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a draft may be made of. It has no title, no summary, no narrative, no note, no contact and no person."""

    locale: Locale
    mechanism: Mechanism
    complaint_id: UUID
    plant: Plant | None
    parties: list[Party]
    others: list[Mechanism]  # under which other procedures of the case run
    incidents: list[Incident]
    allegations: list[str]
    workers: AffectedWorkers | None
    has_sources: bool  # no more of them: the addresses may hold names


async def read(work: Work, case: Complaint, proceeding_id: UUID, mechanism: Mechanism) -> Record:
    """Read the record of a case that the caller reads whole.

    Args:
        work: With the language of the draft.
        case: As the caller is shown it.
        proceeding_id: The procedure the petition belongs to.
        mechanism: Its mechanism.
    """
    return Record(
        locale=work.locale,
        mechanism=mechanism,
        complaint_id=case.id,
        plant=await _plant(work, case),
        parties=await _parties(work, case.id),
        others=await _others(work, case.id, proceeding_id),
        incidents=sorted(case.incidents or [], key=lambda each: (each.on or date.max, each.allegation)),
        allegations=case.allegations or [],
        workers=case.affected_workers,
        has_sources=bool(case.source_urls),
    )


async def _plant(work: Work, case: Complaint) -> Plant | None:
    if case.facility_id is None:
        return None
    query = select(FacilityRow, municipality(work)).where(FacilityRow.id == case.facility_id)
    row, town = (await work.session.execute(query)).one()
    return Plant(
        id=row.id,
        name=row.name,
        country=row.country,
        subdivision=row.subdivision,
        municipality=town,
        sector=row.sector,
        products=row.products,
        hs_codes=row.hs_codes,
        company=row.company,
        parent_company=row.parent_company,
    )


async def _parties(work: Work, complaint_id: UUID) -> list[Party]:
    """Return who stands in the case by a link that has not ended."""
    found = (await links.list_page(work, complaint_id, _ALL)).items
    standing = [link for link in found if link.expires_at is None or link.expires_at > work.now]
    ids = {link.organization_id for link in standing}
    known = {
        row.id: row
        for row in await work.session.scalars(select(OrganizationRow).where(OrganizationRow.id.in_(ids), seen(work)))
    }
    return [
        Party(
            id=link.organization_id,
            role=link.role,
            name=known[link.organization_id].name if link.organization_id in known else None,
            country=known[link.organization_id].country if link.organization_id in known else None,
        )
        for link in standing
    ]


async def _others(work: Work, complaint_id: UUID, proceeding_id: UUID) -> list[Mechanism]:
    query = (
        select(ProceedingRow.mechanism)
        .where(ProceedingRow.complaint_id == complaint_id, ProceedingRow.id != proceeding_id)
        .order_by(ProceedingRow.opened_at, ProceedingRow.id)
    )
    known = loader.mechanisms()
    return [known[name] for name in dict.fromkeys(await work.session.scalars(query)) if name in known]
