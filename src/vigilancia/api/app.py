"""Puts the application together: the rooms' controllers under one prefix, with the furniture all of them share."""

from collections.abc import Awaitable, Callable
from functools import partial

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.types import ControllerRouterHandler

from vigilancia.access import routes as access_routes
from vigilancia.access.trail import routes as trail_routes
from vigilancia.api import documents, guards, heads, logs, operations, units
from vigilancia.complaints import routes as complaint_routes
from vigilancia.core.broker import Waker
from vigilancia.core.db import make_engine
from vigilancia.core.http import ApiRequest
from vigilancia.core.problems import answer_error
from vigilancia.core.sealing import mark
from vigilancia.core.settings import settings
from vigilancia.core.vocabularies import routes as vocabulary_routes
from vigilancia.core.work import Desk, make_desk
from vigilancia.escalation import pages as escalation_pages
from vigilancia.escalation import routes as escalation_routes
from vigilancia.evidence import answers as evidence_answers
from vigilancia.evidence import routes as evidence_routes
from vigilancia.intake import routes as intake_routes
from vigilancia.keeping import routes as keeping_routes
from vigilancia.notices import pages as notice_pages
from vigilancia.notices import routes as notice_routes
from vigilancia.notices.feeds import pages as feed_pages
from vigilancia.notices.feeds import routes as feed_routes
from vigilancia.notices.searches import routes as search_routes
from vigilancia.notices.webhooks import routes as webhook_routes
from vigilancia.people import answers as people_answers
from vigilancia.people import routes as people_routes
from vigilancia.proceedings import routes as proceeding_routes
from vigilancia.registry import routes as registry_routes
from vigilancia.reports import routes as report_routes

MAX_BODY = 1_000_000  # bytes

# Rooms that answer earlier ones' questions; naming them keeps their modules imported.
ANSWERS = (evidence_answers, people_answers)

_CONTROLLERS: list[ControllerRouterHandler] = [
    *registry_routes.controllers,
    *complaint_routes.controllers,
    *people_routes.controllers,
    *evidence_routes.controllers,
    *proceeding_routes.controllers,
    *escalation_routes.controllers,
    *notice_routes.controllers,
    *feed_routes.controllers,
    *search_routes.controllers,
    *webhook_routes.controllers,
    *report_routes.controllers,
    *intake_routes.controllers,
    *keeping_routes.controllers,
    *access_routes.controllers,
    *trail_routes.controllers,
    *vocabulary_routes.controllers,
]


def described() -> list[ControllerRouterHandler]:
    """Return everything the published contract speaks of."""
    v1 = Router(
        path="/v1",
        route_handlers=_CONTROLLERS,
        dependencies={"work": Provide(units.provide_work, sync_to_thread=False)},
        middleware=[DefineMiddleware(units.UnitOfWork)],
        after_request=units.keep_content,
        guards=[guards.know_caller, guards.know_parameters],
        security=[{"token": []}],
    )
    anonymous = Router(path="/v1", route_handlers=intake_routes.public_controllers, guards=[guards.know_parameters])
    pages = [*escalation_pages.page_controllers, *notice_pages.page_controllers, *feed_pages.page_controllers]
    return [v1, anonymous, *pages, *operations.handlers]


def build(
    desk: Desk,
    *,
    on_startup: Callable[[], Awaitable[None]] | None = None,
    on_shutdown: Callable[[], Awaitable[None]] | None = None,
) -> Litestar:
    """Return the application around a desk.

    Args:
        desk: Sessions, settings, keys, clock and how to wake the workers.
        on_startup: Refuses what must not start.
        on_shutdown: Closes what the desk stands on.
    """
    parts = described()
    app = Litestar(
        route_handlers=[*parts, *documents.make_handlers(parts)],
        request_class=ApiRequest,
        exception_handlers={Exception: answer_error},
        request_max_body_size=MAX_BODY,
        openapi_config=None,
        logging_config=None,
        debug=False,
        on_startup=[on_startup] if on_startup else [],
        on_shutdown=[on_shutdown] if on_shutdown else [],
    )
    app.state.desk = desk
    # Outermost: an address nobody routes is watched too.
    app.asgi_handler = logs.Watch(heads.Heads(app.asgi_handler, app), app)
    return app


def create_app() -> Litestar:
    """Return the application as the environment sets it; what the server imports.

    Raises:
        KeyRingError: No master keys.
    """
    chosen = settings()
    logs.set_up(chosen.log_level)
    engine = make_engine(chosen.database_url)
    waker = Waker(chosen)

    async def close() -> None:
        waker.close()
        await engine.dispose()

    desk = make_desk(chosen, engine, waker)
    return build(desk, on_startup=partial(mark.settle_if_there, desk), on_shutdown=close)
