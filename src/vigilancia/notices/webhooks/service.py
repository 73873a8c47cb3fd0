"""Keeping endpoints: made, changed, given another secret, tested, deleted; each by its own organisation alone."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import delete, func, insert, select, text

from vigilancia.core import outside
from vigilancia.core.errors import ConflictError, Fault, ForbiddenError, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.notices.webhooks import failing, secrets
from vigilancia.notices.webhooks.events import EVERYTHING, TEST, TYPES
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.models import EndpointRow, EventRow
from vigilancia.notices.webhooks.publishing import plan
from vigilancia.notices.webhooks.schemas import EndpointIn, EndpointPatch

_KEEPERS = ("staff", "partner")


async def create(work: Work, data: EndpointIn) -> tuple[UUID, str]:
    """Take an address in.

    Returns:
        Its id, and its secret, which is shown this once.

    Raises:
        ForbiddenError: The caller is of no organisation's staff.
        InvalidError: Fields that do not fit, all of them, or the organisation has as many endpoints as it may.
    """
    organization_id = _keeper(work)
    faults = [*_url_faults(work, data.url), *_event_faults(data.events)]
    # One after the other, so that two at once do not both count one too few.
    await work.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:of, 0))"), {"of": f"webhooks {organization_id}"}
    )
    count = await work.session.scalar(
        select(func.count()).select_from(EndpointRow).where(EndpointRow.organization_id == organization_id)
    )
    if (count or 0) >= figures().endpoints_most:
        faults.append(Fault(pointer="", code="too_many", params={"limit": str(figures().endpoints_most)}))
    if faults:
        raise InvalidError(faults=faults)
    endpoint_id, secret = new_id(), secrets.new_secret()
    row = {
        "id": endpoint_id,
        "organization_id": organization_id,
        "url": data.url,
        "events": _unique(data.events),
        "description": data.description,
        "secret": secrets.seal(work.keys, secret, endpoint_id),
        "full_payload": False,
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
    }
    await work.session.execute(insert(EndpointRow).values(row))
    return endpoint_id, secret


async def change(work: Work, endpoint_id: UUID, patch: EndpointPatch, expected: int) -> None:
    """Change the given fields.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: The caller is of no organisation's staff.
        StaleError: It has changed meanwhile.
        InvalidError: Fields that do not fit, all of them.
    """
    row = await own(work, endpoint_id)
    require_version(row.version, expected)
    faults = [] if patch.url is UNSET else list(_url_faults(work, patch.url))
    faults += [] if patch.events is UNSET else _event_faults(patch.events)
    if faults:
        raise InvalidError(faults=faults)
    if patch.url is not UNSET:
        row.url = patch.url
    if patch.events is not UNSET:
        row.events = _unique(patch.events)
    if patch.description is not UNSET:
        row.description = patch.description
    if patch.full_payload is not UNSET and patch.full_payload != row.full_payload:
        row.full_payload = patch.full_payload
        row.full_granted_at = work.now if patch.full_payload else None
        row.full_granted_by = work.caller.token_id if patch.full_payload else None
    if patch.enabled is True:
        row.disabled_at = row.disabled_reason = row.first_failed_at = row.last_failed_at = row.hold_until = None
    row.version += 1
    row.updated_at = work.now
    await work.session.flush()
    if patch.enabled is False:
        await failing.disable(work, endpoint_id, "manual")


async def rotate(work: Work, endpoint_id: UUID) -> str:
    """Give an endpoint another secret; the one before signs too for a while, so that nothing sent is refused.

    Returns:
        The new secret, shown this once.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: The caller is of no organisation's staff.
    """
    row = await own(work, endpoint_id)
    secret = secrets.new_secret()
    row.previous_secret = row.secret
    row.previous_until = work.now + timedelta(hours=figures().rotation_hours)
    row.secret = secrets.seal(work.keys, secret, endpoint_id)
    row.version += 1
    row.updated_at = work.now
    await work.session.flush()
    return secret


async def remove(work: Work, endpoint_id: UUID, expected: int) -> None:
    """Delete an endpoint with all that was planned for it.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: The caller is of no organisation's staff.
        StaleError: It has changed meanwhile.
    """
    row = await own(work, endpoint_id)
    require_version(row.version, expected)
    await work.session.execute(delete(EndpointRow).where(EndpointRow.id == endpoint_id))


async def test(work: Work, endpoint_id: UUID) -> UUID:
    """Send a `webhook.test` event to one endpoint, as any other is sent.

    Returns:
        The id of the event.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: The caller is of no organisation's staff.
        ConflictError: It is disabled.
    """
    row = await own(work, endpoint_id)
    require_enabled(row)
    event_id = new_id()
    event = {
        "id": event_id,
        "source_id": event_id,
        "type": TEST,
        "changed": [],
        "organization_id": row.organization_id,
        "subject_id": endpoint_id,
        "at": work.now,
    }
    await work.session.execute(insert(EventRow).values(event))
    await plan(work, [(event_id, endpoint_id, 0)])
    return event_id


async def own(work: Work, endpoint_id: UUID) -> EndpointRow:
    """Return an endpoint of the caller's organisation, locked, to be changed.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: The caller is of no organisation's staff.
    """
    query = select(EndpointRow).where(
        EndpointRow.id == endpoint_id, EndpointRow.organization_id == work.caller.organization_id
    )
    row = (await work.session.scalars(query.with_for_update())).one_or_none()
    if row is None:
        raise NotFoundError
    _keeper(work)
    return row


def require_enabled(row: EndpointRow) -> None:
    """Refuse to send to an endpoint that is disabled.

    Raises:
        ConflictError: It is.
    """
    if row.disabled_at is not None:
        raise ConflictError(faults=[Fault(pointer="/enabled", code="not_allowed")])


def _keeper(work: Work) -> UUID:
    if work.caller.role not in _KEEPERS or work.caller.organization_id is None:
        raise ForbiddenError
    return work.caller.organization_id


def _url_faults(work: Work, url: str) -> Iterator[Fault]:
    reason = outside.unfit(url, allow_private=work.settings.allow_private_targets)
    if reason == "private_address":
        yield Fault(pointer="/url", code="not_allowed")
    elif reason is not None:
        yield Fault(pointer="/url", code="format", params={"expected": "https://example.org/hooks"})


def _event_faults(events: Sequence[str]) -> list[Fault]:
    allowed = (EVERYTHING, *TYPES)
    return [
        Fault(pointer=f"/events/{place}", code="code", params={"vocabulary": ", ".join(allowed)})
        for place, name in enumerate(events)
        if name not in allowed
    ]


def _unique(events: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(events))
