"""What was changed for one proceeding alone: time that stood still, and days set in place of computed ones."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct, to_builtins
from sqlalchemy import select

from vigilancia.core import vocabularies
from vigilancia.core.work import Work
from vigilancia.law.model import Override, Suspension
from vigilancia.proceedings.models import DeadlineRow, OverrideRow, SuspensionRow


class ClockChanges(Struct, frozen=True, kw_only=True):
    """As the engine takes them."""

    suspensions: tuple[Suspension, ...] = ()
    overrides: tuple[Override, ...] = ()


NO_CHANGES = ClockChanges()


async def changes_of(work: Work, proceedings: Sequence[Any]) -> Mapping[UUID, ClockChanges]:
    """Return what stands changed in each of several proceedings; two statements, and none where nothing ever was.

    Args:
        work: The transaction.
        proceedings: Mapped objects, or rows with `id` and `clocks_changed`.
    """
    ids = [proceeding.id for proceeding in proceedings if proceeding.clocks_changed]
    if not ids:
        return {}
    suspensions: dict[UUID, list[Suspension]] = defaultdict(list)
    for row in await work.session.scalars(_standing(SuspensionRow, ids)):
        suspensions[row.proceeding_id].append(_suspension(row))
    overrides: dict[UUID, list[Override]] = defaultdict(list)
    query = _standing(OverrideRow, ids).join(DeadlineRow, DeadlineRow.id == OverrideRow.deadline_id)
    for row, rule, trigger in await work.session.execute(
        query.add_columns(DeadlineRow.rule, DeadlineRow.trigger_event_id)
    ):
        overrides[row.proceeding_id].append(
            Override(rule=rule, trigger_event_id=str(trigger), due_on=row.due_on, confidence=row.confidence)
        )
    return {id_: ClockChanges(suspensions=tuple(suspensions[id_]), overrides=tuple(overrides[id_])) for id_ in ids}


def _standing(table: Any, ids: Sequence[UUID]) -> Any:  # noqa: ANN401 - either table, and its select
    return select(table).where(table.proceeding_id.in_(ids), table.withdrawn_at.is_(None)).order_by(table.id)


def _suspension(row: SuspensionRow) -> Suspension:
    """Return a suspension as the engine takes it; where it is written stays with those who see the case."""
    labels = {each.code: each.labels for each in vocabularies.load()["suspension_basis"].codes}
    return Suspension(
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        basis=row.basis,
        actors=row.actors,
        rules=row.rules,
        labels=to_builtins(labels[row.basis]),
    )
