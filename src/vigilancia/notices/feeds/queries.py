"""Reading the feeds of one's own organisation, revoked ones too, never their address."""

from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, select

from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page
from vigilancia.core.work import Work
from vigilancia.notices.feeds.models import FeedRow
from vigilancia.notices.feeds.schemas import CalendarFeed, IssuedCalendarFeed

_COLUMNS = FeedRow.__table__.c
_SORTABLE: dict[str, ColumnElement[Any]] = {"id": _COLUMNS.id, "created_at": _COLUMNS.created_at}

T = TypeVar("T", bound=CalendarFeed)


class FeedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list may be narrowed to; several ids with commas."""

    complaint_id: str | None = None
    organization_id: str | None = None
    contact_id: str | None = None
    revoked: bool | None = None


async def find(work: Work, listing: Listing, wanted: FeedFilter) -> Page[CalendarFeed]:
    """Return a page of the feeds of the caller's organisation.

    Raises:
        BadParameterError: A filter, sort or cursor does not fit.
    """
    query = _selected(work)
    for name in ("complaint_id", "organization_id", "contact_id"):
        text = getattr(wanted, name)
        if text is not None:
            query = query.where(any_of(_COLUMNS[name], text, name, UUID))
    if wanted.revoked is not None:
        query = query.where(_COLUMNS.revoked_at.is_not(None) == wanted.revoked)
    if listing.updated_since is not None:
        since = listing.updated_since
        query = query.where((_COLUMNS.created_at >= since) | (_COLUMNS.revoked_at >= since))
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="id")
    return Page(items=[_answered(row, CalendarFeed) for row in rows], next=following)


async def read(work: Work, feed_id: UUID) -> CalendarFeed:
    """Return one feed of the caller's organisation.

    Raises:
        NotFoundError: It has no such feed.
    """
    return _answered(await _row(work, feed_id), CalendarFeed)


async def read_issued(work: Work, feed_id: UUID, url: str | None) -> IssuedCalendarFeed:
    """Return a feed with its address, while it is at hand.

    Raises:
        NotFoundError: The caller's organisation has no such feed.
    """
    return _answered(await _row(work, feed_id), IssuedCalendarFeed, url=url)


async def _row(work: Work, feed_id: UUID) -> Row[Any]:
    row: Row[Any] | None = (await work.session.execute(_selected(work).where(_COLUMNS.id == feed_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return row


def _selected(work: Work) -> Select[Any]:
    names = CalendarFeed.__struct_fields__  # never the digest
    query = select(*(_COLUMNS[name] for name in names))
    return query if work.caller.is_system else query.where(_COLUMNS.owner_id == work.caller.organization_id)


def _answered(row: Row[Any], type_: type[T], **more: str | None) -> T:
    return msgspec.convert({**row._mapping, **more}, type_)  # noqa: SLF001 - SQLAlchemy's public accessor
