"""The letter about a search: how many cases newly fit, their numbers, and where to read them. Nothing else.

Neither the search's name nor its filter stand in it: both are words that somebody chose, and may tell of a person.
"""

from uuid import UUID

from sqlalchemy import select

from vigilancia.core import i18n
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.addresses import ways
from vigilancia.notices.content import Content, Section
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.models import NoticeRow
from vigilancia.notices.searches.figures import figures
from vigilancia.notices.searches.untold import Tidings, read_told
from vigilancia.registry.models import ContactRow


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return the letter as it would be sent this moment; none when there is no such notice.

    Access is asked anew: what the organisation no longer sees, or no longer fits, is not in it, and where nothing is
    left it is not sent (`superseded`). Nor is it where the contact is no longer the organisation's own (`no_access`).
    """
    query = (
        select(NoticeRow, ContactRow)
        .join(ContactRow, ContactRow.id == NoticeRow.contact_id)
        .where(NoticeRow.id == notice_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return None
    notice, contact = row.NoticeRow, row.ContactRow
    tidings = await read_told(work, notice.subject_id, notice.due_at)
    own = contact.organization_id == contact.owner_id == notice.organization_id
    usable = ways(contact, confirmed_only=work.settings.confirm_addresses)
    address = next((way.address for way in usable if (way.channel, way.place) == (notice.channel, notice.place)), None)
    reasons = {"superseded": tidings is None, "no_access": not own, "no_address": address is None}
    return Letter(
        notice_id=notice.id,
        kind=notice.kind,
        channel=notice.channel,
        organization_id=notice.organization_id,
        contact_id=notice.contact_id,
        planned_at=notice.planned_at,
        status=notice.status,
        locale=notice.locale,
        address=address,
        obstacle=next((reason for reason, holds in reasons.items() if holds), None),
        thread=f"search-{notice.subject_id}",
        content=compose(tidings, notice.subject_id, notice.locale),
        link=None,
    )


def compose(tidings: Tidings | None, search_id: UUID, locale: Locale) -> Content:
    """Write a letter.

    There is no button: what stands behind the address wants a token.

    Args:
        tidings: What is told, as asked at this moment; none: nothing is left, and it is not sent.
        search_id: Of the search.
        locale: Of the recipient.
    """
    references = tidings.references if tidings else []
    most = figures().most_references
    named, rest = references[:most], len(references) - most
    more = [i18n.t("searches.more", locale, count=rest)] if rest > 0 else []
    where = f"GET /v1/saved-searches/{search_id}/matches"  # short enough that no line of a mail cuts it
    texts = {"cases": [*named, *more], "where": [i18n.t("searches.where", locale), where]}
    return Content(
        locale=locale,
        reference=None,
        greeting=i18n.t("searches.greeting", locale),
        headline=i18n.t("searches.headline", locale, count=len(references)),
        step="",
        sections=[
            Section(name=name, label=i18n.t(f"searches.label.{name}", locale), lines=lines)
            for name, lines in texts.items()
        ],
    )
