"""A subscriber of our own making: a real HTTP server on loopback that keeps what it is sent and answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import time_machine
from standardwebhooks import Webhook

from tests.conftest import Api
from vigilancia.core.work import Desk
from vigilancia.notices.webhooks.publishing import publish_all
from vigilancia.notices.webhooks.sending import post_all


@dataclass
class Call:
    """One request received."""

    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The body, read."""
        read: dict[str, Any] = json.loads(self.content)
        return read

    @property
    def type(self) -> str:
        """The event's type."""
        return str(self.body["type"])

    def verify(self, secret: str) -> Any:
        """Hold it against the reference library, at the instant it says it was sent."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), tz=UTC)
        with time_machine.travel(at, tick=False):
            return Webhook(secret).verify(self.content, self.headers)


@dataclass
class Receiver:
    """What it heard and how it answers: a status, with headers."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # the next ones; then `usual`
    usual: int = 204
    before: Callable[[], Awaitable[None]] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hooks"

    def types(self) -> list[str]:
        """The types of what it heard, in order."""
        return [call.type for call in self.calls]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, _, value in lines}
        content = await reader.readexactly(int(headers["content-length"]))
        self.calls.append(Call(headers=headers, content=content))
        if self.before is not None:
            await self.before()
        status, extra = self.answers.pop(0) if self.answers else (self.usual, {})
        told = "".join(f"{name}: {value}\r\n" for name, value in {"Content-Length": "0", **extra}.items())
        with suppress(ConnectionError):
            writer.write(f"HTTP/1.1 {status} -\r\n{told}\r\n".encode())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    found = Receiver()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


async def an_endpoint(api: Api, url: str, *, role: str = "staff", **changes: Any) -> dict[str, Any]:
    """Make an endpoint for all events."""
    answer = await api.post("/v1/webhook-endpoints", json={"url": url, "events": ["*"], **changes}, role=role)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def all_goes_out(desk: Desk) -> None:
    """Let the outbox be published and what is due be sent, once."""
    await publish_all(desk)
    await post_all(desk)


async def deliveries(api: Api, endpoint: dict[str, Any], *, role: str = "staff", **params: str) -> list[dict[str, Any]]:
    """Read an endpoint's deliveries, oldest first."""
    path = f"/v1/webhook-endpoints/{endpoint['id']}/deliveries"
    answer = await api.get(path, role=role, params={"sort": "id", "limit": "200", **params})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
