"""Any refusal, ours, the law's, the framework's or the unforeseen, as RFC 9457 problem details."""

import asyncio
import difflib
import logging
import traceback
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from vigilancia.core import i18n
from vigilancia.core.errors import (
    BadParameterError,
    ConsentRequiredError,
    Fault,
    IllegalTransitionError,
    InvalidError,
    UnavailableError,
    VigilanciaError,
)
from vigilancia.core.ids import new_id
from vigilancia.core.settings import Locale
from vigilancia.law.errors import LawError

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:vigilancia:problem:"
_LAW_STATUS = {"calendar-horizon": 422, "unknown-event": 422, "unknown-mechanism": 404}
_HTTP_CODES = {400: "bad-parameter", 401: "unauthenticated", 403: "forbidden", 404: "not-found"}
_HTTP_CODES |= {405: "method-not-allowed", 413: "too-large", 415: "unsupported-media"}

logger = logging.getLogger(__name__)


class ProblemFault(Struct, frozen=True, kw_only=True):
    """One thing that does not fit, and where."""

    pointer: str
    code: str
    detail: str


class WantedConsent(Struct, frozen=True, kw_only=True):
    """The consent that was wanted: what for, and for whom."""

    purpose: str
    receiver_id: UUID | None
    receiver_country: str | None


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Problem details (RFC 9457); `code` is stable, the words follow `Accept-Language`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemFault] = []
    incident: str | UnsetType = UNSET
    allowed_transitions: list[str] | UnsetType = UNSET
    consent: WantedConsent | UnsetType = UNSET


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Answer any exception; the unforeseen is logged under an incident number, without a word of what was sent."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    locale = _locale(request)
    if _is_outage(error):
        logger.warning("unavailable error=%s", type(error).__name__)
        error = UnavailableError(headers={"Retry-After": "1"})
    if isinstance(error, ValidationException):
        error = _parameters_or_body(error, request)
    if isinstance(error, VigilanciaError):
        return _answer(_of_ours(error, locale), error.headers)
    if isinstance(error, LawError):
        return _answer(_of_the_law(error, locale), {})
    if isinstance(error, HTTPException) and error.status_code in _HTTP_CODES:
        return _answer(_problem(_HTTP_CODES[error.status_code], error.status_code, locale), error.headers or {})
    return _answer(_unforeseen(error, locale), {})


def nearest(name: str, known: list[str]) -> str:
    """Return the known name most like another, or a dash."""
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.0)), "-")


def _problem(
    code: str,
    status: int,
    locale: Locale,
    *,
    params: Mapping[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    **extra: Any,  # noqa: ANN401
) -> Problem:
    return Problem(
        type=_TYPE + code,
        title=i18n.t(f"errors.{code}.title", locale),
        status=status,
        detail=i18n.t(f"errors.{code}.detail", locale, **(params or {})),
        code=code,
        errors=[ProblemFault(pointer=fault.pointer, code=fault.code, detail=_words(fault, locale)) for fault in faults],
        **extra,
    )


def _words(fault: Fault, locale: Locale) -> str:
    return i18n.t(f"faults.{fault.code}", locale, **fault.params)


def _of_ours(error: VigilanciaError, locale: Locale) -> Problem:
    extra: dict[str, Any] = {}
    if isinstance(error, IllegalTransitionError):
        extra["allowed_transitions"] = list(error.allowed_transitions)
    if isinstance(error, ConsentRequiredError):
        extra["consent"] = WantedConsent(
            purpose=error.purpose, receiver_id=error.receiver_id, receiver_country=error.receiver_country
        )
    return _problem(error.code, error.status, locale, params=error.params, faults=error.faults, **extra)


def _of_the_law(error: LawError, locale: Locale) -> Problem:
    if error.code not in _LAW_STATUS:
        return _unforeseen(error, locale)
    status = _LAW_STATUS[error.code]
    return _problem("not-found" if status == 404 else error.code, status, locale, params=error.facts)  # noqa: PLR2004


def _parameters_or_body(error: ValidationException, request: Request[Any, Any, Any]) -> VigilanciaError:
    """Say anew what the framework found: by pointer, and without the address it repeats in its own words."""
    found = [item for item in error.extra or [] if isinstance(item, dict)] if isinstance(error.extra, list) else []
    keys = [str(item.get("key", "")) for item in found]
    if any(key.split(".")[0] == "data" for key in keys) or not keys:
        return InvalidError(faults=[Fault(pointer="", code="required")])
    known = set(request.query_params)
    return BadParameterError(
        faults=[
            Fault(pointer=_pointer(key, known), code="type", params={"expected": _kind(item)})
            for key, item in zip(keys, found, strict=True)
        ]
    )


def _pointer(key: str, known: set[str]) -> str:
    name = key.rstrip("_")  # a handler writes `format_` where Python has a `format` of its own
    return f"?{name}" if name in known else f"@{key}"


def _kind(item: dict[str, Any]) -> str:
    words = str(item.get("message", ""))
    return words.removeprefix("Expected ").split(",")[0][:60] if words.startswith("Expected ") else "value"


def _is_outage(error: BaseException) -> bool:
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _is_outage(error.orig) if error.orig else False
    away = (
        OSError,
        PoolTimeoutError,
        asyncio.TimeoutError,
        asyncpg.PostgresConnectionError,
        asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.exceptions.InterfaceError,
    )
    if isinstance(error, away):
        return True
    cause = getattr(error, "__cause__", None)
    return cause is not None and _is_outage(cause) and not isinstance(error, VigilanciaError)


def _unforeseen(error: Exception, locale: Locale) -> Problem:
    incident = str(new_id())
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("incident=%s error=%s\n%s", incident, type(error).__qualname__, frames)
    return _problem("internal", 500, locale, incident=incident)


def _answer(problem: Problem, headers: Mapping[str, str]) -> Response[Problem]:
    extra = {"WWW-Authenticate": 'Bearer realm="vigilancia"'} if problem.status == 401 else {}  # noqa: PLR2004
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers={**headers, **extra})


def _locale(request: Request[Any, Any, Any]) -> Locale:
    default: Locale = request.app.state.desk.settings.locale
    return i18n.pick(request.headers.get("accept-language", ""), default)
