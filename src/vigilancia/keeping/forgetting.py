"""The rooms that keep something of a case beside the rows that `survey` deletes: one list, one line for each.

`wiped` is called in the transaction that wipes the rows, after these went, and once more at the end: for what a room
noted while they went. `last` is called when the key is destroyed, for files; it says which went, for the receipt. Both
may be called again by another try, and what is gone already is no error.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from msgspec import Struct

from vigilancia.core.work import Work


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


FORGETTERS: tuple[Forgetter, ...] = ()


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
