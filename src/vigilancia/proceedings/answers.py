"""What recording, correcting or taking back an event answers: the event, what is odd about it, and what it changed."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from vigilancia.complaints.models import TimelineRow
from vigilancia.core.work import Work
from vigilancia.law.errors import LawError
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Warning_
from vigilancia.proceedings import queries, words
from vigilancia.proceedings.circumstances import Circumstances, circumstances
from vigilancia.proceedings.models import EventRow, ProceedingRow
from vigilancia.proceedings.schemas import DeadlineChange, EventRecorded, Remark
from vigilancia.proceedings.values import law_events

_KEYS = frozenset({"rule", "proceeding_id", "event_id", "event_version"})
_PREFIX = "deadline_"


async def recorded(work: Work, event_id: UUID, *, version: int | None = None) -> EventRecorded:
    """Read an event with what one of its versions brought about.

    Asked again it says the same, for the changes are read from the timeline; so a repeated request is answered alike.

    Args:
        work: The transaction, of somebody who may record in the case.
        event_id: Which event.
        version: The version whose effects are asked for; none: the present one.
    """
    proceeding = (
        await work.session.execute(
            select(ProceedingRow.__table__)
            .join(EventRow, EventRow.proceeding_id == ProceedingRow.id)
            .where(EventRow.id == event_id)
        )
    ).one()
    world = await circumstances(work, proceeding)
    event = await queries.event(work, proceeding.id, event_id)
    changes = await _changes(work, world.mechanism, proceeding.complaint_id, event_id, version or event.version)
    rows = (await work.session.scalars(select(EventRow).where(EventRow.proceeding_id == proceeding.id))).all()
    return EventRecorded(
        **msgspec.structs.asdict(event), warnings=_oddities(work, world, event_id, rows), changes=changes
    )


async def _changes(
    work: Work, mechanism: Mechanism, complaint_id: UUID, event_id: UUID, version: int
) -> list[DeadlineChange]:
    """Read what one version of an event did to deadlines, in the order in which it was noted."""
    query = (
        select(TimelineRow.type, TimelineRow.subject_id, TimelineRow.before, TimelineRow.after)
        .where(TimelineRow.complaint_id == complaint_id, TimelineRow.type.startswith(_PREFIX, autoescape=True))
        .where(TimelineRow.after["event_id"].astext == str(event_id))
        .where(TimelineRow.after["event_version"].astext == str(version))
        .order_by(TimelineRow.seq)
    )
    changes = []
    for row in await work.session.execute(query):
        rule = mechanism.rules.get(row.after["rule"])
        changes.append(
            DeadlineChange(
                deadline_id=row.subject_id,
                rule=row.after["rule"],
                title=words.label(rule.titles, work.locale) if rule else row.after["rule"],
                change=row.type.removeprefix(_PREFIX),
                before=row.before,
                after={name: value for name, value in row.after.items() if name not in _KEYS},
            )
        )
    return changes


def _oddities(work: Work, world: Circumstances, event_id: UUID, rows: Sequence[EventRow]) -> list[Remark]:
    """Return the warnings that are there because of an event: those that would be gone without it."""
    known = _warnings(world, [row for row in rows if row.id != event_id])
    return words.warnings(
        (each for each in _warnings(world, rows) if each not in known),
        work.locale,
    )


def _warnings(world: Circumstances, rows: Sequence[EventRow]) -> list[Warning_]:
    try:
        outcome = world.run(law_events(rows))
    except LawError:
        return []  # without this event another one would count, from a day no calendar knows: nothing to compare with
    return [*outcome.warnings, *(each for deadline in outcome.deadlines for each in deadline.warnings)]
