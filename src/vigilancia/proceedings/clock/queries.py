"""Reading what the clock of a complaint tells: its procedures, their events and deadlines, in four statements."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from vigilancia.access import policy
from vigilancia.complaints.access import open_complaint
from vigilancia.core.work import Work
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Deadline, Outcome, Status
from vigilancia.proceedings import sight
from vigilancia.proceedings.circumstances import circumstances_of
from vigilancia.proceedings.clock import beside
from vigilancia.proceedings.clock.schemas_beside import Suggestion
from vigilancia.proceedings.models import DeadlineRow, EventRow, ProceedingRow
from vigilancia.proceedings.status import status_at
from vigilancia.proceedings.values import law_deadline, law_events

_PROCEEDING = ProceedingRow.__table__.c
_DEADLINE = DeadlineRow.__table__.c


class Due(Struct, frozen=True, kw_only=True):
    """A deadline as it is stored, and what it is now."""

    id: UUID
    deadline: Deadline
    status: Status


class Track(Struct, frozen=True, kw_only=True):
    """One procedure: what happened, what is due, and where the engine says that it stands."""

    id: UUID
    mechanism: Mechanism
    outcome: Outcome
    events: list[EventRow]  # those nobody took back, by day
    days: list[Due]
    suggestions: list[Suggestion]


class Case(Struct, frozen=True, kw_only=True):
    """A complaint with its procedures, and how the reader sees it."""

    complaint_id: UUID
    reference: str | None
    view: policy.View
    records: bool  # whether the reader may record in it
    as_of: date
    tracks: list[Track]


async def gather(work: Work, complaint_id: UUID) -> Case:
    """Read the procedures of a complaint, open and closed.

    Raises:
        NotFoundError: For this caller the complaint does not exist.
    """
    case = await open_complaint(work, complaint_id, to="see")
    view = policy.view(work.caller, case.standing)
    query = sight.with_case(work, ProceedingRow.__table__, _PROCEEDING.complaint_id, *_PROCEEDING, *beside.columns())
    query = query.where(_PROCEEDING.complaint_id == complaint_id)
    tracks = await _tracks(work, view, (await work.session.execute(query)).all())
    zones = {zone for track in tracks for zone in track.mechanism.zones}
    return Case(
        complaint_id=complaint_id,
        reference=sight.reference(view, case.reference),
        view=view,
        records=policy.may_record(work.caller, case.standing),
        as_of=min((work.today(zone) for zone in zones), default=work.today()),
        tracks=tracks,
    )


async def _tracks(work: Work, view: policy.View, rows: Sequence[Any]) -> list[Track]:
    """Let the engine say where procedures stand; two statements however many there are."""
    ids = [row.id for row in rows]
    events: dict[UUID, list[EventRow]] = defaultdict(list)
    for event in await work.session.scalars(select(EventRow).where(EventRow.proceeding_id.in_(ids))):
        events[event.proceeding_id].append(event)
    worlds = await circumstances_of(work, rows)
    rule_sets = {world.mechanism.digest: world.mechanism for world in worlds}
    query = select(*_DEADLINE, status_at(work.now, _DEADLINE).label("status"))
    days: dict[UUID, list[Due]] = defaultdict(list)
    for day in await work.session.execute(query.where(_DEADLINE.proceeding_id.in_(ids))):
        days[day.proceeding_id].append(Due(id=day.id, deadline=law_deadline(day, rule_sets), status=day.status))
    tracks = []
    for row, world in zip(rows, worlds, strict=True):
        mechanism, outcome = world.mechanism, world.run(law_events(events[row.id]))
        proposed = [] if outcome.closed else beside.suggestions(work, row.mechanism, beside.alleged(row, view))
        standing = [event for event in events[row.id] if event.withdrawn_at is None]
        tracks.append(
            Track(
                id=row.id,
                mechanism=mechanism,
                outcome=outcome,
                events=sorted(standing, key=lambda event: (event.on, event.recorded_at, event.id)),
                days=days[row.id],
                suggestions=proposed,
            )
        )
    return tracks
