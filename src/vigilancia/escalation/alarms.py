"""Telling alarms: at once, to those who may act in the case, and to nobody else.

Those are the owner (who handles the case, and its desk) and the organisations whose link gives `write` and was
accepted, unless they are adverse. Who only gets alerts of deadlines is not told, nor is the public.
Statements for each batch do not depend on how many alarms, organisations or contacts there are.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select, update

from vigilancia.access import policy
from vigilancia.complaints import timeline
from vigilancia.complaints.models import AlarmRow, ComplaintRow, LinkRow
from vigilancia.core.work import Work
from vigilancia.escalation import ladder as ladders
from vigilancia.escalation.recipients import Contacts, Recipient, contacts_of
from vigilancia.notices import service as notices
from vigilancia.notices.service import Planned

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns
_RUNG = "alarm"


class _Case(Struct, frozen=True, kw_only=True):
    """Who may act in a case: its owner first, then the others; and who handles it for the owner."""

    organizations: list[UUID]
    handler_id: UUID | None


class _Told(Struct, frozen=True, kw_only=True):
    """Whom an alarm is told, and which organisations it could not be told to."""

    planned: list[Planned]
    unreachable: list[UUID]


async def tell_pending(work: Work) -> int:
    """Put the notices of one batch of alarms into the ledger; rivals skip what is locked here.

    Returns:
        How many were told; 0 when none is left.
    """
    pending = (
        select(AlarmRow.id, AlarmRow.complaint_id, AlarmRow.raised_at)
        .where(AlarmRow.tell_pending)
        .order_by(AlarmRow.id)
        .limit(ladders.defaults().batch)
        .with_for_update(of=AlarmRow, skip_locked=True)
    )
    alarms = (await work.session.execute(pending)).all()
    if not alarms:
        return 0
    cases = await _cases(work, {alarm.complaint_id for alarm in alarms})
    book = await contacts_of(work, {each for case in cases.values() for each in case.organizations})
    told = {alarm.id: _tell(work, alarm, cases[alarm.complaint_id], book) for alarm in alarms}
    await notices.put_all_once(work, [planned for each in told.values() for planned in each.planned])
    await work.session.execute(
        update(AlarmRow)
        .where(AlarmRow.id.in_(told))
        .values(tell_pending=False, told_at=work.now)
        .execution_options(synchronize_session=False)
    )
    notes = [(alarm.complaint_id, note) for alarm in alarms for note in _notes(alarm, told[alarm.id])]
    await timeline.note_each(work, notes)
    return len(alarms)


async def _cases(work: Work, complaint_ids: set[UUID]) -> dict[UUID, _Case]:
    owners = select(ComplaintRow.id, ComplaintRow.owner_id, ComplaintRow.handler_id)
    found = {
        row.id: _Case(organizations=[row.owner_id], handler_id=row.handler_id)
        for row in await work.session.execute(owners.where(ComplaintRow.id.in_(complaint_ids)))
    }
    links = (
        select(LinkRow.complaint_id, LinkRow.organization_id)
        .where(LinkRow.complaint_id.in_(complaint_ids), policy.link_may_act(LinkRow, work.now))
        .order_by(LinkRow.complaint_id, LinkRow.id)
    )
    for link in await work.session.execute(links):
        organizations = found[link.complaint_id].organizations
        if link.organization_id not in organizations:
            organizations.append(link.organization_id)
    return found


def _tell(work: Work, alarm: _Line, case: _Case, book: Contacts) -> _Told:
    late = work.now - alarm.raised_at > timedelta(minutes=ladders.defaults().late_after_minutes)
    planned: dict[UUID, Planned] = {}
    unreachable = []
    for organization_id in case.organizations:
        found = _recipients(case, organization_id, book)
        if not found:
            unreachable.append(organization_id)
        for recipient in found:
            planned[recipient.contact_id] = Planned(
                kind="alarm",
                subject_id=alarm.id,
                complaint_id=alarm.complaint_id,
                run_id=None,
                revision=1,
                rung=_RUNG,
                organization_id=organization_id,
                contact_id=recipient.contact_id,
                channel=recipient.channel,
                place=recipient.place,
                locale=recipient.locale,
                due_at=alarm.raised_at,
                late=late,
                at_once=True,
            )
    return _Told(planned=list(planned.values()), unreachable=unreachable)


def _recipients(case: _Case, organization_id: UUID, book: Contacts) -> list[Recipient]:
    """Return whom of an organisation an alarm speaks to: who handles the case and its desk, or whoever can be reached.

    Where somebody is absent the deputy is told; a desk whose people are all absent is better than nobody.
    """
    owner = case.organizations[0]
    handler = book.person(case.handler_id, owner, owner) if organization_id == owner else []
    chosen = [*handler, *book.desks(organization_id, owner)] or book.anybody(organization_id, owner)
    found = {contact.id: contact for contact in chosen or book.away(organization_id, owner)}
    return [book.recipient(contact) for contact in found.values()]


def _notes(alarm: _Line, told: _Told) -> Iterator[timeline.Note]:
    """Yield what the timeline tells: counts and organisations, no contacts."""
    if told.planned:
        counts = {
            "contacts": len(told.planned),
            "organizations": len({planned.organization_id for planned in told.planned}),
            "late": told.planned[0].late,
        }
        yield timeline.Note(type="alarm_told", subject_id=alarm.id, after=counts)
    if told.unreachable:
        without = {"rung": _RUNG, "contacts": len(told.planned), "organization_ids": told.unreachable}
        yield timeline.Note(type="escalation_unreachable", subject_id=alarm.id, after=without)
