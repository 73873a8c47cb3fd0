"""Days set by somebody with authority in place of computed ones: set, taken back, and read.

What was computed, or agreed, stays readable in the deadline's computation; lists and files tell overridden days apart.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from vigilancia.access import policy
from vigilancia.complaints import timeline
from vigilancia.core import sealing
from vigilancia.core.errors import IllegalTransitionError, NotFoundError
from vigilancia.core.ids import untimed_id
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work
from vigilancia.proceedings import queries_deadlines, sealed, sight
from vigilancia.proceedings.changes.schemas import DeadlineOverride, DeadlineOverrideIn
from vigilancia.proceedings.models import DeadlineRow, OverrideRow
from vigilancia.proceedings.schemas import Withdrawal
from vigilancia.proceedings.service import follow, hold

_OVERRIDE = OverrideRow.__table__.c
REPLACED = "replaced"  # why an override ended when a newer one was set


async def set_day(work: Work, deadline_id: UUID, data: DeadlineOverrideIn) -> UUID:
    """Set another day for a deadline, with who may do so and why; an earlier one gives way.

    Raises:
        NotFoundError: For this caller the deadline does not exist.
        ForbiddenError: The caller may only look at it.
        IllegalTransitionError: It is void: there is no day to set.
        CalendarHorizonError: The day lies past what the deadline's calendar covers.
    """
    deadline = await _deadline(work, deadline_id)
    proceeding = await hold(work, deadline.proceeding_id)
    await work.session.refresh(deadline, with_for_update={"key_share": True})
    if deadline.void:
        raise IllegalTransitionError(allowed=(), pointer="")
    former = await _standing(work, deadline_id)
    if former is not None:
        former.withdrawn_at, former.withdrawn_reason = work.now, REPLACED
        await work.session.flush()
    made = untimed_id()
    row = OverrideRow(
        id=made,
        deadline_id=deadline_id,
        proceeding_id=proceeding.id,
        due_on=data.due_on,
        authority=data.authority,
        reason=None,
        words=await sealing.hide(
            work.vault, proceeding.complaint_id, sealed.override_place(made), {"reason": data.reason}
        ),
        confidence=data.confidence,
        token_id=work.caller.token_id,
        recorded_at=work.now,
        withdrawn_at=None,
        withdrawn_reason=None,
    )
    work.session.add(row)
    proceeding.clocks_changed = True
    note = timeline.Note(
        type="deadline_override_set",
        subject_id=deadline_id,
        before={"due_on": deadline.due_on},
        after={"proceeding_id": proceeding.id, "rule": deadline.rule, "due_on": data.due_on, "reason": data.reason},
    )
    await follow(work, proceeding, note, {"override_id": str(row.id)})
    return row.id


async def withdraw(work: Work, deadline_id: UUID, data: Withdrawal) -> UUID:
    """Take the day that was set back, with the reason; the computed day holds again.

    Raises:
        NotFoundError: For this caller the deadline does not exist, or no day stands set for it.
        ForbiddenError: The caller may only look at it.
    """
    deadline = await _deadline(work, deadline_id)
    proceeding = await hold(work, deadline.proceeding_id)
    row = await _standing(work, deadline_id)
    if row is None:
        raise NotFoundError
    said = await _said(work, proceeding.complaint_id, row) | {"withdrawn_reason": data.reason}
    row.withdrawn_at, row.reason, row.withdrawn_reason = work.now, None, None
    row.words = await sealing.hide(work.vault, proceeding.complaint_id, sealed.override_place(row.id), said)
    note = timeline.Note(
        type="deadline_override_withdrawn",
        subject_id=deadline_id,
        before={"due_on": row.due_on},
        after={"proceeding_id": proceeding.id, "rule": deadline.rule, "reason": data.reason},
    )
    await follow(work, proceeding, note, {"override_id": str(row.id)})
    return row.id


async def read(work: Work, deadline_id: UUID) -> DeadlineOverride:
    """Read the day that stands set for a deadline.

    Raises:
        NotFoundError: For this caller the deadline does not exist, or no day stands set for it.
    """
    view, complaint_id = await _view(work, deadline_id)
    row = await _standing(work, deadline_id)
    if row is None:
        raise NotFoundError
    return await _shown(work, view, complaint_id, row)


async def one(work: Work, override_id: UUID) -> DeadlineOverride:
    """Read one override, standing or not, for whoever just recorded or withdrew it."""
    row = await work.session.get_one(OverrideRow, override_id)
    return await _shown(work, *await _view(work, row.deadline_id), row)


async def listed(work: Work, deadline_id: UUID, listing: Listing) -> Page[DeadlineOverride]:
    """List every day ever set for a deadline, the newest first; those taken back only for who sees the case itself.

    Raises:
        NotFoundError: For this caller the deadline does not exist.
    """
    view, complaint_id = await _view(work, deadline_id)
    query = select(*_OVERRIDE).where(_OVERRIDE.deadline_id == deadline_id)
    if not sight.shows_mistakes(view):
        query = query.where(_OVERRIDE.withdrawn_at.is_(None))
    if listing.updated_since:
        query = query.where(_OVERRIDE.recorded_at >= sight.instant(view, listing.updated_since))
    instant: Any = _OVERRIDE.recorded_at if view != "deidentified" else _OVERRIDE.id
    sortable = {"id": _OVERRIDE.id, "created_at": instant}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="-created_at")
    return Page(items=[await _shown(work, view, complaint_id, row) for row in rows], next=following)


async def _said(work: Work, complaint_id: UUID, row: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapped object or a row
    return await sealing.words_of(work.vault, complaint_id, sealed.override_place(row.id), row, sealed.OVERRIDE)


async def _shown(work: Work, view: policy.View, complaint_id: UUID, row: Any) -> DeadlineOverride:  # noqa: ANN401
    words = sight.shows_words(view)
    said = await _said(work, complaint_id, row) if sight.shows_mistakes(view) else {}
    return DeadlineOverride(
        id=row.id,
        deadline_id=row.deadline_id,
        due_on=sight.cut(view, row.due_on),
        authority=row.authority if words else None,
        reason=said.get("reason"),
        confidence=row.confidence,
        withdrawn_at=row.withdrawn_at,
        withdrawn_reason=said.get("withdrawn_reason"),
        created_at=sight.instant(view, row.recorded_at),
    )


async def _view(work: Work, deadline_id: UUID) -> tuple[policy.View, UUID]:
    """Return how the caller sees a deadline, and whose key opens its words."""
    query = queries_deadlines.select_deadlines(work, DeadlineRow.__table__.c.complaint_id)
    row = (await work.session.execute(query.where(DeadlineRow.id == deadline_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return policy.view(work.caller, row.standing), row.complaint_id


async def _deadline(work: Work, deadline_id: UUID) -> DeadlineRow:
    row = await work.session.get(DeadlineRow, deadline_id)
    if row is None:
        raise NotFoundError
    return row


async def _standing(work: Work, deadline_id: UUID) -> OverrideRow | None:
    query = select(OverrideRow).where(OverrideRow.deadline_id == deadline_id, OverrideRow.withdrawn_at.is_(None))
    return (await work.session.scalars(query)).one_or_none()
