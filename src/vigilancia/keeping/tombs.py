"""Making the tombstone of a case that is about to be wiped."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select

from vigilancia.access import policy
from vigilancia.access.telling import month_of
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.complaints.tombstones.models import TombstoneReaderRow, TombstoneRow
from vigilancia.core.work import Work
from vigilancia.keeping.rules import retention
from vigilancia.proceedings.models import DeadlineRow, ProceedingRow
from vigilancia.registry.models import FacilityRow


async def raise_tombstone(work: Work, case: ComplaintRow) -> list[UUID]:
    """Write what is left of a case: months, codes, ranges, and who had seen something of it.

    Returns:
        The organisations that had, the owner first.
    """
    plant = FacilityRow.id == case.facility_id
    place = (
        await work.session.execute(
            select(FacilityRow.country, FacilityRow.subdivision, FacilityRow.sector).where(plant)
        )
    ).one_or_none()
    of_case = ProceedingRow.complaint_id == case.id
    mechanisms = await work.session.scalars(select(ProceedingRow.mechanism).where(of_case).distinct())
    deadlines = await work.session.scalar(select(func.count()).where(DeadlineRow.complaint_id == case.id))
    row = {
        "complaint_id": case.id,
        "owner_id": case.owner_id,
        "was_public": case.confidentiality == "public",
        "erased_at": work.now,
        "received_in": month_of(case.received_on),
        "status": case.status,
        "country": place and place.country,
        "subdivision": place and place.subdivision,
        "sector": place and place.sector,
        "mechanisms": sorted(mechanisms),
        "outcomes": sorted({str(outcome["outcome"]) for outcome in case.outcomes}),
        "workers": _range(case.affected_max if case.affected_max is not None else case.affected_min),
        "deadlines": _range(deadlines),
    }
    await work.session.execute(insert(TombstoneRow).values(row))
    readers = sorted(await _readers(work, case.id) - {case.owner_id})
    rows: list[dict[str, Any]] = [{"complaint_id": case.id, "organization_id": reader} for reader in readers]
    if rows:
        await work.session.execute(insert(TombstoneReaderRow), rows)
    return [case.owner_id, *readers]


async def _readers(work: Work, complaint_id: UUID) -> set[UUID]:
    """Return who was ever given a sight of the case, ended or not: it may hold a copy."""
    query = select(LinkRow.organization_id).where(
        LinkRow.complaint_id == complaint_id,
        LinkRow.access != "none",
        or_(
            LinkRow.accepted_at.is_not(None),
            LinkRow.role.in_(policy.ALERT_ROLES),
            LinkRow.alerts_approved_by.is_not(None),
        ),
        or_(LinkRow.adverse.is_(False), LinkRow.adverse_override.is_not(None)),
    )
    return set(await work.session.scalars(query))


def _range(count: int | None) -> str | None:
    return None if count is None else retention().range_of(count)
