"""What is asked before a request is read: who, whether it may, and whether every parameter is known."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, get_args

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import HTTPRoute
from litestar.utils.signature import ParsedSignature

from vigilancia.access import policy
from vigilancia.access.service import authenticate
from vigilancia.core import limits
from vigilancia.core.errors import BadParameterError, Fault, UnauthenticatedError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.problems import nearest
from vigilancia.core.work import Desk

_FORMS: Mapping[Any, tuple[re.Pattern[str], str]] = {
    int: (re.compile(r"-?[0-9]{1,9}"), "0 … 9"),
    datetime: (
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"),
        "2026-03-02T15:00:00Z",
    ),
}


async def know_caller(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Find out who asks, and whether the token's scopes allow the operation.

    Raises:
        UnauthenticatedError: No valid token.
        TooManyError: So many invalid ones came within this hour that they are not answered any more.
        ForbiddenError: One that lacks the scope.
    """
    if connection.scope.get("method") == "OPTIONS":
        return  # tells no more than which methods the address takes
    scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not bearer.strip():
        raise UnauthenticatedError
    desk: Desk = connection.app.state.desk
    async with desk.sessions() as session:
        # One statement that stands for itself: opening and closing a transaction would cost more than it does.
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        caller = await authenticate(session, bearer.strip(), desk.now())
    if caller is None:
        async with desk.work(SYSTEM) as work:
            wrong = await limits.count(work, "wrong_tokens")
        raise limits.too_many(desk.now()) if wrong > limits.limits().wrong_tokens else UnauthenticatedError
    connection.scope["user"] = caller
    policy.require(caller, handler.opt["scope"])


async def know_parameters(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # type: ignore[type-arg]
    """Refuse a parameter the operation does not have, lacks or gets twice, and a text with a NUL or of another form.

    The framework would take the first of two values and `1e2` for a number; a search that means something else than
    what was asked for is worse than none.

    Raises:
        BadParameterError: Naming each parameter, and the nearest that exists.
    """
    if connection.scope.get("method") == "OPTIONS":
        return
    if "known_parameters" not in handler.opt:
        handler.opt["known_parameters"], handler.opt["needed_parameters"] = _known_parameters(connection, handler)
    given = list(connection.query_params.multi_items())
    faults = list(_parameter_faults(given, handler.opt["known_parameters"]))
    missing = handler.opt["needed_parameters"] - {name for name, _ in given}
    faults += [Fault(pointer=f"?{name}", code="required") for name in sorted(missing)]
    if faults:
        raise BadParameterError(faults=faults)


def _parameter_faults(given: list[tuple[str, Any]], known: Mapping[str, Any]) -> Iterator[Fault]:
    names = [name for name, _ in given]
    for name in dict.fromkeys(names):
        pointer = f"?{_clean(name)}"
        if name not in known:
            yield Fault(pointer=pointer, code="unknown_parameter", params={"nearest": nearest(name, sorted(known))})
        elif names.count(name) > 1:
            yield Fault(pointer=pointer, code="twice")
    for name, value in given:
        if "\x00" in str(value):
            yield Fault(pointer=f"?{_clean(name)}", code="nul")
        pattern, expected = _FORMS.get(known.get(name), (None, ""))
        if pattern is not None and not pattern.fullmatch(str(value)):
            yield Fault(pointer=f"?{_clean(name)}", code="format", params={"expected": expected})


def _known_parameters(
    connection: ASGIConnection,  # type: ignore[type-arg]
    handler: BaseRouteHandler,
) -> tuple[Mapping[str, Any], frozenset[str]]:
    """Return the parameters of an operation by the name they are asked for, each with its type; and those it needs."""
    for route in connection.app.routes:
        if isinstance(route, HTTPRoute):
            for candidate, model in route.route_handler_map.values():
                if candidate.opt is handler.opt:  # a guard is given a copy of the handler, which shares its opt
                    types = _types(candidate.parsed_fn_signature)
                    for provider in candidate.resolve_dependencies().values():
                        types |= _types(provider.parsed_fn_signature)
                    asked = model.expected_query_params
                    known = {item.field_alias: types.get(item.field_name) for item in asked}
                    return known, frozenset(item.field_alias for item in asked if item.is_required)
    return {}, frozenset()


def _types(signature: ParsedSignature) -> dict[str, Any]:
    return {
        name: next((type_ for type_ in _FORMS if type_ in (field.annotation, *get_args(field.annotation))), None)
        for name, field in signature.parameters.items()
    }


def _clean(name: str) -> str:
    return name.replace("\x00", "")[:80]
