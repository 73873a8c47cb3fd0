"""What searches found and nobody was told yet, asked once more: access may be lost since, or the case changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.work import Work
from vigilancia.notices.searches.matching import asker, each_fits
from vigilancia.notices.searches.models import MatchRow, SearchRow

_STILL = and_(MatchRow.told_at.is_(None), MatchRow.silent.is_(False))
_SHOWN = (MatchRow.saved_search_id, MatchRow.complaint_id, ComplaintRow.reference)


class Tidings(Struct, frozen=True, kw_only=True):
    """What one contact is to be told of one search.

    Attributes:
        search_id: Of the search.
        owner_id: Its organisation.
        contact_id: Whom to tell.
        complaint_ids: The cases, in the order of `references`.
        references: Their numbers, sorted.
    """

    search_id: UUID
    owner_id: UUID
    contact_id: UUID
    complaint_ids: list[UUID]
    references: list[str]


async def untold(work: Work, limit: int) -> list[Tidings]:
    """Take what is to be told: it counts as told at this work's instant, from this transaction on.

    Whoever takes it must put it into the ledger in the same transaction, or nobody is ever told. What no longer holds
    is forgotten; it is found anew if it comes to hold again. The searches stay locked until the transaction ends, so
    that rivals take others. One statement for each organisation, two more for the batch.

    Args:
        work: The transaction.
        limit: Searches at most.

    Returns:
        What to tell, one for each search that has something; none also where all there was had to be forgotten.
    """
    waiting = exists().where(MatchRow.saved_search_id == SearchRow.id, _STILL)
    query = _searches().where(SearchRow.active, waiting).order_by(SearchRow.id).limit(limit)
    searches = (await work.session.execute(query.with_for_update(of=SearchRow, skip_locked=True))).all()
    owners: dict[UUID, list[Any]] = defaultdict(list)
    for search in searches:
        owners[search.owner_id].append(search)
    found: dict[UUID, list[Any]] = {}
    for owner_id, theirs in owners.items():
        conditions = each_fits(work, asker(owner_id), theirs)
        found |= {search_id: [] for search_id in conditions}
        for row in await _take(work, conditions):
            found[row.saved_search_id].append(row)
    await _forget(work, found)
    return [_tidings(search, found[search.id]) for search in searches if found.get(search.id)]


async def read_told(work: Work, search_id: UUID, told_at: datetime) -> Tidings | None:
    """Return what a message holds at the moment it is sent or shown: of what was told then, what still holds.

    Args:
        work: The transaction.
        search_id: Which search.
        told_at: The instant of the work that took it from `untold`.

    Returns:
        None where the search is gone or asleep, or nothing of it holds: there is nothing to send.
    """
    query = _searches().where(SearchRow.id == search_id, SearchRow.active)
    search = (await work.session.execute(query)).one_or_none()
    if search is None:
        return None
    conditions = each_fits(work, asker(search.owner_id), [search])
    rows = select(*_SHOWN).where(_holds(conditions), MatchRow.told_at == told_at)
    found = (await work.session.execute(rows)).all()
    return _tidings(search, found) if found else None


async def _take(work: Work, conditions: Mapping[UUID, ColumnElement[bool]]) -> Iterable[Any]:
    """Note as told what one organisation's searches found, and what it sees and what fits now."""
    taken = update(MatchRow).where(_holds(conditions), _STILL).values(told_at=work.now).returning(*_SHOWN)
    return (await work.session.execute(taken.execution_options(synchronize_session=False))).all()


def _holds(conditions: Mapping[UUID, ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the condition that a match of one organisation's searches holds, with its case beside it."""
    each = [and_(MatchRow.saved_search_id == search_id, fits) for search_id, fits in conditions.items()]
    ours = MatchRow.saved_search_id.in_(conditions)  # false where there is no search
    return and_(MatchRow.complaint_id == ComplaintRow.id, ours, or_(*each) if each else ours)


async def _forget(work: Work, found: Mapping[UUID, list[Any]]) -> None:
    """Forget what was left untaken of the searches looked at; those whose filter cannot be read are not among them."""
    if found:
        left = delete(MatchRow).where(MatchRow.saved_search_id.in_(found), _STILL)
        await work.session.execute(left.execution_options(synchronize_session=False))


def _searches() -> Any:  # noqa: ANN401 - a select
    return select(SearchRow.id, SearchRow.owner_id, SearchRow.contact_id, SearchRow.filter)


def _tidings(search: Any, rows: Iterable[Any]) -> Tidings:  # noqa: ANN401 - a row
    ordered = sorted(rows, key=lambda row: row.reference)
    return Tidings(
        search_id=search.id,
        owner_id=search.owner_id,
        contact_id=search.contact_id,
        complaint_ids=[row.complaint_id for row in ordered],
        references=[row.reference for row in ordered],
    )
