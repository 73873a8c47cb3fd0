"""Making, recognising and revoking tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Interval,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    column,
    exists,
    func,
    insert,
    select,
    table,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.access import policy
from vigilancia.access.models import TokenRow
from vigilancia.access.schemas import DEFAULT_DAYS, TokenRole
from vigilancia.access.scopes import ROLE_SCOPES
from vigilancia.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from vigilancia.core.http import require_version
from vigilancia.core.identity import Caller, Role
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work

PREFIX = "vgl_"
_SECRET_BYTES = 32
_LONGEST = 200
_USE_GRAIN = timedelta(minutes=1)

_contact = table("contact", column("id", Uuid()), column("organization_id", Uuid()))
_organization = table("organization", column("id", Uuid()), column("owner_id", Uuid()), column("visibility", Text()))

# Asked before there is anybody to whom the database would show a row.
_found = func.public.token_of(
    bindparam("digest", type_=LargeBinary()),
    bindparam("instant", type_=DateTime(timezone=True)),
    bindparam("grain", type_=Interval()),
).table_valued(
    column("id", Uuid()),
    column("organization_id", Uuid()),
    column("holder_id", Uuid()),
    column("role", Text()),
    column("scopes", ARRAY(Text())),
)
_KNOWN = select(_found)


async def create_token(
    work: Work,
    *,
    organization_id: UUID,
    role: TokenRole,
    name: str,
    scopes: Sequence[str] | None = None,
    expires_in_days: int = DEFAULT_DAYS,
    holder_id: UUID | None = None,
) -> tuple[UUID, str]:
    """Make a token.

    Args:
        work: The transaction and on whose behalf; the route lets administrators in, commands act as the system.
        organization_id: On whose behalf the token acts.
        role: One role.
        name: What it is for.
        scopes: Within the role's; none: all of them.
        expires_in_days: Days until it ends.
        holder_id: The contact of that organisation who holds it.

    Returns:
        Its id, and its text, which is kept nowhere.

    Raises:
        InvalidError: An organisation that the caller does not see, a holder of another one, or scopes beyond the role.
    """
    allowed = ROLE_SCOPES[role]
    wanted = sorted(allowed) if scopes is None else list(scopes)
    faults = [
        Fault(pointer=f"/scopes/{place}", code="not_allowed")
        for place, scope in enumerate(wanted)
        if scope not in allowed
    ]
    if not await _may_hold_tokens(work, organization_id):
        faults.insert(0, Fault(pointer="/organization_id", code="not_found"))
    if holder_id is not None and not await _is_contact(work, organization_id, holder_id):
        faults.append(Fault(pointer="/holder_id", code="not_found"))
    if faults:
        raise InvalidError(faults=faults)
    facts = {"organization_id": organization_id, "role": role, "name": name, "scopes": wanted, "holder_id": holder_id}
    return await _insert(work, facts, expires_in_days)


async def rotate(
    work: Work, token_id: UUID, *, overlap_hours: int, expires_in_days: int = DEFAULT_DAYS
) -> tuple[UUID, str]:
    """Make a token like another one, which then ends; both open the same until it does.

    Args:
        work: The transaction and on whose behalf.
        token_id: The token to be followed.
        overlap_hours: How long it still opens anything.
        expires_in_days: Days until the new one ends.

    Returns:
        The id of the new one, and its text, which is kept nowhere.

    Raises:
        NotFoundError: There is no such token.
        ConflictError: It has ended already, or was rotated before.
    """
    row: TokenRow | None = await work.session.scalar(select(TokenRow).where(TokenRow.id == token_id).with_for_update())
    if row is None:
        raise NotFoundError
    followed = select(TokenRow.id).where(TokenRow.replaces_id == token_id)
    if row.revoked_at is not None or row.expires_at <= work.now or await work.session.scalar(followed) is not None:
        raise ConflictError(faults=[Fault(pointer="", code="not_allowed")])
    kept = ("organization_id", "role", "name", "scopes", "holder_id")
    facts = {name: getattr(row, name) for name in kept} | {"replaces_id": token_id}
    ends = min(row.expires_at, work.now + timedelta(hours=overlap_hours))
    shorter = {"expires_at": ends, "version": row.version + 1}
    await work.session.execute(
        update(TokenRow).where(TokenRow.id == token_id).values(shorter).execution_options(synchronize_session=False)
    )
    return await _insert(work, facts, expires_in_days)


async def _insert(work: Work, facts: dict[str, Any], expires_in_days: int) -> tuple[UUID, str]:
    token_id, token = new_id(), PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    row = facts | {
        "id": token_id,
        "digest": _digest(token),
        "created_at": work.now,
        "expires_at": work.now + timedelta(days=expires_in_days),
        "version": 1,
    }
    await work.session.execute(insert(TokenRow).values(row))
    return token_id, token


async def _is_contact(work: Work, organization_id: UUID, contact_id: UUID) -> bool:
    query = select(_contact.c.id).where(_contact.c.id == contact_id, _contact.c.organization_id == organization_id)
    return await work.session.scalar(query) is not None


async def revoke(work: Work, token_id: UUID, expected: int) -> None:
    """End a token now; ending it again changes nothing.

    Raises:
        NotFoundError: There is no such token.
        StaleError: It has changed meanwhile.
    """
    query = select(TokenRow.version, TokenRow.revoked_at).where(TokenRow.id == token_id).with_for_update()
    row = (await work.session.execute(query)).one_or_none()
    if row is None:
        raise NotFoundError
    require_version(row.version, expected)
    if row.revoked_at is None:
        ended = {"revoked_at": work.now, "version": row.version + 1}
        await work.session.execute(update(TokenRow).where(TokenRow.id == token_id).values(ended))


async def authenticate(session: AsyncSession, bearer: str, now: datetime) -> Caller | None:
    """Return whom a token stands for; none where it is unknown, expired or revoked.

    Revoking is seen by the next request. The time of use is kept to the minute, so that most requests only read; a
    rival that writes it at the same moment is not waited for.

    Args:
        session: A transaction, which the caller commits.
        bearer: The token's text, without `Bearer`.
        now: The instant of the request, UTC.
    """
    if not bearer.startswith(PREFIX) or len(bearer) > _LONGEST:
        return None
    asked = {"digest": _digest(bearer), "instant": now, "grain": _USE_GRAIN}
    row = (await session.execute(_KNOWN, asked)).one_or_none()
    if row is None:
        return None
    role = cast("Role", row.role)
    return Caller(
        organization_id=row.organization_id,
        role=role,
        scopes=ROLE_SCOPES[role] & frozenset(row.scopes),
        token_id=row.id,
        holder_id=row.holder_id,
    )


async def holder_of(work: Work, token_id: UUID | None) -> UUID | None:
    """Return the contact who holds a token, for what is done on its behalf later; none where nobody is named."""
    found: UUID | None = await work.session.scalar(select(TokenRow.holder_id).where(TokenRow.id == token_id))
    return found


async def _may_hold_tokens(work: Work, organization_id: UUID) -> bool:
    visible = policy.record_seen(
        work.caller,
        work.now,
        owner_id=_organization.c.owner_id,
        visibility=_organization.c.visibility,
        organization_id=_organization.c.id,
    )
    # Whoever uses the system already is known to those who run it, however private its record.
    query = select(exists().where(_organization.c.id == organization_id, visible))
    return bool(await work.session.scalar(query)) or await uses_installation(work, organization_id, hidden=True)


async def uses_installation(work: Work, organization_id: UUID, *, hidden: bool) -> bool:
    """Tell whether an organisation keeps its own record here or has a token, whether the caller sees it or not.

    Args:
        work: On whose behalf.
        organization_id: Of the organisation.
        hidden: Whether one whose record is private counts too.
    """
    return bool(await work.session.scalar(select(func.public.uses_installation(organization_id, hidden))))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
