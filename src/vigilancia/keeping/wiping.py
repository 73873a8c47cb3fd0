"""Wiping the rows of a case: one transaction, in which everything goes or nothing."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, column, delete, func, or_, select, table, update
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import JSONB

from vigilancia.complaints.models import ComplaintRow, TimelineRow
from vigilancia.core.work import Work
from vigilancia.keeping import survey

_MERGES = ("merged_into", "merged_from")
_LOCKED_FIRST = ("deadline", "complaint_task", "escalation_run")  # in the order in which ladders take them


async def wipe(work: Work, complaint_id: UUID) -> dict[str, int]:
    """Delete every row of a case, and what other cases say of it in words.

    The caller holds the case's lock, so that nobody records in it; a ladder that is being planned or climbed is waited
    for, by taking its rows in the order in which it takes them.

    Returns:
        Of each table, how many rows went.
    """
    for name in _LOCKED_FIRST:
        part = next(part for part in survey.WIPED if part.table == name)
        key = part.clause.c.id
        await work.session.execute(
            select(key).where(part.belongs(complaint_id)).order_by(key).with_for_update(key_share=True)
        )
    await _leave_others(work, complaint_id)
    gone: dict[str, int] = {}
    named = survey.ids_of(complaint_id)
    for part in survey.BY_ID:
        rows = table(part.table, column(part.by, UuidType()))
        await _delete(work, gone, part.table, delete(rows).where(rows.c[part.by].in_(named)))
    for part in survey.WIPED:
        await _delete(work, gone, part.table, delete(part.clause).where(part.belongs(complaint_id)))
    return {name: count for name, count in gone.items() if count}


async def _delete(work: Work, gone: dict[str, int], name: str, statement: Any) -> None:  # noqa: ANN401
    result = cast("CursorResult[Any]", await work.session.execute(statement))
    gone[name] = gone.get(name, 0) + result.rowcount


async def _leave_others(work: Work, complaint_id: UUID) -> None:
    """Part the case from those merged with it: their rows stay, the reason of the merge may speak of this one."""
    await work.session.execute(
        update(ComplaintRow)
        .where(ComplaintRow.merged_into == complaint_id)
        .values(merged_into=None, version=ComplaintRow.version + 1, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    entry = TimelineRow.__table__.c
    own = await work.session.execute(
        select(entry.before, entry.after).where(entry.complaint_id == complaint_id, _tells_of_merging(entry))
    )
    sides = [side for row in own for side in row if side]
    others = {UUID(side[name]) for side in sides for name in _MERGES if side.get(name)}
    if not others:
        return
    of_this = or_(*(entry[side][name].astext == str(complaint_id) for side in ("before", "after") for name in _MERGES))
    reasonless: ColumnElement[Any] = func.nullif(entry.after.op("-")("reason"), func.jsonb_build_object(), type_=JSONB)
    await work.session.execute(
        update(TimelineRow)
        .where(entry.complaint_id.in_(others), _tells_of_merging(entry), of_this)
        .values(after=reasonless)
        .execution_options(synchronize_session=False)
    )


def _tells_of_merging(entry: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column collection
    told: ColumnElement[bool] = entry.type.in_(
        ("complaint_merged", "complaint_unmerged", "complaint_received_merge", "complaint_gave_back_merge")
    )
    return told
