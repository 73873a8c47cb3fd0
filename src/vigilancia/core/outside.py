"""Calls to addresses outside: the one module behind which httpx stands.

A name is looked up once, every address it has is judged (`core/targets.py`), and the connection goes to the number that
was judged: a resolver that answers otherwise a moment later is not asked again. The name stays in the Host header and
in TLS, where the certificate must carry it. Redirects are not followed, proxies of the environment not used, nothing of
an answer is kept but its status and `Retry-After`, and no address reaches a log.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files

import httpx
from msgspec import Struct

from vigilancia.core.strictyaml import parse
from vigilancia.core.targets import is_host, is_public

_PORTS = {"http": 80, "https": 443}
_PORTS_MOST = 65535
_REDIRECTS = range(300, 400)

for _name in ("httpx", "httpcore"):  # both log whole addresses, which may hold a subscriber's own secrets
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/outside.yaml`, which says what each figure means."""

    total_seconds: int
    connect_seconds: int
    addresses_most: int
    read_bytes: int
    drain_seconds: int
    retry_after_most_seconds: int
    url_characters_most: int


class Answer(Struct, frozen=True, kw_only=True):
    """What came of a call.

    Attributes:
        status: The status of the answer; none where there was none.
        error: None, or one of `timeout`, `dns`, `refused`, `unreachable`, `tls`, `broken` (no HTTP, or cut off),
            `redirect` (with its status), `private_address`, and those of `unfit`.
        retry_after: How long to wait before the next call, where the answer said so; bounded, never negative.
    """

    status: int | None = None
    error: str | None = None
    retry_after: timedelta | None = None

    @property
    def ok(self) -> bool:
        """Whether it was answered with 2xx."""
        return self.error is None and self.status is not None and self.status // 100 == 2  # noqa: PLR2004 - HTTP's


