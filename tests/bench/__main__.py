"""`make bench`: each figure against its own yardstick in the same run, as ratios. Nothing here passes or fails."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from alembic import command

from tests.bench import exports, requests, sweeps
from tests.conftest import KEYS, alembic_config
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_engine, make_sessions
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk
from vigilancia.embedded.postgres import Postgres


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncIterator[Desk]:
    """Run a durable database of its own and yield a desk on it."""
    with Postgres(folder / "db") as server:
        server.create_roles()
        owner_url = server.url("vigilancia_owner")
        command.upgrade(alembic_config(owner_url), "head")
        chosen = Settings(data_dir=folder, database_url=server.url("vigilancia_app"), owner_database_url=owner_url)
        engine = make_engine(chosen.database_url)
        yield Desk(
            sessions=make_sessions(engine),
            settings=chosen,
            keys=KeyRing(KEYS),
            now=lambda: datetime.now(UTC),
            wake=lambda _jobs: None,
        )
        await engine.dispose()


async def main() -> None:
    """Run every benchmark."""
    with tempfile.TemporaryDirectory() as root:
        folders = {name: Path(root) / name for name in ("one", "small", "large")}
        for folder in folders.values():
            folder.mkdir()
        async with a_desk(folders["one"]) as one:
            await requests.run(one)
        async with a_desk(folders["small"]) as small, a_desk(folders["large"]) as large:
            await sweeps.run(small, large)
            await exports.run(large)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(main())
