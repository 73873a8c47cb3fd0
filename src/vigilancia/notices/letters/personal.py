"""Letters to a contact that are of no single case: the notice, and whom it goes to, as they are this moment."""

from typing import cast
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.addresses import all_ways, ways
from vigilancia.notices.content import Content
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.models import NoticeRow
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow, OrganizationRow


class Personal(Struct, frozen=True, kw_only=True):
    """A notice to a contact.

    Attributes:
        notice: The row.
        contact: To whom.
        zone: Of the contact.
        address: Where to; none: there is none any more.
    """

    notice: NoticeRow
    contact: ContactRow
    zone: str
    address: str | None

    @property
    def locale(self) -> Locale:
        """Of the recipient."""
        return cast("Locale", self.notice.locale)

    def letter(
        self, content: Content, *, obstacle: str | None, link: str | None = None, contains: tuple[UUID, ...] = ()
    ) -> Letter:
        """Return the letter; a contact that is no longer the organisation's own gets none."""
        stranger = "no_access" if self.contact.organization_id != self.notice.organization_id else None
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
            obstacle=stranger or obstacle or (None if self.address else "no_address"),
            thread=f"{self.notice.kind}-{self.notice.contact_id}",
            content=content,
            link=link,
            contains=contains,
        )


async def read_personal(work: Work, notice_id: UUID, *, unconfirmed: bool = False) -> Personal | None:
    """Read a notice and its contact; none when there is no such notice.

    Args:
        work: The moment.
        notice_id: Which one.
        unconfirmed: Addresses count that nobody vouched for: they are asked to confirm.
    """
    query = (
        select(NoticeRow, ContactRow, OrganizationRow.timezone)
        .join(ContactRow, ContactRow.id == NoticeRow.contact_id)
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(NoticeRow.id == notice_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return None
    notice, contact = row.NoticeRow, row.ContactRow
    confirmed_only = work.settings.confirm_addresses
    usable = all_ways(contact.channels) if unconfirmed else ways(contact, confirmed_only=confirmed_only)
    return Personal(
        notice=notice,
        contact=contact,
        zone=rounds.zone_of(contact.timezone, row.timezone),
        address=next(
            (way.address for way in usable if (way.channel, way.place) == (notice.channel, notice.place)), None
        ),
    )
