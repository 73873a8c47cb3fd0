"""One event loop a process: tasks run in threads of Celery's, their coroutines side by side on this loop."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from vigilancia.core.broker import Waker
from vigilancia.core.db import make_engine
from vigilancia.core.settings import settings
from vigilancia.core.work import Desk, make_desk

T = TypeVar("T")

_POOL_SIZE = 8
_guard = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    """What this process has opened."""

    loop: asyncio.AbstractEventLoop
    thread: Thread
    engine: AsyncEngine
    waker: Waker
    desk: Desk


_opened: list[_Process] = []


def run(work: Callable[..., Coroutine[Any, Any, T]], *args: object) -> T:
    """Run a coroutine function on the process's loop and wait for it.

    Args:
        work: Called with the process's desk first, then `args`.
        args: What else it takes; ids, never data.
    """
    process = _process()
    return asyncio.run_coroutine_threadsafe(work(process.desk, *args), process.loop).result()


def close() -> None:
    """Close the loop and its connections; a later `run` opens new ones."""
    with _guard:
        if not _opened:
            return
        process = _opened.pop()
    process.waker.close()
    asyncio.run_coroutine_threadsafe(process.engine.dispose(), process.loop).result()
    process.loop.call_soon_threadsafe(process.loop.stop)
    process.thread.join()
    process.loop.close()


def _process() -> _Process:
    """Open loop and engine at first use: after a fork of Celery's, never before it."""
    with _guard:
        if not _opened:
            loop = asyncio.new_event_loop()
            thread = Thread(target=loop.run_forever, name="tasks", daemon=True)
            thread.start()
            chosen = settings()
            engine = make_engine(chosen.database_url, pool_size=_POOL_SIZE)
            waker = Waker(chosen)
            desk = make_desk(chosen, engine, waker)
            _opened.append(_Process(loop=loop, thread=thread, engine=engine, waker=waker, desk=desk))
        return _opened[0]
