"""A copy of our mechanism, to be spoiled."""

import shutil
from pathlib import Path

import pytest

from tests.law.spoiling import OURS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a mechanism that loads, to be spoiled."""
    return Path(shutil.copytree(OURS, tmp_path / "mechanism"))
