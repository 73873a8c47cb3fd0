"""The procedures of a case for its report: where they stand, what happened, what is due and why."""

from collections import defaultdict
from uuid import UUID

import msgspec
from sqlalchemy import select

from vigilancia.complaints.schemas import Complaint
from vigilancia.core import i18n
from vigilancia.core.paging import Listing
from vigilancia.core.work import Work
from vigilancia.law.texts import texts
from vigilancia.proceedings import queries, queries_deadlines, sight
from vigilancia.proceedings.models import DeadlineRevisionRow
from vigilancia.proceedings.schemas import Event, Proceeding
from vigilancia.proceedings.schemas_deadlines import Deadline, DeadlineFilters, DeadlineState
from vigilancia.reports import labels
from vigilancia.reports.schemas_report import Coded, Earlier, ReportDeadline, ReportEvent, ReportProceeding

_IN_ORDER = Listing(cursor=None, limit=1000, sort=None, q=None, updated_since=None)


async def proceedings(work: Work, case: Complaint) -> list[ReportProceeding]:
    """Return the procedures of a case as far as this reader is shown them, in the order of their opening."""
    found = (await queries.of_complaint(work, case.id, _IN_ORDER)).items
    due = await queries_deadlines.listed(work, _IN_ORDER, DeadlineFilters(complaint_id=str(case.id)))
    earlier = await _earlier(work, [each.id for each in due.items if each.revision > 1], case)
    return [
        await _proceeding(work, case, each, [day for day in due.items if day.proceeding_id == each.id], earlier)
        for each in found
    ]


async def _proceeding(
    work: Work, case: Complaint, found: Proceeding, due: list[Deadline], earlier: dict[UUID, list[Earlier]]
) -> ReportProceeding:
    events = (await queries.events(work, found.id, _IN_ORDER)).items
    return ReportProceeding(
        id=found.id if case.view != "deidentified" else None,
        mechanism=found.mechanism,
        title=found.title,
        stage=Coded(code=found.stage, label=found.stage_label),
        closed=found.closed,
        next_events=[Coded(code=each.type, label=each.label) for each in found.next_events],
        warnings=[each.text for each in found.warnings],
        events=[_event(work, each) for each in events if each.withdrawn_at is None],
        deadlines=[_deadline(work, case, each, earlier.get(each.id, [])) for each in due],
        overridden=sum(each.overridden for each in due),
    )


def _event(work: Work, event: Event) -> ReportEvent:
    return ReportEvent(
        type=event.type,
        label=event.label,
        on=event.on,
        kind=Coded(code=event.kind, label=texts(work.locale).kinds[event.kind]),
        due_on=event.due_on,
        stated_by=labels.speaker(event.stated_by, work.locale),
        note=event.note,
        sources=event.sources,
    )


def _deadline(work: Work, case: Complaint, day: Deadline, earlier: list[Earlier]) -> ReportDeadline:
    locale = work.locale
    return ReportDeadline(
        id=day.id if case.view != "deidentified" else None,
        rule=day.rule,
        title=day.title,
        actor=Coded(code=day.actor, label=day.actor_label),
        ours=day.ours,
        nature=Coded(code=day.nature, label=i18n.t(f"reports.nature.{day.nature}", locale)),
        due_on=day.due_on,
        latest_due_on=day.latest_due_on,
        practice_on=day.practice_on,
        status=Coded(code=day.status, label=i18n.t(f"reports.status.{day.status}", locale)),
        met_on=day.met_on,
        overridden=day.overridden,
        effect=day.effect_label,
        confidence=Coded(code=day.confidence, label=i18n.t(f"reports.confidence.{day.confidence}", locale)),
        citation=day.citation,
        explanation=day.explanation,
        warnings=[each.text for each in day.warnings],
        revision=day.revision,
        earlier=earlier,
    )


async def _earlier(work: Work, deadline_ids: list[UUID], case: Complaint) -> dict[UUID, list[Earlier]]:
    """Return the earlier states of deadlines, the newest first, by deadline."""
    row = DeadlineRevisionRow.__table__.c
    query = select(*row).where(row.deadline_id.in_(deadline_ids)).order_by(row.revision.desc())
    states: dict[UUID, list[Earlier]] = defaultdict(list)
    for found in await work.session.execute(query) if deadline_ids else ():
        was = msgspec.convert(found.was, DeadlineState)
        states[found.deadline_id].append(
            Earlier(
                revision=found.revision,
                replaced_at=sight.instant(case.view, found.replaced_at),
                due_on=sight.cut(case.view, was.due_on) or was.due_on,
                latest_due_on=sight.cut(case.view, was.latest_due_on) or was.latest_due_on,
            )
        )
    return states
