"""The published contract: OpenAPI 3.1 at `/schema/openapi.json`, and a page at `/schema` that needs no other server.

The framework describes routes and types; what it cannot know is added here once for all: the problem details of every
error, the headers every operation takes, its scope, and an example.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader
from litestar import Litestar, Response, get
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from vigilancia import __version__
from vigilancia.access.scopes import SCOPES
from vigilancia.api.examples import example_of, example_of_body
from vigilancia.core import i18n
from vigilancia.core.http import ApiRequest

CONFIG = OpenAPIConfig(
    title="vigilancia",
    version=__version__,
    summary="Worker-rights complaints, their legal clocks, and the notices that keep people in time.",
    use_handler_docstrings=True,
    path="/schema",
    components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
)

# What is no JSON, good answers and refusals of the address alike.
_OTHER_MEDIA = {
    "/a/{token}": "text/html",
    "/a/offers/{token}": "text/html",
    "/c/{token}": "text/html",
    "/u/{token}": "text/html",
    "/metrics": "text/plain",
}
_CALENDAR = "/calendars/{token}"  # only its good answer is no JSON
_ANONYMOUS = "/v1/intake"  # no token is asked for, and no repetition known
_SCHEMAS = "#/components/schemas/"
_PAGE = re.compile(r"(?P<before>(#/components/schemas/)?)Page_[a-z_.]+\.(?P<of>[A-Za-z]+)_")
# Two Structs of one name: the framework tells them apart by where they live.
_NAMES = {"complaints_schemas_timeline_Actor": "EntryActor", "law_mechanism_Actor": "MechanismActor"}
_VERSIONED_POSTS = ("/merge", "/unmerge")
_CONDITIONAL = ("}", "/clock")
_BODY_METHODS = ("post", "patch", "put")
# The page brings its style with it; it fetches nothing and runs nothing.
_STYLED = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_TEXT = {"schema": {"type": "string"}}
_ERRORS = {
    "400": "The body is no JSON, or a query parameter is unknown or does not fit.",
    "401": "No valid token.",
    "403": "A known thing the token may not do.",
    "404": "Nothing there that the caller may see.",
    "405": "The address does not take the method.",
    "409": "It collides with what is there, or the same idempotency key is still running.",
    "410": "It has expired.",
    "412": "Changed meanwhile.",
    "413": "Over 1 MB; a file: over the installation's limit.",
    "415": "The body does not call itself JSON, or where one is wanted a form.",
    "416": "The file has no such range.",
    "422": "The body does not fit; `errors` lists every fault.",
    "423": "Nothing has found the file free of harmful programs.",
    "428": "`If-Match` is missing.",
    "429": "Tried too often; `Retry-After` says when to try again.",
    "500": "A failure of ours; nothing was kept.",
    "503": "Database or queue are away; try again.",
}


def describe(app: Litestar, controllers: Sequence[ControllerRouterHandler]) -> dict[str, Any]:
    """Return the whole OpenAPI document of an application.

    Args:
        app: The running application; its routes tell the scopes.
        controllers: What it was built from.
    """
    twin = Litestar(route_handlers=list(controllers), openapi_config=CONFIG, request_class=app.request_class)
    document: dict[str, Any] = twin.openapi_schema.to_schema()
    handlers = _handlers(app)
    components = document["components"]
    components["responses"] = {f"Problem{code}": _problem(code, words) for code, words in _ERRORS.items()}
    components["schemas"] |= _PROBLEM_SCHEMAS
    components["parameters"] = _HEADERS
    document = _renamed(document)
    components = document["components"]
    document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    document["x-scopes"] = SCOPES
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                _complete(path, method, operation, handlers.get(operation["operationId"]), components["schemas"])
    return document


def _renamed(part: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Give schemas names of the field: where a Struct lives is ours to change, and no part of the contract."""
    if isinstance(part, dict):
        return {_name(key): _renamed(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_renamed(value) for value in part]
    return _name(part) if isinstance(part, str) and part.startswith(_SCHEMAS) else part


def _name(name: str) -> str:
    page = _PAGE.fullmatch(name)
    if page:
        return f"{page['before']}{page['of']}Page"
    before, slash, last = name.rpartition("/")
    return f"{before}{slash}{_NAMES.get(last, last)}"


def _handlers(app: Litestar) -> Mapping[str, HTTPRouteHandler]:
    return {
        str(handler.operation_id): handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
    }


def _complete(
    path: str, method: str, operation: dict[str, Any], handler: HTTPRouteHandler | None, schemas: Mapping[str, Any]
) -> None:
    scope = handler.opt.get("scope") if handler else None
    if scope:
        operation["x-scope"] = scope
        operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`.".strip()
    answers = operation.setdefault("responses", {})
    answers.pop("400", None)
    for code in _possible(path, method, operation):
        answers[code] = {"$ref": f"#/components/responses/Problem{code}"}
    _say_media(path, answers)
    operation.setdefault("parameters", []).extend(
        {"$ref": f"#/components/parameters/{name}"} for name in _header_names(path, method, answers)
    )
    for media in operation.get("requestBody", {}).get("content", {}).values():
        media.setdefault("example", example_of_body(media["schema"], schemas))
    for holder in answers.values():
        for media in holder.get("content", {}).values():
            if "schema" in media and "example" not in media and "examples" not in media:
                media["example"] = example_of(media["schema"], schemas)


def _say_media(path: str, answers: dict[str, Any]) -> None:
    """Say of addresses that answer no JSON what they answer."""
    if path == _CALENDAR:
        answers["200"] = {"description": "The feed.", "content": {"text/calendar": _TEXT | {"example": "…"}}}
        answers["304"] = {"description": "Unchanged since the version in `If-None-Match`."}
    if path in _OTHER_MEDIA:
        content = {_OTHER_MEDIA[path]: _TEXT | {"example": "…"}}
        for code in ("200", "404", "410"):
            if code in answers:
                answers[code] = {"description": _ERRORS.get(code, "The text."), "content": content}


def _possible(path: str, method: str, operation: Mapping[str, Any]) -> list[str]:
    codes = ["500", "503"]
    queried = any(parameter.get("in") == "query" for parameter in operation.get("parameters", []))
    if path.startswith(_ANONYMOUS):
        codes += ["400", "404", "413", "415", "422", "429"]
    elif path.startswith("/v1"):
        codes += ["400", "401", "403", "404", "429"]
        if method in _BODY_METHODS:
            codes += ["409", "413", "415", "422"]
        if _is_versioned(path, method):
            codes += ["409", "412", "428"]
        if path.endswith("/file"):
            codes += ["409", "410"]
        if "/evidence/{file_id}" in path:
            codes += ["410", "416", "423"] if path.endswith("/content") else ["410"]
    elif path == _CALENDAR:
        codes += ["400", "404"]
    elif "{" in path:
        codes += ["400", "404", "410", "413"]
    elif queried:
        codes.append("400")
    return sorted(set(codes))


def _is_versioned(path: str, method: str) -> bool:
    """Tell whether an operation wants the version it is based on."""
    return method in ("patch", "put", "delete") or path.endswith(_VERSIONED_POSTS)


def _header_names(path: str, method: str, answers: Mapping[str, Any]) -> list[str]:
    names = ["AcceptLanguage"]
    if (
        path.startswith("/v1")
        and not path.startswith(_ANONYMOUS)
        and method == "post"
        and ("201" in answers or "202" in answers)
    ):
        names.append("IdempotencyKey")
    if path.startswith("/v1") and _is_versioned(path, method):
        names.append("IfMatch")
    if path.startswith("/v1") and method == "get" and path.endswith(_CONDITIONAL):
        names.append("IfNoneMatch")
        answers["304"] = {"description": "Unchanged since the version in `If-None-Match`."}  # type: ignore[index]
    return names


def _problem(code: str, words: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    headers = {"Retry-After": {"schema": {"type": "string"}}} if code in ("409", "429", "503") else {}
    example = {
        "type": "urn:vigilancia:problem:invalid",
        "title": i18n.t("errors.invalid.title", "en"),
        "status": int(code),
        "detail": i18n.t("errors.invalid.detail", "en"),
        "code": "invalid",
        "errors": [{"pointer": "/received_on", "code": "date", "detail": i18n.t("faults.date", "en")}],
    }
    content = {"application/problem+json": {"schema": schema, "example": example}}
    return {"description": words, "content": content} | ({"headers": headers} if headers else {})


_PROBLEM_SCHEMAS: dict[str, Any] = {
    "ProblemDetails": {
        "type": "object",
        "description": "RFC 9457. `code` is stable; `title` and `detail` follow Accept-Language.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemDetailsFault"}},
            "incident": {"type": "string"},
            "allowed_transitions": {"type": "array", "items": {"type": "string"}},
        },
    },
    "ProblemDetailsFault": {
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "properties": {
            "pointer": {"type": "string", "description": "JSON Pointer, `?parameter` or `@Header`."},
            "code": {"type": "string"},
            "detail": {"type": "string"},
        },
    },
}

_HEADERS: dict[str, Any] = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "es, en or fr: the language of words in the answer.",
        **_TEXT,
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Same key and body within 24 hours: the same resource again, nothing made twice.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag you read; without it 428, when stale 412.",
        **_TEXT,
    },
    "IfNoneMatch": {"name": "If-None-Match", "in": "header", "description": "Answers 304 when unchanged.", **_TEXT},
}


def make_handlers(controllers: Sequence[ControllerRouterHandler]) -> list[HTTPRouteHandler]:
    """Return the two handlers that publish the contract of what the application was built from."""
    kept: dict[int, dict[str, Any]] = {}

    def document(app: Litestar) -> dict[str, Any]:
        if id(app) not in kept:
            kept[id(app)] = describe(app, controllers)
        return kept[id(app)]

    @get("/schema/openapi.json", include_in_schema=False, sync_to_thread=False)
    def openapi(request: ApiRequest) -> dict[str, Any]:
        """Answer the OpenAPI document; no token needed."""
        return document(request.app)

    @get("/schema", include_in_schema=False, media_type=MediaType.HTML, sync_to_thread=False)
    def viewer(request: ApiRequest) -> Response[str]:
        """Answer the document as a page to read, offline, without JavaScript."""
        page = _templates().get_template("schema.html").render(document=document(request.app), example=example_of)
        return Response(page, media_type=MediaType.HTML, headers={"Content-Security-Policy": _STYLED})

    return [openapi, viewer]


@cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("vigilancia.api"), autoescape=True)
