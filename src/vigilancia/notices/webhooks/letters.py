"""What the owner of a dying endpoint is told by mail: once for each run of failures and occasion, by a unique key.

The endpoint's own address is not in the letter: it may hold a secret.
"""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from vigilancia.core.i18n import t
from vigilancia.core.ids import new_id
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.addresses import EMAIL, ways
from vigilancia.notices.content import Content, Section
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.letters.personal import read_personal
from vigilancia.notices.service import Planned, put_all_once
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.models import EndpointRow, LetterRow
from vigilancia.registry.models import ContactRow, OrganizationRow

Occasion = Literal["failing", "disabled"]


class OwnerLetter(Struct, frozen=True, kw_only=True):
    """A letter to the desk of an endpoint's organisation.

    Attributes:
        id: The same however often it is written; the key of whatever carries it.
        organization_id: To whose desk it goes.
        endpoint_id: What it is about.
        occasion: `failing` after a day of failures, `disabled` when nothing is sent any more.
    """

    id: UUID
    organization_id: UUID
    endpoint_id: UUID
    occasion: Occasion


async def owner_letter(work: Work, endpoint: EndpointRow, occasion: Occasion) -> None:
    """Tell an endpoint's owner, unless that was done in this run of failures.

    Args:
        work: The transaction; the letter stands or falls with what is told.
        endpoint: Locked.
        occasion: Why.
    """
    letter_id = new_id()
    row = {
        "id": letter_id,
        "endpoint_id": endpoint.id,
        "run_began_at": endpoint.first_failed_at or work.now,  # none: gone at the first failure
        "occasion": occasion,
        "written_at": work.now,
    }
    new = await work.session.scalar(insert(LetterRow).values(row).on_conflict_do_nothing().returning(LetterRow.id))
    if new is None:
        return
    letter = OwnerLetter(
        id=letter_id,
        organization_id=endpoint.organization_id,
        endpoint_id=endpoint.id,
        occasion=occasion,
    )
    await tell_owner(work, letter)


async def tell_owner(work: Work, letter: OwnerLetter) -> None:
    """Put a letter into the ledger, one for each desk the organisation keeps of itself, by mail only.

    It goes by another way than the endpoint, for that one does not work. Where no desk has a mailbox nobody is told;
    the row in `webhook_letter` and the endpoint itself say what happened.
    """
    desks = (
        select(
            ContactRow.id,
            ContactRow.channels,
            ContactRow.verified_by,
            ContactRow.unsubscribed_at,
            ContactRow.locale,
            OrganizationRow.locale.label("organization_locale"),
        )
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(ContactRow.organization_id == letter.organization_id, ContactRow.owner_id == letter.organization_id)
        .where(ContactRow.desk)
        .order_by(ContactRow.id)
    )
    planned = []
    for desk in await work.session.execute(desks):
        usable = ways(desk, confirmed_only=work.settings.confirm_addresses)
        mailbox = next((way for way in usable if way.channel == EMAIL), None)
        if mailbox is not None:
            planned.append(
                Planned(
                    kind="endpoint",
                    subject_id=letter.id,
                    complaint_id=None,
                    run_id=None,
                    revision=0,
                    rung=letter.occasion,
                    organization_id=letter.organization_id,
                    contact_id=desk.id,
                    channel=mailbox.channel,
                    place=mailbox.place,
                    locale=desk.locale or desk.organization_locale or work.settings.locale,
                    due_at=work.now,
                    late=False,
                )
            )
    await put_all_once(work, planned)


async def read(work: Work, notice_id: UUID) -> Letter | None:
    """Return the letter of a notice as it would be sent this moment; none when there is no such notice.

    An endpoint that works again, or was removed, needs none any more.
    """
    to = await read_personal(work, notice_id)
    if to is None:
        return None
    query = (
        select(LetterRow.occasion, EndpointRow)
        .join(EndpointRow, EndpointRow.id == LetterRow.endpoint_id)
        .where(LetterRow.id == to.notice.subject_id)
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        return to.letter(_compose("failing", "", to.locale), obstacle="void")
    endpoint: EndpointRow = row.EndpointRow
    over = endpoint.disabled_at is None if row.occasion == "disabled" else endpoint.first_failed_at is None
    key = "failing" if row.occasion == "failing" else f"disabled_{endpoint.disabled_reason or 'failing'}"
    link = f"{work.settings.base_url}/v1/webhook-endpoints/{endpoint.id}"
    return to.letter(_compose(key, link, to.locale), obstacle="superseded" if over else None)


def _compose(key: str, link: str, locale: Locale) -> Content:
    figures_told = {"told": figures().tell_after_hours, "days": figures().disable_after_hours // _DAY_HOURS}
    texts = {
        "what": [t(f"webhooks.{key}.what", locale, **figures_told)],
        "now": [t(f"webhooks.{key}.now", locale, **figures_told), t("webhooks.link", locale, link=link)],
    }
    return Content(
        locale=locale,
        reference=None,
        greeting=t("webhooks.greeting", locale),
        headline=t(f"webhooks.{key}.subject", locale),
        step="",
        sections=[
            Section(name=name, label=t(f"webhooks.label.{name}", locale), lines=lines) for name, lines in texts.items()
        ],
    )


_DAY_HOURS = timedelta(days=1) // timedelta(hours=1)
