"""What a complaint's fields must satisfy beyond their shape; every fault is found before anything is refused."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from babel.numbers import is_currency
from sqlalchemy import select

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow
from vigilancia.complaints.schemas import AffectedWorkers, Incident, Outcome, Relation
from vigilancia.core.errors import Fault
from vigilancia.core.work import Work
from vigilancia.registry.models import ContactRow, FacilityRow


def own_faults(given: Mapping[str, Any], today: date) -> Iterator[Fault]:
    """Find what is wrong with the given fields by themselves.

    Args:
        given: The fields as the body's Structs hold them.
        today: Civil date at the owner's seat.
    """
    if "title" in given and not given["title"].strip():
        yield Fault(pointer="/title", code="too_short")
    if "received_on" in given and given["received_on"] > today:
        yield Fault(pointer="/received_on", code="future")
    for place, incident in enumerate(given.get("incidents", ())):
        yield from _incident_faults(incident, f"/incidents/{place}", today)
    for place, outcome in enumerate(given.get("outcomes", ())):
        yield from _outcome_faults(outcome, f"/outcomes/{place}", today)
    for place, finding in enumerate(given.get("findings", ())):
        if finding.on and finding.on > today:
            yield Fault(pointer=f"/findings/{place}/on", code="future")
    yield from _range_faults(given.get("affected_workers"))


async def foreign_faults(
    work: Work,
    given: Mapping[str, Any],
    *,
    owner_id: UUID,
    complaint_id: UUID | None = None,
    standing_plants: Sequence[UUID] = (),
    standing_kin: Sequence[UUID] = (),
) -> list[Fault]:
    """Find ids that name nothing the caller may use; one that is hidden answers like one that does not exist.

    Args:
        work: The transaction and on whose behalf.
        given: The fields as the body's Structs hold them.
        owner_id: Of the complaint; the handler must be one of its contacts.
        complaint_id: Of the complaint, when it exists already.
        standing_plants: Facilities that stand in the case already, and may stay whoever changes it.
        standing_kin: The same for related cases.
    """
    faults = await _plant_faults(work, given, standing_plants)
    if given.get("handler_id") is not None:
        # Kept by the owner itself: somebody else's record of a contact could point anywhere.
        known = select(ContactRow.id).where(
            ContactRow.id == given["handler_id"],
            ContactRow.organization_id == owner_id,
            ContactRow.owner_id == owner_id,
        )
        if await work.session.scalar(known.with_for_update(read=True, key_share=True)) is None:
            faults.append(Fault(pointer="/handler_id", code="not_found"))
    return faults + await _kin_faults(work, given.get("related", ()), complaint_id, standing_kin)


async def _plant_faults(work: Work, given: Mapping[str, Any], standing: Sequence[UUID]) -> list[Fault]:
    places = {f"/facility_ids/{place}": plant for place, plant in enumerate(given.get("facility_ids", ()))}
    if given.get("facility_id") is not None:
        places["/facility_id"] = given["facility_id"]
    new = set(places.values()) - set(standing)
    if not new:
        return []
    visible = policy.record_seen(
        work.caller,
        work.now,
        owner_id=FacilityRow.owner_id,
        visibility=FacilityRow.visibility,
        facility_id=FacilityRow.id,
    )
    query = select(FacilityRow.id).where(FacilityRow.id.in_(new), visible)
    known = set(await work.session.scalars(query.with_for_update(read=True, key_share=True, of=FacilityRow)))
    return [Fault(pointer=pointer, code="not_found") for pointer, plant in places.items() if plant in new - known]


async def _kin_faults(
    work: Work, related: Sequence[Relation], complaint_id: UUID | None, standing: Sequence[UUID]
) -> list[Fault]:
    new = {relation.complaint_id for relation in related} - set(standing) - {complaint_id}
    known: set[UUID] = set()
    if new:
        visible = policy.seen(
            work.caller,
            work.now,
            complaint_id=ComplaintRow.id,
            owner_id=ComplaintRow.owner_id,
            confidentiality=ComplaintRow.confidentiality,
        )
        known = set(await work.session.scalars(select(ComplaintRow.id).where(ComplaintRow.id.in_(new), visible)))
    faults = []
    for place, relation in enumerate(related):
        pointer = f"/related/{place}/complaint_id"
        if relation.complaint_id == complaint_id:
            faults.append(Fault(pointer=pointer, code="not_allowed"))
        elif relation.complaint_id in new - known:
            faults.append(Fault(pointer=pointer, code="not_found"))
    return faults


def _incident_faults(incident: Incident, pointer: str, today: date) -> Iterator[Fault]:
    if incident.on is None:
        if incident.until is not None:
            yield Fault(pointer=f"{pointer}/on", code="required")
    elif incident.on > today:
        yield Fault(pointer=f"{pointer}/on", code="future")
    if incident.until is not None:
        if incident.until > today:
            yield Fault(pointer=f"{pointer}/until", code="future")
        if incident.on is not None and incident.until < incident.on:
            yield Fault(pointer=f"{pointer}/until", code="range", params={"expected": "≥ on"})


def _outcome_faults(outcome: Outcome, pointer: str, today: date) -> Iterator[Fault]:
    if outcome.amount is not None and outcome.currency is None:
        yield Fault(pointer=f"{pointer}/currency", code="required")
    if outcome.currency is not None:
        if outcome.amount is None:
            yield Fault(pointer=f"{pointer}/amount", code="required")
        if not is_currency(outcome.currency):
            yield Fault(pointer=f"{pointer}/currency", code="code", params={"vocabulary": "ISO 4217"})
    if outcome.on is not None and outcome.on > today:
        yield Fault(pointer=f"{pointer}/on", code="future")


def _range_faults(workers: AffectedWorkers | None) -> Iterator[Fault]:
    if workers and workers.min is not None and workers.max is not None and workers.max < workers.min:
        yield Fault(pointer="/affected_workers/max", code="range", params={"expected": "≥ min"})
