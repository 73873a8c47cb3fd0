"""Who finds this room at all, and whom it may tell who somebody is; by the standings of `access/policy.py`."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Uuid, and_, any_, exists, false, literal, or_, select, true

from vigilancia.access import policy
from vigilancia.complaints.access import OpenComplaint, open_complaint
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core.errors import ForbiddenError, NotFoundError
from vigilancia.core.work import Work
from vigilancia.people.models import PersonRow


class OpenPerson(Struct, frozen=True, kw_only=True):
    """A person as far as a caller may go.

    Attributes:
        row: The row; its words are sealed.
        door: The case.
        identified: Whether the caller may learn who it is.
    """

    row: PersonRow
    door: OpenComplaint
    identified: bool


async def enter(work: Work, complaint_id: UUID) -> OpenComplaint:
    """Open the room of a case, to look.

    Raises:
        NotFoundError: For this caller there is no such case, or it may only look at the case: then there is no room.
    """
    door = await open_complaint(work, complaint_id, to="see")
    if not policy.may_record(work.caller, door.standing):
        raise NotFoundError
    return door


async def enter_to_record(work: Work, complaint_id: UUID) -> OpenComplaint:
    """Open the room of a case to write, and lock the case.

    Raises:
        NotFoundError: As for `enter`.
        ConflictError: The case is merged into another: that one takes what is new.
    """
    await enter(work, complaint_id)
    return await open_complaint(work, complaint_id, to="record")


async def enter_to_remove(work: Work, complaint_id: UUID) -> OpenComplaint:
    """Open the room of a case to take words away, and lock the case; of a merged one its owner still may.

    Raises:
        NotFoundError: As for `enter`.
        ForbiddenError: The case is merged, and another organisation's.
    """
    door = await enter(work, complaint_id)
    return await open_complaint(work, complaint_id, to="record" if door.merged_into is None else "manage")


async def find(work: Work, door: OpenComplaint, person_id: UUID, *, lock: bool = False) -> OpenPerson:
    """Return one person of an opened case.

    Raises:
        NotFoundError: There is none, or its words were removed.
    """
    query = (
        select(PersonRow, identified(work).label("identified"))
        .join(ComplaintRow, ComplaintRow.id == PersonRow.complaint_id)
        .where(PersonRow.complaint_id == door.id, PersonRow.id == person_id, PersonRow.removed_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(of=PersonRow)
    found = (await work.session.execute(query)).one_or_none()
    if found is None:
        raise NotFoundError
    row: PersonRow = found.PersonRow
    return OpenPerson(row=row, door=door, identified=bool(found.identified))


def require_identified(person: OpenPerson) -> None:
    """Refuse who may not learn who a person is.

    Raises:
        ForbiddenError: The owner did not share it with the caller's organisation.
    """
    if not person.identified:
        raise ForbiddenError


def identified(work: Work) -> ColumnElement[bool]:
    """Return the condition that the caller may learn who a person is; for queries that join the complaint.

    The owner's staff; and an accepted writer to whom the owner opened that person, unless any link of it in the case is
    marked adverse: whoever overrode that let it see the case, not the workers.
    """
    caller = work.caller
    if caller.is_system:
        return true()
    if not policy.may_record(caller, "owner"):
        return false()
    standing = policy.standing(
        caller,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=ComplaintRow.confidentiality,
    )
    mine: Any = literal(caller.organization_id, Uuid())
    adverse = exists(
        select(true()).where(
            LinkRow.complaint_id == ComplaintRow.id, LinkRow.organization_id == mine, LinkRow.adverse.is_(True)
        )
    )
    shared = and_(standing == "write", mine == any_(PersonRow.shared_with), ~adverse)
    return or_(standing == "owner", shared)
