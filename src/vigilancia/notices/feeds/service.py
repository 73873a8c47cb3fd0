"""Making, recognising and revoking feeds."""

import hashlib
import secrets
from datetime import timedelta
from typing import cast
from uuid import UUID

from msgspec import Struct
from sqlalchemy import insert, select, update

from vigilancia.access import policy
from vigilancia.access.models import TokenRow
from vigilancia.complaints.access import open_complaint
from vigilancia.core import i18n
from vigilancia.core.errors import Fault, ForbiddenError, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.identity import Caller
from vigilancia.core.ids import new_id
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.notices.feeds.figures import figures
from vigilancia.notices.feeds.models import FeedRow
from vigilancia.notices.feeds.schemas import CalendarFeedIn
from vigilancia.registry.contacts import queries as contacts
from vigilancia.registry.models import ContactRow, OrganizationRow
from vigilancia.registry.organizations import queries as organizations

_SUBJECTS = ("complaint_id", "organization_id", "contact_id")
_SECRET_BYTES = 32
_LONGEST = 200
_SUFFIX = ".ics"


class Feed(Struct, frozen=True, kw_only=True):
    """A feed as it is read.

    Attributes:
        owner_id: The organisation whose access is asked.
        complaint_id: The one case it is about, else none.
        organization_id: Its own organisation, where it is about all its cases, else none.
        contact_id: The contact it is about, else none.
        desk: Whether that contact is the organisation's inbox; none: it is no contact of the organisation.
        made_by: The token that made it.
        holder_id: Who holds that token.
    """

    id: UUID
    owner_id: UUID
    complaint_id: UUID | None
    organization_id: UUID | None
    contact_id: UUID | None
    desk: bool | None
    name: str
    locale: Locale
    alarms: bool
    made_by: UUID | None
    holder_id: UUID | None

    @property
    def caller(self) -> Caller:
        """On whose behalf the feed is read: its organisation's staff, without a scope to do anything.

        From what its maker is walled off by name, or the contact it is about, it stays away too.
        """
        return Caller(
            organization_id=self.owner_id,
            role="staff",
            scopes=frozenset(),
            token_id=self.made_by,
            holder_id=self.contact_id or self.holder_id,
        )


async def make(work: Work, data: CalendarFeedIn) -> tuple[UUID, str]:
    """Make a feed for the caller's organisation.

    Returns:
        Its id, and its address, which is kept nowhere.

    Raises:
        ForbiddenError: A token that may not read complaints, since through a feed it would; or an organisation or
            contact that exists, but is another's.
        InvalidError: Not exactly one subject.
        NotFoundError: For this caller the subject does not exist.
    """
    policy.require(work.caller, "complaints:read")
    _require_one_subject(data)
    kind, reference, chosen = "organization", "", data.locale
    if data.complaint_id is not None:
        kind, reference = "complaint", (await open_complaint(work, data.complaint_id, to="see")).reference
    elif data.organization_id is not None:
        await _require_own(work, data.organization_id)
    elif data.contact_id is not None:
        kind, chosen = "contact", data.locale or await _contact_locale(work, data.contact_id)
    locale = chosen or await _organization_locale(work)
    secret, feed_id = secrets.token_urlsafe(_SECRET_BYTES), new_id()
    row = {
        "id": feed_id,
        "owner_id": work.caller.organization_id,
        "complaint_id": data.complaint_id,
        "organization_id": data.organization_id,
        "contact_id": data.contact_id,
        "name": data.name or i18n.t(f"feeds.name.{kind}", locale, reference=reference),
        "locale": locale,
        "alarms": data.alarms,
        "digest": _digest(secret),
        "made_by": work.caller.token_id,
        "created_at": work.now,
        "version": 1,
    }
    await work.session.execute(insert(FeedRow).values(row))
    return feed_id, f"{work.settings.base_url}/calendars/{secret}{_SUFFIX}"


