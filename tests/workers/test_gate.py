"""No program of an installation starts without master keys, or with a key store that is not its own."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.conftest import KEYS, Database
from vigilancia.api.app import create_app
from vigilancia.core.crypto import KeyRingError
from vigilancia.core.sealing import mark
from vigilancia.core.settings import Settings, settings
from workers import gate

ROOT = Path(__file__).parents[2]
PATIENCE = 60


@pytest.mark.parametrize("words", [["worker", "--pool", "solo"], ["beat", "--pidfile", ""]])
@pytest.mark.parametrize("keys", ["", "k1:short"])
def test_worker_and_beat_end_at_once_without_good_keys(
    empty: Database, tmp_path: Path, words: list[str], keys: str
) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("VIGILANCIA_")}
    env |= {"VIGILANCIA_DATABASE_URL": empty.url, "VIGILANCIA_MASTER_KEYS": keys, "VIGILANCIA_DATA_DIR": str(tmp_path)}
    env |= {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "workers.app", *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "not_started" in done.stderr


def test_the_api_is_not_even_built_without_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VIGILANCIA_MASTER_KEYS", "")
    monkeypatch.setenv("VIGILANCIA_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("VIGILANCIA_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    with pytest.raises(KeyRingError):
        create_app()
    settings.cache_clear()


async def test_a_lost_key_store_lets_neither_worker_nor_beat_nor_api_start(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = settings.model_copy(update={"master_keys": SecretStr(KEYS)})
    await asyncio.to_thread(gate.require, ready)
    lost = ready.model_copy(update={"key_store": str(tmp_path / "elsewhere")})
    with pytest.raises(SystemExit):
        await asyncio.to_thread(gate.require, lost)
    monkeypatch.setattr("vigilancia.api.app.settings", lambda: lost)
    app = create_app()
    with pytest.raises(mark.KeyStoreLostError):
        await app.on_startup[0]()  # type: ignore[call-arg]


def test_a_database_that_is_away_is_waited_for(settings: Settings) -> None:
    away = {"master_keys": SecretStr(KEYS), "database_url": "postgresql://nobody@127.0.0.1:1/none"}
    gate.require(settings.model_copy(update=away))
