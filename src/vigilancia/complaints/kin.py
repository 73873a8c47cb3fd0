"""The facilities a case is about and the cases it has to do with."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, tuple_

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRelationRow, ComplaintRow
from vigilancia.complaints.schemas import Relation
from vigilancia.core.work import Work


def settle_plants(given: Mapping[str, Any], *, main: UUID | None, plants: Sequence[UUID]) -> dict[str, Any]:
    """Return `facility_id` and `facility_ids` so that the main facility always stands among all of them.

    A list without a main one keeps the one there was, or else makes its first the main one.

    Args:
        given: What was said of the two; what was not said is not in it.
        main: The main facility until now.
        plants: All facilities until now.
    """
    ids: list[UUID] = list(given.get("facility_ids", plants))
    if "facility_id" in given:
        wanted: UUID | None = given["facility_id"]
    else:
        wanted = main if main in ids else next(iter(ids), None)
    if wanted is not None and wanted not in ids:
        ids.append(wanted)
    return {"facility_id": wanted, "facility_ids": ids}


async def plants_of(work: Work, complaint_id: UUID) -> list[UUID]:
    """Return the facilities of a case."""
    query = select(ComplaintFacilityRow.facility_id).where(ComplaintFacilityRow.complaint_id == complaint_id)
    return list(await work.session.scalars(query))


async def place(work: Work, complaint_id: UUID, old: Sequence[UUID], new: Sequence[UUID]) -> None:
    """Make the case be about exactly the new facilities."""
    gone = set(old) - set(new)
    if gone:
        await work.session.execute(
            delete(ComplaintFacilityRow).where(
                ComplaintFacilityRow.complaint_id == complaint_id, ComplaintFacilityRow.facility_id.in_(gone)
            )
        )
    rows = [{"complaint_id": complaint_id, "facility_id": plant} for plant in set(new) - set(old)]
    if rows:
        await work.session.execute(insert(ComplaintFacilityRow), rows)


async def seen_relations(work: Work, complaint_id: UUID) -> list[dict[str, str]]:
    """Return the relations to cases which the caller sees; others stay as they are, whoever writes."""
    visible = policy.seen(
        work.caller,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=ComplaintRow.confidentiality,
    )
    rows = await work.session.execute(
        select(ComplaintRelationRow.related_id, ComplaintRelationRow.kind)
        .join(ComplaintRow, ComplaintRow.id == ComplaintRelationRow.related_id)
        .where(ComplaintRelationRow.complaint_id == complaint_id, visible)
    )
    return [{"complaint_id": str(row.related_id), "kind": row.kind} for row in rows]


async def relate(work: Work, complaint_id: UUID, old: Sequence[Mapping[str, str]], new: Sequence[Relation]) -> None:
    """Make the case have exactly the new relations, of those the caller sees."""
    standing = {(UUID(relation["complaint_id"]), relation["kind"]) for relation in old}
    wanted = {(relation.complaint_id, relation.kind) for relation in new}
    if standing - wanted:
        await work.session.execute(
            delete(ComplaintRelationRow).where(
                ComplaintRelationRow.complaint_id == complaint_id,
                tuple_(ComplaintRelationRow.related_id, ComplaintRelationRow.kind).in_(list(standing - wanted)),
            )
        )
    rows = [
        {"complaint_id": complaint_id, "related_id": related_id, "kind": kind} for related_id, kind in wanted - standing
    ]
    if rows:
        await work.session.execute(insert(ComplaintRelationRow), rows)
