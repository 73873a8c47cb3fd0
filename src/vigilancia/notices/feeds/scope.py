"""Which cases a feed is about, asked anew at each reading with the access its organisation has at that moment.

* Of a case: that one, as long as the organisation sees it at all, be it as the public does.
* Of an organisation: those it owns, and those a link opens to it: to write, to read, or for alerts.
* Of a contact: of the organisation's own cases those the contact handles, and for a desk those nobody handles; and
  other organisations' cases that a link has this one told about.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, false, func, or_, select

from vigilancia.access import policy, walls
from vigilancia.complaints.models import ComplaintRow, LinkRow, TimelineRow
from vigilancia.complaints.timeline import MERGED, UNMERGED
from vigilancia.core.work import Work
from vigilancia.notices.feeds.service import Feed


def cases_of(work: Work, feed: Feed) -> ColumnElement[bool]:
    """Return the condition that a complaint is one a feed is about.

    Args:
        work: The moment; on behalf of the feed's organisation.
        feed: As it was recognised.
    """
    if feed.complaint_id is not None:
        seen = policy.seen(
            work.caller,
            work.now,
            complaint_id=ComplaintRow.id,
            owner_id=ComplaintRow.owner_id,
            confidentiality=ComplaintRow.confidentiality,
        )
        return and_(ComplaintRow.id == feed.complaint_id, seen)
    return and_(walls.let_in(work.caller, ComplaintRow.id), _of_many(work, feed))


def _of_many(work: Work, feed: Feed) -> ColumnElement[bool]:
    own = ComplaintRow.owner_id == feed.owner_id
    if feed.organization_id is not None:
        return or_(own, ComplaintRow.id.in_(policy.linked_complaints(work.caller, work.now)))
    if feed.desk is None:
        return false()
    handled = ComplaintRow.handler_id == feed.contact_id
    if feed.desk:
        handled = or_(handled, ComplaintRow.handler_id.is_(None))
    told = select(LinkRow.complaint_id).where(
        LinkRow.organization_id == feed.owner_id, policy.link_gets_alerts(LinkRow, work.now)
    )
    return or_(and_(own, handled), ComplaintRow.id.in_(told))


def merges_of(complaint_ids: Select[Any]) -> Subquery:
    """Return how often each of some cases was merged, or the merge undone: `complaint_id` and `count`.

    A merge cancels the entries of a case without a change of theirs, so it must count in their SEQUENCE.
    """
    return (
        select(TimelineRow.complaint_id, func.count().label("count"))
        .where(TimelineRow.complaint_id.in_(complaint_ids), TimelineRow.type.in_((MERGED, UNMERGED)))
        .group_by(TimelineRow.complaint_id)
        .subquery("merges")
    )
