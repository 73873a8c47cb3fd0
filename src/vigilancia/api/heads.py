"""HEAD and OPTIONS for every address (RFC 9110, 9.3.2 and 9.3.7): the answer of GET without its body, and `Allow`."""

from collections.abc import Collection

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """Wrap the application: HEAD is asked as GET, and only the head of the answer leaves; `Allow` names all methods."""

    def __init__(self, app: ASGIApp, routed: Litestar) -> None:
        """Wrap the handlers of an application.

        Args:
            app: What answers.
            routed: Whose routes tell the methods of an address; the framework names but those of one handler.
        """
        self._app = app
        self._allowed = {
            route.path_format: ", ".join(sorted(_with_head(route.methods))).encode()
            for route in routed.routes
            if isinstance(route, HTTPRoute)
        }

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
                allowed = self._allowed.get(str(scope.get("path_template")))
                message["headers"] = [
                    (name, allowed if allowed and name.lower() == b"allow" else value)
                    for name, value in message["headers"]
                ]
            elif asked and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await self._app(scope, receive, headed)


def _with_head(methods: Collection[str]) -> set[str]:
    return {*methods, "HEAD"} if "GET" in methods else {*methods}
