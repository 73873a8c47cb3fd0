"""The audit: who read, changed, took out or was refused what, when, by which token, and why."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert

from vigilancia.access.models import AuditRow
from vigilancia.core.ids import new_id
from vigilancia.core.vault import HOUSE
from vigilancia.core.work import Work

Action = Literal["read", "write", "export", "refused", "login", "override"]
WHY = "audit.why"


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
        work: The transaction and on whose behalf.
        action: What was done.
        what: The kind of thing, such as `complaint`, `person`, `file`, `export`.
        complaint_id: The case it belongs to.
        subject_id: The thing.
        why: The caller's reason, in its words: sealed, since words may name somebody.
        facts: Ids, codes and figures.
    """
    made = new_id()
    await work.session.execute(
        insert(AuditRow).values(
            id=made,
            at=work.now,
            action=action,
            what=what,
            organization_id=work.caller.organization_id,
            role=work.caller.role,
            token_id=work.caller.token_id,
            holder_id=work.caller.holder_id,
            complaint_id=complaint_id,
            subject_id=subject_id,
            why=await _seal(work, why, complaint_id, made),
            facts=dict(facts) if facts else None,
        )
    )


async def open_why(work: Work, row: AuditRow) -> str | None:
    """Return the reason of a row in words; none where there was none, or where the complaint was erased."""
    if row.why is None:
        return None
    return await work.vault.open(row.complaint_id or HOUSE, row.why, field=f"{WHY}/{row.id}")


async def _seal(work: Work, why: str | None, complaint_id: UUID | None, made: UUID) -> bytes | None:
    if why is None:
        return None
    # Never under the ring itself: a row of the audit is never changed, so it could not follow to another master key.
    return await work.vault.seal(complaint_id or HOUSE, why, field=f"{WHY}/{made}")
