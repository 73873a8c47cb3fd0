"""A step of the sweep: searches look at what changed since they last looked.

A case can begin to fit in three ways: it changes, a link opens it, or the record of its plant is shown. Each leaves an
instant, found through an index. Such an instant is that of its transaction's beginning, and the commit comes later: so
a search looks a while further back than its last look, and the key of the matches keeps it from finding twice.
"""

import logging
from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, literal, select, union, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from vigilancia.complaints.models import ComplaintFacilityRow, ComplaintRow, LinkRow
from vigilancia.core.work import Work
from vigilancia.notices.searches.figures import figures
from vigilancia.notices.searches.matching import asker, each_fits
from vigilancia.notices.searches.models import MatchRow, SearchRow
from vigilancia.registry.models import FacilityRow

_INSTANT = MatchRow.__table__.c.matched_at.type
_COLUMNS = ["saved_search_id", "complaint_id", "matched_at", "silent"]

logger = logging.getLogger(__name__)


async def match_changed(work: Work) -> int:
    """Let one batch of the searches look that have not looked for a while.

    Any number may run at once, and each again: rivals pass by what is locked here, and who changes a search waits. One
    statement for each organisation in the batch, within a savepoint of its own, and two more for the batch.

    Returns:
        How many searches looked; 0 when all have.
    """
    waiting = (
        select(SearchRow.id, SearchRow.owner_id, SearchRow.contact_id, SearchRow.filter, SearchRow.looked_at)
        .where(SearchRow.active, SearchRow.looked_at <= work.now - figures().every)
        .order_by(SearchRow.looked_at, SearchRow.id)
        .limit(figures().batch)
        .with_for_update(skip_locked=True)
    )
    searches = (await work.session.execute(waiting)).all()
    if not searches:
        return 0
    owners: dict[UUID, list[Any]] = defaultdict(list)
    for search in searches:
        owners[search.owner_id].append(search)
    for owner_id, theirs in owners.items():
        await _look_alone(work, owner_id, theirs)
    looked = update(SearchRow).where(SearchRow.id.in_([search.id for search in searches])).values(looked_at=work.now)
    await work.session.execute(looked.execution_options(synchronize_session=False))
    return len(searches)


async def _look_alone(work: Work, owner_id: UUID, searches: list[Any]) -> None:
    """Let one organisation's searches look so that a fault of theirs stops neither the others' nor the sweep."""
    try:
        async with work.session.begin_nested():
            await _look(work, owner_id, searches)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        logger.error("searches_failed owner=%s error=%s", owner_id, type(error).__name__)  # noqa: TRY400 - no words


async def _look(work: Work, owner_id: UUID, searches: list[Any]) -> None:
    """Note what newly fits one organisation's searches."""
    conditions = each_fits(work, asker(owner_id), searches)
    for search in searches:
        if search.id not in conditions:
            logger.error("search_unreadable search=%s", search.id)
    found = [
        _finding(work, search.id, conditions[search.id], _changed(owner_id, search.looked_at - figures().overlap))
        for search in searches
        if search.id in conditions
    ]
    if not found:
        return
    await work.session.execute(insert(MatchRow).from_select(_COLUMNS, union_all(*found)).on_conflict_do_nothing())


def _finding(work: Work, search_id: UUID, fits: ColumnElement[bool], changed: Any) -> Select[Any]:  # noqa: ANN401 - a select
    return select(literal(search_id, Uuid()), ComplaintRow.id, literal(work.now, _INSTANT), literal(value=False)).where(
        ComplaintRow.id.in_(changed), fits
    )


def _changed(owner_id: UUID, since: datetime) -> Any:  # noqa: ANN401 - a compound select
    """Return the select of the cases that may have begun to fit since an instant."""
    return union(
        select(ComplaintRow.id).where(ComplaintRow.updated_at >= since),
        select(LinkRow.complaint_id).where(LinkRow.organization_id == owner_id, LinkRow.updated_at >= since),
        select(ComplaintFacilityRow.complaint_id)
        .join(FacilityRow, FacilityRow.id == ComplaintFacilityRow.facility_id)
        .where(FacilityRow.updated_at >= since),
    )
