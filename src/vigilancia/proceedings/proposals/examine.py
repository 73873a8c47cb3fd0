"""Comparing proceedings with the rules and closures of today: what changes nothing is taken over, the rest proposed.

One definition for a single proceeding after an event and for hundreds after a new release: the same statements,
however many proceedings.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct, field
from sqlalchemy import insert, select, update

from vigilancia.complaints import timeline
from vigilancia.core.ids import untimed_id
from vigilancia.core.work import Work
from vigilancia.law.errors import LawError
from vigilancia.proceedings.changes.standing import NO_CHANGES, changes_of
from vigilancia.proceedings.circumstances import Book, Circumstances, Pin, calendars_of, pin_of
from vigilancia.proceedings.following import TOLD, Change, Step, changes_in, kept_pin, under_another_pin
from vigilancia.proceedings.models import DeadlineRow, EventRow, ProceedingRow, ProposalRow
from vigilancia.proceedings.recompute import locked_deadlines, take, triggers_of
from vigilancia.proceedings.values import law_events

PROPOSED = "deadline_changes_proposed"
RULES_CHANGED, CLOSURE_ADDED, CLOSURE_WITHDRAWN = "rules_changed", "closure_added", "closure_withdrawn"
_ALREADY = ("pending", "declined")
_LIGHT = [
    getattr(DeadlineRow, name)
    for name in ("id", "proceeding_id", "rule", "trigger_event_id", *TOLD, "kept_digest", "kept_mark")
]
_EVENT = [column for column in EventRow.__table__.c if column.name not in {"note", "sources"}]

logger = logging.getLogger(__name__)


class Finding(Struct, frozen=True, kw_only=True):
    """What another pin would bring to one proceeding.

    Attributes:
        proceeding: Its row.
        steps: All of them.
        changes: Those that people see.
        since: Days of the events that deadlines run from.
        over: Whether the procedure is closed and no clock of it runs.
    """

    proceeding: Any
    steps: list[Step]
    changes: list[Change]
    since: Mapping[UUID, date]
    over: bool


class _Sorted(Struct, frozen=True, kw_only=True):
    """Findings by what becomes of them."""

    unchanged: list[Finding] = field(default_factory=list)
    proposed: list[Finding] = field(default_factory=list)
    withdrawn: list[UUID] = field(default_factory=list)  # proceedings whose pending proposal no longer holds
    waiting: list[UUID] = field(default_factory=list)  # whose pin stays


async def examine(work: Work, proceedings: Sequence[Any], world: Circumstances, closures: Book) -> None:
    """Compare proceedings of one mechanism with other circumstances, and write what comes of it.

    Where nobody would see a difference the pin moves on, in silence; else what would change is proposed, a proposal
    that says something else is superseded, and nothing moves. What was declined is not proposed again as it was. A
    procedure that is closed, with no clock running, is left under its pin.

    Args:
        work: The transaction.
        proceedings: Their rows (mapped objects, or rows of their columns), locked.
        world: The circumstances of today.
        closures: From which these were taken.
    """
    already = await _already(work, proceedings)
    told = _Sorted()
    for finding, proceeding in await _findings(work, proceedings, world):
        _sort(told, proceeding, finding, already[proceeding.id], world.pin)
    await _supersede(work, told.withdrawn)
    await _take_over(work, told.unchanged, world.pin)
    await _propose(work, told.proposed, world, closures)
    await _seen(work, told.waiting, world.pin)


async def finding_of(work: Work, proceeding: Any, world: Circumstances) -> Finding:  # noqa: ANN401 - as above
    """Compare one proceeding with other circumstances, its deadlines read whole and locked.

    Raises:
        LawError: The other rules cannot be applied to its events.
    """
    rows = await locked_deadlines(work, [proceeding.id])
    changes = (await changes_of(work, [proceeding])).get(proceeding.id, NO_CHANGES)
    events = await _events(work, [proceeding.id])
    return _compare(proceeding, events, rows, world.changed_by(changes), light=False)


async def _findings(work: Work, proceedings: Sequence[Any], world: Circumstances) -> list[tuple[Finding | None, Any]]:
    """Compare several, in one reading of events and one or two of deadlines; none where the rules cannot be applied."""
    ids = [each.id for each in proceedings]
    renewed = [each.id for each in proceedings if each.rules_digest != world.pin.digest]
    light = sorted(set(ids) - set(renewed))
    events = _grouped(await _events(work, ids))
    rows: dict[UUID, list[Any]] = _grouped(await locked_deadlines(work, renewed)) if renewed else {}
    if light:
        query = select(*_LIGHT).where(DeadlineRow.proceeding_id.in_(light))
        rows |= _grouped((await work.session.execute(query)).all())
    changes = await changes_of(work, proceedings)
    found: list[tuple[Finding | None, Any]] = []
    for each in proceedings:
        is_light = each.rules_digest == world.pin.digest
        try:
            mine = world.changed_by(changes.get(each.id, NO_CHANGES))
            finding = _compare(each, events.get(each.id, []), rows.get(each.id, []), mine, light=is_light)
        except LawError as error:
            logger.warning("proposal_impossible proceeding=%s error=%s", each.id, error.code)
            found.append((None, each))
        else:
            found.append((finding, each))
    return found


def _compare(
    proceeding: Any,  # noqa: ANN401
    events: Sequence[Any],
    rows: Sequence[Any],
    world: Circumstances,
    *,
    light: bool,
) -> Finding:
    standing = law_events(events, triggers_of(rows))
    outcome = world.run(standing)
    steps = under_another_pin(rows, standing, outcome, pin_of(proceeding), light=light)
    return Finding(
        proceeding=proceeding,
        steps=steps,
        changes=changes_in(steps),
        since={event.id: event.on for event in events},
        over=outcome.closed and all(row.met or row.void for row in rows),
    )


def _sort(told: _Sorted, proceeding: Any, finding: Finding | None, already: Sequence[Any], target: Pin) -> None:  # noqa: ANN401
    pending = any(row.status == "pending" for row in already)
    if finding is not None and not finding.changes:
        told.unchanged.append(finding)
    else:
        told.waiting.append(proceeding.id)
        if finding is not None and not finding.over:
            if _said(finding.changes, already, target):
                return
            told.proposed.append(finding)
    if pending:
        told.withdrawn.append(proceeding.id)


def _said(changes: Sequence[Change], already: Sequence[Any], target: Pin) -> bool:
    """Tell whether these very changes are pending, or were declined, for this very target."""
    plain = msgspec.to_builtins(changes)
    return any((row.to_digest, row.to_mark) == (target.digest, target.mark) and row.changes == plain for row in already)


async def _already(work: Work, proceedings: Sequence[Any]) -> Mapping[UUID, list[Any]]:
    """Return what was proposed and is pending or declined; only what stands apart from its pin can have any."""
    apart = [each.id for each in proceedings if pin_of(each) != seen_of(each)]
    found: dict[UUID, list[Any]] = defaultdict(list)
    if apart:
        column = ProposalRow.__table__.c
        query = select(column.proceeding_id, column.status, column.to_digest, column.to_mark, column.changes)
        query = query.where(column.proceeding_id.in_(apart), column.status.in_(_ALREADY))
        for row in await work.session.execute(query):
            found[row.proceeding_id].append(row)
    return found


def seen_of(proceeding: Any) -> Pin:  # noqa: ANN401
    """Return what a proceeding was last compared with."""
    return Pin(digest=proceeding.seen_digest, mark=proceeding.seen_mark)


async def _supersede(work: Work, proceeding_ids: Sequence[UUID]) -> None:
    if proceeding_ids:
        values = {"status": "superseded", "decided_at": work.now, "updated_at": work.now}
        await work.session.execute(
            update(ProposalRow)
            .where(ProposalRow.proceeding_id.in_(proceeding_ids), ProposalRow.status == "pending")
            .values(**values, version=ProposalRow.version + 1)
            .execution_options(synchronize_session=False)
        )


async def _take_over(work: Work, findings: Sequence[Finding], target: Pin) -> None:
    """Move the pins of proceedings in which nobody would see a difference; words and citations are renewed."""
    if not findings:
        return
    renewed = [each for each in findings if each.proceeding.rules_digest != target.digest]
    await take(work, [(each.proceeding, each.steps) for each in renewed], {})
    kept: dict[Pin | None, list[UUID]] = defaultdict(list)
    for each in findings:
        if each.proceeding.rules_digest == target.digest:
            for step in each.steps:
                if step.kept != kept_pin(step.row):
                    kept[step.kept].append(step.row.id)
    for pin, ids in kept.items():
        values = {"kept_digest": pin.digest if pin else None, "kept_mark": pin.mark if pin else None}
        await _update(work, DeadlineRow, ids, values)
    pins = {"rules_digest": target.digest, "closures_mark": target.mark}
    await _update(work, ProceedingRow, [each.proceeding.id for each in findings], pins | _as_seen(target))


async def _seen(work: Work, proceeding_ids: Sequence[UUID], target: Pin) -> None:
    if proceeding_ids:
        await _update(work, ProceedingRow, proceeding_ids, _as_seen(target))


def _as_seen(target: Pin) -> dict[str, Any]:
    return {"seen_digest": target.digest, "seen_mark": target.mark}


async def _update(work: Work, table: Any, ids: Sequence[UUID], values: Mapping[str, Any]) -> None:  # noqa: ANN401
    statement = update(table).where(table.id.in_(ids)).values(values)
    await work.session.execute(statement.execution_options(synchronize_session=False))


async def _propose(work: Work, findings: Sequence[Finding], world: Circumstances, closures: Book) -> None:
    if not findings:
        return
    calendars = calendars_of(world.mechanism)
    rows, notes = [], []
    for finding in findings:
        proceeding, id_ = finding.proceeding, untimed_id()
        reasons = list(_reasons(finding, world.pin, closures, calendars))
        rows.append(
            {
                "id": id_,
                "proceeding_id": proceeding.id,
                "complaint_id": proceeding.complaint_id,
                "mechanism": proceeding.mechanism,
                "status": "pending",
                "from_digest": proceeding.rules_digest,
                "from_mark": proceeding.closures_mark,
                "to_digest": world.pin.digest,
                "to_mark": world.pin.mark,
                "reasons": reasons,
                "changes": msgspec.to_builtins(finding.changes),
                "created_at": work.now,
                "updated_at": work.now,
                "version": 1,
            }
        )
        after = {
            "proceeding_id": proceeding.id,
            "reasons": reasons,
            "changes": [_short(each) for each in finding.changes],
        }
        notes.append((proceeding.complaint_id, timeline.Note(type=PROPOSED, subject_id=id_, after=after)))
    await work.session.execute(insert(ProposalRow), rows)
    await timeline.note_each(work, notes)


def _short(change: Change) -> dict[str, Any]:
    """Return a change as the timeline tells it: which rule, and from which day to which."""
    return {
        "change": change.change,
        "rule": change.rule,
        "before": change.before.due_on if change.before else None,
        "after": change.after.due_on if change.after else None,
    }


def _reasons(
    finding: Finding, target: Pin, closures: Book, calendars: Mapping[str, frozenset[str]]
) -> Iterable[dict[str, Any]]:
    """Yield why: the rule files, and each closure on the way of a day that changes."""
    present = pin_of(finding.proceeding)
    acts = [
        act
        for act in closures.between(present.mark, target.mark)
        if any(_on_the_way(act, change, finding.since, calendars) for change in finding.changes)
    ]
    if present.digest != target.digest or not acts:
        yield {"code": RULES_CHANGED, "closure_id": None}
    for act in acts:
        code = CLOSURE_ADDED if act.stands(target.mark) else CLOSURE_WITHDRAWN
        yield {"code": code, "closure_id": str(act.id)}


def _on_the_way(act: Any, change: Change, since: Mapping[UUID, date], calendars: Mapping[str, frozenset[str]]) -> bool:  # noqa: ANN401
    states = [state for state in (change.before, change.after) if state is not None]
    last = max(state.latest_due_on for state in states)
    start = since.get(change.trigger_event_id, date.min)
    return (
        act.closure.calendar in calendars.get(change.rule, frozenset())
        and act.starts_on <= last
        and act.ends_on >= start
    )


async def _events(work: Work, proceeding_ids: Sequence[UUID]) -> Sequence[Any]:
    query = select(*_EVENT).where(EventRow.__table__.c.proceeding_id.in_(proceeding_ids))
    return (await work.session.execute(query)).all()


def _grouped(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.proceeding_id].append(row)
    return found
