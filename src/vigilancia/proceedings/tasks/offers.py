"""Offers: the tasks that fit where a case's procedures stand, and that nobody of one's organisation took yet."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from vigilancia.complaints.access import open_complaint
from vigilancia.core.errors import ForbiddenError
from vigilancia.core.work import Work
from vigilancia.proceedings import words
from vigilancia.proceedings.clock.queries import Due, Track, gather
from vigilancia.proceedings.models import EventRow
from vigilancia.proceedings.tasks.models import TaskRow
from vigilancia.proceedings.tasks.schemas import Offer, TaskOffers
from vigilancia.proceedings.tasks.templates import Template, book

_RUNNING = ("pending", "missed", "exceeded")  # a day gone by may still call for something


class _Fit(Struct, frozen=True, kw_only=True):
    """A template with what it hangs on in one procedure."""

    template: Template
    track: Track
    day: Due | None
    event: EventRow | None
    due_on: date

    @property
    def deadline_id(self) -> UUID | None:
        """The deadline it hangs on; none: it follows an event."""
        return self.day.id if self.day else None


async def offered(work: Work, complaint_id: UUID) -> TaskOffers:
    """Return what the procedures of a case call for now.

    What is over is left out; what should have been begun already is due today. A task that is open or done for the
    same deadline is taken; one that follows an event is taken by a task recorded since.

    Raises:
        NotFoundError: For this caller the case does not exist.
        ForbiddenError: The caller cannot record in it.
    """
    case = await gather(work, complaint_id)
    if not case.records:
        raise ForbiddenError
    door = await open_complaint(work, complaint_id, to="see")
    if door.merged_into is not None:
        return TaskOffers(offers=[])
    kept = await _kept(work, complaint_id)
    found = [_offer(work, fit) for track in case.tracks for fit in _fits(work, track) if not _taken(fit, kept)]
    return TaskOffers(offers=sorted(found, key=lambda offer: (offer.due_on, offer.code, str(offer.proceeding_id))))


async def _kept(work: Work, complaint_id: UUID) -> Sequence[Any]:
    query = select(TaskRow.code, TaskRow.deadline_id, TaskRow.proceeding_id, TaskRow.state, TaskRow.created_at).where(
        TaskRow.complaint_id == complaint_id,
        TaskRow.organization_id == work.caller.organization_id,
        TaskRow.state != "cancelled",
    )
    return (await work.session.execute(query)).all()


def _fits(work: Work, track: Track) -> Iterator[_Fit]:
    today = work.today(track.mechanism.zone)
    for template in book().offers:
        if template.fits(track.mechanism.id):
            yield from _before_deadlines(template, track, today)
            yield from _after_event(template, track, today)


def _before_deadlines(template: Template, track: Track, today: date) -> Iterator[_Fit]:
    for day in track.days:
        if day.deadline.rule != template.rule or day.status not in _RUNNING:
            continue
        due_on = template.day(day.deadline.due_on)
        if today <= max(due_on, day.deadline.due_on):
            yield _Fit(template=template, track=track, day=day, event=None, due_on=max(due_on, today))


def _after_event(template: Template, track: Track, today: date) -> Iterator[_Fit]:
    newest = next((event for event in reversed(track.events) if event.type == template.event), None)
    if newest is None or (template.stages and track.outcome.stage not in template.stages):
        return
    due_on = template.day(newest.on)
    if today <= due_on + timedelta(days=book().event_lapses_after_days):
        yield _Fit(template=template, track=track, day=None, event=newest, due_on=max(due_on, today))


def _taken(fit: _Fit, kept: Sequence[Any]) -> bool:
    for task in kept:
        if task.code != fit.template.code or task.deadline_id != fit.deadline_id:
            continue
        if fit.event is None:
            return True
        since = task.state == "open" or task.created_at >= fit.event.recorded_at
        if task.proceeding_id == fit.track.id and since:
            return True
    return False


def _offer(work: Work, fit: _Fit) -> Offer:
    template, mechanism = fit.template, fit.track.mechanism
    return Offer(
        code=template.code,
        label=words.code_label("task", template.code, work.locale) or template.code,
        due_on=fit.due_on,
        why=getattr(template.why, work.locale),
        mechanism=mechanism.id,
        proceeding_id=fit.track.id,
        deadline_id=fit.deadline_id,
        rule=template.rule,
        event=template.event,
        citation=fit.day.deadline.citation if fit.day else [],
    )
