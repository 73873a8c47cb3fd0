"""Climbing: each run whose instant has come speaks once, and only its newest rung that passed and is not muted.

Statements for each batch do not depend on how many runs, recipients or rows there are.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.complaints import timeline
from vigilancia.core.work import Work
from vigilancia.escalation import ladder as ladders
from vigilancia.escalation.ladder import FLOOR, TASK, Ladder, Rung, Step
from vigilancia.escalation.models import AcknowledgementRow, RungRow, RunRow
from vigilancia.escalation.plan import Plan, following
from vigilancia.escalation.queries import mutes
from vigilancia.escalation.recipients import Addressees, Reached, address_book
from vigilancia.notices import rungs
from vigilancia.notices import service as notices
from vigilancia.notices.service import Planned
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.tasks.models import TaskRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one run does now.

    Attributes:
        run: The run, with what of its deadline or task and case is needed.
        spoken: The newest rung that passed and is not muted, with all that fall on its instant; none: nothing to say.
        due_at: When it fell due.
        beside: Rungs with the same instant that speak with it, in the same message.
        passed_over: Older rungs that never spoke.
        muted: Those that somebody muted.
        plan: What comes next.
        reached: Whom it speaks to.
        late: Whether it speaks long after it was due.
    """

    run: _Line
    spoken: Rung | None = None
    due_at: datetime | None = None
    beside: list[Step] = []
    passed_over: list[Step] = []
    muted: list[Step] = []
    plan: Plan
    reached: Reached = Reached(recipients=[], unreachable=[])
    late: bool = False

    @property
    def result(self) -> str:
        """What became of the rung that spoke."""
        return "spoke" if self.reached.recipients else "unreachable"

    @property
    def passed(self) -> list[tuple[Step, str]]:
        """Every rung dealt with, and what became of it."""
        spoken = [] if self.spoken is None or self.due_at is None else [Step(self.spoken, self.due_at)]
        return [
            *((step, "passed_over") for step in self.passed_over),
            *((step, "muted") for step in self.muted),
            *((step, self.result) for step in [*self.beside, *spoken]),
        ]


async def climb_due(work: Work) -> int:
    """Climb one batch of the runs that are due.

    Safe beside rivals: rows they hold are skipped here, and the ledger's key refuses a second notice. A deadline or
    task that changed meanwhile waits for its new plan.

    Returns:
        How many runs were due; 0 when none is left.
    """
    due = (
        select(
            RunRow.id,
            RunRow.deadline_id,
            RunRow.task_id,
            RunRow.complaint_id,
            RunRow.ladder,
            RunRow.revision,
            RunRow.next_rung,
            func.coalesce(DeadlineRow.due_on, TaskRow.due_on).label("due_on"),
            func.coalesce(DeadlineRow.zone, TaskRow.zone).label("zone"),
            func.coalesce(DeadlineRow.nature, literal(TASK)).label("nature"),
            func.coalesce(DeadlineRow.met, TaskRow.state == "done").label("met"),
            func.coalesce(DeadlineRow.void, TaskRow.state == "cancelled").label("void"),
            TaskRow.organization_id,
            TaskRow.contact_id,
        )
        .outerjoin(DeadlineRow, DeadlineRow.id == RunRow.deadline_id)
        .outerjoin(TaskRow, TaskRow.id == RunRow.task_id)
        .where(RunRow.next_at <= work.now, ~func.coalesce(DeadlineRow.plan_pending, TaskRow.plan_pending))
        .order_by(RunRow.next_at, RunRow.id)
        .limit(ladders.defaults().batch)
        .with_for_update(of=RunRow, skip_locked=True, key_share=True)
    )
    runs = (await work.session.execute(due)).all()
    if not runs:
        return 0
    book = await address_book(work, runs)
    muted = await mutes(work, [run.id for run in runs])
    turns = [_turn(work.now, run, book, muted.get(run.id, ())) for run in runs]
    await _write_notices(work, turns)
    await _write_rungs(work, turns)
    await _write_plans(work, turns)
    return len(runs)


def _turn(now: datetime, run: _Line, book: Addressees, muted: Collection[str]) -> Turn:
    if run.met or run.void:
        silent = Plan(next_rung=None, next_at=None, silent_reason="met" if run.met else "void")
        return Turn(run=run, plan=silent)
    ladder = msgspec.convert(run.ladder, Ladder)
    steps = ladder.steps(run.due_on, run.zone)
    first = next(place for place, step in enumerate(steps) if step.rung.at == run.next_rung)
    passed = [place for place in range(first, len(steps)) if steps[place].due_at <= now]
    if not passed:
        return Turn(run=run, plan=following(steps, first - 1))
    heard = [steps[place] for place in passed if steps[place].rung.always or steps[place].rung.at not in muted]
    quiet = [steps[place] for place in passed if steps[place] not in heard]
    plan = following(steps, passed[-1])
    if not heard:
        return Turn(run=run, muted=quiet, plan=plan)
    due_at = heard[-1].due_at
    together = [step for step in heard if step.due_at == due_at]
    spoken = _together([step.rung for step in together])
    return Turn(
        run=run,
        spoken=spoken,
        due_at=due_at,
        beside=[step for step in together if step.rung.at != spoken.at],
        passed_over=[step for step in heard if step not in together],
        muted=quiet,
        plan=plan,
        reached=book.of(run, spoken.audiences),
        late=now - due_at > timedelta(minutes=ladder.late_after_minutes),
    )


