"""Calls that block: each in a thread of its own, with a deadline, and a guard at the socket.

Apprise's plugins connect by `requests`, which knows no list of forbidden networks. The guard hears of every connect of
the guarded call (audit event `socket.connect`, PEP 578), after the name was resolved: a name that is resolved anew to
a private address, and a redirect to one, are refused too.
"""

import asyncio
import ipaddress
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from threading import BoundedSemaphore, Thread
from typing import Any

from vigilancia.notices.channels.channel import Answer
from vigilancia.notices.schedule import schedule

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last four bytes


_SILENT = logging.CRITICAL + 1

for _name in ("apprise", "httpx", "httpcore", "requests", "urllib3"):
    logging.getLogger(_name).setLevel(_SILENT)  # they name addresses, and addresses hold keys


class PrivateAddressError(OSError):
    """An address that must not be spoken to: loopback, private, link-local, or of no network of the world's."""


class _Watch:
    refused = False


_watch: ContextVar[_Watch | None] = ContextVar("_watch", default=None)
_free = BoundedSemaphore(schedule().calls_stray_most)  # a thread that outlives its deadline cannot be ended


def is_public(host: str) -> bool:
    """Tell whether an address, not a name, belongs to the open network."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(address.packed[-4:])
        address = inner or address
    return address.is_global and not address.is_multicast


async def call(speak: Callable[[], Answer], *, private_allowed: bool) -> Answer:
    """Run a call that blocks, and wait no longer than one may take.

    What comes after the deadline is not waited for: the answer is then `retry`, and the message may have arrived.

    Args:
        speak: Speaks to somebody outside and returns what became of it.
        private_allowed: Whether loopback and private networks may be spoken to (setting `allow_private_targets`).
    """
    if not _free.acquire(blocking=False):
        return Answer("retry", "busy")
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[Answer] = loop.create_future()

    def settle(answer: Answer) -> None:
        if not answered.done():
            answered.set_result(answer)

    def run() -> None:
        try:
            answer = _guarded(speak) if not private_allowed else _spoken(speak)
        finally:
            _free.release()
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, answer)

    Thread(target=run, name="call", daemon=True).start()
    try:
        return await asyncio.wait_for(answered, schedule().call_seconds)
    except TimeoutError:
        return Answer("retry", "timeout")


def _spoken(speak: Callable[[], Answer]) -> Answer:
    """Speak; a library that stumbles says nothing here, for its words may repeat an address."""
    try:
        return speak()
    except Exception as error:  # noqa: BLE001 - a hundred plugins, each with errors of its own
        return Answer("retry", f"error {type(error).__name__}")


def _guarded(speak: Callable[[], Answer]) -> Answer:
    with _watching() as watch:
        answer = _spoken(speak)
    return Answer("failed", "address not allowed") if watch.refused and answer.result != "delivered" else answer


@contextmanager
def _watching() -> Iterator[_Watch]:
    _listen()
    watch = _Watch()
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


@cache
def _listen() -> None:
    """Hear of connects from now on; a hook stays as long as the process."""
    sys.addaudithook(_hear)


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto"):
        return
    watch = _watch.get()
    if watch is None:
        return
    address = args[1]
    if not isinstance(address, tuple) or not is_public(str(address[0])):
        watch.refused = True
        raise PrivateAddressError
