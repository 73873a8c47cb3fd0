"""Standing in: where one way to somebody fails, the next is taken, and the ledger says so.

First the contact's other ways, in its order; then the deputy, the organisation's desk, and the desk of the case's
owner. Whoever got this very rung already is passed over, and the ledger's key decides between rivals. Whether the next
one may be told is asked again by its letter at the moment of sending.

A notice never goes out by two ways at once, but for an uncertain end: where a lease ran out, or a service was silent
until the deadline, the first message may have arrived after all.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, Uuid, column, or_, select, table

from vigilancia.complaints import timeline
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.work import Work
from vigilancia.notices import service
from vigilancia.notices.addresses import Way, ways
from vigilancia.notices.models import ACKNOWLEDGED, OPEN, NoticeRow
from vigilancia.notices.service import Planned
from vigilancia.registry.models import ContactRow, OrganizationRow

_Line = Row[*tuple[Any, ...]]  # a result of a query of several columns

_TO_OTHERS = (
    "deadline",
    "task",
    "alarm",
    "privacy",
)  # what concerns an organisation; the other kinds concern one contact
_NEVER = ("confirm",)  # asks about one address
_REACHED = (*OPEN, "delivered", "stored")
_TRIES = 3  # at finding a free number, against rivals

_run = table("escalation_run", column("id", Uuid()))  # of a later room


class _Case(Struct, frozen=True, kw_only=True):
    """A notice that failed, and what was told of the same rung so far."""

    notice: _Line
    told: Sequence[_Line]


async def go_on(work: Work, notice_id: UUID, *, own_ways_only: bool = False) -> bool:
    """Plan the next notice where one failed or is failing; the caller ends the first in the same transaction.

    The run is locked first, as an acknowledgement locks it: so either sees what the other did.

    Args:
        work: The transaction.
        notice_id: The one that failed.
        own_ways_only: Look no further than the contact's other ways.

    Returns:
        Whether another stands in.
    """
    found = await _read(work, notice_id)
    if found is None or found.notice.kind in _NEVER or found.notice.reason == ACKNOWLEDGED:
        return False
    if await _next_way(work, found):
        return True
    if own_ways_only or found.notice.kind not in _TO_OTHERS:
        return False
    if await _somebody_else(work, found):
        return True
    await _say_unreachable(work, found)
    return False


async def _read(work: Work, notice_id: UUID) -> _Case | None:
    run_id = await work.session.scalar(select(NoticeRow.run_id).where(NoticeRow.id == notice_id))
    if run_id is not None:
        await work.session.execute(select(_run.c.id).where(_run.c.id == run_id).with_for_update(key_share=True))
    ledger = NoticeRow.__table__
    query = (
        select(
            ledger,
            ContactRow.channels,
            ContactRow.verified_by,
            ContactRow.unsubscribed_at,
            ContactRow.deputy_id,
            ComplaintRow.owner_id.label("case_owner_id"),
        )
        .select_from(ledger)
        .join(ContactRow, ContactRow.id == ledger.c.contact_id)
        .outerjoin(ComplaintRow, ComplaintRow.id == ledger.c.complaint_id)
        .where(ledger.c.id == notice_id)
    )
    notice = (await work.session.execute(query)).one_or_none()
    return _Case(notice=notice, told=await told_of_rung(work, notice)) if notice is not None else None


async def told_of_rung(work: Work, notice: _Line) -> Sequence[_Line]:
    """Return every notice of the same rung; the ledger's key serves the question."""
    row = NoticeRow.__table__.c
    columns = ("id", "organization_id", "contact_id", "channel", "place", "resend", "status", "after_id", "after_why")
    query = select(*(row[name] for name in columns)).where(
        row.subject_id == notice.subject_id, row.revision == notice.revision, row.rung == notice.rung
    )
    return (await work.session.execute(query)).all()


async def _next_way(work: Work, found: _Case) -> bool:
    """Take the contact's first way that was not taken in this chain of notices."""
    notice, taken = found.notice, _chain(found)
    free = [way for way in _ways(work, notice) if (way.channel, way.place) not in taken]
    for way in free[:1]:
        for more in range(_TRIES):
            number = next_number(found.told, notice.contact_id, way.channel) + more
            if await _put(work, notice, notice, way, number):
                return True
    return False


