"""What the owner of a dying endpoint is told by mail: once for each run of failures and occasion, by a unique key."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct
from sqlalchemy.dialects.postgresql import insert

from vigilancia.core.i18n import t
from vigilancia.core.ids import new_id
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.models import EndpointRow, LetterRow

Occasion = Literal["failing", "disabled"]


class OwnerLetter(Struct, frozen=True, kw_only=True):
    """A letter to the desk of an endpoint's organisation.

    Attributes:
        id: The same however often it is written; the key of whatever carries it.
        organization_id: To whose desk it goes.
        endpoint_id: What it is about.
        occasion: `failing` after a day of failures, `disabled` when nothing is sent any more.
        reason: Of the disabling: `gone` or `failing`; none while it only fails.
        link: To the endpoint. The endpoint's own address is not in the letter: it may hold a secret.
    """

    id: UUID
    organization_id: UUID
    endpoint_id: UUID
    occasion: Occasion
    reason: str | None
    link: str


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
        reason=endpoint.disabled_reason,
        link=f"{work.settings.base_url}/v1/webhook-endpoints/{endpoint.id}",
    )
    await tell_owner(work, letter)


async def tell_owner(work: Work, letter: OwnerLetter) -> None:
    """Hand a letter to the ledger of notices, which finds the organisation's desk and sends it by mail.

    The one place where the ledger's letters of other kinds are wired in: `subject` and `words` say what is in it, its
    id makes it single. Until then the row in `webhook_letter` keeps that it was due.
    """


def subject(letter: OwnerLetter, locale: Locale) -> str:
    """Return the subject of a letter."""
    return t(f"webhooks.{_key(letter)}.subject", locale)


def words(letter: OwnerLetter, locale: Locale) -> list[str]:
    """Return the paragraphs of a letter, the last one with the link."""
    hours = {"told": figures().tell_after_hours, "days": figures().disable_after_hours // _DAY_HOURS}
    first = t(f"webhooks.{_key(letter)}.what", locale, **hours)
    return [first, t(f"webhooks.{_key(letter)}.now", locale, **hours), t("webhooks.link", locale, link=letter.link)]


_DAY_HOURS = timedelta(days=1) // timedelta(hours=1)


def _key(letter: OwnerLetter) -> str:
    return "failing" if letter.occasion == "failing" else f"disabled_{letter.reason}"
