"""Deadlines follow their events: after every change the engine runs anew, and what differs is written and noted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from vigilancia.complaints import timeline
from vigilancia.core.errors import NotFoundError
from vigilancia.core.ids import untimed_id
from vigilancia.core.jobs import Job
from vigilancia.core.work import Work
from vigilancia.law import engine, loader
from vigilancia.law.model import Deadline
from vigilancia.proceedings.models import DeadlineRevisionRow, DeadlineRow, EventRow, ProceedingRow
from vigilancia.proceedings.values import COMPUTED, SUPERSEDED, TRIGGER_WITHDRAWN, computed, law_events, new_trigger

# A difference here makes a revision: it is another day, or another kind of day.
DAYS = ("due_on", "latest_due_on", "nature", "void")
# A difference here is told: on the timeline, in the answer, and to whoever plans notices.
TOLD = (*DAYS, "practice_on", "closes_at", "met", "met_on", "void_reason")
_SHOWN = tuple(name for name in TOLD if name != "closes_at")


async def recompute(work: Work, proceeding_id: UUID, *, cause: EventRow | None = None) -> None:
    """Bring a proceeding's deadlines in line with its events and the rule files of today.

    A deadline is known by (proceeding, rule, trigger event) and keeps its id. `revision` rises only when `due_on`,
    `latest_due_on`, `nature` or `void` change, or when the act that met it is taken back, and the state before is kept.
    That an act was recorded (`met`) is a change too, told and planned anew, but the day is the same day. A deadline
    that no longer follows becomes void:
    `trigger_withdrawn` where its event was taken back, `superseded` where another event now sets the rule going.

    Args:
        work: The transaction.
        proceeding_id: Its row must be locked by the caller, so that two recordings do not read each other's halves.
        cause: The event whose recording, correction or withdrawal led here; none after new rule files.

    Raises:
        CalendarHorizonError: A count runs past what a calendar covers.
        NotFoundError: There is no such proceeding.
    """
    proceeding = await work.session.get(ProceedingRow, proceeding_id)
    if proceeding is None:
        raise NotFoundError
    await work.session.flush()
    events = await _events(work, proceeding_id)
    mechanism = loader.mechanism(proceeding.mechanism)
    rows = await _locked_deadlines(work, proceeding_id)
    triggers = {row.trigger_event_id for row in rows if row.void_reason != SUPERSEDED}
    outcome = engine.run(mechanism, law_events(events, triggers))
    kept = {(row.rule, row.trigger_event_id): row for row in rows}
    recomputation = _Recomputation(work, proceeding, cause)
    for deadline in outcome.deadlines:
        row = kept.pop((deadline.rule, new_trigger(deadline)), None)
        if row is None:
            recomputation.set_up(deadline)
        else:
            recomputation.renew(row, computed(deadline))
    standing = {event.id for event in events if event.withdrawn_at is None}
    for row in kept.values():
        reason = SUPERSEDED if row.trigger_event_id in standing else TRIGGER_WITHDRAWN
        recomputation.renew(row, {"met": False, "met_on": None, "void": True, "void_reason": reason})
    proceeding.rules_digest = mechanism.digest
    await work.session.flush()
    await timeline.note_all(work, proceeding.complaint_id, recomputation.notes)


async def _locked_deadlines(work: Work, proceeding_id: UUID) -> Sequence[DeadlineRow]:
    """Return the deadlines as they are this moment, locked against whoever plans their ladders.

    A planner that cleared `plan_pending` between this reading and our writing would leave a moved day unplanned.
    """
    query = (
        select(DeadlineRow)
        .where(DeadlineRow.proceeding_id == proceeding_id)
        .order_by(DeadlineRow.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await work.session.scalars(query)).all()


async def _events(work: Work, proceeding_id: UUID) -> Sequence[EventRow]:
    query = select(EventRow).where(EventRow.proceeding_id == proceeding_id).order_by(EventRow.on, EventRow.id)
    return (await work.session.scalars(query)).all()


class _Recomputation:
    """One pass over the deadlines of one proceeding."""

    def __init__(self, work: Work, proceeding: ProceedingRow, cause: EventRow | None) -> None:
        self._work = work
        self._proceeding = proceeding
        self.notes: list[timeline.Note] = []
        self._cause = {"event_id": str(cause.id), "event_version": cause.version} if cause else {}

    def set_up(self, deadline: Deadline) -> None:
        """Write a deadline that did not follow before."""
        now, fixed = self._work.now, computed(deadline)
        row = DeadlineRow(
            id=untimed_id(),
            proceeding_id=self._proceeding.id,
            complaint_id=self._proceeding.complaint_id,
            mechanism=self._proceeding.mechanism,
            rule=deadline.rule,
            trigger_event_id=new_trigger(deadline),
            revision=1,
            plan_pending=True,
            trigger_recorded_at=now,
            created_at=now,
            updated_at=now,
            **fixed,
        )
        self._work.session.add(row)
        self._work.wakes.add(Job.SWEEP)
        shown = {name: fixed[name] for name in _SHOWN if fixed[name] not in (None, False)}
        self._note("deadline_set", row, before={}, after=shown)

    def renew(self, row: DeadlineRow, fixed: dict[str, Any]) -> None:
        """Write what differs; an unchanged row is not touched."""
        differing = {name for name in fixed if getattr(row, name) != fixed[name]}
        if not differing:
            return
        before = {name: getattr(row, name) for name in COMPUTED}
        moved = bool(differing.intersection(DAYS))
        if moved or (row.met and not fixed["met"]):  # a day that is open again is told again, by those told it was met
            self._keep(row, before)
            row.revision += 1
        if moved:
            row.trigger_recorded_at = self._work.now
        for name in differing:
            setattr(row, name, fixed[name])
        row.updated_at = self._work.now
        still_void = before["void"] and row.void and differing.isdisjoint(DAYS)
        if differing.isdisjoint(TOLD) or still_void:
            return
        row.plan_pending = True
        self._work.wakes.add(Job.SWEEP)
        shown = [name for name in _SHOWN if name in differing]
        self._note(
            f"deadline_{_change(before, row)}",
            row,
            before={name: before[name] for name in shown},
            after={name: getattr(row, name) for name in shown},
        )

    def _keep(self, row: DeadlineRow, before: dict[str, Any]) -> None:
        self._work.session.add(
            DeadlineRevisionRow(
                id=untimed_id(),
                deadline_id=row.id,
                revision=row.revision,
                replaced_at=self._work.now,
                was=msgspec.to_builtins(before),
            )
        )

    def _note(self, type_: str, row: DeadlineRow, *, before: dict[str, Any], after: dict[str, Any]) -> None:
        known = {"rule": row.rule, "proceeding_id": row.proceeding_id, **self._cause}
        self.notes.append(timeline.Note(type=type_, subject_id=row.id, before=before, after={**known, **after}))


def _change(before: dict[str, Any], row: DeadlineRow) -> str:
    """Name a change by what matters most in it."""
    if row.void and not before["void"]:
        return "voided"
    if (before["void"] and not row.void) or (before["met"] and not row.met):
        return "reopened"
    if any(before[name] != getattr(row, name) for name in ("due_on", "latest_due_on", "nature", "practice_on")):
        return "moved"
    return "met" if row.met else "moved"
