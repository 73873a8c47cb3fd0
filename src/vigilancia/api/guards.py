"""What is asked before a request is read: who, whether it may, and whether every parameter is known."""

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import HTTPRoute

from vigilancia.access import policy
from vigilancia.access.service import authenticate
from vigilancia.core.errors import BadParameterError, Fault, UnauthenticatedError
from vigilancia.core.problems import nearest
from vigilancia.core.work import Desk


async def know_caller(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Find out who asks, and whether the token's scopes allow the operation.

    Raises:
        UnauthenticatedError: No valid token.
        ForbiddenError: One that lacks the scope.
    """
    scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not bearer.strip():
        raise UnauthenticatedError
    desk: Desk = connection.app.state.desk
    async with desk.sessions() as session:
        caller = await authenticate(session, bearer.strip(), desk.now())
        await session.commit()
    if caller is None:
        raise UnauthenticatedError
    connection.scope["user"] = caller
    policy.require(caller, handler.opt["scope"])


async def know_parameters(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Refuse a parameter the operation does not have, and a text with a NUL.

    Raises:
        BadParameterError: Naming each parameter, and the nearest that exists.
    """
    given = connection.query_params
    if not given:
        return
    known = handler.opt.get("known_parameters")
    if known is None:
        known = handler.opt["known_parameters"] = _known_parameters(connection, handler)
    faults = [
        Fault(pointer=f"?{_clean(name)}", code="unknown_parameter", params={"nearest": nearest(name, sorted(known))})
        for name in given
        if name not in known
    ]
    faults += [
        Fault(pointer=f"?{_clean(name)}", code="nul") for name, value in given.multi_items() if "\x00" in str(value)
    ]
    if faults:
        raise BadParameterError(faults=faults)


def _known_parameters(connection: ASGIConnection, handler: BaseRouteHandler) -> frozenset[str]:  # type: ignore[type-arg]
    for route in connection.app.routes:
        if isinstance(route, HTTPRoute):
            for candidate, model in route.route_handler_map.values():
                if candidate.opt is handler.opt:  # a guard is given a copy of the handler, which shares its opt
                    return frozenset(parameter.field_alias for parameter in model.expected_query_params)
    return frozenset()


def _clean(name: str) -> str:
    return name.replace("\x00", "")[:80]
