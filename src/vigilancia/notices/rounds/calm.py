"""A step of the sweep: each week the desk of an organisation that nothing was said to is told that nothing fell due.

Silence must never be mistaken for peace: a system that stopped says nothing either.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core import clock
from vigilancia.core.work import Work
from vigilancia.notices.addresses import ways
from vigilancia.notices.models import OPEN, SENT, NoticeRow
from vigilancia.notices.rounds.figures import figures
from vigilancia.notices.rounds.writing import advance, letter, lock
from vigilancia.notices.service import put_all_once
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow


async def plan_due(work: Work) -> int:
    """Plan one batch of the messages whose hour has come, and set the next hour whether or not there is one.

    Returns:
        How many contacts were looked at; 0 when none is left.
    """
    contacts = await lock(work, ContactRow.calm_next_at <= work.now)
    if not contacts:
        return 0
    organizations = {contact.organization_id for contact in contacts}
    silent = await _following(work, organizations) - await _told(work, organizations)
    planned, following = [], {}
    for contact in contacts:
        zone = rounds.zone_of(contact.timezone, contact.organization_zone)
        following[contact.id] = rounds.next_calm(zone, work.now)
        usable = ways(contact, confirmed_only=work.settings.confirm_addresses)
        if contact.organization_id in silent and usable:
            occasion = f"calm {clock.local_date(contact.calm_next_at, zone).isoformat()}"
            due_at = contact.calm_next_at
            made = letter(work, contact, usable[0], kind="calm", revision=0, occasion=occasion, due_at=due_at)
            planned.append(made)
    await advance(work, "calm_next_at", following)
    await put_all_once(work, planned)
    return len(contacts)


async def _told(work: Work, organizations: set[UUID]) -> set[UUID]:
    """Return those of whose contacts anybody was written to lately, or is about to be."""
    since = work.now - timedelta(days=figures().silent_days)
    query = select(NoticeRow.organization_id).where(
        NoticeRow.organization_id.in_(organizations),
        or_(NoticeRow.status.in_(OPEN), and_(NoticeRow.status.in_(SENT), NoticeRow.ended_at > since)),
        NoticeRow.kind != "calm",
    )
    return set(await work.session.scalars(query.distinct()))


async def _following(work: Work, organizations: set[UUID]) -> set[UUID]:
    """Return those that have an open case, or are told of one."""
    owns = select(ComplaintRow.owner_id).where(
        ComplaintRow.owner_id.in_(organizations), ComplaintRow.status != "closed"
    )
    linked = (
        select(LinkRow.organization_id)
        .join(ComplaintRow, ComplaintRow.id == LinkRow.complaint_id)
        .where(LinkRow.organization_id.in_(organizations), ComplaintRow.status != "closed")
        .where(policy.link_gets_alerts(LinkRow, work.now))
    )
    return set(await work.session.scalars(owns.union(linked)))
