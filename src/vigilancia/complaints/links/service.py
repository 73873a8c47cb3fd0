"""Recording, changing, accepting and ending a party's place in a case."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.access import policy
from vigilancia.access.service import uses_installation
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.links import queries
from vigilancia.complaints.links.schemas import LinkIn, LinkPatch
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.complaints.timeline import note
from vigilancia.core import clock
from vigilancia.core.errors import ConflictError, Fault, ForbiddenError, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.ids import new_id
from vigilancia.core.tickets import errand
from vigilancia.core.work import Work
from vigilancia.registry.models import OrganizationRow

# Parties that stand on the other side unless the link says otherwise.
ADVERSE_ROLES = ("accused", "incumbent_union", "owner")
_RANK = {"none": 0, "alerts": 1, "read": 2, "write": 3}
_ACCEPTABLE = ("read", "write")
_FACTS = (
    *("organization_id", "role", "access", "accepted_at", "adverse", "adverse_override", "alerts_approved_by"),
    *("valid_from", "expires_at", "source"),
)


async def record(work: Work, complaint_id: UUID, data: LinkIn) -> UUID:
    """Record a party's place in a case; only the owner's staff decide who else sees it.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller is not of the owner's staff.
        InvalidError: Fields that do not fit, all of them.
        ConflictError: The party holds this role already.
    """
    await open_complaint(work, complaint_id, to="manage")
    facts = {name: getattr(data, name) for name in data.__struct_fields__} | {"accepted_at": None}
    if data.adverse is None:
        facts["adverse"] = data.role in ADVERSE_ROLES
    faults = list(_faults(facts))
    if not await _party_known(work, data.organization_id):
        faults.insert(0, Fault(pointer="/organization_id", code="not_found"))
    if faults:
        raise InvalidError(faults=faults)
    row = _columns(facts) | {"id": new_id(), "complaint_id": complaint_id, "version": 1}
    row |= {"created_at": work.now, "updated_at": work.now}
    made: UUID | None = await work.session.scalar(
        insert(LinkRow)
        .values(row)
        .on_conflict_do_nothing(index_elements=["complaint_id", "organization_id", "role"])
        .returning(LinkRow.id)
    )
    if made is None:
        raise ConflictError(faults=[Fault(pointer="/role", code="duplicate")])
    await note(work, complaint_id, "link_recorded", subject_id=made, after=facts)
    return made


async def change(work: Work, complaint_id: UUID, link_id: UUID, patch: LinkPatch, expected: int) -> None:
    """Change the given fields of a link; more access than was accepted wants acceptance anew.

    Raises:
        NotFoundError: For this caller the case or the link does not exist.
        ForbiddenError: The caller is not of the owner's staff.
        StaleError: It has changed meanwhile.
        InvalidError: Fields that do not fit, all of them.
        ConflictError: The party holds this role already.
    """
    await open_complaint(work, complaint_id, to="manage")
    row = await _lock(work, complaint_id, link_id)
    require_version(row.version, expected)
    was = {name: getattr(row, name) for name in _FACTS}
    given = {name: value for name in patch.__struct_fields__ if (value := getattr(patch, name)) is not UNSET}
    facts = was | given
    if _RANK[facts["access"]] > _RANK[was["access"]] and facts["access"] in _ACCEPTABLE:
        facts["accepted_at"] = None
    faults = list(_faults(facts))
    if faults:
        raise InvalidError(faults=faults)
    values, old = _columns(facts), _columns(was)
    changed = [name for name in _FACTS if values[name] != old[name]]
    if not changed:
        return
    if "role" in changed and await _holds_role(work, complaint_id, row.organization_id, facts["role"]):
        raise ConflictError(faults=[Fault(pointer="/role", code="duplicate")])
    await _write(work, row, {name: values[name] for name in changed})
    before, after = ({name: side[name] for name in changed} for side in (old, values))
    await note(work, complaint_id, "link_changed", subject_id=link_id, before=before, after=after)


async def accept(work: Work, complaint_id: UUID, link_id: UUID) -> None:
    """Accept what a link offers, as the receiving organisation; once accepted, accepting again changes nothing.

    Raises:
        NotFoundError: For this caller the link does not exist.
        ForbiddenError: It does, but is for another organisation, or for its staff to accept.
        ConflictError: The link offers nothing that wants acceptance, or it has ended.
    """
    await queries.read(work, complaint_id, link_id)
    # First the case, then its link, as every writer does; the party need not see the case yet.
    async with errand(work.session):
        await work.session.execute(
            select(ComplaintRow.id).where(ComplaintRow.id == complaint_id).with_for_update(key_share=True)
        )
    row = await _lock(work, complaint_id, link_id)
    if row.organization_id != work.caller.organization_id or work.caller.role not in ("staff", "partner"):
        raise ForbiddenError
    if row.access not in _ACCEPTABLE or (row.expires_at is not None and row.expires_at <= work.now):
        raise ConflictError(faults=[Fault(pointer="/access", code="not_allowed")])
    if row.accepted_at is not None:
        return
    await _write(work, row, {"accepted_at": work.now, "accepted_by": work.caller.token_id})
    after = {"accepted_at": work.now}
    await note(work, complaint_id, "link_accepted", subject_id=link_id, before={"accepted_at": None}, after=after)


async def end(work: Work, complaint_id: UUID, link_id: UUID, expected: int) -> None:
    """Take a link away; that it stood stays on the timeline.

    Raises:
        NotFoundError: For this caller the case or the link does not exist.
        ForbiddenError: The caller is not of the owner's staff.
        StaleError: It has changed meanwhile.
    """
    await open_complaint(work, complaint_id, to="manage")
    row = await _lock(work, complaint_id, link_id)
    require_version(row.version, expected)
    before = _columns({name: getattr(row, name) for name in _FACTS})
    await work.session.execute(delete(LinkRow).where(LinkRow.id == link_id))
    await note(work, complaint_id, "link_removed", subject_id=link_id, before=before)


async def _lock(work: Work, complaint_id: UUID, link_id: UUID) -> LinkRow:
    query = select(LinkRow).where(LinkRow.id == link_id, LinkRow.complaint_id == complaint_id)
    row: LinkRow | None = await work.session.scalar(query.with_for_update())
    if row is None:
        raise NotFoundError
    return row


async def _write(work: Work, row: LinkRow, values: Mapping[str, Any]) -> None:
    await work.session.execute(
        update(LinkRow)
        .where(LinkRow.id == row.id)
        .values(**values, version=row.version + 1, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )


async def _party_known(work: Work, organization_id: UUID) -> bool:
    visible = policy.record_seen(
        work.caller,
        work.now,
        owner_id=OrganizationRow.owner_id,
        visibility=OrganizationRow.visibility,
        organization_id=OrganizationRow.id,
    )
    if await work.session.scalar(select(exists().where(OrganizationRow.id == organization_id, visible))):
        return True
    # Who was given the id of one that uses this system itself may invite it, unless it is private.
    return await uses_installation(work, organization_id, hidden=False)


async def _holds_role(work: Work, complaint_id: UUID, organization_id: UUID, role: str) -> bool:
    query = select(LinkRow.id).where(
        LinkRow.complaint_id == complaint_id, LinkRow.organization_id == organization_id, LinkRow.role == role
    )
    return await work.session.scalar(query) is not None


def _columns(facts: Mapping[str, Any]) -> dict[str, Any]:
    override = facts["adverse_override"]
    return {name: facts[name] for name in _FACTS} | {"adverse_override": msgspec.to_builtins(override)}


def _faults(facts: Mapping[str, Any]) -> Iterator[Fault]:
    if facts["adverse"] and facts["access"] != "none" and facts["adverse_override"] is None:
        yield Fault(pointer="/access", code="not_allowed")
    if facts["access"] == "alerts" and facts["role"] not in policy.ALERT_ROLES and not facts["alerts_approved_by"]:
        yield Fault(pointer="/alerts_approved_by", code="required")
    ends, begins = facts["expires_at"], facts["valid_from"]
    if ends is not None and begins is not None and clock.local_date(ends, "UTC") < begins:
        yield Fault(pointer="/expires_at", code="range", params={"expected": "≥ valid_from"})
