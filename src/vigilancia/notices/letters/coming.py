"""Days to come in the cases a contact is told about, for letters that look ahead."""

from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from vigilancia.access import policy, walls
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core import clock, i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.proceedings.models import DeadlineRow
from vigilancia.registry.models import ContactRow

_ZONE = "UTC"  # where days are cut off; each is shown as its authority counts it


class Coming(Struct, frozen=True, kw_only=True):
    """A day to come.

    Attributes:
        deadline_id: Of which deadline.
        reference: Of the case.
        mechanism: Of the proceeding.
        rule: Of the deadline.
        due_on: The last day, at the authority's seat.
        left: Days until then.
    """

    deadline_id: UUID
    reference: str
    mechanism: str
    rule: str
    due_on: date
    left: int

    def line(self, locale: Locale) -> str:
        """Return it as one line: the case's number, the step, the day."""
        rule = loader.mechanism(self.mechanism).rules.get(self.rule)
        step = rule.titles[locale] if rule else self.rule
        day = i18n.long_date(self.due_on, locale)
        return i18n.t("digests.coming", locale, reference=self.reference, step=step, day=day, count=self.left)


async def coming(work: Work, contact: ContactRow, *, days: int | None, most: int, whole: bool = False) -> list[Coming]:
    """Return days to come, the nearest first, with one statement.

    Args:
        work: The moment.
        contact: Who is told: of the cases it handles, and as a desk of those nobody handles, or that its organisation
            is told about.
        days: How far to look; none: as far as there are any.
        most: How many at most.
        whole: Of a desk: in every case of its organisation, also those that somebody else handles.
    """
    today = clock.local_date(work.now, _ZONE)
    query = (
        select(
            DeadlineRow.id,
            DeadlineRow.mechanism,
            DeadlineRow.rule,
            DeadlineRow.due_on,
            DeadlineRow.zone,
            ComplaintRow.reference,
        )
        .join(ComplaintRow, ComplaintRow.id == DeadlineRow.complaint_id)
        .where(~DeadlineRow.met, ~DeadlineRow.void, DeadlineRow.due_on >= today, told_of(work, contact, whole=whole))
        .where(ComplaintRow.merged_into.is_(None))
        .order_by(DeadlineRow.due_on, DeadlineRow.id)
        .limit(most)
    )
    if days is not None:
        query = query.where(DeadlineRow.due_on <= today + timedelta(days=days))
    return [
        Coming(
            deadline_id=row.id,
            reference=row.reference,
            mechanism=row.mechanism,
            rule=row.rule,
            due_on=row.due_on,
            left=max((row.due_on - clock.local_date(work.now, row.zone)).days, 0),
        )
        for row in await work.session.execute(query)
    ]


def told_of(work: Work, contact: ContactRow, *, whole: bool = False) -> ColumnElement[bool]:
    """Return the condition that a contact is told about a case.

    Anybody may keep a record of somebody else's desk: such a one is told of its keeper's cases and of no other, as
    each single message is.

    Args:
        work: The moment.
        contact: Whom.
        whole: A desk answers for every case of its organisation, also those that somebody else handles.
    """
    itself = contact.owner_id == contact.organization_id
    kept = true() if itself else ComplaintRow.owner_id == contact.owner_id
    kept = and_(kept, walls.contact_let_in(contact.id, ComplaintRow.id))
    mine = ComplaintRow.owner_id == contact.organization_id
    if not contact.desk:
        return and_(kept, mine, ComplaintRow.handler_id == contact.id)
    linked = exists().where(
        LinkRow.complaint_id == ComplaintRow.id,
        LinkRow.organization_id == contact.organization_id,
        policy.link_gets_alerts(LinkRow, work.now),
    )
    own = mine if whole else and_(mine, or_(ComplaintRow.handler_id.is_(None), ComplaintRow.handler_id == contact.id))
    return and_(kept, or_(own, linked))
