"""Ladders of organisations: recorded, changed, put away. Runs that have started keep theirs."""

from collections.abc import Container, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from sqlalchemy import ColumnElement, delete, select, update

from vigilancia.core.errors import Fault, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.ids import new_id
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.escalation import moving
from vigilancia.escalation.ladder import FLOOR, TASK, Rung, nearness
from vigilancia.escalation.models import PolicyRow, RunRow
from vigilancia.escalation.schemas import Move, MoveIn, Policy, PolicyIn, PolicyPatch, PolicyRung, RungIn
from vigilancia.law import loader
from vigilancia.notices.rungs import offset

_table = PolicyRow.__table__
_SORTABLE: dict[str, ColumnElement[Any]] = {
    "id": _table.c.id,
    "name": _table.c.name,
    "updated_at": _table.c.updated_at,
}


async def keep(work: Work, data: PolicyIn) -> UUID:
    """Record a ladder for the caller's organisation.

    Raises:
        InvalidError: A mechanism or rule that does not exist, or rungs that cannot be climbed.
    """
    faults = [*_scope_faults(data), *_rung_faults(data.rungs, data.nature)]
    if faults:
        raise InvalidError(faults=faults)
    row = PolicyRow(
        id=new_id(),
        owner_id=work.caller.organization_id,
        name=data.name,
        mechanism=data.mechanism,
        rule=data.rule,
        actor=data.actor,
        nature=data.nature,
        rungs=_kept(data.rungs),
        active=data.active,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    return row.id


async def change(work: Work, policy_id: UUID, data: PolicyPatch, version: int) -> None:
    """Change a ladder; runs that have started keep the one they froze.

    Raises:
        NotFoundError: The caller's organisation has no such ladder.
        StaleError: It has changed meanwhile.
        InvalidError: As for recording.
    """
    row = await _hold(work, policy_id, version)
    scope = _Scope(
        mechanism=row.mechanism if data.mechanism is UNSET else data.mechanism,
        rule=row.rule if data.rule is UNSET else data.rule,
        actor=row.actor if data.actor is UNSET else data.actor,
        nature=row.nature if data.nature is UNSET else data.nature,
    )
    given = msgspec.convert(row.rungs, list[RungIn]) if data.rungs is UNSET else data.rungs
    faults = [*_scope_faults(scope), *_rung_faults(given, scope.nature)]
    if faults:
        raise InvalidError(faults=faults)
    row.mechanism, row.rule, row.actor, row.nature = scope.mechanism, scope.rule, scope.actor, scope.nature
    row.name = row.name if data.name is UNSET else data.name
    row.active = row.active if data.active is UNSET else data.active
    row.rungs = row.rungs if data.rungs is UNSET else _kept(data.rungs)
    row.version += 1
    row.updated_at = work.now
    await work.session.flush()


async def put_away(work: Work, policy_id: UUID, version: int) -> None:
    """Remove a ladder; runs that started from it go on with the copy they froze.

    Raises:
        NotFoundError: The caller's organisation has no such ladder.
        StaleError: It has changed meanwhile.
    """
    row = await _hold(work, policy_id, version)
    unbound = update(RunRow).where(RunRow.policy_id == row.id).values(policy_id=None)
    await work.session.execute(unbound.execution_options(synchronize_session=False))
    await work.session.execute(delete(PolicyRow).where(PolicyRow.id == row.id))


async def find(work: Work, listing: Listing, mechanism: str | None, active: bool | None) -> Page[Policy]:  # noqa: FBT001 - a filter
    """Return a page of the ladders of the caller's organisation.

    Raises:
        BadParameterError: A sort or cursor does not fit.
    """
    query = select(PolicyRow).where(PolicyRow.owner_id == work.caller.organization_id)
    if mechanism is not None:
        query = query.where(any_of(PolicyRow.__table__.c.mechanism, mechanism, "mechanism"))
    if active is not None:
        query = query.where(PolicyRow.active.is_(active))
    if listing.updated_since is not None:
        query = query.where(PolicyRow.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="id")
    return Page(items=[_policy(row.PolicyRow) for row in rows], next=following)


async def read(work: Work, policy_id: UUID) -> Policy:
    """Return one ladder of the caller's organisation.

    Raises:
        NotFoundError: It has no such ladder.
    """
    row = await _own(work, policy_id, lock=False)
    runs = await moving.standing_of(work, policy_id)
    return _policy(row, open_runs=runs.open_runs, runs_behind=runs.runs_behind)


async def move_runs(work: Work, policy_id: UUID, data: MoveIn) -> Move:
    """Move the open runs of a ladder that are behind to the one they would get today.

    Raises:
        NotFoundError: The caller's organisation has no such ladder.
    """
    await _own(work, policy_id, lock=False)
    runs = await moving.standing_of(work, policy_id)
    moved = runs.runs_behind if data.dry_run else await moving.move(work, policy_id)
    return Move(policy_id=policy_id, dry_run=data.dry_run, open_runs=runs.open_runs, moved=moved)


async def _hold(work: Work, policy_id: UUID, version: int) -> PolicyRow:
    row = await _own(work, policy_id, lock=True)
    require_version(row.version, version)
    return row


async def _own(work: Work, policy_id: UUID, *, lock: bool) -> PolicyRow:
    query = select(PolicyRow).where(PolicyRow.id == policy_id, PolicyRow.owner_id == work.caller.organization_id)
    query = query.with_for_update() if lock else query
    row = (await work.session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFoundError
    return row


class _Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a ladder is for."""

    mechanism: str | None
    rule: str | None
    actor: str | None
    nature: str | None


def _scope_faults(scope: _Scope | PolicyIn) -> list[Fault]:
    """Return why a ladder could never be climbed: rule and actor belong to a mechanism, and to each other."""
    named = {name: getattr(scope, name) for name in ("rule", "actor") if getattr(scope, name) is not None}
    if scope.nature == TASK and named:
        return [Fault(pointer=f"/{name}", code="not_allowed") for name in named]
    if scope.mechanism is None:
        return [Fault(pointer=f"/{name}", code="not_allowed") for name in named]
    known = loader.mechanisms().get(scope.mechanism)
    if known is None:
        return [Fault(pointer="/mechanism", code="code", params={"vocabulary": "mechanisms"})]
    lists: dict[str, Container[str]] = {"rule": known.rules, "actor": known.actors}
    faults = [
        Fault(pointer=f"/{name}", code="code", params={"vocabulary": f"{scope.mechanism}.{name}s"})
        for name, value in named.items()
        if value not in lists[name]
    ]
    rule = known.rules.get(scope.rule or "")
    if rule is None or faults:
        return faults
    clashes = (("actor", scope.actor, rule.actor), ("nature", scope.nature, rule.nature))
    return [Fault(pointer=f"/{name}", code="not_allowed") for name, given, its in clashes if given not in (None, its)]


def _rung_faults(given: Sequence[RungIn], nature: str | None) -> list[Fault]:
    """Return what is wrong with rungs; nobody is late for a first day allowed, so nothing comes after a floor's."""
    faults = []
    for place, rung in enumerate(given):
        if rung.at.strip() != rung.at:  # a pattern's end lets one line end pass
            faults.append(Fault(pointer=f"/rungs/{place}/at", code="format", params={"expected": "-3d, -3bd"}))
            continue
        if any(rung.at == other.at for other in given[:place]):
            faults.append(Fault(pointer=f"/rungs/{place}/at", code="duplicate"))
        if len(set(rung.audiences)) != len(rung.audiences):
            faults.append(Fault(pointer=f"/rungs/{place}/audiences", code="duplicate"))
        if rung.always is False and offset(rung.at) >= 0:
            faults.append(Fault(pointer=f"/rungs/{place}/always", code="not_allowed"))
        if nature == FLOOR and offset(rung.at) > 0:
            faults.append(Fault(pointer=f"/rungs/{place}/at", code="not_allowed"))
    return faults


def _kept(given: Sequence[RungIn]) -> list[dict[str, Any]]:
    """Return rungs in the order of time; the last day and what comes after always speak."""
    rungs = [
        Rung(
            at=rung.at,
            audiences=rung.audiences,
            always=bool(rung.always) or offset(rung.at) >= 0,
            at_once=offset(rung.at) == 0 if rung.at_once is None else rung.at_once,
        )
        for rung in given
    ]
    kept: list[dict[str, Any]] = msgspec.to_builtins(sorted(rungs, key=lambda rung: nearness(rung.at)))
    return kept


def _policy(row: PolicyRow, *, open_runs: int | None = None, runs_behind: int | None = None) -> Policy:
    return Policy(
        id=row.id,
        owner_id=row.owner_id,
        name=row.name,
        mechanism=row.mechanism,
        rule=row.rule,
        actor=row.actor,
        nature=row.nature,
        rungs=msgspec.convert(row.rungs, list[PolicyRung]),
        active=row.active,
        open_runs=open_runs,
        runs_behind=runs_behind,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
