"""Reading runs: those of one's own cases, and of cases one is linked to and told about."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select, true

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import clock, sealing
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.escalation.ladder import Ladder, nearness
from vigilancia.escalation.models import AcknowledgementRow, MuteRow, RungRow, RunRow
from vigilancia.escalation.schemas import Acknowledgement, Escalation, NextRung, Rung
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.proceedings.tasks.models import TaskRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns

# That a case is public opens its dates to everyone, but not who of its parties was told and who answered.
_PRIVATE = literal("restricted")
_READERS = ("full", "shared")
_SORTABLE: dict[str, ColumnElement[Any]] = {
    "id": RunRow.__table__.c.id,
    "started_at": RunRow.__table__.c.started_at,
    "updated_at": RunRow.__table__.c.updated_at,
    "due_on": func.coalesce(DeadlineRow.__table__.c.due_on, TaskRow.__table__.c.due_on),
}


def standing(work: Work) -> ColumnElement[str | None]:
    """Return how the caller stands to the case of a run, public or not."""
    return policy.standing(
        work.caller,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=_PRIVATE,
    )


def own_task(work: Work) -> ColumnElement[bool]:
    """Return the condition that a run is no task's, or that of a task of the caller's organisation: nobody else's."""
    if work.caller.is_system:
        return true()
    return or_(RunRow.task_id.is_(None), TaskRow.organization_id == work.caller.organization_id)


async def find(
    work: Work, listing: Listing, complaint_id: str | None, deadline_id: str | None, task_id: str | None = None
) -> Page[Escalation]:
    """Return a page of runs, the oldest first unless asked otherwise.

    Raises:
        BadParameterError: A filter, sort or cursor does not fit.
    """
    query = _select(work)
    if complaint_id is not None:
        query = query.where(any_of(RunRow.__table__.c.complaint_id, complaint_id, "complaint_id", UUID))
    if deadline_id is not None:
        query = query.where(any_of(RunRow.__table__.c.deadline_id, deadline_id, "deadline_id", UUID))
    if task_id is not None:
        query = query.where(any_of(RunRow.__table__.c.task_id, task_id, "task_id", UUID))
    if listing.updated_since is not None:
        query = query.where(RunRow.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="id")
    return Page(items=await _answers(work, rows), next=following)


