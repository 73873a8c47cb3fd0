"""The custody log: who had a file in hand, when and for what; rows are added, never changed."""

from collections.abc import Mapping
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import insert, or_, select

from vigilancia.core.identity import Caller
from vigilancia.core.ids import new_id
from vigilancia.core.paging import Listing, Page, fetch_page
from vigilancia.core.work import Work
from vigilancia.evidence import access
from vigilancia.evidence.models import CustodyRow
from vigilancia.evidence.schemas import CustodyEntry

Action = Literal[
    "received",
    "redacted",
    "changed",
    "downloaded",
    "unmasked",
    "exported",
    "transcribed",
    "transcript_read",
    "scanned",
    "integrity_failed",
    "held",
    "released",
    "erased",
]
ACTIONS: tuple[Action, ...] = get_args(Action)
PURPOSE = "custody.purpose"
_ROW = CustodyRow.__table__.c


async def note(
    work: Work,
    row: Any,  # noqa: ANN401 - a file's row
    action: Action,
    *,
    purpose: str | None = None,
    facts: Mapping[str, Any] | None = None,
    by: Caller | None = None,
) -> None:
    """Add to the log of one file, within the transaction of what it tells of.

    Args:
        work: The transaction and on whose behalf.
        row: The file's row.
        action: What was done.
        purpose: The caller's words: sealed, since words may name somebody.
        facts: Ids, codes and figures.
        by: Who it was, where the transaction is the system's.
    """
    caller, made = by or work.caller, new_id()
    told = None
    if purpose is not None:
        told = await work.vault.seal(row.complaint_id, purpose, field=f"{PURPOSE}/{made}")
    await work.session.execute(
        insert(CustodyRow).values(
            id=made,
            complaint_id=row.complaint_id,
            evidence_id=row.id,
            at=work.now,
            action=action,
            organization_id=caller.organization_id,
            role=caller.role,
            token_id=caller.token_id,
            holder_id=caller.holder_id,
            purpose=told,
            sha256=row.sha256,
            facts=dict(facts) if facts else None,
        )
    )


async def note_case(work: Work, complaint_id: UUID, action: Action, *, facts: Mapping[str, Any] | None = None) -> int:
    """Add to the log of every file of a case that is kept: what holds and releases a case does to its files.

    Returns:
        How many files it was noted on.
    """
    query = select(*access.FILE).where(access.FILE.complaint_id == complaint_id, access.FILE.state == "kept")
    rows = (await work.session.execute(query)).all()
    for row in rows:
        await note(work, row, action, facts=facts)
    return len(rows)


async def of_file(work: Work, file_id: UUID, listing: Listing) -> Page[CustodyEntry]:
    """Read one page of the log of a file and of its redacted copies, the oldest first.

    The caller of this has opened the case and may see the file itself.
    """
    files = select(access.FILE.id).where(or_(access.FILE.id == file_id, access.FILE.original_id == file_id))
    query = select(*_ROW).where(_ROW.evidence_id.in_(files))
    if listing.updated_since is not None:
        query = query.where(_ROW.at >= listing.updated_since)
    rows, following = await fetch_page(work.session, query, listing, sortable={"id": _ROW.id}, default="id")
    return Page(items=[await shape(work, row) for row in rows], next=following)


async def of_case(work: Work, complaint_id: UUID) -> list[Any]:
    """Return all rows of a case, in their order."""
    query = select(*_ROW).where(_ROW.complaint_id == complaint_id).order_by(_ROW.seq)
    return list((await work.session.execute(query)).all())


async def shape(work: Work, row: Any) -> CustodyEntry:  # noqa: ANN401 - a row of the table
    """Return a row as it crosses the wire, the purpose in words."""
    told = await work.vault.open(row.complaint_id, row.purpose, field=f"{PURPOSE}/{row.id}")
    names = [name for name in CustodyEntry.__struct_fields__ if name != "purpose"]
    return CustodyEntry(purpose=told, **{name: getattr(row, name) for name in names})
