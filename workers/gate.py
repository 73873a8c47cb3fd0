"""What must be so before worker or beat start: master keys, and the key store the database was written with."""

import asyncio
import logging

from vigilancia.core.crypto import KeyRing, KeyRingError
from vigilancia.core.db import make_engine
from vigilancia.core.sealing import mark
from vigilancia.core.settings import Settings
from vigilancia.core.work import make_desk

logger = logging.getLogger(__name__)


def require(settings: Settings) -> None:
    """Let the process end where its keys are not those it needs; what is only away now is waited for by its tasks.

    Raises:
        SystemExit: No master keys, or the key store is lost or another database's.
    """
    try:
        KeyRing(settings.master_keys.get_secret_value())
        asyncio.run(_compare(settings))
    except (KeyRingError, mark.KeyStoreLostError, mark.KeyStoreForeignError) as error:
        logger.critical("not_started error=%s", getattr(error, "code", error))
        raise SystemExit(1) from error


async def _compare(settings: Settings) -> None:
    engine = make_engine(settings.database_url, pool_size=1)
    try:
        await mark.settle_if_there(make_desk(settings, engine, lambda _jobs: None))
    finally:
        await engine.dispose()
