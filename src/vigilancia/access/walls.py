"""Walls: who gets nothing of a case whatever else would give it. A part of the policy, which asks it first.

Between organisations the database draws the wall: a link carries it as `walled`, kept by triggers. Persons are named
one by one, as contacts, who stand for every token they hold, or as tokens.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select, Uuid, bindparam, column, exists, func, or_, select, table, true

from vigilancia.core.identity import Caller

_TOKEN, _HOLDER = "policy_token", "policy_holder"

_wall = table(
    "complaint_wall", column("complaint_id", Uuid()), column("contact_id", Uuid()), column("token_id", Uuid())
).alias("policy_wall")


def binds(caller: Caller) -> dict[str, UUID | None]:
    """Return the values of a prepared statement's conditions of this module: who asks."""
    return {_TOKEN: caller.token_id, _HOLDER: caller.holder_id}


def organization_walled(complaint_id: Any, organization_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - columns
    """Return the condition that a wall closes a case to an organisation, linked or not.

    It climbs the tree of organisations for each row: for a few rows. Links carry the answer as `walled`.
    """
    return func.public.behind_a_wall(complaint_id, organization_id, type_=Boolean())


def let_in(caller: Caller, complaint_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of whatever is queried
    """Return the condition that whoever asks is not walled off a case by name, as a token or as who holds it."""
    return true() if caller.is_system else complaint_id.not_in(_walled_cases(caller))


def contact_let_in(contact_id: Any, complaint_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - ids or columns
    """Return the condition that a contact, to whom something would be told, is not walled off a case by name."""
    return ~exists(
        select(true()).select_from(_wall).where(_wall.c.complaint_id == complaint_id, _wall.c.contact_id == contact_id)
    )


def _walled_cases(caller: Caller) -> Select[UUID]:
    """Return the select of the cases that whoever asks is walled off; it hangs on no row, and is asked once."""
    token, holder = (
        bindparam(name, value, Uuid()) for name, value in ((_TOKEN, caller.token_id), (_HOLDER, caller.holder_id))
    )
    return select(_wall.c.complaint_id).where(or_(_wall.c.token_id == token, _wall.c.contact_id == holder))
