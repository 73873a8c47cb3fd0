"""One request, one transaction: committed before a good answer leaves, rolled back with any other.

A refusal that has something to keep says so on the unit of work (`keeps_refusal`), and is committed too.
"""

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from vigilancia.core.http import ApiRequest
from vigilancia.core.work import Desk, Work

_KEY = "vigilancia_work"
_FIRST_ERROR = 400


def provide_work(request: ApiRequest) -> Work:
    """Begin the unit of work of a request; its connection is taken at the first statement."""
    desk: Desk = request.app.state.desk
    work = desk.begin(request.user, locale=request.locale)
    request.scope["state"][_KEY] = work
    return work


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

        async def committed(message: Message) -> None:
            work: Work | None = scope["state"].get(_KEY)
            good = message["type"] == "http.response.start" and message["status"] < _FIRST_ERROR
            if work is not None and (good or work.keeps_refusal):
                work.keeps_refusal = False
                await desk.commit(work)
            await send(message)

        try:
            await self._app(scope, receive, committed)
        finally:
            begun: Work | None = scope["state"].pop(_KEY, None)
            if begun is not None:
                await begun.session.close()
