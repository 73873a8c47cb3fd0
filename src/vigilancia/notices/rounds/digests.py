"""Steps of the sweep: digests whose hour has come, and notices that nothing would deliver any more.

What a digest gathers is read when it is sent; so a missed beat gives one digest, and the newest state.
"""

from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from vigilancia.core import clock
from vigilancia.core.jobs import JobRow
from vigilancia.core.work import Work
from vigilancia.notices.addresses import ways
from vigilancia.notices.channels import queues
from vigilancia.notices.ending import waiting_since
from vigilancia.notices.models import OPEN, NoticeRow
from vigilancia.notices.rounds.figures import figures
from vigilancia.notices.rounds.writing import advance, letter, lock
from vigilancia.notices.service import put_all_once
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow


async def plan_due(work: Work) -> int:
    """Plan one batch of the digests whose hour has come, and set the next hour.

    Whether there is anything to tell is seen when it is sent. A contact without a way gets none: what was held for it
    is taken up singly (`take_up_strays`), and falls to whoever stands in.

    Returns:
        How many contacts were looked at; 0 when none is left.
    """
    contacts = await lock(work, ContactRow.digest_next_at <= work.now)
    planned, following = [], {}
    for contact in contacts:
        zone = rounds.zone_of(contact.timezone, contact.organization_zone)
        following[contact.id] = rounds.next_digest(contact.digest, zone, work.now)
        usable = ways(contact, confirmed_only=work.settings.confirm_addresses)
        if contact.digest is not None and usable:
            occasion = clock.local_date(contact.digest_next_at, zone).isoformat()
            due_at = contact.digest_next_at
            made = letter(work, contact, usable[0], kind="digest", revision=0, occasion=occasion, due_at=due_at)
            planned.append(made)
    if contacts:
        await advance(work, "digest_next_at", following)
        await put_all_once(work, planned)
    return len(contacts)


async def take_up_strays(work: Work) -> int:
    """Give one batch of notices a delivery of their own that wait for none, and whose digest is over or never came.

    Such are left where a digest failed for good, or where its contact changed its wishes meanwhile. It heals whatever
    else lost its row of work.

    Returns:
        How many; 0 when none is left.
    """
    before = work.now - timedelta(minutes=figures().stray_minutes)
    at_work = exists().where(JobRow.subject_id == NoticeRow.id, JobRow.done_at.is_(None))
    digest = aliased(NoticeRow)
    in_digest = exists().where(
        digest.contact_id == NoticeRow.contact_id,
        digest.kind == "digest",
        digest.status.in_(OPEN),
        digest.due_at >= NoticeRow.hold_until,
    )
    to_come = exists().where(ContactRow.id == NoticeRow.contact_id, ContactRow.digest_next_at <= work.now)
    strays = (
        select(NoticeRow.id, NoticeRow.channel)
        .where(NoticeRow.status.in_(OPEN), NoticeRow.planned_at <= before, waiting_since <= before)
        .where(~at_work, ~in_digest, ~to_come)  # a rival may be planning its digest
        .order_by(NoticeRow.planned_at)
        .limit(figures().batch)
        .with_for_update(of=NoticeRow, skip_locked=True, key_share=True)
    )
    found = (await work.session.execute(strays)).all()
    await queues.enqueue(work, [queues.Due(row.id, row.channel) for row in found])
    return len(found)
