"""What climbs a ladder: deadlines of the law, and people's own tasks, seen alike."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select

from vigilancia.core.work import Work
from vigilancia.escalation import ladder as ladders
from vigilancia.escalation.ladder import Kind
from vigilancia.escalation.working_days import Office, calendars_of, office
from vigilancia.law import loader
from vigilancia.proceedings import rulesets
from vigilancia.proceedings.circumstances import EMPTY, book
from vigilancia.proceedings.models import DeadlineRow, ProceedingRow
from vigilancia.proceedings.tasks.models import TaskRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns


class Subject(Struct, frozen=True, kw_only=True):
    """A deadline or a task, as far as its plan needs it.

    Attributes:
        id: Of the deadline or task.
        complaint_id: Of the case.
        keeper_id: The organisation whose ladders it climbs: a task's own; none: the owner of the case.
        kind: What its ladder is chosen by.
        revision: Of it.
        due_on: Its last day.
        zone: Where that day ends.
        met: It was done.
        void: It does not hold any more.
        recorded_at: When this was known: tells history from news.
        calendars: That the count of its day consulted.
        digest: Of the rule set it is pinned to; none: it is a task's.
        mark: Closures up to this number count.
    """

    id: UUID
    complaint_id: UUID
    keeper_id: UUID | None = None
    kind: Kind
    revision: int
    due_on: date
    zone: str
    met: bool
    void: bool
    recorded_at: datetime
    calendars: list[str]
    digest: str | None = None
    mark: int = 0

    @property
    def is_task(self) -> bool:
        """Whether it is somebody's task, and no deadline of the law."""
        return self.kind.nature == ladders.TASK


async def pending_deadlines(work: Work) -> list[Subject]:
    """Return one batch of the deadlines that must be planned, locked.

    Rivals skip what is locked here. The lock leaves room for notices that point at the deadline.
    """
    query = (
        _deadlines()
        .where(DeadlineRow.plan_pending)
        .order_by(DeadlineRow.id)
        .limit(ladders.defaults().batch)
        .with_for_update(of=DeadlineRow, skip_locked=True, key_share=True)
    )
    return [_of_deadline(row) for row in await work.session.execute(query)]


async def held_deadlines(work: Work, ids: Iterable[UUID]) -> list[Subject]:
    """Return these deadlines, locked; waits for whoever has them."""
    query = (
        _deadlines()
        .where(DeadlineRow.id.in_(list(ids)))
        .order_by(DeadlineRow.id)
        .with_for_update(of=DeadlineRow, key_share=True)
    )
    return [_of_deadline(row) for row in await work.session.execute(query)]


async def pending_tasks(work: Work) -> list[Subject]:
    """Return one batch of the tasks that must be planned, locked; rivals skip them."""
    query = (
        select(*_TASK)
        .where(TaskRow.plan_pending)
        .order_by(TaskRow.id)
        .limit(ladders.defaults().batch)
        .with_for_update(of=TaskRow, skip_locked=True, key_share=True)
    )
    return [_of_task(row) for row in await work.session.execute(query)]


async def held_tasks(work: Work, ids: Iterable[UUID]) -> list[Subject]:
    """Return these tasks, locked; waits for whoever has them."""
    query = select(*_TASK).where(TaskRow.id.in_(list(ids))).order_by(TaskRow.id)
    return [_of_task(row) for row in await work.session.execute(query.with_for_update(of=TaskRow, key_share=True))]


async def offices(work: Work, subjects: Sequence[Subject]) -> Mapping[UUID, Office]:
    """Return whose working days count for each of these; two statements at most, mostly none."""
    digests = {subject.digest for subject in subjects if subject.digest is not None}
    pinned = await rulesets.for_words(work, digests) if digests else {}
    closures = await book(work) if any(subject.mark for subject in subjects) else EMPTY
    found = {}
    for subject in subjects:
        rules = pinned.get(subject.digest) if subject.digest else None
        shelf = rules.calendars if rules else {}
        found[subject.id] = office(subject.calendars, subject.zone, shelf, closures.at(subject.mark))
    return found


_DEADLINE = (
    DeadlineRow.id,
    DeadlineRow.complaint_id,
    DeadlineRow.mechanism,
    DeadlineRow.rule,
    DeadlineRow.actor,
    DeadlineRow.nature,
    DeadlineRow.revision,
    DeadlineRow.due_on,
    DeadlineRow.zone,
    DeadlineRow.met,
    DeadlineRow.void,
    DeadlineRow.trigger_recorded_at,
    DeadlineRow.computation["calendars"].label("calendars"),
    DeadlineRow.kept_digest,
    DeadlineRow.kept_mark,
    ProceedingRow.rules_digest,
    ProceedingRow.closures_mark,
)
_TASK = (
    TaskRow.id,
    TaskRow.complaint_id,
    TaskRow.organization_id,
    TaskRow.mechanism,
    TaskRow.revision,
    TaskRow.due_on,
    TaskRow.zone,
    TaskRow.state,
    TaskRow.recorded_at,
)


def _deadlines() -> Any:  # noqa: ANN401 - a select of the columns above
    return select(*_DEADLINE).join(ProceedingRow, ProceedingRow.id == DeadlineRow.proceeding_id)


def _of_deadline(row: _Line) -> Subject:
    kept = row.kept_digest is not None
    return Subject(
        id=row.id,
        complaint_id=row.complaint_id,
        kind=Kind(mechanism=row.mechanism, rule=row.rule, actor=row.actor, nature=row.nature),
        revision=row.revision,
        due_on=row.due_on,
        zone=row.zone,
        met=row.met,
        void=row.void,
        recorded_at=row.trigger_recorded_at,
        calendars=row.calendars or [],
        digest=row.kept_digest if kept else row.rules_digest,
        mark=row.kept_mark if kept else row.closures_mark,
    )


def _of_task(row: _Line) -> Subject:
    """Return a task; its working days are those of the country its mechanism is at home in, or else of its zone's."""
    mechanism = loader.mechanisms().get(row.mechanism) if row.mechanism else None
    return Subject(
        id=row.id,
        complaint_id=row.complaint_id,
        keeper_id=row.organization_id,
        kind=Kind(mechanism=row.mechanism, nature=ladders.TASK),
        revision=row.revision,
        due_on=row.due_on,
        zone=row.zone,
        met=row.state == "done",
        void=row.state == "cancelled",
        recorded_at=row.recorded_at,
        calendars=calendars_of(mechanism.zone) if mechanism else [],
    )