def _together(rungs: Sequence[Rung]) -> Rung:
    """Return rungs of one instant as one: one message to all of them, under the name of the last that always speaks."""
    named = [rung for rung in rungs if rung.always] or rungs
    return Rung(
        at=named[-1].at,
        audiences=list(dict.fromkeys(audience for rung in rungs for audience in rung.audiences)),
        always=any(rung.always for rung in rungs),
        at_once=any(rung.at_once for rung in rungs),
    )


async def _write_notices(work: Work, turns: list[Turn]) -> None:
    rests = await resting(work, [turn.run.id for turn in turns])
    planned = [
        Planned(
            kind="deadline" if turn.run.task_id is None else "task",
            subject_id=turn.run.deadline_id or turn.run.task_id,
            complaint_id=turn.run.complaint_id,
            run_id=turn.run.id,
            revision=turn.run.revision,
            rung=turn.spoken.at,
            organization_id=recipient.organization_id,
            contact_id=recipient.contact_id,
            channel=recipient.channel,
            place=recipient.place,
            locale=recipient.locale,
            due_at=turn.due_at,
            late=turn.late,
            closes_at=rungs.instant(ladders.defaults().completed_by[-1], turn.run.due_on, turn.run.zone),
            at_once=turn.spoken.at_once,
            suppressed=(
                "acknowledged" if not turn.spoken.always and recipient.organization_id in rests[turn.run.id] else None
            ),
        )
        for turn in turns
        if turn.spoken is not None and turn.due_at is not None
        for recipient in turn.reached.recipients
    ]
    await notices.put_all_once(work, planned)


async def resting(work: Work, run_ids: list[UUID]) -> dict[UUID, set[UUID]]:
    """Return by run the organisations whose acknowledgement has not ended; one statement."""
    query = select(AcknowledgementRow.run_id, AcknowledgementRow.organization_id).where(
        AcknowledgementRow.run_id.in_(run_ids), AcknowledgementRow.until > work.now
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await work.session.execute(query):
        found[row.run_id].add(row.organization_id)
    return found


async def _write_rungs(work: Work, turns: list[Turn]) -> None:
    rows = [
        {
            "run_id": turn.run.id,
            "revision": turn.run.revision,
            "rung": step.rung.at,
            "due_at": step.due_at,
            "climbed_at": work.now,
            "result": outcome,
        }
        for turn in turns
        for step, outcome in turn.passed
    ]
    fresh: set[tuple[UUID, str]] = set()
    if rows:
        table = RungRow.__table__
        put = insert(table).on_conflict_do_nothing().returning(table.c.run_id, table.c.rung)  # type: ignore[arg-type]
        connection = await work.session.connection()
        fresh = {(row.run_id, row.rung) for row in await connection.execute(put, rows)}
    notes = [(turn.run.complaint_id, note) for turn in turns for note in (*_notes(turn), *_over(turn, fresh))]
    await timeline.note_each(work, notes)


def _notes(turn: Turn) -> list[timeline.Note]:
    """Return what the timeline tells of a turn: counts and organisations, no addresses."""
    if turn.spoken is None:
        return []
    subject_id = turn.run.deadline_id or turn.run.task_id
    told = {
        "rung": turn.spoken.at,
        "revision": turn.run.revision,
        "escalation_id": turn.run.id,
        "contacts": len(turn.reached.recipients),
        "passed_over": [step.rung.at for step in turn.passed_over],
        "late": turn.late,
    }
    notes = []
    if turn.result == "spoke":
        notes.append(timeline.Note(type="escalation_rung", subject_id=subject_id, after=told))
    if turn.reached.unreachable:
        without = {**told, "organization_ids": turn.reached.unreachable}
        notes.append(timeline.Note(type="escalation_unreachable", subject_id=subject_id, after=without))
    return notes


def _over(turn: Turn, fresh: Collection[tuple[UUID, str]]) -> list[timeline.Note]:
    """Return that the last day of a deadline came, and that it went by; each once for a revision.

    Every ladder but a floor's has a rung on the last day and one on the day after (`ladder.for_rungs`), so that both
    are told whatever the ladder of one's own says.
    """
    run = turn.run
    if run.deadline_id is None or run.nature == FLOOR:
        return []
    came, gone = ladders.defaults().completed_by
    names = [step.rung.at for step, _ in turn.passed if (run.id, step.rung.at) in fresh]
    told = {"revision": run.revision, "due_on": run.due_on}  # read by all who see the dates, the public among them
    return [
        timeline.Note(type=type_, subject_id=run.deadline_id, after=told)
        for type_, name in (("deadline_due", came), ("deadline_missed", gone))
        if name in names
    ]


async def _write_plans(work: Work, turns: list[Turn]) -> None:
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
                "run_id": turn.run.id,
                "rung": turn.plan.next_rung,
                "at": turn.plan.next_at,
                "why": turn.plan.silent_reason,
            }
            for turn in turns
        ],
    )
