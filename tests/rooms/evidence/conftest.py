"""What the tests of evidence stand on: an installation whose operator chose to do without a scanner."""

import pytest

from vigilancia.core.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings under which files are given out unscanned."""
    return settings.model_copy(update={"scan": "none"})
