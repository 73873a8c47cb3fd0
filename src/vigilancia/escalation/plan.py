"""Planning: each deadline or task that changed gets its ladder, or falls silent; what was climbed stays climbed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.complaints import timeline
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import clock
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.escalation import ladder as ladders
from vigilancia.escalation import working_days
from vigilancia.escalation.ladder import Counted, Ladder, Step
from vigilancia.escalation.models import PolicyRow, RungRow, RunRow
from vigilancia.escalation.subjects import Subject, offices, pending_deadlines, pending_tasks
from vigilancia.escalation.working_days import Office
from vigilancia.notices import rungs
from vigilancia.notices.models import NoticeRow
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.tasks.models import TaskRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns


# Why a notice did not leave although its rung had spoken: events overtook it. If they are taken back, it must be told.
_OVERTAKEN = ("met", "void", "superseded")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What comes next for a deadline or task; without an instant it is silent, for a reason."""

    next_rung: str | None
    next_at: datetime | None
    silent_reason: str | None


class Climbed(msgspec.Struct, frozen=True):
    """A rung already dealt with: its name, the instant it was due, and the revision then."""

    rung: str
    due_at: datetime
    revision: int


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The ladder of a run, and from which policy it was frozen; none: the default."""

    policy_id: UUID | None
    ladder: Ladder


class _Cases(msgspec.Struct, frozen=True, kw_only=True):
    """What plans need of cases: their owners, which are merged into others, and the ladders of organisations."""

    owners: Mapping[UUID, UUID]
    merged: Collection[UUID]
    policies: Mapping[UUID, Sequence[Any]]


async def plan_pending(work: Work) -> int:
    """Plan one batch of the deadlines, or else of the tasks, that changed since they were last planned.

    Returns:
        How many were planned; 0 when none is left.
    """
    subjects = await pending_deadlines(work) or await pending_tasks(work)
    if subjects:
        await plan_all(work, subjects, {})
    return len(subjects)


async def plan_all(work: Work, subjects: Sequence[Subject], moved: Mapping[UUID, Choice]) -> None:
    """Plan deadlines, or tasks, that are locked; they must be all of one kind.

    Args:
        work: The transaction.
        subjects: At least one.
        moved: By the subject's id, ladders that take the place of those their runs froze.
    """
    runs = await _runs(work, subjects)
    climbed = await _climbed(work, [run.id for run in runs.values()])
    cases = await _cases(work, subjects)
    chosen = {subject.id: _chosen(subject, cases, runs.get(subject.id), moved.get(subject.id)) for subject in subjects}
    counted_by = await offices(work, [each for each in subjects if _to_count(each, chosen[each.id].ladder)])
    written = []
    for subject in subjects:
        run, choice = runs.get(subject.id), chosen[subject.id]
        ladder = counted_for(subject, choice.ladder, counted_by.get(subject.id))
        coming = plan(subject, ladder, climbed.get(run.id, []) if run is not None else [])
        if subject.complaint_id in cases.merged and coming.next_rung is not None:  # undoing it has it planned anew
            coming = Plan(next_rung=None, next_at=None, silent_reason="merged")
        run_id = new_id() if run is None else run.id
        written.append(_row(work, subject, run_id, Choice(policy_id=choice.policy_id, ladder=ladder), coming))
    fresh = insert(RunRow)
    names = ("policy_id", "ladder", "revision", "next_rung", "next_at", "silent_reason", "updated_at")
    again = {name: fresh.excluded[name] for name in names}
    key = "task_id" if subjects[0].is_task else "deadline_id"
    await work.session.execute(fresh.on_conflict_do_update(index_elements=[key], set_=again), written)
    await _tell_started(work, [row for row in written if row[key] not in runs])
    table = TaskRow if subjects[0].is_task else DeadlineRow
    await work.session.execute(
        update(table)
        .where(table.id.in_([subject.id for subject in subjects]), table.plan_pending)
        .values(plan_pending=False)
        .execution_options(synchronize_session=False)
    )


def plan(subject: Subject, ladder: Ladder, climbed: Collection[Climbed]) -> Plan:
    """Return what comes next for a deadline or task.

    Args:
        subject: As it is now.
        ladder: As frozen, counted for its last day.
        climbed: Rungs already dealt with, each with the instant it was due: a rung counts as climbed for one day
            only, so that a moved day is told anew and an unmoved one is not told twice.
    """
    if subject.met or subject.void:
        return Plan(next_rung=None, next_at=None, silent_reason="met" if subject.met else "void")
    recorded_on = clock.local_date(subject.recorded_at, subject.zone)
    if (recorded_on - subject.due_on).days > ladder.silent_after_days:
        return Plan(next_rung=None, next_at=None, silent_reason="history")
    steps = ladder.steps(subject.due_on, subject.zone)
    return following(steps, _last_done(steps, ladder, climbed))


def following(steps: Sequence[Step], place: int) -> Plan:
    """Return the plan after the rung at a place of the ladder; -1: before the first."""
    if place + 1 >= len(steps):
        return Plan(next_rung=None, next_at=None, silent_reason="done")
    step = steps[place + 1]
    return Plan(next_rung=step.rung.at, next_at=step.due_at, silent_reason=None)


def _last_done(steps: Sequence[Step], ladder: Ladder, climbed: Collection[Climbed]) -> int:
    """Return the place of the last rung dealt with; -1: none.

    Two last days may have one Friday before them, so a rung that counts working days was climbed for this last day
    only if that was so since it became the last day. Of rungs with one instant all must have been dealt with.
    """
    since = ladder.counted.revision if ladder.counted else 0
    done = {
        (each.rung, each.due_at)
        for each in climbed
        if each.revision >= since or not rungs.counts_working_days(each.rung)
    }
    quiet = ladder.quiet_until
    over = [step.key in done or (quiet is not None and step.due_at <= quiet) for step in steps]
    last = max((place for place, is_over in enumerate(over) if is_over), default=-1)
    open_beside = [place for place in range(last) if not over[place] and steps[place].due_at == steps[last].due_at]
    return min(open_beside) - 1 if open_beside else last


def counted_for(subject: Subject, ladder: Ladder, office: Office | None) -> Ladder:
    """Return a ladder counted for the subject's last day; what was counted for that day before stays as it is.

    Args:
        subject: As it is now.
        ladder: As frozen.
        office: Whose working days count; none: no rung of the ladder wants any.
    """
    names = _working_rungs(ladder)
    counted = working_days.count(office, names, subject.due_on) if office is not None else {}
    if ladder.counted is not None and ladder.counted.due_on == subject.due_on:
        calendars = list(office.names) if office is not None else ladder.counted.calendars
        known = msgspec.structs.replace(ladder.counted, calendars=calendars)
        return msgspec.structs.replace(ladder, offsets={**counted, **ladder.offsets}, counted=known)
    return msgspec.structs.replace(
        ladder,
        offsets=counted,
        counted=Counted(
            due_on=subject.due_on,
            revision=subject.revision,
            calendars=list(office.names) if office is not None else [],
        ),
        quiet_until=None,
    )


def _working_rungs(ladder: Ladder) -> set[str]:
    return {rung.at for rung in ladder.rungs if rungs.counts_working_days(rung.at)} | set(ladder.offsets)


def _is_counted(subject: Subject, ladder: Ladder) -> bool:
    return ladder.counted is not None and ladder.counted.due_on == subject.due_on


def _to_count(subject: Subject, ladder: Ladder) -> bool:
    names = _working_rungs(ladder)
    return bool(names if not _is_counted(subject, ladder) else names - set(ladder.offsets))


def _chosen(subject: Subject, cases: _Cases, run: _Line | None, moved: Choice | None) -> Choice:
    """Return the ladder: the one it is moved to, the one its run froze, or the one that names most of it."""
    if moved is not None:
        return moved
    if run is not None:
        return Choice(policy_id=run.policy_id, ladder=msgspec.convert(run.ladder, Ladder))
    keeper_id = subject.keeper_id or cases.owners[subject.complaint_id]
    policy = ladders.most_specific(cases.policies.get(keeper_id, ()), subject.kind)
    return Choice(policy_id=policy.id if policy else None, ladder=ladders.frozen_for(subject.kind, policy))


def _row(work: Work, subject: Subject, run_id: UUID, choice: Choice, coming: Plan) -> dict[str, Any]:
    return {
        "id": run_id,
        "deadline_id": None if subject.is_task else subject.id,
        "task_id": subject.id if subject.is_task else None,
        "complaint_id": subject.complaint_id,
        "policy_id": choice.policy_id,
        "ladder": msgspec.to_builtins(choice.ladder),
        "revision": subject.revision,
        **msgspec.structs.asdict(coming),
        "started_at": work.now,
        "updated_at": work.now,
    }


async def _tell_started(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note each new run of a deadline that has something to come."""
    notes = [
        (
            row["complaint_id"],
            timeline.Note(
                type="escalation_started",
                subject_id=row["deadline_id"],
                after={
                    "escalation_id": row["id"],
                    "revision": row["revision"],
                    "next": row["next_rung"],
                    "next_at": row["next_at"],
                },
            ),
        )
        for row in rows
        if row["deadline_id"] is not None and row["next_rung"] is not None
    ]
    await timeline.note_each(work, notes)


