"""What every route uses of HTTP: the strict request, safe repetition, versions and conditional answers."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from sqlalchemy import func, insert, select

from vigilancia.core import i18n
from vigilancia.core.bodies import read_body
from vigilancia.core.errors import (
    Fault,
    InvalidError,
    KeyReusedError,
    KeyRunningError,
    PreconditionRequiredError,
    StaleError,
    UnsupportedMediaError,
)
from vigilancia.core.identity import Caller
from vigilancia.core.settings import Locale
from vigilancia.core.tables import IdempotencyRow
from vigilancia.core.work import Desk, Work

KEY_LIFE = timedelta(hours=24)
_MAX_KEY = 200
_TAG = re.compile(r'"v(?P<version>[0-9]{1,18})(-[a-z-]+)?"')

T = TypeVar("T")


class Versioned(Protocol):
    """What carries the number that its ETag is made of."""

    @property
    def version(self) -> int:
        """Raised by one at every change."""
        ...


V = TypeVar("V", bound=Versioned)


class ApiRequest(Request[Caller, None, State]):
    """A request whose body is read strictly, as the type its route declares."""

    async def json(self) -> Any:  # noqa: ANN401 - the type is the route's
        """Read the body once.

        Raises:
            UnsupportedMediaError: The body calls itself something else than JSON.
            BrokenBodyError: No JSON.
            InvalidError: It does not fit.
        """
        media, _ = self.content_type
        if media and media != "application/json" and not media.endswith("+json"):
            raise UnsupportedMediaError
        field = self.route_handler.parsed_data_field
        return read_body(await self.body(), field.annotation if field else Any)

    @property
    def locale(self) -> Locale:
        """The language of the answer: `Accept-Language`, else the installation's."""
        desk: Desk = self.app.state.desk
        return i18n.pick(self.headers.get("accept-language", ""), desk.settings.locale)


async def create_once(
    request: ApiRequest,
    work: Work,
    create: Callable[[], Awaitable[UUID]],
    read: Callable[[UUID], Awaitable[T]],
    *,
    status_code: int = 201,
    body: bytes | None = None,
) -> Response[T]:
    """Carry out a creation, at most once for one `Idempotency-Key` (IETF draft-07) within 24 hours.

    Args:
        request: With the key, or without: then it simply creates.
        work: The transaction; key and creation stand or fall together.
        create: Makes the resource and returns its id.
        read: Reads the resource; a repetition answers what it is now.
        status_code: Of the answer, first and repeated alike.
        body: What a repetition is known by, where the body itself was too large to keep; none: the body.

    Raises:
        KeyRunningError: The same key is being worked on this moment.
        KeyReusedError: The key came with another body before.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return answer_created(await read(await create()), status_code)
    if not key.strip():
        raise InvalidError(faults=[Fault(pointer="@Idempotency-Key", code="too_short")])
    if len(key) > _MAX_KEY:
        raise InvalidError(faults=[Fault(pointer="@Idempotency-Key", code="too_long", params={"limit": str(_MAX_KEY)})])
    owner = work.caller.token_id
    digest = hashlib.sha256(f"{owner}:{key}".encode()).digest()
    lock = int.from_bytes(digest[:8], "big", signed=True)
    if not await work.session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        raise KeyRunningError(headers={"Retry-After": "1"})
    body = await request.body() if body is None else body
    print_ = _fingerprint(request, work, body)
    seen = await work.session.get(IdempotencyRow, (owner, digest))
    if seen is not None and seen.made_at > work.now - KEY_LIFE:
        if not work.keys.verify(_signed_part(request, body), seen.fingerprint, purpose="idempotency"):
            raise KeyReusedError(faults=[Fault(pointer="@Idempotency-Key", code="duplicate")])
        return answer_created(await read(seen.resource_id), status_code)
    if seen is not None:
        await work.session.delete(seen)
        await work.session.flush()
    made = await create()
    row = {"token_id": owner, "key": digest, "fingerprint": print_, "resource_id": made, "made_at": work.now}
    await work.session.execute(insert(IdempotencyRow).values(row))
    return answer_created(await read(made), status_code)


def answer_created(resource: T, status_code: int = 201) -> Response[T]:
    """Answer a creation, with the ETag where the resource has a version."""
    version = getattr(resource, "version", None)
    return Response(resource, status_code=status_code, headers={"ETag": etag(version)} if version else {})


def answer(request: ApiRequest, resource: V, *, variant: str = "", varies: bool = False) -> Response[V]:
    """Answer a read or a change of a versioned resource; 304 where `If-None-Match` names its version.

    Args:
        request: The request answered.
        resource: What it is answered with.
        variant: Which of several views of one version this is; empty where there is but one.
        varies: Whether it holds words in the caller's language.
    """
    tag = etag(resource.version, variant)
    headers = {"ETag": tag, "Vary": "Accept-Language"} if varies else {"ETag": tag}
    return _unless_known(request, resource, headers)


def answer_by_content(request: ApiRequest, resource: T) -> Response[T]:
    """Answer a read with an ETag made of the answer itself; 304 where `If-None-Match` names it.

    For what changes by itself: the status of a deadline changes with the hour, its words with the language, and nobody
    writes a row.
    """
    tag = f'"{hashlib.sha256(msgspec.json.encode(resource)).hexdigest()[:32]}"'
    return _unless_known(request, resource, {"ETag": tag, "Vary": "Accept-Language"})


def expected_version(request: ApiRequest) -> int:
    """Return the version that `If-Match` names, in whichever view it was read.

    Raises:
        PreconditionRequiredError: No `If-Match`.
        StaleError: One that no version of ours could have.
    """
    tag = request.headers.get("if-match")
    if tag is None:
        raise PreconditionRequiredError
    found = _TAG.fullmatch(tag.strip())
    if found is None:
        raise StaleError
    return int(found["version"])


def require_version(actual: int, expected: int) -> None:
    """Refuse a change of what has changed meanwhile.

    Raises:
        StaleError: The versions differ.
    """
    if actual != expected:
        raise StaleError


def etag(version: int, variant: str = "") -> str:
    """Return the strong ETag of a version, or of one view of it (RFC 9110, 8.8.3)."""
    return f'"v{version}-{variant}"' if variant else f'"v{version}"'


def etag_known(request: ApiRequest, tag: str) -> bool:
    """Tell whether `If-None-Match` of a read names an ETag, so that 304 answers it (RFC 9110, 13.1.2)."""
    known = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    return request.method == "GET" and (tag in known or "*" in known)


def _unless_known(request: ApiRequest, resource: T, headers: dict[str, str]) -> Response[T]:
    if etag_known(request, headers["ETag"]):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(resource, headers=headers)


def _signed_part(request: ApiRequest, body: bytes) -> bytes:
    return f"{request.method} {request.scope['path']}\n".encode() + body


def _fingerprint(request: ApiRequest, work: Work, body: bytes) -> bytes:
    return work.keys.fingerprint(_signed_part(request, body), purpose="idempotency")