class _CallError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@cache
def figures() -> Figures:
    """Return the figures, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files(__package__) / "data" / "outside.yaml"
    return parse(file.read_text("utf-8"), Figures, name=file.name)


def unfit(url: str, *, allow_private: bool) -> str | None:
    """Return why an address could never be called, judged by its text alone; none where it may be tried.

    Args:
        url: As given.
        allow_private: The setting `ALLOW_PRIVATE_TARGETS`: http and private networks are fine.

    Returns:
        `address` (no web address, or too long), `userinfo` (user or password in it), `scheme`, `private_address`.
    """
    try:
        _read(url, allow_private=allow_private)
    except _CallError as error:
        return error.code
    return None


async def post(url: str, content: bytes, headers: Mapping[str, str], *, allow_private: bool, now: datetime) -> Answer:
    """Send a body to an address outside, once.

    Args:
        url: `https://...`; `http://` too where private targets are allowed.
        content: The body.
        headers: Beside Host, Content-Length and User-Agent, which are ours.
        allow_private: The setting `ALLOW_PRIVATE_TARGETS`.
        now: The present instant, UTC, against which a date in `Retry-After` is held.

    Returns:
        The answer; whatever goes wrong outside is in it and nothing is raised.
    """
    try:
        async with asyncio.timeout(figures().total_seconds):
            target = _read(url, allow_private=allow_private)
            numbers = await _look_up(target, allow_private=allow_private)
            return await _post_to_any(target, numbers, content, headers, now)
    except TimeoutError:
        return Answer(error="timeout")
    except _CallError as error:
        return Answer(error=error.code)


def _read(url: str, *, allow_private: bool) -> httpx.URL:
    if len(url) > figures().url_characters_most or any(not char.isprintable() or char.isspace() for char in url):
        raise _CallError("address")
    try:
        target = httpx.URL(url)
        host = target.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        raise _CallError("address") from None
    port = _PORTS.get(target.scheme, 0) if target.port is None else target.port
    if not 0 < port <= _PORTS_MOST or not host or target.fragment or "\\" in url:
        raise _CallError("address")
    if target.userinfo or "@" in url.partition("://")[2].partition("/")[0]:
        raise _CallError("userinfo")
    if target.scheme not in _PORTS:
        raise _CallError("address")
    if target.scheme != "https" and not allow_private:
        raise _CallError("scheme")
    if _is_number(host):
        _judge([host.strip("[]")], allow_private=allow_private)
    return target


def _is_number(host: str) -> bool:
    """Tell whether a host is written as a number in full; other spellings are found when they are looked up."""
    if ":" in host:
        return True
    try:
        socket.inet_pton(socket.AF_INET, host)
    except OSError:
        return False
    return True


async def _look_up(target: httpx.URL, *, allow_private: bool) -> list[str]:
    host = target.raw_host.decode("ascii").strip("[]")
    port = target.port or _PORTS[target.scheme]  # never 0: see `_read`
    try:
        found = await asyncio.to_thread(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        raise _CallError("dns") from None
    numbers = list(dict.fromkeys(str(address[0]) for *_, address in found))
    _judge(numbers, allow_private=allow_private)
    return numbers[: figures().addresses_most]


def _judge(numbers: list[str], *, allow_private: bool) -> None:
    """Refuse a name with even one address that may not be called: an honest one has none."""
    allowed = is_host if allow_private else is_public
    if not numbers or not all(allowed(number) for number in numbers):
        raise _CallError("private_address")


async def _post_to_any(
    target: httpx.URL, numbers: list[str], content: bytes, headers: Mapping[str, str], now: datetime
) -> Answer:
    """Post to the first address that takes a connection."""
    failed = _CallError("unreachable")
    for number in numbers:
        try:
            return await _post_to(target, number, content, headers, now)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failed = _CallError(_why(error))
        except (httpx.HTTPError, OSError, ValueError) as error:  # it had the request, or could not be given it
            raise _CallError(_why(error)) from None
    raise failed


async def _post_to(target: httpx.URL, number: str, content: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
    """Post to one number; the client is of this call alone: a kept connection was opened for another name."""
    timeout = httpx.Timeout(figures().total_seconds, connect=figures().connect_seconds)
    host = target.raw_host.decode("ascii")
    async with httpx.AsyncClient(verify=_tls(), trust_env=False, follow_redirects=False, timeout=timeout) as client:
        request = client.build_request(
            "POST",
            target.copy_with(host=number),
            content=content,
            headers={
                "User-Agent": "vigilancia",
                "Connection": "close",
                **headers,
                "Host": target.netloc.decode("ascii"),
            },
            extensions={"sni_hostname": host.strip("[]"), "timeout": timeout.as_dict()},
        )
        response = await client.send(request, stream=True)
        try:
            await _drain(response)
        finally:
            await response.aclose()
    error = "redirect" if response.status_code in _REDIRECTS else None
    return Answer(status=response.status_code, error=error, retry_after=_retry_after(response, now))


async def _drain(response: httpx.Response) -> None:
    """Read a little of the body, so that an honest server can finish, and throw it away."""
    left = figures().read_bytes
    try:
        async with asyncio.timeout(figures().drain_seconds):
            async for chunk in response.aiter_raw():  # raw: nothing is unpacked
                left -= len(chunk)
                if left <= 0:
                    return
    except (TimeoutError, httpx.HTTPError):
        return  # the status stands


def _retry_after(response: httpx.Response, now: datetime) -> timedelta | None:
    """Read `Retry-After` (RFC 9110, 10.2.3): seconds, or a date."""
    text = response.headers.get("retry-after", "").strip()
    most = timedelta(seconds=figures().retry_after_most_seconds)
    if text.isascii() and text.isdigit():
        return (
            most
            if len(text) > len(str(figures().retry_after_most_seconds))
            else min(timedelta(seconds=int(text)), most)
        )
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return max(timedelta(0), min(wait, most))


def _why(error: BaseException) -> str:
    """Return the code word of what went wrong."""
    causes = list(_causes(error))
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "refused"
    return "unreachable" if isinstance(error, httpx.ConnectError) else "broken"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@cache
def _tls() -> ssl.SSLContext:
    """Trust what the library ships and what the machine trusts, and check names."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
