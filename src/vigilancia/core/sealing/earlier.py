"""Sealing what earlier releases left in plain words, or sealed under the key ring.

Resumable and harmless to repeat: each batch is a transaction, a row is found as long as something is left in it, and
rows that somebody holds are passed over until the next time. Readers know both forms. `vigilancia keys seal` runs it,
`up` and `migrate` do at their end, and beat once a day, for what an old program still wrote during an update.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, Row, TableClause, and_, func, or_, select, tuple_, update

from vigilancia.core import sealing, upkeep
from vigilancia.core.crypto import KeyRingError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.sealing.tables import (
    COMPLAINT,
    ENTRY,
    EVENT,
    LINK,
    MUTE,
    OVERRIDE,
    PROPOSAL,
    REVISION,
    TASK,
    case_of,
)
from vigilancia.core.work import Desk, Work

BATCH = 200
EVERY = timedelta(days=1)
_CHANGED, _REPLACED = "changed", "replaced"  # as the timeline and overrides write them

logger = logging.getLogger(__name__)
_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """One table: what is left in a row, and the columns that seal it."""

    rows: TableClause
    key: tuple[str, ...]
    left: ColumnElement[bool]
    sealed: Callable[[Work, _Row], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What one run did: rows sealed, rows that could not be opened, rows that are left."""

    sealed: int
    failed: int
    left: int


async def seal_all(desk: Desk) -> Done:
    """Seal whatever is left, batch by batch.

    Raises:
        StoreError: The key store is away; what was sealed stays so.
    """
    sealed = failed = 0
    for place in _PLACES:
        after: tuple[Any, ...] | None = None
        while True:
            async with desk.work(SYSTEM) as work:
                rows = await _take(work, place, after)
                for row in rows:
                    if await _seal(work, place, row):
                        sealed += 1
                    else:
                        failed += 1
            if not rows:
                break
            after = tuple(getattr(rows[-1], name) for name in place.key)
    async with desk.work(SYSTEM) as work:
        return Done(sealed=sealed, failed=failed, left=await left(work))


async def left(work: Work) -> int:
    """Return in how many rows something is left."""
    counts = [select(func.count()).select_from(place.rows).where(place.left).scalar_subquery() for place in _PLACES]
    return sum((await work.session.execute(select(*counts))).one())


async def seal_daily(desk: Desk) -> None:
    """Seal whatever is left once a day.

    Raises:
        StoreError: The key store is away; the day's turn is used up, tomorrow is another.
    """
    async with desk.work(SYSTEM) as work:
        wanted = await upkeep.due(work, "seal", every=EVERY)
    if wanted:
        await seal_all(desk)


async def _take(work: Work, place: _Left, after: tuple[Any, ...] | None) -> list[_Row]:
    key = [place.rows.c[name] for name in place.key]
    query = select(*place.rows.c, case_of(place.rows).label("of_case")).where(place.left)
    if after is not None:
        query = query.where(tuple_(*key) > after)
    query = query.order_by(*key).limit(BATCH).with_for_update(of=place.rows, skip_locked=True)
    return list((await work.session.execute(query)).all())


async def _seal(work: Work, place: _Left, row: _Row) -> bool:
    try:
        values = await place.sealed(work, row)
    except (InvalidTag, KeyRingError) as error:
        logger.warning("not_sealed table=%s id=%s error=%s", place.rows.name, row[0], type(error).__name__)
        return False
    mine = and_(*(place.rows.c[name] == getattr(row, name) for name in place.key))
    await work.session.execute(update(place.rows).where(mine).values(values))
    if row.of_case is not None:  # the audit would keep the words that were there before
        await work.session.execute(select(func.public.forget_audit_content(row.of_case)))
    return True


async def _complaint(work: Work, row: _Row) -> dict[str, Any]:
    """Seal a summary that is not public, and a narrative that the key ring sealed."""
    values: dict[str, Any] = {"sealed": True}
    if row.summary is not None and row.confidentiality != "public":
        field = f"complaint.summary/{row.id}"
        values |= {"summary": None, "summary_sealed": await work.vault.seal(row.id, row.summary, field=field)}
    if row.narrative is not None:
        text = work.keys.open(row.narrative, purpose="narrative", subject=str(row.id))
        field = f"complaint.narrative/{row.id}"
        values |= {"narrative": None, "narrative_sealed": await work.vault.seal(row.id, text, field=field)}
    return values


