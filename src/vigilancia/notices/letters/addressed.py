"""What letters of several kinds read of their notice: the row, whom it speaks to, and what that organisation may do."""

from datetime import date
from typing import cast
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, exists, literal, select

from vigilancia.access import policy, walls
from vigilancia.complaints.models import ComplaintRow, LinkRow
from vigilancia.core.identity import Caller
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.addresses import ways
from vigilancia.notices.content import Content
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.models import NoticeRow
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow, OrganizationRow

_ALERTED = ("owner", "write", "alerts")


class Addressed(Struct, frozen=True, kw_only=True):
    """A notice of a case and the way to its recipient.

    Attributes:
        notice: The row.
        reference: The case's number for people.
        zone: Of the recipient.
        address: Where to; none: there is none any more.
        kept: Whether the contact is still one of the organisation the notice speaks to, and not walled off the case.
        told: Whether that organisation is told of the deadlines of the case.
        may_act: Whether it is told of danger.
    """

    notice: NoticeRow
    reference: str
    zone: str
    address: str | None
    kept: bool
    told: bool
    may_act: bool

    def letter(
        self,
        content: Content,
        *,
        obstacle: str | None,
        thread: str,
        link: str | None = None,
        due_on: date | None = None,
    ) -> Letter:
        """Return the letter; what stands in the way of its recipient comes after what its subject says."""
        return Letter(
            notice_id=self.notice.id,
            kind=self.notice.kind,
            channel=self.notice.channel,
            organization_id=self.notice.organization_id,
            contact_id=self.notice.contact_id,
            planned_at=self.notice.planned_at,
            status=self.notice.status,
            locale=self.locale,
            address=self.address,
            obstacle=obstacle or (None if self.address else "no_address"),
            thread=thread,
            content=content,
            link=link,
            due_on=due_on,
        )

    @property
    def locale(self) -> Locale:
        """Of the recipient."""
        return cast("Locale", self.notice.locale)


async def read_addressed(work: Work, notice_id: UUID) -> Addressed | None:
    """Read a notice of a case with its recipient and that recipient's rights, as they are this moment.

    Returns:
        What was found; none when there is no such notice of a case.
    """
    query = (
        select(
            NoticeRow,
            ContactRow,
            ComplaintRow.reference,
            ComplaintRow.owner_id,
            OrganizationRow.timezone,
            _link(policy.link_gets_alerts(LinkRow, work.now)).label("alerted"),
            _link(policy.link_may_act(LinkRow, work.now)).label("may_act"),
            walls.contact_let_in(NoticeRow.contact_id, NoticeRow.complaint_id).label("let_in"),
        )
        .join(ComplaintRow, ComplaintRow.id == NoticeRow.complaint_id)
        .join(ContactRow, ContactRow.id == NoticeRow.contact_id)
        .join(OrganizationRow, OrganizationRow.id == NoticeRow.organization_id)
        .where(NoticeRow.id == notice_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return None
    notice, contact = row.NoticeRow, row.ContactRow
    usable = ways(contact, confirmed_only=work.settings.confirm_addresses)
    owner = notice.organization_id == row.owner_id
    stands = await standing_of(work, notice.complaint_id, notice.organization_id)
    return Addressed(
        notice=notice,
        reference=row.reference,
        zone=rounds.zone_of(contact.timezone, row.timezone),
        address=next(
            (way.address for way in usable if (way.channel, way.place) == (notice.channel, notice.place)), None
        ),
        kept=row.let_in
        and contact.organization_id == notice.organization_id
        and contact.owner_id in (notice.organization_id, row.owner_id),
        told=stands in _ALERTED or row.alerted,
        may_act=owner or row.may_act,
    )


async def standing_of(work: Work, complaint_id: UUID, organization_id: UUID) -> policy.Standing | None:
    """Return how an organisation's staff stands to a case; that the case is public gives nothing here."""
    staff = Caller(organization_id=organization_id, role="staff", scopes=frozenset())
    stands = policy.standing(
        staff,
        work.now,
        complaint_id=ComplaintRow.id,
        owner_id=ComplaintRow.owner_id,
        confidentiality=literal("restricted"),
    )
    found = await work.session.scalar(select(stands).where(ComplaintRow.id == complaint_id))
    return cast("policy.Standing | None", found)


def _link(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        LinkRow.complaint_id == NoticeRow.complaint_id, LinkRow.organization_id == NoticeRow.organization_id, condition
    )
