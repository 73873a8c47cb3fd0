"""Reading the ledger: the owner of a case sees all its notices, everybody else those to their own organisation."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, true

from vigilancia.access import policy, walls
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core.errors import ForbiddenError, NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, convert_parameter, fetch_page
from vigilancia.core.work import Work
from vigilancia.notices import signing
from vigilancia.notices.addresses import all_ways, masked
from vigilancia.notices.models import AttemptRow, NoticeRow
from vigilancia.notices.schemas import Attempt, Notice, WebhookSecret
from vigilancia.registry.contacts import queries as contacts
from vigilancia.registry.models import ContactRow

_table = NoticeRow.__table__
_FILTERS: dict[str, tuple[ColumnElement[Any], type]] = {
    "complaint_id": (_table.c.complaint_id, UUID),
    "subject_id": (_table.c.subject_id, UUID),
    "kind": (_table.c.kind, str),
    "status": (_table.c.status, str),
    "channel": (_table.c.channel, str),
    "organization_id": (_table.c.organization_id, UUID),
    "contact_id": (_table.c.contact_id, UUID),
    "rung": (_table.c.rung, str),
}
_BOUNDS: dict[str, Callable[[datetime], ColumnElement[bool]]] = {
    "planned_at_before": lambda instant: _table.c.planned_at < instant,
    "planned_at_after": lambda instant: _table.c.planned_at > instant,
}
_SORTABLE: dict[str, ColumnElement[Any]] = {
    "id": _table.c.id,
    "planned_at": _table.c.planned_at,
    "due_at": _table.c.due_at,
    "updated_at": _table.c.updated_at,
}


async def find(work: Work, listing: Listing, filters: dict[str, str | None]) -> Page[Notice]:
    """Return a page of the ledger, newest first unless asked otherwise.

    Args:
        work: On whose behalf.
        listing: Cursor, limit and sort.
        filters: Parameters by name; one value or several with commas, none: all.

    Raises:
        BadParameterError: A filter, sort or cursor does not fit.
    """
    query = _select(work)
    for name, text in filters.items():
        if text is not None and name == "deadline_id":  # by the ledger's key, which begins with the subject
            query = query.where(any_of(_table.c.subject_id, text, name, UUID), _table.c.kind == "deadline")
        elif text is not None and name in _BOUNDS:
            query = query.where(_BOUNDS[name](convert_parameter(text, name, datetime)))
        elif text is not None:
            column, type_ = _FILTERS[name]
            query = query.where(any_of(column, text, name, type_))
    if listing.updated_since is not None:
        query = query.where(NoticeRow.updated_at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="-id")
    attempts = await _attempts(work, [row.NoticeRow.id for row in rows])
    return Page(items=[_notice(row, attempts[row.NoticeRow.id]) for row in rows], next=following)


async def read(work: Work, notice_id: UUID) -> Notice:
    """Return one notice with its attempts.

    Raises:
        NotFoundError: For this caller it does not exist.
    """
    row = (await work.session.execute(_select(work).where(NoticeRow.id == notice_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return _notice(row, (await _attempts(work, [notice_id]))[notice_id])


async def webhook_secret(work: Work, contact_id: UUID) -> WebhookSecret:
    """Return the secret of a contact's webhook, to who keeps the contact.

    Raises:
        NotFoundError: For this caller the contact does not exist.
        ForbiddenError: It is kept by somebody else.
    """
    query = select(ContactRow.owner_id).where(ContactRow.id == contact_id, contacts.seen(work))
    keeper_id = await work.session.scalar(query)
    if keeper_id is None:
        raise NotFoundError
    if not policy.may_keep(work.caller, owner_id=keeper_id):
        raise ForbiddenError
    return WebhookSecret(secret=signing.secrets(work.keys, contact_id)[0])


async def is_seen(work: Work, notice_id: UUID) -> bool:
    """Tell whether a notice exists for the caller."""
    return (await work.session.execute(_select(work).where(NoticeRow.id == notice_id))).one_or_none() is not None


def _select(work: Work) -> Select[*tuple[Any, ...]]:
    return (
        select(NoticeRow, ContactRow.channels)
        .outerjoin(ContactRow, ContactRow.id == NoticeRow.contact_id)  # the owner need not see whom a party has told
        .outerjoin(ComplaintRow, ComplaintRow.id == NoticeRow.complaint_id)
        .where(_seen(work))
    )


def _seen(work: Work) -> ColumnElement[bool]:
    if work.caller.is_system:
        return true()
    mine = work.caller.organization_id
    told = or_(NoticeRow.organization_id == mine, ComplaintRow.owner_id == mine)
    walled = and_(NoticeRow.complaint_id.is_not(None), ~walls.let_in(work.caller, NoticeRow.complaint_id))
    return and_(told, ~walled)


async def _attempts(work: Work, notice_ids: Sequence[UUID]) -> dict[UUID, list[Attempt]]:
    query = select(AttemptRow).where(AttemptRow.notice_id.in_(notice_ids)).order_by(AttemptRow.number)
    found: dict[UUID, list[Attempt]] = defaultdict(list)
    for row in await work.session.scalars(query):
        found[row.notice_id].append(
            Attempt(
                number=row.number,
                started_at=row.started_at,
                ended_at=row.ended_at,
                result=row.result,
                answer=row.answer,
            )
        )
    return found


def _shown(notice: NoticeRow, channels: list[dict[str, Any]]) -> str | None:
    """Return the address as it may be shown: a mailbox masked, a host of the web, of Apprise the kind of service."""
    kept = all_ways(channels)
    way = next((way for way in kept if (way.channel, way.place) == (notice.channel, notice.place)), None)
    return masked(way) if way else None


def _notice(row: Row[*tuple[Any, ...]], attempts: list[Attempt]) -> Notice:
    notice: NoticeRow = row.NoticeRow
    return Notice(
        id=notice.id,
        complaint_id=notice.complaint_id,
        kind=notice.kind,
        subject_id=notice.subject_id,
        deadline_id=notice.deadline_id,
        escalation_id=notice.run_id,
        revision=notice.revision,
        rung=notice.rung,
        organization_id=notice.organization_id,
        contact_id=notice.contact_id,
        channel=notice.channel,
        resend=notice.resend,
        after_id=notice.after_id,
        after_why=notice.after_why,
        locale=notice.locale,
        address=_shown(notice, row.channels or []),
        status=notice.status,
        reason=notice.reason,
        due_at=notice.due_at,
        late=notice.late,
        late_by=int((notice.planned_at - notice.due_at).total_seconds()) if notice.late else None,
        planned_at=notice.planned_at,
        hold_until=notice.hold_until,
        within_id=notice.within_id,
        ended_at=notice.ended_at,
        updated_at=notice.updated_at,
        attempts=attempts,
    )
