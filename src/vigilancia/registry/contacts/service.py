"""Recording, changing and deleting contacts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, to_builtins
from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update

from vigilancia.core.errors import Fault, InvalidError, NotFoundError
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job
from vigilancia.core.tickets import errand
from vigilancia.core.work import Work
from vigilancia.registry import rows, targets
from vigilancia.registry.contacts import queries, rounds
from vigilancia.registry.contacts.schemas import Channel, ContactIn, ContactPatch
from vigilancia.registry.models import ContactRow, OrganizationRow
from vigilancia.registry.organizations import queries as organizations

_PLAIN = ("working_hours", "quiet_hours", "away", "digest", "channels")  # kept as JSON
_ROUNDS = frozenset({"timezone", "digest", "calm", "desk"})


async def record(work: Work, organization_id: UUID, data: ContactIn) -> UUID:
    """Record a contact of an organisation, as the caller's own record.

    Raises:
        NotFoundError: For this caller the organisation does not exist.
        InvalidError: A deputy who is no contact of the same organisation, or an address of a private network.
    """
    if not await organizations.is_seen(work, organization_id):
        raise NotFoundError
    if data.deputy_id is not None and not await queries.is_colleague(work, data.deputy_id, organization_id):
        raise InvalidError(faults=[Fault(pointer="/deputy_id", code="not_found")])
    _refuse_private(work, data.channels)
    contact_id = new_id()
    values = {
        "id": contact_id,
        "organization_id": organization_id,
        "owner_id": work.caller.organization_id or organization_id,
        "visibility": data.visibility,
        "name": data.name,
        "desk": data.desk,
        "locale": data.locale,
        "timezone": data.timezone,
        **{name: to_builtins(getattr(data, name)) for name in _PLAIN},
        "holidays": data.holidays,
        "calm": data.calm,
        "verified_by": data.verified_by,
        "verified_at": work.now if data.verified_by is not None else None,
        "ask_pending": data.verified_by is None and bool(data.channels),
        "deputy_id": data.deputy_id,
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
    }
    await work.session.execute(insert(ContactRow).values(values))
    await _set_rounds(work, ContactRow.id == contact_id)
    if values["ask_pending"]:
        work.wakes.add(Job.SWEEP)
    return contact_id


async def change(work: Work, contact_id: UUID, data: ContactPatch, expected: int) -> None:
    """Change the fields named; the keeper may, and the organisation it is a contact of.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: It is kept by somebody else.
        StaleError: It has changed meanwhile.
        InvalidError: A deputy who is no other contact of the same organisation, or an address of a private network.
    """
    row = await _hold(work, contact_id, expected)
    changes = rows.given(data, apart=("unsubscribed",))
    if data.channels is not UNSET:
        _refuse_private(work, data.channels)
    if data.unsubscribed is False:
        changes["unsubscribed_at"] = None
    deputy_id = changes.get("deputy_id")
    if deputy_id == contact_id:
        raise InvalidError(faults=[Fault(pointer="/deputy_id", code="not_allowed")])
    if deputy_id is not None and not await queries.is_colleague(work, deputy_id, row.organization_id):
        raise InvalidError(faults=[Fault(pointer="/deputy_id", code="not_found")])
    changes |= {name: to_builtins(changes[name]) for name in _PLAIN if name in changes}
    changes |= _vouched(work, row, changes)
    await work.session.execute(
        update(ContactRow)
        .where(ContactRow.id == contact_id)
        .values(changes | {"version": row.version + 1, "updated_at": work.now})
    )
    if _ROUNDS.intersection(changes):
        await _set_rounds(work, ContactRow.id == contact_id)
    if changes.get("ask_pending"):
        work.wakes.add(Job.SWEEP)


async def delete_unused(work: Work, contact_id: UUID, expected: int) -> None:
    """Delete a contact that nothing refers to.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: It is kept by somebody else.
        StaleError: It has changed meanwhile.
        ConflictError: Something refers to it.
    """
    await _hold(work, contact_id, expected)
    await rows.remove(work, delete(ContactRow).where(ContactRow.id == contact_id))


def _vouched(work: Work, row: Any, changes: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a row
    """Return what a change means for who vouches: nobody does for new addresses, unless the same change says so.

    Who takes a word back ends the links sent before, and has the addresses asked anew.
    """
    moved = "channels" in changes and changes["channels"] != row.channels
    taken_back = row.verified_by is not None and "verified_by" in changes and changes["verified_by"] is None
    if "verified_by" in changes:
        by = changes["verified_by"]
    elif moved:
        by = None
    else:
        return {}
    return {
        "verified_by": by,
        "verified_at": work.now if by is not None else None,
        "ask_pending": by is None and bool(changes.get("channels", row.channels)),
        "channels_version": row.channels_version + (moved or taken_back),
    }


async def rezone(work: Work, organization_id: UUID) -> None:
    """Write anew when the contacts of an organisation are next written to by the clock: its zone has changed.

    All of them, whoever keeps them: the caller need not see those that others keep.
    """
    async with errand(work.session):
        await _set_rounds(work, ContactRow.organization_id == organization_id)


async def _set_rounds(work: Work, which: ColumnElement[bool]) -> None:
    """Write when contacts are next written to by the clock, as their wishes and their zones say."""
    query = (
        select(
            ContactRow.id,
            ContactRow.timezone,
            ContactRow.digest,
            ContactRow.calm,
            ContactRow.desk,
            OrganizationRow.timezone.label("organization_zone"),
        )
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(which)
        .order_by(ContactRow.id)
        .with_for_update(of=ContactRow, key_share=True)
    )
    instants = []
    for row in await work.session.execute(query):
        zone = rounds.zone_of(row.timezone, row.organization_zone)
        digest_at = rounds.next_digest(row.digest, zone, work.now)
        calm_at = rounds.next_calm(zone, work.now) if row.calm and row.desk else None
        instants.append({"contact_id": row.id, "digest_at": digest_at, "calm_at": calm_at})
    table = ContactRow.__table__
    change = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("contact_id"))
        .values(digest_next_at=bindparam("digest_at"), calm_next_at=bindparam("calm_at"))
    )
    connection = await work.session.connection()
    if instants:
        await connection.execute(change, instants)


def _refuse_private(work: Work, channels: Sequence[Channel]) -> None:
    """Refuse addresses that lead to this machine or its network, unless the installation allows it.

    Raises:
        InvalidError: Naming each.
    """
    if work.settings.allow_private_targets:
        return
    faults = [
        Fault(pointer=f"/channels/{place}/address", code="private_address")
        for place, channel in enumerate(channels)
        if channel.kind != "email" and targets.is_private(channel.address)
    ]
    if faults:
        raise InvalidError(faults=faults)


async def _hold(work: Work, contact_id: UUID, expected: int) -> Any:  # noqa: ANN401 - a row
    query = (
        select(
            ContactRow.id,
            ContactRow.organization_id,
            ContactRow.owner_id,
            ContactRow.channels,
            ContactRow.channels_version,
            ContactRow.verified_by,
            ContactRow.version,
        )
        .where(ContactRow.id == contact_id, queries.seen(work))
        .with_for_update(of=ContactRow, key_share=True)
    )
    return await rows.hold(work, query, expected, subject="organization_id")