def next_number(told: Sequence[_Line], contact_id: UUID, channel: str) -> int:
    """Return the number that the next notice of a rung to a contact by a channel bears."""
    return max((row.resend for row in told if (row.contact_id, row.channel) == (contact_id, channel)), default=-1) + 1


def _chain(found: _Case) -> set[tuple[str, int]]:
    """Return the ways that this notice, and those it stands in for, took to the same contact."""
    by_id = {row.id: row for row in found.told}
    taken: set[tuple[str, int]] = set()
    row: _Line | None = found.notice
    while row is not None and row.contact_id == found.notice.contact_id:
        taken.add((row.channel, row.place))
        row = by_id.get(row.after_id) if row.after_why == "fallback" else None
    return taken


async def _somebody_else(work: Work, found: _Case) -> bool:
    notice, told = found.notice, {row.contact_id for row in found.told}
    for contact in await _others(work, notice):
        usable = _ways(work, contact)
        if contact.id not in told and usable and await _put(work, notice, contact, usable[0], 0):
            return True
    return False


async def _others(work: Work, notice: _Line) -> list[_Line]:
    """Return deputy, desk and the owner's desk, in this order, as far as they are kept by those who may."""
    organizations = {notice.organization_id, notice.case_owner_id} - {None}
    query = (
        select(
            ContactRow.id,
            ContactRow.organization_id,
            ContactRow.owner_id,
            ContactRow.desk,
            ContactRow.locale,
            ContactRow.channels,
            ContactRow.verified_by,
            ContactRow.unsubscribed_at,
            OrganizationRow.locale.label("organization_locale"),
        )
        .join(OrganizationRow, OrganizationRow.id == ContactRow.organization_id)
        .where(ContactRow.organization_id.in_(organizations))
        .where(or_(ContactRow.id == notice.deputy_id, ContactRow.desk))
        .order_by(ContactRow.id)
    )
    rows = (await work.session.execute(query)).all()
    kept = [row for row in rows if row.owner_id in (row.organization_id, notice.case_owner_id)]
    theirs = [row for row in kept if row.organization_id == notice.organization_id]
    deputy = [row for row in theirs if row.id == notice.deputy_id]
    owners = [row for row in kept if row.organization_id == notice.case_owner_id]
    return [*deputy, *_own_first(theirs), *_own_first(owners)]


def _own_first(contacts: Collection[_Line]) -> list[_Line]:
    """Return desks, those that the organisation keeps itself first; with one of these, no stranger's record counts."""
    desks = [row for row in contacts if row.desk]
    return [row for row in desks if row.owner_id == row.organization_id] or desks


def _ways(work: Work, contact: _Line) -> list[Way]:
    return ways(contact, confirmed_only=work.settings.confirm_addresses)


async def _put(work: Work, notice: _Line, to: _Line, way: Way, number: int) -> bool:
    same = to is notice
    planned = Planned(
        kind=notice.kind,
        subject_id=notice.subject_id,
        complaint_id=notice.complaint_id,
        run_id=notice.run_id,
        revision=notice.revision,
        rung=notice.rung,
        organization_id=to.organization_id,
        contact_id=notice.contact_id if same else to.id,
        channel=way.channel,
        place=way.place,
        locale=notice.locale if same else to.locale or to.organization_locale or work.settings.locale,
        due_at=notice.due_at,
        late=notice.late,
        at_once=True,  # enough time has passed already
        resend=number,
        after_id=notice.id,
        after_why="fallback",
    )
    return await service.put_all_once(work, [planned]) == 1


async def _say_unreachable(work: Work, found: _Case) -> None:
    """Say once, on the case's timeline, that an organisation could not be told: when its last notice failed."""
    notice = found.notice
    others = [row for row in found.told if row.organization_id == notice.organization_id and row.id != notice.id]
    if notice.complaint_id is None or any(row.status in _REACHED for row in others):
        return
    told = {
        "rung": notice.rung,
        "revision": notice.revision,
        "escalation_id": notice.run_id,
        "contacts": 0,
        "passed_over": [],
        "late": notice.late,
        "organization_ids": [notice.organization_id],
    }
    await timeline.note(work, notice.complaint_id, "escalation_unreachable", subject_id=notice.subject_id, after=told)
