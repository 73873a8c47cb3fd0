"""The rooms that keep something of a case outside the rows that `survey` deletes: one list, one line for each.

An erasure calls `before` and `after` in the transaction that wipes the rows, before and after these go; both may be
called again by another try. `before` returns the files it leaves; once the rows are gone, `remove` is called for each
until it succeeds, and removing what is gone already is no error.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from msgspec import Struct

from vigilancia.core.work import Work


class Left(Struct, frozen=True, kw_only=True):
    """A file of an erased case.

    Attributes:
        room: Who removes it.
        name: As the room calls it: ours, never a word of a person.
        sha256: Of its content as it was received, for the receipt.
    """

    room: str
    name: str
    sha256: str | None = None


class Forgetter(Struct, frozen=True, kw_only=True):
    """What a room does when a case is erased."""

    room: str
    before: Callable[[Work, UUID], Awaitable[Sequence[Left]]] | None = None
    after: Callable[[Work, UUID], Awaitable[None]] | None = None
    remove: Callable[[Work, Left], Awaitable[None]] | None = None


FORGETTERS: tuple[Forgetter, ...] = ()


async def before(work: Work, complaint_id: UUID) -> list[Left]:
    """Have every room let go of what hangs on a case; return the files that must be removed."""
    left: list[Left] = []
    for each in FORGETTERS:
        if each.before is not None:
            left += await each.before(work, complaint_id)
    return left


async def after(work: Work, complaint_id: UUID) -> None:
    """Have every room forget what it noted while the rows went."""
    for each in FORGETTERS:
        if each.after is not None:
            await each.after(work, complaint_id)


async def remove(work: Work, left: Sequence[Left]) -> None:
    """Remove the files of an erased case.

    Raises:
        VigilanciaError: One could not be removed; to be tried again.
        OSError: The same.
    """
    removers = {each.room: each.remove for each in FORGETTERS}
    for file in left:
        remover = removers.get(file.room)
        if remover is not None:
            await remover(work, file)