async def _runs(work: Work, subjects: Sequence[Subject]) -> dict[UUID, _Line]:
    """Return the runs these have, locked: what a climb of this moment climbs must be known to the plan."""
    ids = [subject.id for subject in subjects]
    key = RunRow.task_id if subjects[0].is_task else RunRow.deadline_id
    query = (
        select(RunRow.id, key.label("subject_id"), RunRow.policy_id, RunRow.ladder)
        .where(key.in_(ids))
        .order_by(RunRow.id)
        .with_for_update(key_share=True)
    )
    return {row.subject_id: row for row in await work.session.execute(query)}


async def _climbed(work: Work, run_ids: list[UUID]) -> dict[UUID, list[Climbed]]:
    found: dict[UUID, list[Climbed]] = defaultdict(list)
    if run_ids:
        overtaken = exists().where(
            NoticeRow.run_id == RungRow.run_id,
            NoticeRow.rung == RungRow.rung,
            NoticeRow.due_at == RungRow.due_at,
            NoticeRow.status == "suppressed",
            NoticeRow.reason.in_(_OVERTAKEN),
        )
        columns = (RungRow.run_id, RungRow.rung, RungRow.due_at, RungRow.revision)
        query = select(*columns).where(RungRow.run_id.in_(run_ids), ~overtaken)
        for row in await work.session.execute(query):
            found[row.run_id].append(Climbed(row.rung, row.due_at, row.revision))
    return found


