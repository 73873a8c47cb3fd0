"""Keeping, changing and removing saved searches."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import Uuid, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.notices.searches.figures import figures
from vigilancia.notices.searches.matching import asker, fits
from vigilancia.notices.searches.models import MatchRow, SearchRow
from vigilancia.notices.searches.schemas import SavedSearchIn, SavedSearchPatch, SearchFilter
from vigilancia.registry.contacts import queries as contacts
from vigilancia.registry.models import ContactRow


async def keep(work: Work, data: SavedSearchIn) -> UUID:
    """Keep a search of the caller's organisation; what fits it already is not told.

    Raises:
        ForbiddenError: A token that may not read complaints: asking search after search, it would.
        InvalidError: A contact that is not the organisation's own.
        ConflictError: It keeps as many as it may.
    """
    policy.require(work.caller, "complaints:read")
    if not await _may_be_told(work, data.contact_id):
        raise InvalidError(faults=[Fault(pointer="/contact_id", code="not_found")])
    await _require_room(work)
    search_id = new_id()
    row = {
        "id": search_id,
        "owner_id": work.caller.organization_id,
        "contact_id": data.contact_id,
        "name": data.name,
        "filter": msgspec.to_builtins(data.filter),
        "active": data.active,
        "looked_at": work.now,
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
    }
    await work.session.execute(insert(SearchRow).values(row))
    await _begin(work, search_id, data.filter)
    return search_id


async def change(work: Work, search_id: UUID, data: SavedSearchPatch, expected: int) -> None:
    """Change the fields named.

    With another filter, or when it is woken, a search begins anew: what fits at that moment is not told, and what was
    found and not yet told is told only if it fits the new filter too.

    Raises:
        ForbiddenError: A token that may not read complaints.
        NotFoundError: The caller's organisation has no such search.
        StaleError: It has changed meanwhile.
        InvalidError: A contact that is not the organisation's own.
    """
    policy.require(work.caller, "complaints:read")
    row = await _hold(work, search_id, expected)
    if data.contact_id is not UNSET and not await _may_be_told(work, data.contact_id):
        raise InvalidError(faults=[Fault(pointer="/contact_id", code="not_found")])
    given = {name: value for name in data.__struct_fields__ if (value := getattr(data, name)) is not UNSET}
    given = msgspec.to_builtins(given, builtin_types=(UUID,))
    changes = {name: value for name, value in given.items() if value != getattr(row, name)}
    if not changes:
        return
    anew = "filter" in changes or changes.get("active") is True
    if anew:
        changes["looked_at"] = work.now
    changes |= {"version": row.version + 1, "updated_at": work.now}
    await work.session.execute(update(SearchRow).where(SearchRow.id == search_id).values(changes))
    if anew:
        await _begin(work, search_id, msgspec.convert(changes.get("filter", row.filter), SearchFilter))


async def remove(work: Work, search_id: UUID, expected: int) -> None:
    """Remove a search and what it found; nothing more is told.

    Raises:
        NotFoundError: The caller's organisation has no such search.
        StaleError: It has changed meanwhile.
    """
    await _hold(work, search_id, expected)
    await work.session.execute(delete(SearchRow).where(SearchRow.id == search_id))


async def _begin(work: Work, search_id: UUID, wanted: SearchFilter) -> None:
    """Note what fits this moment as found in silence, in place of what was so noted before.

    What was told, or is still to be told, keeps its row: of a case a search tells once, whatever its filter was.
    """
    before = delete(MatchRow).where(MatchRow.saved_search_id == search_id, MatchRow.silent)
    await work.session.execute(before.execution_options(synchronize_session=False))
    caller = asker(_organization(work))
    fitting = select(
        literal(search_id, Uuid()), ComplaintRow.id, literal(work.now, _INSTANT), literal(value=True)
    ).where(fits(work, caller, wanted))
    columns = ["saved_search_id", "complaint_id", "matched_at", "silent"]
    found = insert_once(MatchRow).from_select(columns, fitting)
    await work.session.execute(found.on_conflict_do_nothing())


async def _hold(work: Work, search_id: UUID, expected: int) -> Any:  # noqa: ANN401 - a row
    """Lock a search of the caller's organisation; whoever looks for it, or tells what it found, waits or passes by."""
    query = select(SearchRow.__table__).where(
        SearchRow.id == search_id, SearchRow.owner_id == work.caller.organization_id
    )
    row = (await work.session.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise NotFoundError
    require_version(row.version, expected)
    return row


async def _may_be_told(work: Work, contact_id: UUID) -> bool:
    """Tell whether a contact is the organisation's own: what a stranger recorded of it never gets its mail."""
    mine = work.caller.organization_id
    query = select(ContactRow.id).where(
        ContactRow.id == contact_id,
        ContactRow.organization_id == mine,
        ContactRow.owner_id == mine,
        contacts.seen(work),
    )
    return await work.session.scalar(query) is not None


async def _require_room(work: Work) -> None:
    """Refuse one search too many: each is looked at every minute. A brake, so two at once may pass it together."""
    query = select(func.count()).select_from(SearchRow).where(SearchRow.owner_id == work.caller.organization_id)
    most = figures().most
    if (await work.session.scalar(query) or 0) >= most:
        raise ConflictError(faults=[Fault(pointer="", code="too_many", params={"limit": str(most)})])


def _organization(work: Work) -> UUID:
    if work.caller.organization_id is None:
        raise NotFoundError
    return work.caller.organization_id


_INSTANT = MatchRow.__table__.c.matched_at.type
