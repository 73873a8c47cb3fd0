"""What is logged and counted of requests: the route, never the address; ids and figures, never words."""

import logging
import sys
import time

import structlog
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "vigilancia_requests", "Requests answered, by route and status.", ("method", "route", "status"), registry=REGISTRY
)
SECONDS = Histogram("vigilancia_request_seconds", "Time to the answer.", ("method", "route"), registry=REGISTRY)

# What no browser may do with an answer; pages that need a style say so in a policy of their own.
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"x-robots-tag": b"noindex, noarchive",
}
_ONLY_TLS = (b"strict-transport-security", b"max-age=31536000")  # where the public address is https

logger = logging.getLogger("vigilancia.requests")


class Watch:
    """Middleware: security headers on every answer, one line and two figures for every request."""

    def __init__(self, app: ASGIApp, routed: Litestar) -> None:
        """Wrap an application.

        Args:
            app: What answers.
            routed: Whose desk knows under which address people reach it.
        """
        self._app = app
        self._routed = routed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and watch the answer."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = dict(message.get("headers", []))
                fresh = [(name, value) for name, value in _HEADERS.items() if name not in headers]
                if self._routed.state.desk.settings.base_url.startswith("https://"):
                    fresh.append(_ONLY_TLS)
                if b"cache-control" not in headers:
                    fresh.append((b"cache-control", b"no-store"))
                message["headers"] = [*message.get("headers", []), *fresh]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            _note(scope, status, time.perf_counter() - started)


def _note(scope: Scope, status: int, seconds: float) -> None:
    template = str(scope.get("path_template") or "unknown")
    method = str(scope.get("method"))
    REQUESTS.labels(method, template, str(status)).inc()
    SECONDS.labels(method, template).observe(seconds)
    caller = scope.get("user")
    token = getattr(caller, "token_id", None)
    if getattr(scope.get("route_handler"), "opt", {}).get("untold"):
        return  # the hour of an anonymous complaint is nobody's business
    logger.info("%s %s %s %.1fms token=%s", method, template, status, seconds * 1000, token)


def set_up(level: str) -> None:
    """Log JSON lines to standard output.

    Args:
        level: Least level logged.
    """
    shared: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
