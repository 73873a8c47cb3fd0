"""A step of the sweep: what searches found goes into the ledger, one letter for each search."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from vigilancia.core.work import Work
from vigilancia.notices.addresses import EMAIL, Way, ways
from vigilancia.notices.searches.figures import figures
from vigilancia.notices.searches.untold import Tidings, untold
from vigilancia.notices.service import Planned, put_all_once
from vigilancia.registry.models import ContactRow, OrganizationRow

_NOWHERE = Way(EMAIL, 0, "")  # stands in the ledger for a contact that cannot be reached


async def tell_found(work: Work) -> int:
    """Plan the letters of one batch of searches; what is told and what is in the ledger stand or fall together.

    Returns:
        How many letters were planned; 0 when none is left.
    """
    found = await untold(work, figures().batch)
    if not found:
        return 0
    contacts = await _contacts(work, {each.contact_id for each in found})
    await put_all_once(work, [_planned(work, each, contacts[each.contact_id]) for each in found])
    return len(found)


def _planned(work: Work, tidings: Tidings, contact: Any) -> Planned:  # noqa: ANN401 - a row
    usable = ways(contact, confirmed_only=work.settings.confirm_addresses)
    way = next(iter(usable), _NOWHERE)
    return Planned(
        kind="search",
        subject_id=tidings.search_id,
        complaint_id=None,
        run_id=None,
        revision=1,
        rung=work.now.isoformat(),  # the occasion: the instant its cases are told at, by which they are read again
        organization_id=tidings.owner_id,
        contact_id=tidings.contact_id,
        channel=way.channel,
        place=way.place,
        locale=contact.locale or contact.organization_locale or work.settings.locale,
        due_at=work.now,
        late=False,
        suppressed=None if usable else "no_address",
    )


async def _contacts(work: Work, ids: Iterable[UUID]) -> dict[UUID, Any]:
    query = (
        select(
            ContactRow.id,
            ContactRow.channels,
            ContactRow.verified_by,
            ContactRow.unsubscribed_at,
            ContactRow.locale,
            OrganizationRow.locale.label("organization_locale"),
        )
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(ContactRow.id.in_(ids))
    )
    return {row.id: row for row in await work.session.execute(query)}
