"""Climbing: each run whose instant has come speaks once, and only its newest rung that passed and is not muted.

Statements for each batch do not depend on how many runs, recipients or rows there are.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.complaints import timeline
from vigilancia.core.work import Work
from vigilancia.escalation import ladder as ladders
from vigilancia.escalation.ladder import Ladder, Rung
from vigilancia.escalation.models import AcknowledgementRow, RungRow, RunRow
from vigilancia.escalation.plan import Plan, following
from vigilancia.escalation.queries import mutes
from vigilancia.escalation.recipients import Addressees, Reached, address_book
from vigilancia.notices import rungs
from vigilancia.notices import service as notices
from vigilancia.notices.service import Planned
from vigilancia.proceedings.models import DeadlineRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one run does now.

    Attributes:
        run: The run, with what of its deadline and case is needed.
        spoken: The newest rung that passed and is not muted; none: nothing to say.
        due_at: When it fell due.
        passed_over: Older rungs that never spoke, each with its instant.
        muted: Those that somebody muted, each with its instant.
        plan: What comes next.
        reached: Whom it speaks to.
        late: Whether it speaks long after it was due.
    """

    run: _Line
    spoken: Rung | None = None
    due_at: datetime | None = None
    passed_over: list[tuple[str, datetime]] = []
    muted: list[tuple[str, datetime]] = []
    plan: Plan
    reached: Reached = Reached(recipients=[], unreachable=[])
    late: bool = False


async def climb_due(work: Work) -> int:
    """Climb one batch of the runs that are due.

    Safe beside rivals: rows they hold are skipped here, and the ledger's key refuses a second notice. A deadline that
    changed meanwhile waits for its new plan.

    Returns:
        How many runs were due; 0 when none is left.
    """
    due = (
        select(
            RunRow.id,
            RunRow.deadline_id,
            RunRow.complaint_id,
            RunRow.ladder,
            RunRow.revision,
            RunRow.next_rung,
            DeadlineRow.due_on,
            DeadlineRow.zone,
            DeadlineRow.met,
            DeadlineRow.void,
        )
        .join(DeadlineRow, DeadlineRow.id == RunRow.deadline_id)
        .where(RunRow.next_at <= work.now, ~DeadlineRow.plan_pending)
        .order_by(RunRow.next_at, RunRow.id)
        .limit(ladders.defaults().batch)
        .with_for_update(of=RunRow, skip_locked=True, key_share=True)
    )
    runs = (await work.session.execute(due)).all()
    if not runs:
        return 0
    book = await address_book(work, (run.complaint_id for run in runs))
    muted = await mutes(work, [run.id for run in runs])
    steps = [_step(work.now, run, book, muted.get(run.id, {})) for run in runs]
    await _write_notices(work, steps)
    await _write_rungs(work, steps)
    await _write_plans(work, steps)
    return len(runs)


def _step(now: datetime, run: _Line, book: Addressees, muted: Collection[str]) -> Step:
    if run.met or run.void:
        silent = Plan(next_rung=None, next_at=None, silent_reason="met" if run.met else "void")
        return Step(run=run, plan=silent)
    ladder = msgspec.convert(run.ladder, Ladder)
    instants = [(rung.at, rungs.instant(rung.at, run.due_on, run.zone)) for rung in ladder.rungs]
    first = next(place for place, (at, _) in enumerate(instants) if at == run.next_rung)
    passed = [place for place in range(first, len(instants)) if instants[place][1] <= now]
    if not passed:
        return Step(run=run, plan=following(instants, first - 1))
    heard = [place for place in passed if ladder.rungs[place].always or ladder.rungs[place].at not in muted]
    quiet = [instants[place] for place in passed if place not in heard]
    plan = following(instants, passed[-1])
    if not heard:
        return Step(run=run, muted=quiet, plan=plan)
    newest = heard[-1]
    spoken, due_at = ladder.rungs[newest], instants[newest][1]
    return Step(
        run=run,
        spoken=spoken,
        due_at=due_at,
        passed_over=[instants[place] for place in heard[:-1]],
        muted=quiet,
        plan=plan,
        reached=book.of(run.complaint_id, spoken.audiences),
        late=now - due_at > timedelta(minutes=ladder.late_after_minutes),
    )


async def _write_notices(work: Work, steps: list[Step]) -> None:
    resting = await _resting(work, [step.run.id for step in steps])
    planned = [
        Planned(
            subject_id=step.run.deadline_id,
            complaint_id=step.run.complaint_id,
            run_id=step.run.id,
            revision=step.run.revision,
            rung=step.spoken.at,
            organization_id=recipient.organization_id,
            contact_id=recipient.contact_id,
            locale=recipient.locale,
            due_at=step.due_at,
            late=step.late,
            suppressed=(
                "acknowledged" if not step.spoken.always and recipient.organization_id in resting[step.run.id] else None
            ),
        )
        for step in steps
        if step.spoken is not None and step.due_at is not None
        for recipient in step.reached.recipients
    ]
    await notices.put_all_once(work, planned)


async def _resting(work: Work, run_ids: list[UUID]) -> dict[UUID, set[UUID]]:
    query = select(AcknowledgementRow.run_id, AcknowledgementRow.organization_id).where(
        AcknowledgementRow.run_id.in_(run_ids), AcknowledgementRow.until > work.now
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await work.session.execute(query):
        found[row.run_id].add(row.organization_id)
    return found


async def _write_rungs(work: Work, steps: list[Step]) -> None:
    rows, notes = [], []
    for step in steps:
        result = "spoke" if step.reached.recipients else "unreachable"
        for rung, due_at, outcome in [
            *((rung, due_at, "passed_over") for rung, due_at in step.passed_over),
            *((rung, due_at, "muted") for rung, due_at in step.muted),
            *([(step.spoken.at, step.due_at, result)] if step.spoken else []),
        ]:
            rows.append(
                {
                    "run_id": step.run.id,
                    "revision": step.run.revision,
                    "rung": rung,
                    "due_at": due_at,
                    "climbed_at": work.now,
                    "result": outcome,
                }
            )
        if step.spoken is not None:
            notes += [(step.run.complaint_id, note) for note in _notes(step, result)]
    if rows:
        await work.session.execute(insert(RungRow).on_conflict_do_nothing(), rows)
    await timeline.note_each(work, notes)


def _notes(step: Step, result: str) -> list[timeline.Note]:
    """Return what the timeline tells of a step: counts and organisations, no addresses."""
    told = {
        "rung": step.spoken.at if step.spoken else None,
        "revision": step.run.revision,
        "escalation_id": step.run.id,
        "contacts": len(step.reached.recipients),
        "passed_over": [rung for rung, _ in step.passed_over],
        "late": step.late,
    }
    notes = []
    if result == "spoke":
        notes.append(timeline.Note(type="escalation_rung", subject_id=step.run.deadline_id, after=told))
    if step.reached.unreachable:
        without = {**told, "organization_ids": step.reached.unreachable}
        notes.append(timeline.Note(type="escalation_unreachable", subject_id=step.run.deadline_id, after=without))
    return notes


async def _write_plans(work: Work, steps: list[Step]) -> None:
    table = RunRow.__table__
    change = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("run_id"))
        .values(
            next_rung=bindparam("rung"), next_at=bindparam("at"), silent_reason=bindparam("why"), updated_at=work.now
        )
    )
    connection = await work.session.connection()
    await connection.execute(
        change,
        [
            {
                "run_id": step.run.id,
                "rung": step.plan.next_rung,
                "at": step.plan.next_at,
                "why": step.plan.silent_reason,
            }
            for step in steps
        ],
    )
