"""Who acts, told to the database at the begin of every transaction, so that its triggers can write it down.

The audit's triggers see rows, not callers. So a session that was told who acts says it in a setting that ends with the
transaction: organisation, role, token, holder, instant. `core/tickets.py` presents it together with the ticket.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from vigilancia.core.identity import Caller

SAY = "SELECT set_config('vigilancia.actor', $1, true)"
_ACTS = "vigilancia_acts"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def said(caller: Caller | None, now: datetime) -> str:
    """Return what is told of who acts: `organisation|role|token|holder|microseconds`, empty where there is none.

    Args:
        caller: Who acts; none: somebody who was not recognised.
        now: The instant of the work.
    """
    instant = str((now - _EPOCH) // timedelta(microseconds=1))
    if caller is None:
        return f"||||{instant}"
    parts = (caller.organization_id, caller.role, caller.token_id, caller.holder_id)
    return "|".join([*("" if part is None else str(part) for part in parts), instant])


def act(session: AsyncSession, caller: Caller | None, now: datetime) -> None:
    """Tell a session who acts in it; whoever acts in a session that was never told is written down as nobody."""
    session.info[_ACTS] = (caller, said(caller, now))


def acting(session: AsyncSession) -> Caller | None:
    """Return who acts in a session, as it was told."""
    caller: Caller | None = session.info.get(_ACTS, (None, ""))[0]
    return caller


def told_of(session: Session) -> str | None:
    """Return what a session is to tell of who acts in it; none where nobody said so."""
    told = session.info.get(_ACTS)
    return None if told is None else str(told[1])
