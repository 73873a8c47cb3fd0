"""A real SMTP server on loopback, which answers as a test tells it to."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from pydantic import SecretStr

from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk


@dataclass
class Mailbox:
    """What arrived, and how the server behaves."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    at_recipient: str | None = None  # an answer other than 250 to RCPT
    at_data: str | None = None  # to the message
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    when_it_comes: Callable[[], None] | None = None
    server: asyncio.Server | None = None

    def arrived(self, address: str) -> list[EmailMessage]:
        """Return the messages to an address."""
        return [message for message in self.messages if message["To"] == address]

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take a recipient, or not."""
        if self.at_recipient is not None:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Take a message, or not."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(0)
        self.in_flight -= 1
        if self.when_it_comes is not None:
            self.when_it_comes()
        if self.at_data is not None:
            return self.at_data
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.messages.append(parsed)
        self.senders.append(envelope.mail_from)
        return "250 OK"

    async def open(self, port: int = 0) -> None:
        """Listen."""

        def connected() -> SMTP:
            self.connections += 1
            return SMTP(self, authenticator=self._login, auth_require_tls=False, hostname="mail.test")

        self.server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening."""
        if self.server is not None:
            self.server.close()

    def _login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == b"s3cret/@", handled=False)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """A server that takes everything until told otherwise."""
    found = Mailbox()
    await found.open()
    yield found
    await found.close()


@pytest.fixture
def smtp_settings(settings: Settings, mailbox: Mailbox) -> Settings:
    """The test's settings with that server."""
    url = SecretStr(f"smtp://127.0.0.1:{mailbox.port}")
    return settings.model_copy(update={"smtp_url": url, "mail_from": "vigilancia <avisos@centro.example>"})


@pytest.fixture
def posting(desk: Desk, smtp_settings: Settings) -> Desk:
    """The test's desk with that server."""
    return Desk(
        sessions=desk.sessions, settings=smtp_settings, keys=desk.keys, vault=desk.vault, now=desk.now, wake=desk.wake
    )


@dataclass
class Subscriber:
    """A web server on loopback: what was posted to it, and what it answers."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    status: int = 204
    location: str | None = None
    silent: bool = False  # takes the request and says nothing
    server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def open(self) -> None:
        """Listen."""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            self.bodies.append(await reader.readexactly(int(headers.get("content-length", "0"))))
            self.headers.append(headers)
            self.paths.append(head[0].split(" ")[1])
            if self.silent:
                await reader.read()
            moved = f"Location: {self.location}\r\n" if self.location else ""
            writer.write(f"HTTP/1.1 {self.status} X\r\n{moved}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def subscriber() -> AsyncIterator[Subscriber]:
    """A web server that takes everything until told otherwise."""
    found = Subscriber()
    await found.open()
    yield found
    if found.server is not None:
        found.server.close()


@pytest.fixture
def calling(posting: Desk) -> Desk:
    """The same desk, allowed to speak to loopback."""
    return replace(posting, settings=posting.settings.model_copy(update={"allow_private_targets": True}))
