"""A mail server of our own that refuses, hangs and hangs up by seeded choice, and keeps a record of all it stored."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from enum import StrEnum
from random import Random
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.faults.installation import free_port

_HANG = 3600.0  # seconds: longer than any client waits; its hanging up ends it


class Fate(StrEnum):
    """What the server does with one attempt."""

    TAKEN = "250"
    LATER_AT_RCPT = "4xx at RCPT"
    LATER_AT_DATA = "4xx at DATA"
    REFUSED = "5xx at DATA"
    HANGS = "hangs"
    CUT = "cut mid-message"
    UNHEARD = "stored, cut before 250"


# How many attempts of a thousand meet which fault; all others are taken.
_OF_A_THOUSAND = {
    Fate.LATER_AT_RCPT: 20,
    Fate.LATER_AT_DATA: 20,
    Fate.REFUSED: 15,
    Fate.HANGS: 2,
    Fate.CUT: 20,
    Fate.UNHEARD: 15,
}


def deck(chance: Random, size: int) -> list[Fate]:
    """Return the fates of the first attempts, shuffled, each fault at least once; all later attempts are taken."""
    faults = [fate for fate, share in _OF_A_THOUSAND.items() for _ in range(max(1, round(share * size / 1000)))]
    cards = [*faults, *[Fate.TAKEN] * (size - len(faults))]
    chance.shuffle(cards)
    return cards


@dataclass
class Line:
    """One connection of a client.

    Attributes:
        copies: Messages stored from it.
        goodbye: Whether the client said QUIT.
        closed_at: When it ended, on the monotonic clock; none: still open.
    """

    copies: int = 0
    goodbye: bool = False
    closed_at: float | None = None


@dataclass
class Copy:
    """One stored message.

    Attributes:
        message_id: Its Message-ID.
        at: When it was stored, on the monotonic clock.
        line: The connection it came by.
        place: Which message of that connection, from 1.
        answered: Whether our 250 was handed to the network.
    """

    message_id: str
    at: float
    line: Line
    place: int
    answered: bool = False


class Sink:
    """What the server does and remembers; its methods run on the server's own loop."""

    def __init__(self, fates: list[Fate], chance: Random, *, pace: float) -> None:
        """Start empty.

        Args:
            fates: Of the first attempts, in order.
            chance: Decides how long each message takes.
            pace: The mean of that, in seconds.
        """
        self._fates = iter(fates)
        self._chance = chance
        self._pace = pace
        self.copies: list[Copy] = []
        self.met: Counter[Fate] = Counter()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: "_Protocol", _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Draw the attempt's fate; some end here."""
        server.fate = next(self._fates, Fate.TAKEN)
        if server.fate is Fate.LATER_AT_RCPT:
            self.met[server.fate] += 1
            return "450 4.2.1 Mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: "_Protocol", _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the message, or do with it what its fate says."""
        await asyncio.sleep(self._chance.uniform(0, 2 * self._pace))
        self.met[server.fate] += 1
        match server.fate:
            case Fate.LATER_AT_DATA:
                return "451 4.3.0 Try again"
            case Fate.REFUSED:
                return "554 5.6.0 Refused"
            case Fate.HANGS:
                await asyncio.sleep(_HANG)
        server.line.copies += 1
        copy = Copy(
            message_id=str(message_from_bytes(envelope.content)["Message-ID"]),
            at=time.monotonic(),
            line=server.line,
            place=server.line.copies,
        )
        self.copies.append(copy)
        if server.fate is Fate.UNHEARD:
            server.hang_up()
            await asyncio.sleep(_HANG)  # the loss of the connection ends it
        server.unanswered = copy
        return "250 OK"


class _Protocol(SMTP):
    """aiosmtpd's server, which also hangs up within a message and notes how a connection ended."""

    def __init__(self, sink: Sink, **rest: Any) -> None:
        super().__init__(sink, **rest)
        self.sink = sink
        self.fate = Fate.TAKEN
        self.line = Line()
        self.unanswered: Copy | None = None

    def hang_up(self) -> None:
        cast("asyncio.WriteTransport", self.transport).abort()

    def connection_lost(self, error: Exception | None) -> None:
        self.line.closed_at = time.monotonic()
        super().connection_lost(error)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        self.line.goodbye = True
        await super().smtp_QUIT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.fate is Fate.CUT:
            self.sink.met[self.fate] += 1
            await self.push("354 Go on")
            await self._reader.read(100)
            self.hang_up()
            await asyncio.sleep(_HANG)
        await super().smtp_DATA(arg)
        if self.unanswered is not None:
            self.unanswered.answered = True
            self.unanswered = None


class _Server(Controller):
    def factory(self) -> SMTP:
        return _Protocol(self.handler, **self.SMTP_kwargs)


@contextmanager
def running(sink: Sink) -> Iterator[str]:
    """Run a sink on loopback; yields its `smtp://` address."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # lost connections are what it is for
    server = _Server(sink, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        yield f"smtp://127.0.0.1:{server.port}"
    finally:
        server.stop()
