"""What every way out promises."""

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from vigilancia.core.work import Work
from vigilancia.notices.letters.letter import Letter


class OutageError(Exception):
    """There is no server that would take any message now; no single notice is to blame."""


class Answer(Struct, frozen=True):
    """What became of a message.

    Attributes:
        result: `retry` may be tried again, `failed` may not.
        code: The server's code and what it was said to; never the text of either side.
    """

    result: Literal["delivered", "stored", "retry", "failed"]
    code: str


Send: TypeAlias = Callable[[], Awaitable[Answer]]


class Channel(Protocol):
    """A way out."""

    async def open(self) -> None:
        """Be ready to send; raises `OutageError` where that is impossible."""

    def write(self, work: Work, letter: Letter, address: str) -> Send:
        """Write a letter as this channel carries it; nothing leaves before what is returned is called.

        Raises:
            ValueError: The address cannot be used.
            MessageError: It cannot stand in a message.
        """

    async def close(self) -> None:
        """Let go of whatever is held."""
