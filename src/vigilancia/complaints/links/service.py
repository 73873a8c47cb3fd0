"""Recording, changing, accepting, rejecting, revoking and ending a party's place in a case."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import and_, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.access import audit, policy, privacy
from vigilancia.access.models import TokenRow
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.links import queries
from vigilancia.complaints.links.figures import figures
from vigilancia.complaints.links.queries import END_REASON, PURPOSE
from vigilancia.complaints.links.schemas import Ending, LinkIn, LinkPatch, Override
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.complaints.timeline import note
from vigilancia.core import clock
from vigilancia.core.errors import (
    ConflictError,
    ConflictWallError,
    Fault,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from vigilancia.core.http import require_version
from vigilancia.core.ids import untimed_id
from vigilancia.core.work import Work
from vigilancia.registry.models import OrganizationRow

# Parties that stand on the other side unless the link says otherwise.
ADVERSE_ROLES = ("accused", "incumbent_union", "owner")
_RANK = {"none": 0, "alerts": 1, "read": 2, "write": 3}
_ACCEPTABLE = ("read", "write")
_FACTS = (
    *("organization_id", "role", "access", "accepted_at", "adverse", "adverse_override", "alerts_approved_by"),
    *("valid_from", "expires_at", "source", "rejected_at", "revoked_at"),
)
_ENDINGS = ("rejected_at", "revoked_at")
_FRESH: dict[str, Any] = {"accepted_at": None, "rejected_at": None, "revoked_at": None}


async def record(work: Work, complaint_id: UUID, data: LinkIn) -> UUID:
    """Record a party's place in a case; only the owner's staff decide who else sees it.

    Returns:
        The id, which does not tell the instant.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller is not of the owner's staff.
        InvalidError: Fields that do not fit, all of them.
        ConflictError: The party holds this role already.
        ConflictWallError: Access for an adverse party's parent or child, which nobody overrides.
    """
    door = await open_complaint(work, complaint_id, to="manage")
    facts: dict[str, Any] = {name: getattr(data, name) for name in data.__struct_fields__} | _FRESH
    purpose = facts.pop("purpose")
    if data.adverse is None:
        facts["adverse"] = data.role in ADVERSE_ROLES
    _give_end(work, facts)
    faults = list(_faults(facts))
    if not await _party_known(work, data.organization_id):
        faults.insert(0, Fault(pointer="/organization_id", code="not_found"))
    if faults:
        raise InvalidError(faults=faults)
    link_id = untimed_id()
    row = _columns(facts) | {"id": link_id, "complaint_id": complaint_id, "version": 1}
    row |= {"purpose": await _seal(work, complaint_id, purpose, f"{PURPOSE}/{link_id}")}
    row |= {"created_at": work.now, "updated_at": work.now}
    made = (
        insert(LinkRow)
        .values(row)
        .on_conflict_do_nothing(index_elements=["complaint_id", "organization_id", "role"])
        .returning(LinkRow.walled)
    )
    walled = await work.session.scalar(made)
    if walled is None:
        raise ConflictError(faults=[Fault(pointer="/role", code="duplicate")])
    _refuse_wall(facts, walled=walled)
    after = _noted(facts) | ({"purpose": "changed"} if purpose else {})
    await note(work, complaint_id, "link_recorded", subject_id=link_id, after=after)
    await _tell_override(work, door.owner_id, complaint_id, link_id, data.adverse_override, version=1)
    return link_id


async def change(work: Work, complaint_id: UUID, link_id: UUID, patch: LinkPatch, expected: int) -> None:
    """Change the given fields of a link; more access than was accepted wants acceptance anew.

    Raises:
        NotFoundError: For this caller the case or the link does not exist.
        ForbiddenError: The caller is not of the owner's staff.
        StaleError: It has changed meanwhile.
        InvalidError: Fields that do not fit, all of them.
        ConflictError: The party holds this role already.
        ConflictWallError: Access for an adverse party's parent or child, which nobody overrides.
    """
    door = await open_complaint(work, complaint_id, to="manage")
    row = await _lock(work, complaint_id, link_id)
    require_version(row.version, expected)
    was = {name: getattr(row, name) for name in _FACTS}
    given = {name: value for name in patch.__struct_fields__ if (value := getattr(patch, name)) is not UNSET}
    purpose = (
        {"purpose": await _seal(work, complaint_id, given.pop("purpose"), f"{PURPOSE}/{link_id}")}
        if ("purpose" in given)
        else {}
    )
    facts = was | given
    if _offers_anew(was, given):
        facts |= _FRESH
        purpose |= {"end_reason": None}
    _give_end(work, facts)
    faults = list(_faults(facts))
    if faults:
        raise InvalidError(faults=faults)
    values, old = _columns(facts), _columns(was)
    changed = [name for name in _FACTS if values[name] != old[name]]
    if not changed and not purpose:
        return
    if "role" in changed and await _holds_role(work, complaint_id, row.organization_id, facts["role"]):
        raise ConflictError(faults=[Fault(pointer="/role", code="duplicate")])
    walled = await _write(work, row, {name: values[name] for name in changed} | purpose)
    if given.keys() & {"access", "adverse_override"}:
        _refuse_wall(facts, walled=walled)
    before, after = ({name: side[name] for name in changed} for side in (old, values))
    after |= {"purpose": "changed"} if "purpose" in purpose else {}
    await note(work, complaint_id, "link_changed", subject_id=link_id, before=before, after=after)
    override = facts["adverse_override"] if "adverse_override" in changed else None
    await _tell_override(work, door.owner_id, complaint_id, link_id, override, version=row.version + 1)


async def accept(work: Work, complaint_id: UUID, link_id: UUID) -> None:
    """Accept what a link offers, as the receiving organisation; once accepted, accepting again changes nothing.

    Raises:
        NotFoundError: For this caller the link does not exist.
        ForbiddenError: It does, but is for another organisation, or for its staff to accept.
        ConflictError: The link offers nothing that wants acceptance, or it has ended.
    """
    row = await _lock_own(work, complaint_id, link_id)
    if row.access not in _ACCEPTABLE or not _open(work, row):
        raise ConflictError(faults=[Fault(pointer="/access", code="not_allowed")])
    if row.accepted_at is not None:
        return
    await _write(work, row, {"accepted_at": work.now, "accepted_by": work.caller.token_id})
    after = {"accepted_at": work.now}
    await note(work, complaint_id, "link_accepted", subject_id=link_id, before={"accepted_at": None}, after=after)


async def reject(work: Work, complaint_id: UUID, link_id: UUID, data: Ending) -> None:
    """Turn down what a link offers, as the receiving organisation; rejecting again changes nothing.

    Raises:
        NotFoundError: For this caller the link does not exist.
        ForbiddenError: It does, but is for another organisation, or for its staff to reject.
        ConflictError: The link offers nothing that wants acceptance, was accepted, or has ended.
    """
    row = await _lock_own(work, complaint_id, link_id)
    if row.rejected_at is not None:
        return
    if row.access not in _ACCEPTABLE or not _open(work, row) or row.accepted_at is not None:
        raise ConflictError(faults=[Fault(pointer="/access", code="not_allowed")])
    await _finish(work, row, "rejected_at", data.reason)
    after = {"rejected_at": work.now}
    await note(work, complaint_id, "link_rejected", subject_id=link_id, before={"rejected_at": None}, after=after)


async def revoke(work: Work, complaint_id: UUID, link_id: UUID, data: Ending) -> None:
    """End the access a link gives, at once, and keep the link; revoking again changes nothing.

    Raises:
        NotFoundError: For this caller the case or the link does not exist.
        ForbiddenError: The caller is not of the owner's staff.
        ConflictError: The link gives nothing.
    """
    await open_complaint(work, complaint_id, to="manage")
    row = await _lock(work, complaint_id, link_id)
    if row.revoked_at is not None:
        return
    if row.access == "none":
        raise ConflictError(faults=[Fault(pointer="/access", code="not_allowed")])
    await _finish(work, row, "revoked_at", data.reason)
    after = {"revoked_at": work.now}
    await note(work, complaint_id, "link_revoked", subject_id=link_id, before={"revoked_at": None}, after=after)


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
    before = _noted(_columns({name: getattr(row, name) for name in _FACTS}))
    await work.session.execute(delete(LinkRow).where(LinkRow.id == link_id))
    await note(work, complaint_id, "link_removed", subject_id=link_id, before=before)


async def _lock(work: Work, complaint_id: UUID, link_id: UUID) -> LinkRow:
    query = select(LinkRow).where(LinkRow.id == link_id, LinkRow.complaint_id == complaint_id)
    row: LinkRow | None = await work.session.scalar(query.with_for_update())
    if row is None:
        raise NotFoundError
    return row


async def _lock_own(work: Work, complaint_id: UUID, link_id: UUID) -> LinkRow:
    """Lock a link to answer it as the receiving organisation."""
    await queries.read(work, complaint_id, link_id)
    # First the case, then its link, as every writer does.
    await work.session.execute(
        select(ComplaintRow.id).where(ComplaintRow.id == complaint_id).with_for_update(key_share=True)
    )
    row = await _lock(work, complaint_id, link_id)
    if row.organization_id != work.caller.organization_id or work.caller.role not in ("staff", "partner"):
        raise ForbiddenError
    return row


def _open(work: Work, row: LinkRow) -> bool:
    """Tell whether a link still offers something; a wall answers as if it offered nothing, and not that it stands."""
    walled = row.walled and row.adverse_override is None
    return not walled and queries.state_of(row, work.now) in ("offered", "accepted")


async def _finish(work: Work, row: LinkRow, when: str, reason: str) -> None:
    sealed = await _seal(work, row.complaint_id, reason, f"{END_REASON}/{row.id}")
    await _write(work, row, {when: work.now, "end_reason": sealed})


async def _write(work: Work, row: LinkRow, values: Mapping[str, Any]) -> bool:
    """Write fields of a link; tell whether a wall closes it."""
    written = (
        update(LinkRow)
        .where(LinkRow.id == row.id)
        .values(**values, version=row.version + 1, updated_at=work.now)
        .returning(LinkRow.walled)
        .execution_options(synchronize_session=False)
    )
    return bool(await work.session.scalar(written))


async def _seal(work: Work, complaint_id: UUID, text: str | None, place: str) -> bytes | None:
    return None if text is None else await work.vault.seal(complaint_id, text, field=place)


def _offers_anew(was: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Tell whether a change makes a fresh offer: more access than was accepted, or access named after it was ended."""
    wanted = given.get("access", was["access"])
    if "access" in given and (was["rejected_at"] is not None or was["revoked_at"] is not None):
        return True
    return wanted in _ACCEPTABLE and _RANK[wanted] > _RANK[was["access"]]


