"""Reading proceedings and their events, each as far as the caller may see."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from vigilancia.access import fields, policy
from vigilancia.access.telling import tell
from vigilancia.complaints.access import open_complaint
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import sealing
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.model import Outcome
from vigilancia.proceedings import sealed, sight, words
from vigilancia.proceedings.circumstances import circumstances_of
from vigilancia.proceedings.clock import beside
from vigilancia.proceedings.models import DeadlineRow, EventRevisionRow, EventRow, ProceedingRow
from vigilancia.proceedings.schemas import DeadlineCounts, Event, EventRevision, EventState, Proceeding
from vigilancia.proceedings.status import STATUSES, status_at
from vigilancia.proceedings.values import law_events

_PROCEEDING = ProceedingRow.__table__.c
_EVENT = EventRow.__table__.c


async def read(work: Work, proceeding_id: UUID) -> Proceeding:
    """Read one proceeding with its state.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    query = sight.with_case(work, ProceedingRow.__table__, _PROCEEDING.complaint_id, *_PROCEEDING, *beside.columns())
    row = (await work.session.execute(query.where(_PROCEEDING.id == proceeding_id))).one_or_none()
    if row is None or row.standing is None:
        raise NotFoundError
    return (await _with_state(work, [row]))[0]


async def of_complaint(work: Work, complaint_id: UUID, listing: Listing) -> Page[Proceeding]:
    """List the proceedings of one complaint.

    Raises:
        NotFoundError: For this caller the complaint does not exist.
    """
    await open_complaint(work, complaint_id, to="see")
    query = sight.with_case(work, ProceedingRow.__table__, _PROCEEDING.complaint_id, *_PROCEEDING, *beside.columns())
    query = query.where(_PROCEEDING.complaint_id == complaint_id)
    if listing.updated_since:
        query = query.where(sight.changed_since(work, _PROCEEDING.updated_at, listing.updated_since))
    instants = {"created_at": _PROCEEDING.opened_at, "updated_at": _PROCEEDING.updated_at}
    sortable = {"id": _PROCEEDING.id} | {name: sight.instant_shown(work, each) for name, each in instants.items()}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="created_at")
    return Page(items=await _with_state(work, rows), next=following)


async def _with_state(work: Work, rows: Sequence[Any]) -> list[Proceeding]:
    """Let the engine say where proceedings stand, each under its pin.

    Two statements however many there are; two more where some are pinned to earlier rules or count closures.
    """
    ids = [row.id for row in rows]
    events: dict[UUID, list[EventRow]] = defaultdict(list)
    for event in await work.session.scalars(select(EventRow).where(EventRow.proceeding_id.in_(ids))):
        events[event.proceeding_id].append(event)
    status = status_at(work.now)
    counted = (
        select(DeadlineRow.proceeding_id, status.label("status"), func.count().label("number"))
        .where(DeadlineRow.proceeding_id.in_(ids))
        .group_by(DeadlineRow.proceeding_id, status)
    )
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    for count in await work.session.execute(counted):
        counts[count.proceeding_id][count.status] = count.number
    worlds = await circumstances_of(work, rows)
    return [
        _proceeding(work, row, world.mechanism, world.run(law_events(events[row.id])), counts[row.id])
        for row, world in zip(rows, worlds, strict=True)
    ]


def _proceeding(work: Work, row: Any, mechanism: Mechanism, outcome: Outcome, counts: dict[str, int]) -> Proceeding:  # noqa: ANN401
    view = policy.view(work.caller, row.standing)
    suggestions = [] if outcome.closed else beside.suggestions(work, row.mechanism, beside.alleged(row, view))
    values: dict[str, Any] = {
        "id": row.id,
        "complaint_id": row.complaint_id,
        "reference": row.reference,
        "mechanism": row.mechanism,
        "title": words.label(mechanism.labels, work.locale),
        "stage": outcome.stage,
        "stage_label": words.label(outcome.stage_labels, work.locale),
        "closed": outcome.closed,
        "next_events": words.next_events(outcome.next_events, work.locale),
        "warnings": words.warnings(outcome.warnings, work.locale) + words.beside(suggestions, work.locale),
        "deadlines": DeadlineCounts(
            url=f"/v1/deadlines?proceeding_id={row.id}",
            total=sum(counts.values()),
            by_status={name: counts[name] for name in STATUSES if name in counts},
        ),
        "rules_digest": row.rules_digest,
        "version": row.version,
        "created_at": row.opened_at,
        "updated_at": row.updated_at,
        "suggestions": suggestions,
    }
    return Proceeding(**tell("proceeding", view, values))


