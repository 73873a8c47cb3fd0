"""`vigilancia retention run` does what its dry run tells."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from tests.builders import a_complaint
from tests.conftest import KEYS, Api, Clock
from tests.rooms.keeping.cases import a_closed_case, days_go_by, rows
from vigilancia.cli.main import main
from vigilancia.core.settings import settings
from vigilancia.core.work import Desk


async def command(*words: str) -> dict[str, object]:
    """Run a command in a thread: it has a loop of its own."""
    settings.cache_clear()
    result = await asyncio.to_thread(CliRunner().invoke, main, ["retention", "run", *words, "--json"])
    assert result.exit_code == 0, result.output
    told: dict[str, object] = json.loads(result.stdout)
    return told


async def test_the_command_erases_what_its_dry_run_told(
    api: Api, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await a_closed_case(api)
    other = await a_complaint(api)
    await days_go_by(desk, clock, 150)
    clock.advance(timedelta(days=31))
    ahead = round((clock.now - datetime.now(UTC)).total_seconds())
    monkeypatch.setenv("VIGILANCIA_DATABASE_URL", desk.settings.database_url)
    monkeypatch.setenv("VIGILANCIA_MASTER_KEYS", KEYS)
    monkeypatch.setenv("VIGILANCIA_DATA_DIR", str(desk.settings.data_dir))
    monkeypatch.setenv("VIGILANCIA_CLOCK_OFFSET", str(ahead))
    told = await command("--dry-run")
    assert [row["reference"] for row in told["cases"]] == [case["reference"]]  # type: ignore[attr-defined]
    assert await rows(desk, "SELECT 1 FROM tombstone") == []
    assert await command() == {**told, "dry_run": False}
    assert [str(row.complaint_id) for row in await rows(desk, "SELECT complaint_id FROM tombstone")] == [case["id"]]
    assert (await api.get(f"/v1/complaints/{other['id']}")).status_code == 200
    assert await command() == {"dry_run": False, "cases": []}
    settings.cache_clear()