async def _link(work: Work, row: _Row) -> dict[str, Any]:
    return {"adverse_override": {}, "words": await _with(work, LINK, row, row.adverse_override)}


async def _entry(work: Work, row: _Row) -> dict[str, Any]:
    """Move reasons and overrides out of an entry; of summaries it keeps that they changed."""
    sides, words = {}, await sealing.show(work.vault, row.of_case, sealing.place(ENTRY.name, row.id), row.words)
    for at in ("before", "after"):
        side: dict[str, Any] = dict(getattr(row, at) or {})
        moved = {
            name: side[name]
            for name in ("reason", "adverse_override")
            if side.get(name) not in (None, _CHANGED) and not row.type.startswith("notice_")
        }
        hidden = [*moved, *(name for name in ("summary", "narrative") if side.get(name) is not None)]
        sides[at] = side | dict.fromkeys(hidden, _CHANGED) if getattr(row, at) is not None else None
        if moved:
            words[at] = words.get(at, {}) | moved
    sealed = await sealing.hide(work.vault, row.of_case, sealing.place(ENTRY.name, row.id), words)
    return {**sides, "words": sealed}


async def _revision(work: Work, row: _Row) -> dict[str, Any]:
    said = {"reason": row.reason, "note": row.was.get("note")}
    return {"reason": None, "was": row.was | {"note": None}, "words": await _with(work, REVISION, row, said)}


def _plainly(rows: TableClause, *names: str) -> Callable[[Work, _Row], Awaitable[dict[str, Any]]]:
    async def sealed(work: Work, row: _Row) -> dict[str, Any]:
        said = {name: text for name in names if (text := getattr(row, name)) is not None}
        if said.get("withdrawn_reason") == _REPLACED:
            del said["withdrawn_reason"]  # a code of ours
        return {**dict.fromkeys(said), "words": await _with(work, rows, row, said)}

    return sealed


async def _with(work: Work, rows: TableClause, row: _Row, said: Mapping[str, Any]) -> bytes | None:
    """Seal words together with those that are sealed already; what stood in plain was written last."""
    key = (row.run_id, row.rung) if rows is MUTE else (row.id,)
    where = sealing.place(rows.name, *key)
    before = await sealing.show(work.vault, row.of_case, where, row.words)
    return await sealing.hide(work.vault, row.of_case, where, before | dict(said))


def _tells(side: str, name: str) -> ColumnElement[bool]:
    return func.coalesce(ENTRY.c[side][name].astext, _CHANGED) != _CHANGED


_SPOKEN = select(EVENT.c.id).where(EVENT.c.id == REVISION.c.event_id, EVENT.c.silence_rule.is_(None)).exists()
_PLACES = (
    _Left(rows=COMPLAINT, key=("id",), left=~COMPLAINT.c.sealed, sealed=_complaint),
    _Left(rows=LINK, key=("id",), left=LINK.c.adverse_override.has_key("by"), sealed=_link),
    _Left(
        rows=ENTRY,
        key=("id",),
        left=or_(
            *(_tells(side, name) for side in ("before", "after") for name in ("summary", "adverse_override")),
            and_(_tells("after", "reason"), ~ENTRY.c.type.startswith("notice_", autoescape=True)),
        ),
        sealed=_entry,
    ),
    _Left(rows=EVENT, key=("id",), left=EVENT.c.note.is_not(None), sealed=_plainly(EVENT, "note")),
    _Left(rows=REVISION, key=("id",), left=and_(REVISION.c.reason.is_not(None), _SPOKEN), sealed=_revision),
    _Left(
        rows=OVERRIDE,
        key=("id",),
        left=or_(OVERRIDE.c.reason.is_not(None), OVERRIDE.c.withdrawn_reason != _REPLACED),
        sealed=_plainly(OVERRIDE, "reason", "withdrawn_reason"),
    ),
    _Left(
        rows=PROPOSAL,
        key=("id",),
        left=PROPOSAL.c.decision_reason.is_not(None),
        sealed=_plainly(PROPOSAL, "decision_reason"),
    ),
    _Left(rows=TASK, key=("id",), left=TASK.c.title.is_not(None), sealed=_plainly(TASK, "title")),
    _Left(rows=MUTE, key=("run_id", "rung"), left=MUTE.c.reason.is_not(None), sealed=_plainly(MUTE, "reason")),
)
