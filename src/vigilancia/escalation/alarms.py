"""Telling alarms: at once, to those who may act in the case, and to nobody else.

Those are the owner (who handles the case, and its desk) and the organisations whose link gives `write` and was
accepted, unless they are adverse. Who only gets alerts of deadlines is not told, nor is the public.
Statements for each batch do not depend on how many alarms, organisations or contacts there are.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select, update

from vigilancia.access import policy
from vigilancia.complaints import timeline
from vigilancia.complaints.models import AlarmRow, ComplaintRow, LinkRow
from vigilancia.core import clock
from vigilancia.core.work import Work
from vigilancia.escalation import ladder as ladders
from vigilancia.notices import service as notices
from vigilancia.notices.addresses import Way, ways
from vigilancia.notices.service import Planned
from vigilancia.registry.models import ContactRow, OrganizationRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns
_RUNG = "alarm"
_ZONE = "America/Mexico_City"  # of people who chose none


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
    book = await _contacts(work, cases)
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


async def _contacts(work: Work, cases: dict[UUID, _Case]) -> dict[UUID, list[_Line]]:
    """Return all contacts of those who may act, by organisation, with language and zone of their organisation."""
    wanted = {organization_id for case in cases.values() for organization_id in case.organizations}
    query = (
        select(
            ContactRow.id,
            ContactRow.organization_id,
            ContactRow.owner_id,
            ContactRow.desk,
            ContactRow.locale,
            ContactRow.timezone,
            ContactRow.channels,
            ContactRow.verified_by,
            ContactRow.unsubscribed_at,
            ContactRow.away,
            ContactRow.deputy_id,
            OrganizationRow.locale.label("organization_locale"),
            OrganizationRow.timezone.label("organization_zone"),
        )
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(ContactRow.organization_id.in_(wanted))
        .order_by(ContactRow.organization_id, ContactRow.id)
    )
    found: dict[UUID, list[_Line]] = defaultdict(list)
    for contact in await work.session.execute(query):
        found[contact.organization_id].append(contact)
    return found


def _tell(work: Work, alarm: _Line, case: _Case, book: dict[UUID, list[_Line]]) -> _Told:
    late = work.now - alarm.raised_at > timedelta(minutes=ladders.defaults().late_after_minutes)
    planned: dict[UUID, Planned] = {}
    unreachable = []
    for organization_id in case.organizations:
        found = _recipients(work, case, organization_id, book[organization_id])
        if not found:
            unreachable.append(organization_id)
        for contact in found:
            way = _ways(work, contact)[0]
            planned[contact.id] = Planned(
                kind="alarm",
                subject_id=alarm.id,
                complaint_id=alarm.complaint_id,
                run_id=None,
                revision=1,
                rung=_RUNG,
                organization_id=organization_id,
                contact_id=contact.id,
                channel=way.channel,
                place=way.place,
                locale=contact.locale or contact.organization_locale or work.settings.locale,
                due_at=alarm.raised_at,
                late=late,
                at_once=True,
            )
    return _Told(planned=list(planned.values()), unreachable=unreachable)


def _recipients(work: Work, case: _Case, organization_id: UUID, contacts: Sequence[_Line]) -> list[_Line]:
    """Return whom of an organisation an alarm speaks to: who handles the case and its desk, or whoever can be reached.

    Only records count that the organisation keeps of itself, or else those of the case's owner: what a stranger wrote
    down must not get its mail. Where somebody is absent the deputy is told.
    """
    own = [contact for contact in contacts if contact.owner_id == organization_id]
    kept = own or [contact for contact in contacts if contact.owner_id == case.organizations[0]]
    by_id = {contact.id: contact for contact in kept}
    chosen = [contact for contact in kept if contact.desk or contact.id == case.handler_id]
    told = {each.id: each for contact in chosen for each in _standing_in(work, contact, by_id)}
    return list(told.values()) or [contact for contact in kept if _ways(work, contact)][:1]


def _standing_in(work: Work, contact: _Line, kept: dict[UUID, _Line]) -> Iterator[_Line]:
    """Yield the contact, or while it is absent or has no address its deputy, or the deputy's deputy.

    Where all are absent the first of them that has an address is told all the same; nobody, if none has.
    """
    chain: dict[UUID, _Line] = {}
    following: _Line | None = contact
    while following is not None and following.id not in chain:
        chain[following.id] = following
        following = kept.get(following.deputy_id)
    able = [each for each in chain.values() if _ways(work, each)]
    yield from ([each for each in able if not _absent(work, each)] or able)[:1]


def _absent(work: Work, contact: _Line) -> bool:
    today = clock.local_date(work.now, contact.timezone or contact.organization_zone or _ZONE)
    return any(
        date.fromisoformat(each["from"]) <= today
        and (each.get("until") is None or today <= date.fromisoformat(each["until"]))
        for each in contact.away
    )


def _ways(work: Work, contact: _Line) -> list[Way]:
    return ways(contact, confirmed_only=work.settings.confirm_addresses)


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
