"""A receiver, and an installation whose subscribers may live on this machine."""

from collections.abc import AsyncIterator

import pytest

from tests.rooms.webhooks.receiver import Receiver, receiving
from vigilancia.core.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As everywhere, but private targets are allowed, as on embedded parts."""
    return settings.model_copy(update={"allow_private_targets": True})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A subscriber that answers 204."""
    async with receiving() as found:
        yield found
