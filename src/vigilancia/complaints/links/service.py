"""Recording, changing, accepting, rejecting, revoking and ending a party's place in a case."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.access import audit, policy, privacy
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.consents.enforcement import Permit, require
from vigilancia.complaints.consents.override import ConsentOverride
from vigilancia.complaints.links import queries
from vigilancia.complaints.links.figures import figures
from vigilancia.complaints.links.parties import is_known
from vigilancia.complaints.links.queries import END_REASON, PURPOSE
from vigilancia.complaints.links.schemas import Ending, LinkIn, LinkPatch, Override
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.complaints.timeline import note
from vigilancia.core import clock, sealing
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
from vigilancia.core.tickets import errand
from vigilancia.core.work import Work

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
        ConsentRequiredError: Access that nobody consented to.
        ConflictError: The party holds this role already.
        ConflictWallError: Access for an adverse party's parent or child, which nobody overrides.
    """
    door = await open_complaint(work, complaint_id, to="manage")
    facts: dict[str, Any] = {name: getattr(data, name, None) for name in _FACTS} | _FRESH
    if data.adverse is None:
        facts["adverse"] = data.role in ADVERSE_ROLES
    _give_end(work, facts)
    faults = list(_faults(facts))
    if not await is_known(work, data.organization_id):
        faults.insert(0, Fault(pointer="/organization_id", code="not_found"))
    if faults:
        raise InvalidError(faults=faults)
    link_id = untimed_id()
    permit = await _consented(work, complaint_id, link_id, facts, data.consent_override)
    row = await _sealed(work, complaint_id, link_id, _columns(facts))
    row |= {"id": link_id, "complaint_id": complaint_id, "version": 1}
    row |= {"purpose": await _seal(work, complaint_id, data.purpose, f"{PURPOSE}/{link_id}")}
    row |= {"created_at": work.now, "updated_at": work.now, "consent_overridden_at": _overridden(work, permit)}
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
    after = _noted(facts) | ({"purpose": "changed"} if data.purpose else {})
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
        ConsentRequiredError: More access than was consented to.
        ConflictError: The party holds this role already.
        ConflictWallError: Access for an adverse party's parent or child, which nobody overrides.
    """
    door = await open_complaint(work, complaint_id, to="manage")
    row = await _lock(work, complaint_id, link_id)
    require_version(row.version, expected)
    was = await _was(work, row)
    given = {name: value for name in _FACTS if (value := getattr(patch, name, UNSET)) is not UNSET}
    purpose: dict[str, bytes | None] = {}
    if patch.purpose is not UNSET:
        purpose = {"purpose": await _seal(work, complaint_id, patch.purpose, f"{PURPOSE}/{link_id}")}
    facts = was | given
    if _offers_anew(was, given):
        facts |= _FRESH
        purpose |= {"end_reason": None}
    _give_end(work, facts)
    faults = list(_faults(facts))
    if faults:
        raise InvalidError(faults=faults)
    overridden_at = row.consent_overridden_at
    if _gives_more(was, facts):
        override = None if patch.consent_override is UNSET else patch.consent_override
        permit = await _consented(work, complaint_id, link_id, facts, override)
        overridden_at = _overridden(work, permit)
    values, old = _columns(facts), _columns(was)
    changed = [name for name in _FACTS if values[name] != old[name]]
    if not changed and not purpose:
        return
    if "role" in changed and await _holds_role(work, complaint_id, row.organization_id, facts["role"]):
        raise ConflictError(faults=[Fault(pointer="/role", code="duplicate")])
    changes = await _sealed(work, complaint_id, link_id, {name: values[name] for name in changed})
    walled = await _write(work, row, changes | purpose | {"consent_overridden_at": overridden_at})
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
        ConsentRequiredError: What it offers is consented to no more.
    """
    row = await _lock_own(work, complaint_id, link_id)
    if row.access not in _ACCEPTABLE or not _open(work, row):
        raise ConflictError(faults=[Fault(pointer="/access", code="not_allowed")])
    if row.accepted_at is not None:
        return
    before: dict[str, Any] = {"accepted_at": None}
    after: dict[str, Any] = {"accepted_at": work.now}
    if row.consent_overridden_at is None:
        facts = {name: getattr(row, name) for name in _FACTS}
        await _consented(work, complaint_id, link_id, facts, None)
        if facts["expires_at"] != row.expires_at:
            before["expires_at"], after["expires_at"] = row.expires_at, facts["expires_at"]
    async with errand(work.session):  # a link that ends sooner is the owner's to change
        await _write(work, row, {**after, "accepted_by": work.caller.token_id})
    await note(work, complaint_id, "link_accepted", subject_id=link_id, before=before, after=after)


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
    after = {"rejected_at": work.now}
    async with errand(work.session):  # with it the receiver's part in the case is over, but this is still noted
        await _finish(work, row, "rejected_at", data.reason)
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
    before = _noted(_columns(await _was(work, row)))
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
    # First the case, then its link, as every writer does; the party need not see the case yet.
    async with errand(work.session):
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


async def _consented(
    work: Work, complaint_id: UUID, link_id: UUID, facts: dict[str, Any], override: ConsentOverride | None
) -> Permit:
    """Refuse access that nobody consented to; where somebody did, `expires_at` comes no later than its end."""
    if facts["access"] == "none":
        return Permit()
    permit = await require(
        work,
        complaint_id,
        "counsel" if facts["role"] == "counsel" else "share",
        receiver_id=facts["organization_id"],
        override=override,
        subject_id=link_id,
    )
    facts["expires_at"] = permit.capped(facts["expires_at"])
    return permit


def _overridden(work: Work, permit: Permit) -> datetime | None:
    return work.now if permit.overridden else None


def _gives_more(was: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Tell whether a link gives more than before, or for longer, or as something else."""
    never = datetime.max.replace(tzinfo=UTC)
    longer = (facts["expires_at"] or never) > (was["expires_at"] or never)
    otherwise = any(facts[name] != was[name] for name in ("role", "adverse", "alerts_approved_by"))
    return longer or otherwise or _RANK[facts["access"]] > _RANK[was["access"]]


async def _holds_role(work: Work, complaint_id: UUID, organization_id: UUID, role: str) -> bool:
    query = select(LinkRow.id).where(
        LinkRow.complaint_id == complaint_id, LinkRow.organization_id == organization_id, LinkRow.role == role
    )
    return await work.session.scalar(query) is not None


async def _was(work: Work, row: LinkRow) -> dict[str, Any]:
    """Return the facts of a link as they stand, with the words of the override."""
    return {name: getattr(row, name) for name in _FACTS} | {"adverse_override": await queries.override_of(work, row)}


async def _sealed(work: Work, complaint_id: UUID, link_id: UUID, values: dict[str, Any]) -> dict[str, Any]:
    """Return columns with the words of the override under the complaint's key; that there is one stays plain."""
    if "adverse_override" not in values:
        return values
    words = await sealing.hide(work.vault, complaint_id, queries.place(link_id), values["adverse_override"] or {})
    return values | {"adverse_override": {} if words is not None else None, "words": words}


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
