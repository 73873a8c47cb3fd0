"""Which cases are due: the one place that says so, for the list, the dry run and the real run."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.clock import local_date
from vigilancia.core.paging import Listing, Page, slice_page
from vigilancia.core.work import Work
from vigilancia.keeping import facts
from vigilancia.keeping.counting import Term, term_of
from vigilancia.keeping.facts import Facts
from vigilancia.keeping.rules import retention
from vigilancia.keeping.schemas import DueErasure

_BATCH = 500


async def list_due(work: Work, owner_id: UUID | None) -> list[DueErasure]:
    """Return what would be erased now, by id; no more than one run takes.

    Args:
        work: The transaction.
        owner_id: Of one organisation only; none: of the whole installation.
    """
    rows: list[DueErasure] = []
    cases = 0
    async for case, term in terms(work, owner_id):
        if term.is_due(today_of(work, case)) and not case.held:
            rows += await rows_of(work, case, term)
            cases += 1
        if cases == retention().run_most:
            break
    return rows


async def page(work: Work, listing: Listing) -> Page[DueErasure]:
    """Read one page of what would be erased now of the caller's own organisation, in the order of ids.

    Raises:
        BadParameterError: A cursor of another list.
    """
    rows = await list_due(work, work.caller.organization_id) if work.caller.organization_id else []
    return slice_page(rows, listing.cursor, listing.limit, key=lambda row: str(row.complaint_id))


async def terms(work: Work, owner_id: UUID | None) -> AsyncIterator[tuple[Facts, Term]]:
    """Walk the closed cases that stand for themselves, each with how long it is kept."""
    after: UUID | None = None
    while True:
        batch = await facts.of_closed(work, owner_id=owner_id, after=after, most=_BATCH)
        for case in batch:
            term = term_of(case, retention(), today_of(work, case))
            if term is not None:
                yield case, term
        if len(batch) < _BATCH:
            return
        after = batch[-1].complaint_id


def today_of(work: Work, case: Facts) -> date:
    """Return the civil day where a case's owner is."""
    return local_date(work.now, case.zone)


async def rows_of(work: Work, case: Facts, term: Term) -> list[DueErasure]:
    """Return a case and those merged into it as the report has them."""
    names = await _references(work, case.merged)
    return [
        _row(case.complaint_id, case.reference, None, term),
        *(_row(each, names[each], case.complaint_id, term) for each in case.merged),
    ]


async def _references(work: Work, ids: Sequence[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    query = select(ComplaintRow.id, ComplaintRow.reference).where(ComplaintRow.id.in_(ids))
    return {row.id: row.reference for row in await work.session.execute(query)}


def _row(complaint_id: UUID, reference: str, kept_with: UUID | None, term: Term) -> DueErasure:
    if term.warned_on is None:
        msg = "a case that was not warned of is not due"
        raise ValueError(msg)
    return DueErasure(
        complaint_id=complaint_id,
        reference=reference,
        kept_with=kept_with,
        rule=term.rule.id,
        rules_version=retention().version,
        mechanism=term.mechanism,
        outcome=term.outcome,
        counted_from=term.counted_from,
        warned_on=term.warned_on,
        erase_on=term.erase_on,
    )
