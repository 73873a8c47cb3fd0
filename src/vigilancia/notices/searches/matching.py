"""What a filter finds for an organisation: the one meaning the list of complaints gives it, for whoever asks."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_

from vigilancia.access import policy, walls
from vigilancia.complaints import filters, queries
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.errors import BadParameterError
from vigilancia.core.identity import Caller
from vigilancia.core.paging import Listing
from vigilancia.core.work import Work
from vigilancia.notices.searches.schemas import SearchFilter


def asker(owner_id: UUID) -> Caller:
    """Return on whose behalf a search looks: its organisation's staff, without a scope to do anything."""
    return Caller(organization_id=owner_id, role="staff", scopes=frozenset())


def fits(work: Work, caller: Caller, wanted: SearchFilter) -> ColumnElement[bool]:
    """Return the condition that a complaint exists for a caller and fits a filter, as in the list of complaints.

    Whose organisation asks stands in it under a name (`policy.binds`): conditions of two callers must never come into
    one statement, or one would be asked with the other's access.

    Args:
        work: The moment.
        caller: Whose access is asked.
        wanted: The filter.

    Raises:
        BadParameterError: A value does not fit its filter.
    """
    fields = msgspec.structs.asdict(wanted)
    listing = Listing(cursor=None, limit=1, sort=None, q=fields.pop("q"), updated_since=None)
    case: dict[str, Any] = {
        "complaint_id": ComplaintRow.id,
        "owner_id": ComplaintRow.owner_id,
        "confidentiality": ComplaintRow.confidentiality,
    }
    standing = policy.standing(caller, work.now, **case)
    rows = filters.Case(ComplaintRow, caller, standing, queries.pointer(caller, work.now))
    seen = policy.seen(caller, work.now, **case)
    return and_(seen, *filters.conditions(rows, listing, filters.Wanted(**fields)))


def readable(stored: Mapping[str, Any]) -> SearchFilter | None:
    """Return a filter as it was kept; none where this code does not know it: newer code beside it may have kept it."""
    try:
        return msgspec.convert(stored, SearchFilter)
    except msgspec.ValidationError:
        return None


def each_fits(work: Work, caller: Caller, searches: Iterable[Any]) -> dict[UUID, ColumnElement[bool]]:
    """Return the condition of each of one organisation's searches by id; those that cannot be read are left out.

    A search finds nothing that its contact is walled off by name.
    """
    found = {}
    for search in searches:
        wanted = readable(search.filter)
        if wanted is None:
            continue
        try:
            told = walls.contact_let_in(search.contact_id, ComplaintRow.id)
            found[search.id] = and_(told, fits(work, caller, wanted))
        except BadParameterError:
            continue
    return found
