"""`make bench`: each figure against its own yardstick in the same run, as ratios. Nothing here passes or fails."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from alembic import command

from tests.bench import audit, delivery, exports, law, lists, proposals, requests, sweeps, walls
from tests.conftest import KEYS, alembic_config
from vigilancia.core import tickets
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_engine, make_sessions
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk, open_vault
from vigilancia.embedded.postgres import Postgres


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncIterator[Desk]:
    """Run a durable database of its own and yield a desk on it."""
    folder.mkdir()  # noqa: ASYNC240 - nothing else runs yet
    with Postgres(folder / "db") as server:
        server.create_roles()
        owner_url = server.url("vigilancia_owner")
        command.upgrade(alembic_config(owner_url), "head")
        tickets.install(owner_url, KeyRing(KEYS))
        chosen = Settings(
            data_dir=folder,
            database_url=server.url("vigilancia_app"),
            owner_database_url=owner_url,
            confirm_addresses=False,  # nobody vouched for the addresses of seeded contacts
        )
        engine = make_engine(chosen.database_url)
        yield Desk(
            sessions=make_sessions(engine),
            settings=chosen,
            keys=KeyRing(KEYS),
            vault=open_vault(chosen, KeyRing(KEYS)),
            now=lambda: datetime.now(UTC),
            wake=lambda _jobs: None,
        )
        await engine.dispose()


async def main(root: Path) -> None:
    """Run every benchmark, in installations of their own where they need one."""
    await law.run()
    async with a_desk(root / "one") as desk:
        await requests.run(desk)
    async with a_desk(root / "audit") as desk:
        await audit.run(desk)
    async with a_desk(root / "walls") as desk:
        await walls.run(desk)
    async with a_desk(root / "cases") as desk:
        await lists.run(desk)
    async with a_desk(root / "small") as few, a_desk(root / "large") as many:
        await sweeps.run(few, many)
    async with a_desk(root / "notices") as desk:
        await delivery.run(desk)
    async with a_desk(root / "exports") as desk:
        await exports.run(desk)
    async with a_desk(root / "open") as desk:
        await proposals.run(desk)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as root:
        Path(root).chmod(0o711)  # the database's user must reach its data, also where root measures
        asyncio.run(main(Path(root)))
