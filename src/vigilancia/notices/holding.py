"""What waits for its recipient: a notice goes out when the contact is there, or in its digest, and never too late."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select

from vigilancia.core.work import Work
from vigilancia.notices.hours import Times, opening
from vigilancia.registry.contacts import rounds
from vigilancia.registry.models import ContactRow, OrganizationRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns


class Hold(Struct, frozen=True, kw_only=True):
    """How long a notice waits.

    Attributes:
        until: The recipient's next opening, or its digest; none: it goes at once.
        digest: It goes out in the digest, and has no delivery of its own.
    """

    until: datetime | None = None
    digest: bool = False


AT_ONCE = Hold()


class Waiting(Struct, frozen=True, kw_only=True):
    """A notice about to be planned, as far as its waiting needs it.

    Attributes:
        contact_id: To whom.
        at_once: It must not wait.
        closes_at: The first instant at which the day it tells of is over; none: it tells of none.
    """

    contact_id: UUID
    at_once: bool
    closes_at: datetime | None


async def holds(work: Work, notices: Sequence[Waiting]) -> list[Hold]:
    """Return for each notice how long it waits, with one statement for all of them.

    A notice that would come only once the day it tells of is over does not wait. Who changes its hours afterwards
    changes nothing of what waits already.
    """
    contacts = await _contacts(work, {each.contact_id for each in notices if not each.at_once})
    return [
        AT_ONCE if each.at_once or each.contact_id not in contacts else _hold(work.now, each, contacts[each.contact_id])
        for each in notices
    ]


def _hold(now: datetime, notice: Waiting, contact: _Line) -> Hold:
    def in_time(until: datetime) -> bool:
        return notice.closes_at is None or notice.closes_at <= now or until < notice.closes_at

    digest = contact.digest if contact.digest is not None and not contact.digest["beside"] else None
    if digest is not None and contact.digest_next_at is not None and in_time(contact.digest_next_at):
        return Hold(until=contact.digest_next_at, digest=True)
    opens = opening(times_of(contact), now)
    return Hold(until=opens) if opens is not None and opens > now and in_time(opens) else AT_ONCE


def times_of(contact: _Line) -> Times:
    """Return a contact's own time."""
    return Times(
        zone=rounds.zone_of(contact.timezone, contact.organization_zone),
        working_hours=contact.working_hours,
        quiet_hours=contact.quiet_hours,
        holidays=contact.holidays,
        away=contact.away,
    )


async def _contacts(work: Work, ids: Collection[UUID]) -> dict[UUID, _Line]:
    if not ids:
        return {}
    query = (
        select(
            ContactRow.id,
            ContactRow.timezone,
            ContactRow.working_hours,
            ContactRow.quiet_hours,
            ContactRow.holidays,
            ContactRow.away,
            ContactRow.digest,
            ContactRow.digest_next_at,
            OrganizationRow.timezone.label("organization_zone"),
        )
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(ContactRow.id.in_(ids))
    )
    return {row.id: row for row in await work.session.execute(query)}
