"""The audit: who read, changed, took out or was refused what, when, by which token, and why.

Changes are noted by triggers of the database (migration 0025); what is noted here is the rest. Who and when come from
what the session said at its begin (`core/actor.py`).
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.access.models import AuditRow
from vigilancia.core.actor import acting, said
from vigilancia.core.ids import new_id
from vigilancia.core.vault import HOUSE
from vigilancia.core.work import Work

Action = Literal["read", "write", "export", "refused", "login", "override"]
WHY = "audit.why"

_NOTE = select(
    func.public.audit_note(bindparam("entries", type_=JSONB), cast(bindparam("spoken_for", type_=Text), Text))
)


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to note.

    Attributes:
        action: What was done.
        what: The kind of thing, such as `complaint`, `person`, `file`, `export`.
        id: Of the row, where somebody needs to know it before.
        complaint_id: The case it belongs to.
        way: Where the case is not known: what `thing` is, by the name an address gives it, such as `proceeding_id`.
        thing: What belongs to the case.
        subject_id: The thing.
        shown: The cases on a page of a list.
        packed: Many of them: their ids, 16 bytes each, base64.
        why: A reason, sealed, base64.
        facts: Ids, codes and figures.
    """

    action: Action
    what: str
    id: UUID | None = None
    complaint_id: UUID | None = None
    way: str | None = None
    thing: UUID | None = None
    subject_id: UUID | None = None
    shown: list[UUID] | None = None
    packed: str | None = None
    why: str | None = None
    facts: Mapping[str, Any] | None = None


async def note(
    work: Work,
    action: Action,
    what: str,
    *,
    complaint_id: UUID | None = None,
    subject_id: UUID | None = None,
    why: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add to the audit, within the transaction of what it tells of.

    Args:
        work: The transaction and on whose behalf; the system may note on behalf of another caller.
        action: What was done.
        what: The kind of thing, such as `complaint`, `person`, `file`, `export`.
        complaint_id: The case it belongs to.
        subject_id: The thing.
        why: The caller's reason, in its words: sealed, since words may name somebody.
        facts: Ids, codes and figures.
    """
    made = new_id()
    sealed = await _seal(work, why, complaint_id, made)
    entry = Entry(
        action=action,
        what=what,
        id=made,
        complaint_id=complaint_id,
        subject_id=subject_id,
        why=base64.b64encode(sealed).decode() if sealed is not None else None,
        facts=facts or None,
    )
    await note_all(work, [entry])


async def note_all(work: Work, entries: Sequence[Entry]) -> None:
    """Add several things to the audit with one statement; none costs none."""
    acts = acting(work.session)
    spoken_for = said(work.caller, work.now) if acts is not None and acts != work.caller else None
    await add(work.session, entries, spoken_for=spoken_for)


async def add(session: AsyncSession, entries: Sequence[Entry], *, spoken_for: str | None = None) -> None:
    """Add to the audit where there is no unit of work: who acts is what the session was told.

    Args:
        session: The transaction.
        entries: What to note.
        spoken_for: On whose behalf the system notes it, as `core.actor.said` writes it.
    """
    if entries:
        told = {"entries": msgspec.to_builtins(entries), "spoken_for": spoken_for}
        await session.execute(_NOTE, told)


async def open_why(work: Work, row: AuditRow) -> str | None:
    """Return the reason of a row in words; none where there was none, or where the complaint was erased."""
    return await open_reason(work, row.id, row.complaint_id, row.why)


async def open_reason(work: Work, id_: UUID, complaint_id: UUID | None, why: bytes | None) -> str | None:
    """Return a reason in words.

    Args:
        work: Keys and vault.
        id_: Of the audit's row.
        complaint_id: Under whose key it is; none: the ring's.
        why: As the row has it.
    """
    if why is None:
        return None
    return await work.vault.open(complaint_id or HOUSE, why, field=f"{WHY}/{id_}")


async def _seal(work: Work, why: str | None, complaint_id: UUID | None, made: UUID) -> bytes | None:
    if why is None:
        return None
    # Never under the ring itself: a row of the audit is never changed, so it could not follow to another master key.
    return await work.vault.seal(complaint_id or HOUSE, why, field=f"{WHY}/{made}")