async def revoke(work: Work, feed_id: UUID, expected: int) -> None:
    """End a feed now; ending it again changes nothing.

    Raises:
        NotFoundError: The caller's organisation has no such feed.
        StaleError: It has changed meanwhile.
    """
    query = select(FeedRow.version, FeedRow.revoked_at).where(
        FeedRow.id == feed_id, FeedRow.owner_id == work.caller.organization_id
    )
    row = (await work.session.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise NotFoundError
    require_version(row.version, expected)
    if row.revoked_at is None:
        ended = {"revoked_at": work.now, "version": row.version + 1}
        await work.session.execute(update(FeedRow).where(FeedRow.id == feed_id).values(ended))


async def recognise(work: Work, file: str) -> Feed:
    """Return the feed that the last part of an address opens, and note roughly that it is in use.

    Args:
        work: The transaction.
        file: `{secret}.ics`.

    Raises:
        NotFoundError: No such feed, or it is revoked: the two answer alike.
    """
    if not file.endswith(_SUFFIX) or len(file) > _LONGEST:
        raise NotFoundError
    query = (
        select(
            FeedRow.id,
            FeedRow.owner_id,
            FeedRow.complaint_id,
            FeedRow.organization_id,
            FeedRow.contact_id,
            ContactRow.desk,
            FeedRow.name,
            FeedRow.locale,
            FeedRow.alarms,
            FeedRow.last_read_at,
            FeedRow.made_by,
            TokenRow.holder_id,
        )
        .outerjoin(TokenRow, TokenRow.id == FeedRow.made_by)
        .outerjoin(ContactRow, (ContactRow.id == FeedRow.contact_id) & (ContactRow.organization_id == FeedRow.owner_id))
        .where(FeedRow.digest == _digest(file.removesuffix(_SUFFIX)), FeedRow.revoked_at.is_(None))
    )
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    grain = timedelta(minutes=figures().use_grain_minutes)
    if row.last_read_at is None or row.last_read_at <= work.now - grain:
        await _note_use(work, row.id)
    found = dict(row._mapping)  # noqa: SLF001 - the public accessor, underscored by SQLAlchemy
    del found["last_read_at"]
    return Feed(**found)


async def _note_use(work: Work, feed_id: UUID) -> None:
    """Note that a feed was read; a rival that notes it, or revokes the feed, is not waited for."""
    free = select(FeedRow.id).where(FeedRow.id == feed_id).with_for_update(skip_locked=True, key_share=True)
    noted = update(FeedRow).where(FeedRow.id.in_(free.scalar_subquery())).values(last_read_at=work.now)
    await work.session.execute(noted.execution_options(synchronize_session=False))


def _require_one_subject(data: CalendarFeedIn) -> None:
    given = [name for name in _SUBJECTS if getattr(data, name) is not None]
    if not given:
        raise InvalidError(faults=[Fault(pointer="", code="one_of", params={"names": ", ".join(_SUBJECTS)})])
    if len(given) > 1:
        raise InvalidError(faults=[Fault(pointer=f"/{name}", code="not_allowed") for name in given[1:]])


async def _require_own(work: Work, organization_id: UUID) -> None:
    if organization_id == work.caller.organization_id:
        return
    raise ForbiddenError if await organizations.is_seen(work, organization_id) else NotFoundError


async def _contact_locale(work: Work, contact_id: UUID) -> Locale | None:
    """Return the language of a contact of the caller's own organisation."""
    query = select(ContactRow.organization_id, ContactRow.locale).where(ContactRow.id == contact_id)
    row = (await work.session.execute(query.where(contacts.seen(work)))).one_or_none()
    if row is None:
        raise NotFoundError
    if row.organization_id != work.caller.organization_id:
        raise ForbiddenError
    return cast("Locale | None", row.locale)


async def _organization_locale(work: Work) -> Locale:
    query = select(OrganizationRow.locale).where(OrganizationRow.id == work.caller.organization_id)
    return cast("Locale | None", await work.session.scalar(query)) or work.settings.locale


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
