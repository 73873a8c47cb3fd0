"""Who may see a contact: `policy.record_seen`, and less."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true

from vigilancia.access import policy
from vigilancia.core.identity import Caller


def contact_seen(
    caller: Caller,
    now: datetime,
    *,
    owner_id: Any,  # noqa: ANN401
    visibility: Any,  # noqa: ANN401
    organization_id: Any,  # noqa: ANN401
    desk: Any,  # noqa: ANN401
) -> ColumnElement[bool]:
    """Return the condition that a contact exists for a caller.

    A contact that somebody keeps as private is not shown even to the organisation it belongs to: it may be a worker
    inside a company who must not be known there. Analysts see desks and no persons.

    Args:
        caller: Who asks.
        now: At which instant.
        owner_id: Column: who keeps the record.
        visibility: Column: `private`, `linked` or `public`.
        organization_id: Column: the organisation it is a contact of.
        desk: Column: whether it is the organisation's own inbox.
    """
    if caller.is_system:
        return true()
    ways = policy.record_seen(caller, now, owner_id=owner_id, visibility=visibility, organization_id=organization_id)
    kept = or_(visibility != "private", owner_id == policy._organization(caller))  # noqa: SLF001 - one package
    return and_(ways, kept, desk) if caller.role == "analyst" else and_(ways, kept)
