"""One request, one transaction: committed before a good answer leaves, rolled back with any other.

A refusal that has something to keep says so on the unit of work (`keeps_refusal`), and is committed too. What was read
is noted in the request's own transaction, what was refused in a short one of its own, both before the answer leaves:
nobody reads what could not be written down.
"""

from contextvars import ContextVar
from typing import Any

from litestar import Response
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from vigilancia.access import audit
from vigilancia.api import reads, refusals
from vigilancia.core.http import ApiRequest
from vigilancia.core.work import Desk, Work

_KEY = "vigilancia_work"
_FIRST_ERROR = 400

_answered: ContextVar[list[Any]] = ContextVar("vigilancia_answered")


def provide_work(request: ApiRequest) -> Work:
    """Begin the unit of work of a request; its connection is taken at the first statement."""
    desk: Desk = request.app.state.desk
    work = desk.begin(request.user, locale=request.locale)
    request.scope["state"][_KEY] = work
    return work


async def keep_content(response: Response[Any]) -> Response[Any]:
    """Remember what is answered while it is not yet text, so that the cases in it can be told."""
    _answered.get([]).append(response.content if isinstance(response, Response) else None)
    return response


class UnitOfWork:
    """Middleware: commits when the handler's answer is about to leave, so that what was answered is kept.

    A commit that fails raises where the answer would have been sent, and becomes an answer of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the handlers of a router."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry one request."""
        desk: Desk = scope["litestar_app"].state.desk
        content: list[Any] = []
        _answered.set(content)

        async def committed(message: Message) -> None:
            if message["type"] == "http.response.start":
                await _settle(desk, scope, message["status"], content)
            await send(message)

        try:
            await self._app(scope, receive, committed)
        finally:
            begun: Work | None = scope["state"].pop(_KEY, None)
            if begun is not None:
                await begun.session.close()


async def _settle(desk: Desk, scope: Scope, status: int, content: list[Any]) -> None:
    work: Work | None = scope["state"].get(_KEY)
    if work is not None and (status < _FIRST_ERROR or work.keeps_refusal):
        work.keeps_refusal = False
        if status < _FIRST_ERROR:
            await audit.note_all(work, reads.entries(scope, content[-1] if content else None))
        await desk.commit(work)
    entry = refusals.entry(scope, status, desk.now())
    if entry is not None:
        await refusals.note(desk, scope, work, entry)
