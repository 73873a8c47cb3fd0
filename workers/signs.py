"""Signs of life of worker and beat, and how both log."""

import logging
import sys
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from vigilancia.core.tables import HeartbeatRow
from vigilancia.core.work import Desk

BEAT = "beat"
WORKER = "worker"
EVERY = timedelta(seconds=10)

# For beat, which has no event loop.
SIGN_OF_LIFE = (
    "INSERT INTO heartbeat (name, at) VALUES (%s, %s) "
    "ON CONFLICT (name) DO UPDATE SET at = greatest(heartbeat.at, excluded.at)"
)

_last: dict[str, datetime] = {}


async def worker_alive(desk: Desk) -> None:
    """Write that a worker of this installation works, at most every few seconds a process."""
    now = desk.now()
    if WORKER in _last and now - _last[WORKER] < EVERY:
        return
    _last[WORKER] = now
    row = insert(HeartbeatRow).values(name=WORKER, at=now)
    async with desk.sessions() as session:
        await session.execute(
            row.on_conflict_do_update(
                index_elements=[HeartbeatRow.name], set_={"at": func.greatest(HeartbeatRow.at, row.excluded.at)}
            )
        )
        await session.commit()


def set_up_logging(level: str) -> None:
    """Log plain lines to standard error: instant, level, logger, words; the libraries below only when they warn."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for loud in ("celery", "kombu", "psycopg.pool", "httpx", "httpcore", "asyncio"):
        logging.getLogger(loud).setLevel(max(logging.WARNING, logging.getLevelName(level)))
