"""Suspensions: days on which time does not run, recorded with a legal basis, corrected, taken back, and read.

No closure and no holiday of an authority stops a clock by itself; what is recorded here does.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import select

from vigilancia.access import policy
from vigilancia.complaints import timeline
from vigilancia.core import vocabularies
from vigilancia.core.errors import Fault, IllegalTransitionError, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.ids import untimed_id
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work
from vigilancia.law.mechanism import Mechanism
from vigilancia.proceedings import queries, sight
from vigilancia.proceedings.changes.schemas import Suspension, SuspensionIn, SuspensionPatch
from vigilancia.proceedings.circumstances import circumstances
from vigilancia.proceedings.models import ProceedingRow, SuspensionRow
from vigilancia.proceedings.schemas import Withdrawal
from vigilancia.proceedings.service import follow, hold

_FIELDS = tuple(SuspensionIn.__struct_fields__)
_WORDS = frozenset({"citation", "source_url"})  # the timeline says that they changed, not what they say
_SUSPENSION = SuspensionRow.__table__.c


async def record(work: Work, proceeding_id: UUID, data: SuspensionIn) -> UUID:
    """Record that time stood still, or stands still, and let the deadlines follow.

    Raises:
        NotFoundError: For this caller the proceeding does not exist.
        ForbiddenError: The caller may only look at it.
        InvalidError: An end before its beginning, an actor or a rule the mechanism does not have.
        CalendarHorizonError: A deadline would lie past what its calendar covers.
    """
    proceeding = await hold(work, proceeding_id)
    row = SuspensionRow(
        id=untimed_id(),
        proceeding_id=proceeding_id,
        recorded_at=work.now,
        updated_at=work.now,
        withdrawn_at=None,
        version=1,
        **msgspec.structs.asdict(data),
    )
    _require_sense((await circumstances(work, proceeding)).mechanism, row)
    work.session.add(row)
    proceeding.clocks_changed = True
    await _follow(work, proceeding, row, "suspension_recorded", before=None, after=_told(row, _FIELDS))
    return row.id


async def correct(work: Work, proceeding_id: UUID, suspension_id: UUID, data: SuspensionPatch, version: int) -> UUID:
    """Change what a suspension says, such as the day it ended, with the reason.

    Raises:
        NotFoundError: For this caller there is no such suspension.
        ForbiddenError: The caller may only look at it.
        StaleError: It has changed meanwhile.
        IllegalTransitionError: It was taken back.
        InvalidError: As for recording.
    """
    proceeding = await hold(work, proceeding_id)
    row = await _suspension(work, proceeding_id, suspension_id)
    require_version(row.version, version)
    _require_standing(row)
    wanted = {name: getattr(data, name) for name in _FIELDS if getattr(data, name) is not UNSET}
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    if not changed:
        return row.id
    before = _told(row, changed)
    for name in changed:
        setattr(row, name, wanted[name])
    _require_sense((await circumstances(work, proceeding)).mechanism, row)
    _renew(work, row)
    after = {**_told(row, changed), "reason": data.reason}
    await _follow(work, proceeding, row, "suspension_corrected", before=before, after=after)
    return row.id


async def withdraw(work: Work, proceeding_id: UUID, suspension_id: UUID, data: Withdrawal) -> UUID:
    """Take a suspension back, with the reason; time runs as if it had never been recorded.

    Raises:
        NotFoundError: For this caller there is no such suspension.
        ForbiddenError: The caller may only look at it.
        IllegalTransitionError: It was taken back before.
    """
    proceeding = await hold(work, proceeding_id)
    row = await _suspension(work, proceeding_id, suspension_id)
    _require_standing(row)
    before = _told(row, _FIELDS)
    row.withdrawn_at = work.now
    _renew(work, row)
    after = {"withdrawn_at": work.now, "reason": data.reason}
    await _follow(work, proceeding, row, "suspension_withdrawn", before=before, after=after)
    return row.id


async def listed(work: Work, proceeding_id: UUID, listing: Listing) -> Page[Suspension]:
    """List the suspensions of a proceeding by their first day; those taken back only for who sees the case itself.

    Raises:
        NotFoundError: For this caller the proceeding does not exist.
    """
    view, _ = await queries.view_of(work, proceeding_id)
    query = select(*_SUSPENSION).where(_SUSPENSION.proceeding_id == proceeding_id)
    if not sight.shows_mistakes(view):
        query = query.where(_SUSPENSION.withdrawn_at.is_(None))
    if listing.updated_since:
        query = query.where(_SUSPENSION.updated_at >= sight.instant(view, listing.updated_since))
    day: Any = sight.month(_SUSPENSION.starts_on) if view == "deidentified" else _SUSPENSION.starts_on
    sortable = {"id": _SUSPENSION.id, "starts_on": day}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="starts_on")
    return Page(items=[_shown(work, view, row) for row in rows], next=following)


async def read(work: Work, proceeding_id: UUID, suspension_id: UUID) -> Suspension:
    """Read one suspension.

    Raises:
        NotFoundError: For this caller there is no such suspension.
    """
    view, _ = await queries.view_of(work, proceeding_id)
    row = await _suspension(work, proceeding_id, suspension_id)
    if row.withdrawn_at is not None and not sight.shows_mistakes(view):
        raise NotFoundError
    return _shown(work, view, row)


def _shown(work: Work, view: policy.View, row: Any) -> Suspension:  # noqa: ANN401 - a mapped object or a row
    words = sight.shows_words(view)
    labels = {each.code: each.labels for each in vocabularies.load()["suspension_basis"].codes}
    return Suspension(
        id=row.id,
        proceeding_id=row.proceeding_id,
        starts_on=sight.cut(view, row.starts_on),
        ends_on=sight.cut(view, row.ends_on),
        basis=row.basis,
        basis_label=getattr(labels[row.basis], work.locale),
        citation=row.citation if words else None,
        source_url=row.source_url if words else None,
        actors=row.actors,
        rules=row.rules,
        withdrawn_at=row.withdrawn_at,
        version=row.version,
        created_at=sight.instant(view, row.recorded_at),
        updated_at=sight.instant(view, row.updated_at),
    )


async def _suspension(work: Work, proceeding_id: UUID, suspension_id: UUID) -> SuspensionRow:
    query = select(SuspensionRow).where(SuspensionRow.id == suspension_id, SuspensionRow.proceeding_id == proceeding_id)
    row = (await work.session.scalars(query)).one_or_none()
    if row is None:
        raise NotFoundError
    return row


def _require_standing(row: SuspensionRow) -> None:
    if row.withdrawn_at is not None:
        raise IllegalTransitionError(allowed=(), pointer="")


def _require_sense(mechanism: Mechanism, row: SuspensionRow) -> None:
    """Refuse what cannot be, all faults at once."""
    faults = [
        Fault(pointer=f"/{name}/{place}", code="code", params={"vocabulary": f"{mechanism.id}.{name}"})
        for name, known in (("actors", mechanism.actors), ("rules", mechanism.rules))
        for place, code in enumerate(getattr(row, name))
        if code not in known
    ]
    ends_on: date | None = row.ends_on
    if ends_on is not None and ends_on < row.starts_on:
        faults.append(Fault(pointer="/ends_on", code="before_start"))
    if faults:
        raise InvalidError(faults=faults)


def _renew(work: Work, row: SuspensionRow) -> None:
    row.version += 1
    row.updated_at = work.now


async def _follow(
    work: Work,
    proceeding: ProceedingRow,
    row: SuspensionRow,
    type_: str,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    """Note the change of a suspension, then let the deadlines follow it."""
    note = timeline.Note(type=type_, subject_id=row.id, before=before, after={"proceeding_id": proceeding.id, **after})
    await follow(work, proceeding, note, {"suspension_id": str(row.id), "suspension_version": row.version})


def _told(row: SuspensionRow, names: Iterable[str]) -> dict[str, Any]:
    """Return fields as the timeline may tell them: codes and days, never words."""
    told = {name: getattr(row, name) for name in names}
    return {name: "changed" if name in _WORDS and value else value for name, value in told.items()}