def _give_end(work: Work, facts: dict[str, Any]) -> None:
    """Let what wants acceptance end by itself where nobody said when."""
    if facts["access"] in _ACCEPTABLE and facts["expires_at"] is None:
        facts["expires_at"] = work.now + figures().life


def _refuse_wall(facts: Mapping[str, Any], *, walled: bool) -> None:
    if walled and facts["access"] != "none" and facts["adverse_override"] is None:
        raise ConflictWallError(faults=[Fault(pointer="/access", code="not_allowed")])


async def _tell_override(
    work: Work,
    owner_id: UUID,
    complaint_id: UUID,
    link_id: UUID,
    override: Override | None,
    *,
    version: int,
) -> None:
    """Note that somebody lets an adverse party in, and have whoever answers for privacy told."""
    if override is None:
        return
    await audit.note(
        work, "override", "link", complaint_id=complaint_id, subject_id=link_id, why=override.reason, facts=None
    )
    await privacy.raise_alert(
        work, owner_id, "adverse_override", link_id, complaint_id=complaint_id, occasion=str(version)
    )


def _noted(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts as the timeline has them: what says nothing of an ended offer is left out."""
    return {name: value for name, value in facts.items() if value is not None or name not in _ENDINGS}


async def _party_known(work: Work, organization_id: UUID) -> bool:
    visible = policy.record_seen(
        work.caller,
        work.now,
        owner_id=OrganizationRow.owner_id,
        visibility=OrganizationRow.visibility,
        organization_id=OrganizationRow.id,
    )
    # One that keeps its own record or has a token uses this system itself: who was given its id may invite it, unless
    # it is private.
    has_token = exists().where(TokenRow.organization_id == OrganizationRow.id)
    uses_it = or_(OrganizationRow.owner_id == OrganizationRow.id, has_token)
    invited = and_(uses_it, OrganizationRow.visibility != "private")
    query = select(OrganizationRow.id).where(OrganizationRow.id == organization_id, or_(visible, invited))
    return await work.session.scalar(query) is not None


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
