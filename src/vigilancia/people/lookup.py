"""Finding the cases of somebody by the exact name or a way to reach them; the words themselves are never searched."""

from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, any_, literal, select

from vigilancia.access import audit
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.errors import Fault, InvalidError
from vigilancia.core.work import Work
from vigilancia.people import identity, labels, prints, sight
from vigilancia.people.models import PersonRow
from vigilancia.people.schemas import FoundPeople, FoundPerson, PersonLookup
from vigilancia.registry.models import SafeguardRow

MOST = 100


async def look_up(work: Work, data: PersonLookup) -> FoundPeople:
    """Find people by their prints, as far as the caller may learn who they are.

    To find a pseudonym by a name is to read an identity. So nobody is found whom the caller may not read at once, and
    the audit keeps the search, and each one found.

    Raises:
        InvalidError: Neither a name nor a contact, or both.
    """
    if (data.name is None) == (data.contact is None):
        raise InvalidError(faults=[Fault(pointer="", code="one_of", params={"names": "name, contact"})])
    found = (await work.session.execute(_readable(work, await _holding(work, data)))).all()
    by = "contact" if data.name is None else "name"
    facts = {"by": by, "found": len(found[:MOST])}
    await audit.note(work, "read", "person_search", why=data.reason, facts=facts)
    for row in found[:MOST]:
        facts = {"by": by}
        await audit.note(
            work, "read", "person", complaint_id=row.complaint_id, subject_id=row.id, why=data.reason, facts=facts
        )
    return FoundPeople(
        items=[
            FoundPerson(
                complaint_id=row.complaint_id,
                reference=row.reference,
                person_id=row.id,
                role=row.role,
                pseudonym=labels.pseudonym(row.label, work.locale),
            )
            for row in found[:MOST]
        ],
        more=len(found) > MOST,
        withheld=await _withheld(work, work.caller.organization_id),
    )


async def _holding(work: Work, data: PersonLookup) -> list[UUID]:
    """Return the few whom the index finds, whoever may see them.

    Asked in one statement with what the caller may read, the database expects many and goes through all cases instead.
    """
    if data.name is not None:
        holds = prints.holds_name(work.keys, data.name)
    else:
        holds = prints.holds_contact(work.keys, data.contact or "")
    query = select(PersonRow.id).where(holds, PersonRow.removed_at.is_(None))
    return list(await work.session.scalars(query))


def _readable(work: Work, ids: list[UUID]) -> Select[UUID, UUID, str, str, str]:
    careful = select(SafeguardRow.organization_id).where(SafeguardRow.second_person.contains([identity.KIND]))
    return (
        select(PersonRow.id, PersonRow.complaint_id, PersonRow.label, PersonRow.role, ComplaintRow.reference)
        .join(ComplaintRow, ComplaintRow.id == PersonRow.complaint_id)
        .where(PersonRow.id == any_(literal(ids, ARRAY(Uuid()))))
        .where(sight.identified(work), ComplaintRow.owner_id.not_in(careful))
        .order_by(PersonRow.created_at.desc(), PersonRow.id)
        .limit(MOST + 1)
    )


async def _withheld(work: Work, organization_id: UUID | None) -> bool:
    return organization_id is not None and await identity.wants_second(work, organization_id)
