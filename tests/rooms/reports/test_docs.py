"""The page about exports lists the columns that the files have."""

from pathlib import Path

import pytest

from tests.conftest import ROOT
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.reports.datasets import DATASETS, DatasetName

PAGE = Path(ROOT / "docs" / "exports.md").read_text()


@pytest.mark.parametrize("name", list(DATASETS))
async def test_page_lists_every_column_in_the_order_of_the_file(desk: Desk, name: DatasetName) -> None:
    section = PAGE.partition(f"## `{name}`")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    async with desk.work(SYSTEM) as work:
        columns = DATASETS[name].columns(work)
    assert [row[0].strip("| `") for row in rows] == [column.name for column in columns]
    assert [row[1] for row in rows] == [column.type for column in columns]
    assert [row[3].removesuffix(" |") for row in rows] == [column.meaning(name, "en") for column in columns]
