"""What every store of bytes can do."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import NamedTuple, Protocol

from vigilancia.core.errors import VigilanciaError


class StoreError(VigilanciaError):
    """The store is away, full, or of a kind we do not know; try again."""

    code, status = "unavailable", 503


class Kept(NamedTuple):
    """A name in a store, and since when it holds what it holds."""

    name: str
    at: datetime


class Store(Protocol):
    """Bytes by name; names are ours (`ab/…`), never words of a person."""

    async def put_new(self, name: str, data: bytes) -> bool:
        """Keep bytes under a name that is free; false where it is taken, and nothing is changed.

        Raises:
            StoreError: They could not be kept.
        """
        ...

    async def replace(self, name: str, data: bytes) -> None:
        """Keep bytes under a name, in place of what was there.

        Raises:
            StoreError: They could not be kept; what was there stands.
        """
        ...

    async def swap(self, name: str, old: bytes, new: bytes) -> bool:
        """Keep bytes in place of others, if those are still there: a name that is deleted meanwhile stays deleted.

        Returns:
            Whether they were.

        Raises:
            StoreError: They could not be kept; what was there stands.
        """
        ...

    async def get(self, name: str) -> bytes | None:
        """Return the bytes of a name; none where there are none.

        Raises:
            StoreError: The store did not answer.
        """
        ...

    async def put_stream(self, name: str, parts: AsyncIterator[bytes]) -> None:
        """Keep bytes that come in parts under a fresh name, a part at a time in memory; all of them or none.

        Args:
            name: One that nobody used before; streams are not asked to look.
            parts: The bytes; whatever it raises is raised here, and nothing is kept.

        Raises:
            StoreError: They could not be kept.
        """
        ...

    async def get_range(self, name: str, start: int, length: int) -> bytes | None:
        """Return at most so many bytes from a place on, fewer at the end; none where the name has no bytes there.

        Raises:
            StoreError: The store did not answer.
        """
        ...

    async def delete(self, name: str) -> None:
        """Remove a name, so that it stays removed when the machine stops now; removing it again changes nothing.

        Raises:
            StoreError: It could not be removed.
        """
        ...

    async def sweep(self, before: datetime) -> None:
        """Remove what writers that died left half written before an instant; where the store sees to that, nothing.

        Raises:
            StoreError: It could not be removed.
        """
        ...

    def names(self, prefix: str = "") -> AsyncIterator[str]:
        """Walk the names that begin so, in no order.

        Raises:
            StoreError: The store did not answer.
        """
        ...

    def walk(self) -> AsyncIterator[Kept]:
        """Walk all names with their instants, in no order; a name that goes meanwhile is passed over.

        Raises:
            StoreError: The store did not answer.
        """
        ...