async def read(work: Work, run_id: UUID) -> Escalation:
    """Return one run.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    row = (await work.session.execute(_select(work).where(RunRow.id == run_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return (await _answers(work, [row]))[0]


async def rests_until(work: Work, run_id: UUID, organization_id: UUID) -> datetime | None:
    """Return until when reminders of a run to an organisation rest; none: they do not."""
    query = (
        select(AcknowledgementRow.until)
        .where(AcknowledgementRow.run_id == run_id, AcknowledgementRow.organization_id == organization_id)
        .where(AcknowledgementRow.until > work.now)
        .order_by(AcknowledgementRow.until.desc())
        .limit(1)
    )
    found: datetime | None = await work.session.scalar(query)
    return found


async def mutes(work: Work, run_ids: Collection[UUID]) -> Mapping[UUID, Collection[str]]:
    """Return the muted rungs of each run that has any; one statement, and no key: who climbs need not know why."""
    query = select(MuteRow.run_id, MuteRow.rung).where(MuteRow.run_id.in_(run_ids))
    found: dict[UUID, set[str]] = defaultdict(set)
    for row in await work.session.execute(query):
        found[row.run_id].add(row.rung)
    return found


async def mute_reasons(work: Work, cases: Mapping[UUID, UUID]) -> Mapping[UUID, Mapping[str, str | None]]:
    """Return the muted rungs of runs with their reasons; one statement.

    Args:
        work: On whose behalf.
        cases: The complaint of each run whose reasons the caller reads.

    Raises:
        StoreError: The key store is away.
    """
    if not cases:
        return {}
    found: dict[UUID, dict[str, str | None]] = defaultdict(dict)
    rows = (await work.session.scalars(select(MuteRow).where(MuteRow.run_id.in_(cases)))).all()
    await work.vault.warm([cases[row.run_id] for row in rows])
    for row in rows:
        where = mute_place(row.run_id, row.rung)
        said = await sealing.words_of(work.vault, cases[row.run_id], where, row, ("reason",))
        found[row.run_id][row.rung] = said["reason"]
    return found


def mute_place(run_id: UUID, rung: str) -> str:
    """Return where the words of a muted rung stand."""
    return sealing.place("escalation_mute", run_id, rung)


def _select(work: Work) -> Select[*tuple[Any, ...]]:
    seen = policy.seen(
        work.caller,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=_PRIVATE,
    )
    return (
        select(
            RunRow,
            func.coalesce(DeadlineRow.due_on, TaskRow.due_on).label("due_on"),
            func.coalesce(DeadlineRow.zone, TaskRow.zone).label("zone"),
            standing(work).label("standing"),
        )
        .outerjoin(DeadlineRow, DeadlineRow.id == RunRow.deadline_id)
        .outerjoin(TaskRow, TaskRow.id == RunRow.task_id)
        .join(ComplaintRow, ComplaintRow.id == RunRow.complaint_id)
        .where(seen, own_task(work))
    )


async def _answers(work: Work, rows: Sequence[_Line]) -> list[Escalation]:
    ids = [row.RunRow.id for row in rows]
    climbed: dict[UUID, list[RungRow]] = defaultdict(list)
    for rung in await work.session.scalars(select(RungRow).where(RungRow.run_id.in_(ids))):
        climbed[rung.run_id].append(rung)
    said: dict[UUID, list[AcknowledgementRow]] = defaultdict(list)
    acknowledged = select(AcknowledgementRow).where(AcknowledgementRow.run_id.in_(ids))
    for entry in await work.session.scalars(acknowledged.order_by(AcknowledgementRow.id.desc())):
        said[entry.run_id].append(entry)
    muted = await mutes(work, ids)
    reads = {row.RunRow.id: row.RunRow.complaint_id for row in rows if _reads(work, row)}
    reasons = await mute_reasons(work, {run_id: case for run_id, case in reads.items() if run_id in muted})
    return [
        _answer(work, row, climbed[row.RunRow.id], said[row.RunRow.id], _Quiet(muted, reasons, row.RunRow.id))
        for row in rows
    ]


def _reads(work: Work, row: _Line) -> bool:
    return policy.view(work.caller, row.standing) in _READERS


class _Quiet:
    """The muted rungs of one run, and the reasons of those that the caller reads."""

    def __init__(
        self,
        muted: Mapping[UUID, Collection[str]],
        reasons: Mapping[UUID, Mapping[str, str | None]],
        run_id: UUID,
    ) -> None:
        self.rungs = muted.get(run_id, ())
        self.reasons = reasons.get(run_id, {})


def _answer(
    work: Work,
    row: _Line,
    climbed: list[RungRow],
    said: list[AcknowledgementRow],
    quiet: _Quiet,
) -> Escalation:
    run: RunRow = row.RunRow
    ladder = msgspec.convert(run.ladder, Ladder)
    steps = _rungs(row, ladder, climbed, quiet)
    following = _next(run, steps, quiet.rungs)
    return Escalation(
        id=run.id,
        complaint_id=run.complaint_id,
        deadline_id=run.deadline_id,
        task_id=run.task_id,
        policy_id=run.policy_id,
        revision=run.revision,
        due_on=row.due_on,
        next=following,
        calendars=ladder.counted.calendars if ladder.counted else [],
        silent_reason=run.silent_reason if run.silent_reason or following else "muted",
        rungs=steps,
        acknowledgements=[
            Acknowledgement(organization_id=entry.organization_id, at=entry.at, until=entry.until)
            for entry in said
            if row.standing != "alerts" or entry.organization_id == work.caller.organization_id
        ],
        started_at=run.started_at,
        updated_at=run.updated_at,
    )


def _next(run: RunRow, steps: list[Rung], muted: Collection[str]) -> NextRung | None:
    """Return what speaks next; the sweep stops at muted rungs too, which nobody hears."""
    if run.next_rung is None or run.next_at is None:
        return None
    if run.next_rung not in muted:
        return NextRung(at=run.next_rung, due_at=run.next_at)
    return next((NextRung(at=step.at, due_at=step.due_at) for step in steps if step.state == "to_come"), None)


def _rungs(row: _Line, ladder: Ladder, climbed: list[RungRow], quiet: _Quiet) -> list[Rung]:
    """Return the rungs of the present day, and those of earlier days that were climbed."""
    run: RunRow = row.RunRow
    by_name = {rung.at: rung for rung in [*ladder.former, *ladder.rungs]}
    done = {(rung.rung, rung.due_at): rung for rung in climbed if rung.rung in by_name}
    steps = [step.key for step in ladder.steps(row.due_on, row.zone)]
    found = []
    for at, due_at in sorted({*steps, *done}, key=lambda step: (step[1], nearness(step[0]))):
        before = done.get((at, due_at))
        waits = run.next_at is not None and due_at >= run.next_at
        coming = "muted" if at in quiet.rungs else "to_come"
        state: Any = before.result if before else coming if waits else "silent"
        found.append(
            Rung(
                at=at,
                on=clock.local_date(due_at, row.zone),
                due_at=due_at,
                state=state,
                audiences=by_name[at].audiences,
                always=by_name[at].always,
                at_once=by_name[at].at_once,
                climbed_at=before.climbed_at if before else None,
                revision=before.revision if before else run.revision,
                reason=quiet.reasons.get(at) if state == "muted" else None,
            )
        )
    return found
