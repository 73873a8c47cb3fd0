"""Planning: each deadline that changed gets its ladder, or falls silent; what was climbed is not climbed again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, and_, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import clock
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.escalation import ladder as ladders
from vigilancia.escalation.ladder import Ladder, Rung
from vigilancia.escalation.models import PolicyRow, RungRow, RunRow
from vigilancia.notices import rungs
from vigilancia.notices.models import NoticeRow
from vigilancia.proceedings.models import DeadlineRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns


# Why a notice did not leave although its rung had spoken: events overtook it. If they are taken back, it must be told.
_OVERTAKEN = ("met", "void", "superseded")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What comes next for a deadline; without an instant it is silent, for a reason."""

    next_rung: str | None
    next_at: datetime | None
    silent_reason: str | None


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as far as its deadlines' plans need it: whether it is merged into another, and its owner's ladders."""

    merged: bool
    policies: list[Any]


async def plan_pending(work: Work) -> int:
    """Plan one batch of the deadlines that changed since they were last planned.

    Rivals skip what is locked here. The lock leaves room for notices that point at the deadline.

    Returns:
        How many were planned; 0 when none is left.
    """
    pending = (
        select(DeadlineRow)
        .where(DeadlineRow.plan_pending)
        .order_by(DeadlineRow.id)
        .limit(ladders.defaults().batch)
        .with_for_update(of=DeadlineRow, skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    )
    deadlines = (await work.session.scalars(pending)).all()
    if not deadlines:
        return 0
    ids = [deadline.id for deadline in deadlines]
    runs = await _runs(work, ids)
    climbed = await _climbed(work, [run.id for run in runs.values()])
    cases = await _cases(work, {deadline.complaint_id for deadline in deadlines})
    written = [
        _planned(work, deadline, cases[deadline.complaint_id], runs.get(deadline.id), climbed) for deadline in deadlines
    ]
    fresh = insert(RunRow)
    again = {name: fresh.excluded[name] for name in ("revision", "next_rung", "next_at", "silent_reason", "updated_at")}
    await work.session.execute(fresh.on_conflict_do_update(index_elements=["deadline_id"], set_=again), written)
    await work.session.execute(
        update(DeadlineRow)
        .where(DeadlineRow.id.in_(ids))
        .values(plan_pending=False)
        .execution_options(synchronize_session=False)
    )
    return len(deadlines)


def plan(deadline: DeadlineRow, ladder: Ladder, climbed: set[tuple[str, datetime]]) -> Plan:
    """Return what comes next for a deadline.

    Args:
        deadline: As it is now.
        ladder: As frozen when its run started.
        climbed: Rungs already dealt with, each with the instant it was due: a rung counts as climbed for one day
            only, so that a moved day is told anew and an unmoved one is not told twice.
    """
    if deadline.met or deadline.void:
        return Plan(next_rung=None, next_at=None, silent_reason="met" if deadline.met else "void")
    recorded_on = clock.local_date(deadline.trigger_recorded_at, deadline.zone)
    if (recorded_on - deadline.due_on).days > ladder.silent_after_days:
        return Plan(next_rung=None, next_at=None, silent_reason="history")
    steps = [(rung.at, rungs.instant(rung.at, deadline.due_on, deadline.zone)) for rung in ladder.rungs]
    done = [place for place, step in enumerate(steps) if step in climbed]
    return following(steps, done[-1] if done else -1)


def following(steps: list[tuple[str, datetime]], place: int) -> Plan:
    """Return the plan after the rung at a place of the ladder; -1: before the first."""
    if place + 1 >= len(steps):
        return Plan(next_rung=None, next_at=None, silent_reason="done")
    rung, at = steps[place + 1]
    return Plan(next_rung=rung, next_at=at, silent_reason=None)


def most_specific(policies: Iterable[_Line], mechanism: str, rule: str) -> _Line | None:
    """Return the policy that names most of a deadline; of equals the newest."""
    fitting = [policy for policy in policies if policy.mechanism in (None, mechanism) and policy.rule in (None, rule)]
    return max(
        fitting,
        key=lambda policy: (policy.rule is not None, policy.mechanism is not None, policy.created_at, policy.id),
        default=None,
    )


def _planned(
    work: Work,
    deadline: DeadlineRow,
    case: _Case,
    run: _Line | None,
    climbed: Mapping[UUID, set[tuple[str, datetime]]],
) -> dict[str, Any]:
    if run is None:
        policy = most_specific(case.policies, deadline.mechanism, deadline.rule)
        own = msgspec.convert(policy.rungs, list[Rung]) if policy else None
        ladder = ladders.for_nature(deadline.nature, own)
        run_id, policy_id, frozen = new_id(), policy.id if policy else None, msgspec.to_builtins(ladder)
    else:
        ladder = msgspec.convert(run.ladder, Ladder)
        run_id, policy_id, frozen = run.id, run.policy_id, run.ladder
    coming = plan(deadline, ladder, climbed.get(run_id, set()))
    if case.merged and coming.next_rung is not None:  # undoing the merge has it planned anew
        coming = Plan(next_rung=None, next_at=None, silent_reason="merged")
    return {
        "id": run_id,
        "deadline_id": deadline.id,
        "complaint_id": deadline.complaint_id,
        "policy_id": policy_id,
        "ladder": frozen,
        "revision": deadline.revision,
        **msgspec.structs.asdict(coming),
        "started_at": work.now,
        "updated_at": work.now,
    }


async def _runs(work: Work, deadline_ids: list[UUID]) -> dict[UUID, _Line]:
    """Return the runs these deadlines have, locked: what a climb of this moment climbs must be known to the plan."""
    query = (
        select(RunRow.id, RunRow.deadline_id, RunRow.policy_id, RunRow.ladder)
        .where(RunRow.deadline_id.in_(deadline_ids))
        .order_by(RunRow.id)
        .with_for_update(key_share=True)
    )
    return {row.deadline_id: row for row in await work.session.execute(query)}


async def _climbed(work: Work, run_ids: list[UUID]) -> dict[UUID, set[tuple[str, datetime]]]:
    found: dict[UUID, set[tuple[str, datetime]]] = defaultdict(set)
    if run_ids:
        overtaken = exists().where(
            NoticeRow.run_id == RungRow.run_id,
            NoticeRow.rung == RungRow.rung,
            NoticeRow.due_at == RungRow.due_at,
            NoticeRow.status == "suppressed",
            NoticeRow.reason.in_(_OVERTAKEN),
        )
        query = select(RungRow.run_id, RungRow.rung, RungRow.due_at).where(RungRow.run_id.in_(run_ids), ~overtaken)
        for row in await work.session.execute(query):
            found[row.run_id].add((row.rung, row.due_at))
    return found


async def _cases(work: Work, complaint_ids: set[UUID]) -> dict[UUID, _Case]:
    """Return what plans need of these cases; read once their deadlines are locked, or a merge could be missed."""
    query = (
        select(
            ComplaintRow.id.label("complaint_id"),
            ComplaintRow.merged_into,
            PolicyRow.id,
            PolicyRow.mechanism,
            PolicyRow.rule,
            PolicyRow.rungs,
            PolicyRow.created_at,
        )
        .select_from(ComplaintRow)
        .outerjoin(PolicyRow, and_(PolicyRow.owner_id == ComplaintRow.owner_id, PolicyRow.active))
        .where(ComplaintRow.id.in_(complaint_ids))
    )
    found: dict[UUID, _Case] = {}
    for row in await work.session.execute(query):
        case = found.setdefault(row.complaint_id, _Case(merged=row.merged_into is not None, policies=[]))
        if row.id is not None:
            case.policies.append(row)
    return found
