"""Raising and lowering walls."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from vigilancia.access import audit
from vigilancia.access.models import TokenRow
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.models import WallRow
from vigilancia.complaints.timeline import note
from vigilancia.complaints.walls.schemas import WallIn
from vigilancia.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.registry.contacts.queries import seen as contact_seen
from vigilancia.registry.models import ContactRow

REASON = "complaint_wall.reason"
_SUBJECTS = ("contact_id", "token_id")


async def raise_wall(work: Work, complaint_id: UUID, data: WallIn) -> UUID:
    """Wall somebody off a case; it holds from the next request on.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller is not of the owner's staff.
        InvalidError: Not exactly one person, a contact that the caller does not see, or the caller itself.
        ConflictError: The wall stands.
    """
    await open_complaint(work, complaint_id, to="manage")
    _require_one(data)
    await _require_known(work, data)
    wall_id = new_id()
    made = (
        insert(WallRow)
        .values(
            id=wall_id,
            complaint_id=complaint_id,
            contact_id=data.contact_id,
            token_id=data.token_id,
            reason=await work.vault.seal(complaint_id, data.reason, field=f"{REASON}/{wall_id}"),
            made_by=work.caller.token_id,
            created_at=work.now,
            version=1,
        )
        .on_conflict_do_nothing()
        .returning(WallRow.id)
    )
    if await work.session.scalar(made) is None:
        name = "contact_id" if data.contact_id is not None else "token_id"
        raise ConflictError(faults=[Fault(pointer=f"/{name}", code="duplicate")])
    await audit.note(work, "write", "wall", complaint_id=complaint_id, subject_id=wall_id, facts={"stands": True})
    # Whom it names is told to nobody who only reads the case.
    await note(work, complaint_id, "wall_raised", subject_id=wall_id)
    return wall_id


async def lower(work: Work, complaint_id: UUID, wall_id: UUID, expected: int) -> None:
    """Take a wall away; that it stood stays on the timeline and in the audit.

    Raises:
        NotFoundError: For this caller the case or the wall does not exist.
        ForbiddenError: The caller is not of the owner's staff.
        StaleError: It is another version.
    """
    await open_complaint(work, complaint_id, to="manage")
    query = select(WallRow.version).where(WallRow.id == wall_id, WallRow.complaint_id == complaint_id)
    version = await work.session.scalar(query.with_for_update())
    if version is None:
        raise NotFoundError
    require_version(version, expected)
    await work.session.execute(delete(WallRow).where(WallRow.id == wall_id))
    await audit.note(work, "write", "wall", complaint_id=complaint_id, subject_id=wall_id, facts={"stands": False})
    await note(work, complaint_id, "wall_lowered", subject_id=wall_id)


def _require_one(data: WallIn) -> None:
    given = [name for name in _SUBJECTS if getattr(data, name) is not None]
    if not given:
        raise InvalidError(faults=[Fault(pointer="", code="one_of", params={"names": ", ".join(_SUBJECTS)})])
    if len(given) > 1:
        raise InvalidError(faults=[Fault(pointer=f"/{name}", code="not_allowed") for name in given[1:]])


async def _require_known(work: Work, data: WallIn) -> None:
    """Refuse what the caller cannot know, and the caller itself.

    Of tokens it knows those of its own organisation; for another's the id must be had from there, and is taken as it
    is: whether such a token exists is not told.
    """
    if data.contact_id is not None:
        query = select(ContactRow.id).where(ContactRow.id == data.contact_id, contact_seen(work))
        if await work.session.scalar(query) is None:
            raise InvalidError(faults=[Fault(pointer="/contact_id", code="not_found")])
        if data.contact_id == work.caller.holder_id:
            raise InvalidError(faults=[Fault(pointer="/contact_id", code="not_allowed")])
    if data.token_id is not None and await _is_caller(work, data.token_id):
        raise InvalidError(faults=[Fault(pointer="/token_id", code="not_allowed")])


async def _is_caller(work: Work, token_id: UUID) -> bool:
    if token_id == work.caller.token_id:
        return True
    if work.caller.holder_id is None:
        return False
    query = select(TokenRow.id).where(TokenRow.id == token_id, TokenRow.holder_id == work.caller.holder_id)
    return await work.session.scalar(query) is not None
