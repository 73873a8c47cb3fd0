"""A sealer that does all of its work and never commits it: its parent kills it there."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from vigilancia.access.chain import sealing
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_engine, make_sessions
from vigilancia.core.identity import SYSTEM
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk, open_vault


async def main(url: str, folder: str, ring: str) -> None:
    """Seal one batch, say so, and hang."""
    settings, keys = Settings(data_dir=Path(folder), database_url=url), KeyRing(ring)
    desk = Desk(
        sessions=make_sessions(make_engine(url)),
        settings=settings,
        keys=keys,
        vault=open_vault(settings, keys),
        now=lambda: datetime.now(UTC),
        wake=lambda _jobs: None,
    )
    work = desk.begin(SYSTEM)
    await sealing._seal_batch(work, patient=True)
    print("sealed", flush=True)  # noqa: T201
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
