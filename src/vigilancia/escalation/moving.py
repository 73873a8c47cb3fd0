"""Moving open runs to the ladder they would get today, after a ladder was changed, made or put away.

What was told is not told again, and rungs of the new ladder that lie in the past do not speak late because of it; a
rung of the old one that was due and not climbed yet leaves its place to the newest that the new ladder has since then.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, Text, cast, func, literal, or_, select

from vigilancia.complaints import timeline
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.work import Work
from vigilancia.escalation import ladder as ladders
from vigilancia.escalation.ladder import TASK, Counted, Kind, Ladder, Rung
from vigilancia.escalation.models import PolicyRow, RunRow
from vigilancia.escalation.plan import Choice, plan_all
from vigilancia.escalation.subjects import Subject, held_deadlines, held_tasks
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.tasks.models import TaskRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns
_RUNGS: ColumnElement[Any] = RunRow.ladder["rungs"]
_PRINT = func.md5(cast(_RUNGS, Text)).label("print")
_KIND = (
    RunRow.policy_id,
    func.coalesce(DeadlineRow.mechanism, TaskRow.mechanism).label("mechanism"),
    DeadlineRow.rule.label("rule"),
    DeadlineRow.actor.label("actor"),
    func.coalesce(DeadlineRow.nature, literal(TASK)).label("nature"),
)
_JUST_BEFORE = timedelta(microseconds=1)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How the open runs of a policy stand.

    Attributes:
        open_runs: Those that climb it, or would if they began today.
        behind: The keys of those whose ladder is another than they would get today, with how many there are.
    """

    open_runs: int
    behind: Mapping[tuple[Any, ...], int]

    @property
    def runs_behind(self) -> int:
        """How many are behind."""
        return sum(self.behind.values())


async def standing_of(work: Work, policy_id: UUID) -> Standing:
    """Tell how the open runs of a ladder of the caller's organisation stand; two statements."""
    policies = await _policies(work)
    columns = (*_KIND, _PRINT)
    grouped = _own_open(work, *columns, func.min(cast(_RUNGS, Text)).label("rungs"), func.count().label("runs"))
    open_runs, behind = 0, {}
    for row in await work.session.execute(grouped.group_by(*_KIND, cast(_RUNGS, Text))):
        kind = _kind(row)
        chosen = ladders.most_specific(policies, kind)
        if policy_id not in (row.policy_id, chosen.id if chosen else None):
            continue
        open_runs += row.runs
        frozen = msgspec.json.decode(row.rungs, type=list[Rung])
        if frozen != ladders.frozen_for(kind, chosen).rungs:
            behind[_key(row)] = row.runs
    return Standing(open_runs=open_runs, behind=behind)


async def move(work: Work, policy_id: UUID) -> int:
    """Give the runs of a policy that are behind the ladder they would get today; so many at once as the data says.

    Deadlines are locked before runs, as planning does: a climb of this moment is waited for and known.

    Returns:
        How many were moved.
    """
    behind = (await standing_of(work, policy_id)).behind
    if not behind:
        return 0
    policies = await _policies(work)
    query = _own_open(work, RunRow.deadline_id, RunRow.task_id, *_KIND, _PRINT)
    order = (RunRow.task_id.is_not(None), func.coalesce(RunRow.deadline_id, RunRow.task_id))
    rows = [row for row in await work.session.execute(query.order_by(*order)) if _key(row) in behind]
    most = ladders.defaults().moved_at_once
    moved = 0
    for some in _batches(rows[:most]):
        moved += await _move(work, some, policies)
    return moved


def _batches(rows: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Return deadlines' runs, then tasks': what is planned together is of one kind."""
    for of_task in (False, True):
        mine = [row for row in rows if (row.task_id is not None) == of_task]
        size = ladders.defaults().batch
        yield from (mine[start : start + size] for start in range(0, len(mine), size))


async def _move(work: Work, rows: Sequence[_Line], policies: Sequence[PolicyRow]) -> int:
    of_task = rows[0].task_id is not None
    ids = [row.task_id if of_task else row.deadline_id for row in rows]
    held = await (held_tasks(work, ids) if of_task else held_deadlines(work, ids))
    subjects = {subject.id: subject for subject in held}
    key = RunRow.task_id if of_task else RunRow.deadline_id
    query = (
        select(RunRow.id, key.label("subject_id"), RunRow.complaint_id, RunRow.ladder, RunRow.next_at)
        .where(key.in_(ids), RunRow.next_at.is_not(None))
        .order_by(RunRow.id)
        .with_for_update(key_share=True)
    )
    runs = (await work.session.execute(query)).all()
    if not runs:
        return 0
    moved = {}
    for run in runs:
        subject = subjects[run.subject_id]
        chosen = ladders.most_specific(policies, subject.kind)
        target = ladders.frozen_for(subject.kind, chosen)
        moved[subject.id] = Choice(policy_id=chosen.id if chosen else None, ladder=_carried(work, run, subject, target))
    await plan_all(work, [subjects[run.subject_id] for run in runs], moved)
    await timeline.note_each(
        work,
        [
            (
                run.complaint_id,
                timeline.Note(
                    type="escalation_ladder_moved",
                    subject_id=run.subject_id,
                    after={"escalation_id": run.id, "policy_id": moved[run.subject_id].policy_id},
                ),
            )
            for run in runs
        ],
    )
    return len(runs)


def _carried(work: Work, run: _Line, subject: Subject, target: Ladder) -> Ladder:
    """Return the new ladder with what the old one knows of this run's past."""
    old = msgspec.convert(run.ladder, Ladder)
    names = {rung.at for rung in target.rungs}
    former = {rung.at: rung for rung in [*old.former, *old.rungs] if rung.at not in names}
    return msgspec.structs.replace(
        target,
        offsets=old.offsets,
        counted=old.counted or Counted(due_on=subject.due_on, revision=subject.revision),
        former=list(former.values()),
        quiet_until=min(work.now, run.next_at - _JUST_BEFORE),  # what was due and not climbed yet must not be lost
    )


async def _policies(work: Work) -> Sequence[PolicyRow]:
    query = select(PolicyRow).where(PolicyRow.owner_id == work.caller.organization_id, PolicyRow.active)
    return (await work.session.scalars(query)).all()


def _own_open(work: Work, *columns: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401
    """Select of the runs with something to come that climb ladders of the caller's organisation."""
    mine = work.caller.organization_id
    return (
        select(*columns)
        .select_from(RunRow)
        .join(ComplaintRow, ComplaintRow.id == RunRow.complaint_id)
        .outerjoin(DeadlineRow, DeadlineRow.id == RunRow.deadline_id)
        .outerjoin(TaskRow, TaskRow.id == RunRow.task_id)
        .where(
            RunRow.next_at.is_not(None),
            or_(
                RunRow.task_id.is_(None) & (ComplaintRow.owner_id == mine),
                TaskRow.organization_id == mine,
            ),
        )
    )


def _kind(row: _Line) -> Kind:
    return Kind(mechanism=row.mechanism, rule=row.rule, actor=row.actor, nature=row.nature)


def _key(row: _Line) -> tuple[Any, ...]:
    return row.policy_id, row.mechanism, row.rule, row.actor, row.nature, row.print
