"""HEAD for whatever can be read (RFC 9110, 9.3.2): the answer of GET without its body."""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """Wrap the application: HEAD is asked as GET, and only the head of the answer leaves."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        asked = scope["method"] == "HEAD"
        if asked:
            scope["method"] = "GET"

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [_with_head(name, value) for name, value in message["headers"]]
            elif asked and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await self._app(scope, receive, headed)


def _with_head(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    if name.lower() != b"allow" or b"GET" not in value or b"HEAD" in value:
        return name, value
    return name, value + b", HEAD"
