"""Deadlines follow their events: after every change the engine runs anew, and what differs is written and noted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from vigilancia.complaints import timeline
from vigilancia.core.ids import untimed_id
from vigilancia.core.jobs import Job
from vigilancia.core.work import Work
from vigilancia.law.model import Deadline
from vigilancia.proceedings.circumstances import circumstances, circumstances_under
from vigilancia.proceedings.following import DAYS, TOLD, Step, after_event, kept_pin
from vigilancia.proceedings.hearing import listen
from vigilancia.proceedings.models import DeadlineRevisionRow, DeadlineRow, EventRow, ProceedingRow
from vigilancia.proceedings.values import COMPUTED, SUPERSEDED, law_events, new_trigger

_SHOWN = tuple(name for name in TOLD if name != "closes_at")


async def recompute(work: Work, proceeding: ProceedingRow, *, cause: Mapping[str, Any]) -> None:
    """Bring a proceeding's deadlines in line with what is recorded of it, under what it is pinned to.

    Silence past a last day is heard here, and taken back where somebody acted after all.

    A deadline is known by (proceeding, rule, trigger event) and keeps its id. `revision` rises only when `due_on`,
    `latest_due_on`, `nature` or `void` change, or when the act that met it is taken back, and the state before is kept.
    That an act was recorded (`met`) is a change too, told and planned anew, but the day is the same day. A deadline
    that no longer follows becomes void:
    `trigger_withdrawn` where its event was taken back, `superseded` where another event now sets the rule going.

    Args:
        work: The transaction.
        proceeding: Locked by the caller, so that two recordings do not read each other's halves.
        cause: What led here, as each note says it: `event_id` and `event_version`, and their like.

    Raises:
        CalendarHorizonError: A count runs past what a calendar covers.
    """
    await work.session.flush()
    world = await circumstances(work, proceeding)
    rows = await locked_deadlines(work, [proceeding.id])
    kept = {pin for row in rows if (pin := kept_pin(row)) is not None}
    stated = await events_of(work, [proceeding.id])
    heard = await listen(work, proceeding, world, stated, triggers_of(rows))
    events = law_events([*stated, *heard.new], triggers_of(rows))
    worlds = {pin: each.changed_by(world.changes) for pin, each in (await circumstances_under(work, kept)).items()}
    steps = after_event(rows, events, world, worlds)
    for step in steps:
        heard.hush(step)
    proceeding.rules_digest = world.pin.digest
    await take(work, [(proceeding, steps)], cause)


async def take(work: Work, all_steps: Iterable[tuple[Any, Sequence[Step]]], known: Mapping[str, Any]) -> None:
    """Write steps and note them.

    Args:
        work: The transaction.
        all_steps: For each proceeding (locked, a mapped object or a row of its columns) the steps of its deadlines.
        known: What every note says of their cause.
    """
    notes = []
    for proceeding, steps in all_steps:
        pass_ = _Pass(work, proceeding, known)
        for step in steps:
            pass_.take(step)
        notes += [(proceeding.complaint_id, note) for note in pass_.notes]
    await work.session.flush()
    await timeline.note_each(work, notes)


def triggers_of(rows: Iterable[Any]) -> set[UUID]:
    """Return the events that set deadlines going, so that of events alike they stay the ones that do."""
    return {row.trigger_event_id for row in rows if row.void_reason != SUPERSEDED}


async def locked_deadlines(work: Work, proceeding_ids: Sequence[UUID]) -> Sequence[DeadlineRow]:
    """Return the deadlines of proceedings as they are this moment, locked against whoever plans their ladders.

    A planner that cleared `plan_pending` between this reading and our writing would leave a moved day unplanned.
    """
    query = (
        select(DeadlineRow)
        .where(DeadlineRow.proceeding_id.in_(proceeding_ids))
        .order_by(DeadlineRow.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await work.session.scalars(query)).all()


async def events_of(work: Work, proceeding_ids: Sequence[UUID]) -> Sequence[EventRow]:
    """Return the events of proceedings, those taken back too."""
    query = select(EventRow).where(EventRow.proceeding_id.in_(proceeding_ids)).order_by(EventRow.on, EventRow.id)
    return (await work.session.scalars(query)).all()


class _Pass:
    """One pass over the deadlines of one proceeding."""

    def __init__(self, work: Work, proceeding: Any, known: Mapping[str, Any]) -> None:  # noqa: ANN401
        self._work = work
        self._proceeding = proceeding
        self._known = known
        self.notes: list[timeline.Note] = []

    def take(self, step: Step) -> None:
        """Write what one step says."""
        if step.row is None and step.deadline is not None:
            self._set_up(step.deadline, step.fixed)
        elif step.row is not None:
            step.row.kept_digest = step.kept.digest if step.kept else None
            step.row.kept_mark = step.kept.mark if step.kept else None
            self._renew(step.row, step.fixed)

    def _set_up(self, deadline: Deadline, fixed: dict[str, Any]) -> None:
        """Write a deadline that did not follow before."""
        now = self._work.now
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

    def _renew(self, row: DeadlineRow, fixed: dict[str, Any]) -> None:
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
        known = {"rule": row.rule, "proceeding_id": row.proceeding_id, **self._known}
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
