"""The rooms that keep something of a case beside the rows that `survey` deletes: one list, one line for each.

`wiped` is called in the transaction that wipes the rows, after these went, and once more at the end: for what a room
noted while they went. `last` is called when the key is destroyed, for files; it says which went, for the receipt. Both
may be called again by another try, and what is gone already is no error.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select

from vigilancia.core.work import Work
from vigilancia.evidence import service as evidence
from vigilancia.evidence.models import EvidenceRow


class Gone(Struct, frozen=True, kw_only=True):
    """A file of an erased case that was removed.

    Attributes:
        room: Who removed it.
        name: As the room calls it: ours, never a word of a person.
        sha256: Of its content as it was received.
    """

    room: str
    name: str
    sha256: str | None = None


class Forgetter(Struct, frozen=True, kw_only=True):
    """What a room does when a case is erased."""

    room: str
    wiped: Callable[[Work, UUID], Awaitable[None]] | None = None
    last: Callable[[Work, UUID], Awaitable[Sequence[Gone]]] | None = None


async def _forget_files(work: Work, complaint_id: UUID) -> Sequence[Gone]:
    """Remove the files of a case; their hashes and their custody log stay."""
    await evidence.forget(work, complaint_id)
    query = select(EvidenceRow.id, EvidenceRow.sha256).where(EvidenceRow.complaint_id == complaint_id)
    rows = await work.session.execute(query.order_by(EvidenceRow.id))
    return [Gone(room="evidence", name=str(row.id), sha256=row.sha256) for row in rows]


async def _forget_trail(work: Work, complaint_id: UUID) -> None:
    """Remove what rows of the audit held of a case; that they were written stays provable."""
    await work.session.execute(select(func.public.forget_audit_content(complaint_id)))


FORGETTERS: tuple[Forgetter, ...] = (
    Forgetter(room="audit", wiped=_forget_trail),
    Forgetter(room="evidence", last=_forget_files),
)


async def wiped(work: Work, complaint_id: UUID) -> None:
    """Have every room forget what it noted of a case whose rows went."""
    for each in FORGETTERS:
        if each.wiped is not None:
            await each.wiped(work, complaint_id)


async def last(work: Work, complaint_id: UUID) -> list[Gone]:
    """Have every room remove the files of a case whose rows and key are gone.

    Raises:
        VigilanciaError: A store is away; to be tried again.
        OSError: A file could not be removed; to be tried again.
    """
    gone: list[Gone] = []
    for each in FORGETTERS:
        if each.last is not None:
            gone += await each.last(work, complaint_id)
    return gone