async def view_of(work: Work, proceeding_id: UUID) -> tuple[policy.View, str]:
    """Return how the caller sees a proceeding, and its mechanism.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    query = (
        select(_PROCEEDING.mechanism, sight.standing_of(work).label("standing"))
        .join(ComplaintRow, ComplaintRow.id == _PROCEEDING.complaint_id)
        .where(_PROCEEDING.id == proceeding_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None or row.standing is None:
        raise NotFoundError
    return policy.view(work.caller, row.standing), row.mechanism


async def _case_of(work: Work, proceeding_id: UUID) -> UUID:
    """Return whose key opens the words of a proceeding."""
    query = select(_PROCEEDING.complaint_id).where(_PROCEEDING.id == proceeding_id)
    complaint_id: UUID = (await work.session.execute(query)).scalar_one()
    return complaint_id


async def events(work: Work, proceeding_id: UUID, listing: Listing) -> Page[Event]:
    """List the events of one proceeding; those taken back only for those who see the case itself.

    Raises:
        NotFoundError: For this caller the proceeding does not exist.
    """
    view, mechanism = await view_of(work, proceeding_id)
    query = select(*_EVENT).where(_EVENT.proceeding_id == proceeding_id)
    if not sight.shows_mistakes(view):
        query = query.where(_EVENT.withdrawn_at.is_(None))
    if listing.updated_since:
        query = query.where(_EVENT.updated_at >= sight.instant(view, listing.updated_since))
    sortable: dict[str, Any] = {"id": _EVENT.id, "on": _EVENT.on}
    sortable |= {"created_at": _EVENT.recorded_at, "updated_at": _EVENT.updated_at}
    coarse = [name for name in sortable if fields.told("event", name, view) == "month"]
    sortable |= {name: sight.month(sortable[name]) for name in coarse}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="on")
    notes = await _notes(work, view, proceeding_id, rows)
    return Page(items=[_event(work, view, mechanism, row, notes.get(row.id)) for row in rows], next=following)


async def event(work: Work, proceeding_id: UUID, event_id: UUID) -> Event:
    """Read one event.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    view, mechanism = await view_of(work, proceeding_id)
    query = select(*_EVENT).where(_EVENT.id == event_id, _EVENT.proceeding_id == proceeding_id)
    row = (await work.session.execute(query)).one_or_none()
    if row is None or (row.withdrawn_at is not None and not sight.shows_mistakes(view)):
        raise NotFoundError
    notes = await _notes(work, view, proceeding_id, [row])
    return _event(work, view, mechanism, row, notes.get(row.id))


async def _notes(work: Work, view: policy.View, proceeding_id: UUID, rows: Sequence[Any]) -> dict[UUID, str | None]:
    """Open the notes of events, where the view shows them; no statement where there are none."""
    noted = [row for row in rows if row.note is not None or row.words is not None]
    if not noted or not sight.shows_words(view):
        return {}
    complaint_id = await _case_of(work, proceeding_id)
    return {row.id: await sealed.note_of(work, complaint_id, row) for row in noted}


def _event(work: Work, view: policy.View, mechanism: str, row: Any, note: str | None) -> Event:  # noqa: ANN401
    known = loader.mechanisms().get(mechanism)
    plain = ("id", "proceeding_id", "type", "on", "kind", "due_on", "rule", "stated_by", "sources")
    values = {name: getattr(row, name) for name in (*plain, "silence_rule", "withdrawn_at", "version", "updated_at")}
    values |= {"label": words.event_label(known, row.type, work.locale), "created_at": row.recorded_at, "note": note}
    return Event(**tell("event", view, values))


async def event_revisions(work: Work, proceeding_id: UUID, event_id: UUID, listing: Listing) -> Page[EventRevision]:
    """List the earlier states of an event, the newest first.

    What was corrected may have been corrected because it should not be read: words and reasons of earlier states are
    for those who see the case itself.

    Raises:
        NotFoundError: For this caller the event does not exist.
    """
    view, _ = await view_of(work, proceeding_id)
    await event(work, proceeding_id, event_id)
    column = EventRevisionRow.__table__.c
    query = select(*column).where(column.event_id == event_id)
    if listing.updated_since:
        query = query.where(column.replaced_at >= sight.instant(view, listing.updated_since))
    sortable = {"id": column.id, "version": column.version}
    rows, following = await fetch_page(work.session, query, listing, sortable=sortable, default="-version")
    said: dict[UUID, dict[str, Any]] = {}
    if sight.shows_mistakes(view) and rows:
        complaint_id = await _case_of(work, proceeding_id)
        said = {row.id: await _revised(work, complaint_id, row) for row in rows}
    return Page(items=[_revision(view, row, said.get(row.id, {})) for row in rows], next=following)


async def _revised(work: Work, complaint_id: UUID, row: Any) -> dict[str, Any]:  # noqa: ANN401
    return await sealing.show(work.vault, complaint_id, sealed.revision_place(row.id), row.words)


def _revision(view: policy.View, row: Any, said: Mapping[str, Any]) -> EventRevision:  # noqa: ANN401
    values = {name: getattr(row, name) for name in ("id", "version", "replaced_at")}
    values["reason"] = row.reason or said.get("reason")
    was = msgspec.structs.asdict(msgspec.convert(row.was, EventState))
    was["note"] = was["note"] or said.get("note")
    return EventRevision(**tell("event_revision", view, values), was=EventState(**tell("event_state", view, was)))
