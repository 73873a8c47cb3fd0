"""A step of the sweep: each week the desk of an organisation that nothing was said to is told that nothing fell due.

Silence must never be mistaken for peace: a system that stopped says nothing either.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased

from vigilancia.access import policy
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core import clock
from vigilancia.core.work import Work
from vigilancia.notices.addresses import ways
from vigilancia.notices.models import ACKNOWLEDGED, OPEN, SENT, NoticeRow
from vigilancia.notices.rounds.figures import figures
from vigilancia.notices.rounds.writing import advance, letter, lock
from vigilancia.notices.service import put_all_once
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow

_ITSELF = ContactRow.owner_id == ContactRow.organization_id  # kept by the organisation it is a contact of
_DUE = (ACKNOWLEDGED, "no_address")  # suppressed, although something fell due


async def plan_due(work: Work) -> int:
    """Plan one batch of the messages whose hour has come, and set the next hour whether or not there is one.

    Returns:
        How many contacts were looked at; 0 when none is left.
    """
    contacts = await lock(work, ContactRow.calm_next_at <= work.now)
    if not contacts:
        return 0
    ids = [contact.id for contact in contacts]
    silent = await _following(work, ids) - await _told(work, ids)
    planned, following = [], {}
    for contact in contacts:
        zone = rounds.zone_of(contact.timezone, contact.organization_zone)
        following[contact.id] = rounds.next_calm(zone, work.now)
        usable = ways(contact, confirmed_only=work.settings.confirm_addresses)
        if contact.id in silent and usable:
            occasion = f"calm {clock.local_date(contact.calm_next_at, zone).isoformat()}"
            due_at = contact.calm_next_at
            made = letter(work, contact, usable[0], kind="calm", revision=0, occasion=occasion, due_at=due_at)
            planned.append(made)
    await advance(work, "calm_next_at", following)
    await put_all_once(work, planned)
    return len(contacts)


async def _told(work: Work, contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those contacts in whose organisation anybody was written to lately, should have been, or is about to be.

    What fell due and could not be sent, or was sent to nobody because somebody had answered, is no calm either. Of
    another organisation's messages a desk that somebody else keeps counts those to contacts of the same keeper.
    """
    since = work.now - timedelta(days=figures().silent_days)
    to = aliased(ContactRow)
    lately = and_(or_(NoticeRow.status.in_((*SENT, "failed")), NoticeRow.reason.in_(_DUE)), NoticeRow.ended_at > since)
    query = (
        select(ContactRow.id)
        .join(NoticeRow, NoticeRow.organization_id == ContactRow.organization_id)
        .join(to, to.id == NoticeRow.contact_id)
        .where(ContactRow.id.in_(contact_ids), NoticeRow.kind != "calm")
        .where(or_(NoticeRow.status.in_(OPEN), lately))
        .where(or_(_ITSELF, to.owner_id == ContactRow.owner_id))
    )
    return set(await work.session.scalars(query.distinct()))


async def _following(work: Work, contact_ids: Collection[UUID]) -> set[UUID]:
    """Return those contacts whose organisation has an open case, or is told of one.

    A desk that another organisation keeps is told of that keeper's cases alone, and only while the organisation has
    no desk of its own keeping: whoever records a desk must not learn thereby of cases it does not see.
    """
    opened = ComplaintRow.status != "closed"
    owns = (
        select(ContactRow.id)
        .join(ComplaintRow, ComplaintRow.owner_id == ContactRow.organization_id)
        .where(ContactRow.id.in_(contact_ids), opened, _ITSELF)
    )
    own_desk = aliased(ContactRow)
    has_own = exists().where(
        own_desk.organization_id == ContactRow.organization_id,
        own_desk.owner_id == own_desk.organization_id,
        own_desk.desk,
    )
    linked = (
        select(ContactRow.id)
        .join(LinkRow, LinkRow.organization_id == ContactRow.organization_id)
        .join(ComplaintRow, ComplaintRow.id == LinkRow.complaint_id)
        .where(ContactRow.id.in_(contact_ids), opened, policy.link_gets_alerts(LinkRow, work.now))
        .where(or_(_ITSELF, and_(ComplaintRow.owner_id == ContactRow.owner_id, ~has_own)))
    )
    return set(await work.session.scalars(owns.union(linked)))