async def _cases(work: Work, subjects: Sequence[Subject]) -> _Cases:
    """Return what plans need of these cases; read once their deadlines are locked, or a merge could be missed."""
    keepers = {subject.keeper_id for subject in subjects} - {None}
    query = (
        select(
            ComplaintRow.id.label("complaint_id"),
            ComplaintRow.owner_id.label("case_owner_id"),
            ComplaintRow.merged_into,
            PolicyRow.id,
            PolicyRow.owner_id,
            PolicyRow.mechanism,
            PolicyRow.rule,
            PolicyRow.actor,
            PolicyRow.nature,
            PolicyRow.rungs,
            PolicyRow.created_at,
        )
        .select_from(ComplaintRow)
        .outerjoin(
            PolicyRow,
            PolicyRow.active & or_(PolicyRow.owner_id == ComplaintRow.owner_id, PolicyRow.owner_id.in_(keepers)),
        )
        .where(ComplaintRow.id.in_({subject.complaint_id for subject in subjects}))
    )
    owners: dict[UUID, UUID] = {}
    merged: set[UUID] = set()
    policies: dict[UUID, dict[UUID, _Line]] = defaultdict(dict)
    for row in await work.session.execute(query):
        owners[row.complaint_id] = row.case_owner_id
        if row.merged_into is not None:
            merged.add(row.complaint_id)
        if row.id is not None:
            policies[row.owner_id][row.id] = row
    return _Cases(owners=owners, merged=merged, policies={key: [*each.values()] for key, each in policies.items()})
