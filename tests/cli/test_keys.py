"""`vigilancia keys`, and the passphrase of the keys on the disk."""

import asyncio
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.builders import a_complaint
from tests.conftest import KEYS, Api, Database
from tests.sealing.test_earlier import as_before
from vigilancia.cli import locked, passphrases
from vigilancia.cli.installation import Folder, folder_of
from vigilancia.cli.main import main
from vigilancia.core import tickets
from vigilancia.core.crypto import KeyRing
from vigilancia.core.settings import settings
from vigilancia.core.work import Desk
from vigilancia.embedded.errors import EmbeddedError

PHRASE, OTHER = "cuatro palabras bien elegidas", "otras palabras bien elegidas"
NEWER = KeyRing.make("newer")
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command in English on a data folder of its own; more variables by name."""
    for name in (name for name in os.environ if name.startswith("VIGILANCIA_")):
        monkeypatch.delenv(name)

    def call(*words: str, **env: str) -> Result:
        settings.cache_clear()
        given = {f"VIGILANCIA_{name.upper()}": value for name, value in env.items()}
        result = CliRunner().invoke(
            main, words, env={"VIGILANCIA_LOCALE": "en", "VIGILANCIA_DATA_DIR": str(tmp_path), **given}
        )
        settings.cache_clear()
        return result

    return call


@pytest.fixture
def on_database(run: Run, database: Database) -> Run:
    """The same on the test's database, with its keys."""

    def call(*words: str, keys: str = KEYS, **env: str) -> Result:
        if keys:
            tickets.install(database.owner_url, KeyRing(f"{keys},{KEYS}"))
        return run(*words, database_url=database.url, owner_database_url=database.owner_url, master_keys=keys, **env)

    return call


async def call(command: Run, *words: str, **env: str) -> Result:
    """Run a command, which has a loop of its own, beside the test's."""
    return await asyncio.to_thread(lambda: command(*words, **env))


def value(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_status_rotation_and_status_again(api: Api, on_database: Run) -> None:
    for _ in range(3):
        await a_complaint(api, summary="x")
    told = value(await call(on_database, "keys", "status", "--json"))
    assert told["keys"] == [{"id": "test", "newest": True, "in_ring": True, "values": {"complaint_keys": 3}}]
    assert (told["unsealed"], told["unneeded"]) == (0, [])
    both = f"{NEWER},{KEYS}"
    renewed = value(await call(on_database, "keys", "rotate", "--json", keys=both))
    assert (renewed["renewed"]["complaint_keys"], renewed["unneeded"]) == (3, ["test"])
    words = (await call(on_database, "keys", "rotate", keys=both)).stdout
    assert "0 values were brought under newer." in words
    assert "test: nothing stored needs it any more." in words
    assert (await call(on_database, "keys", "status", keys=NEWER)).exit_code == 0


async def test_a_ring_that_lacks_a_key_is_told(api: Api, on_database: Run) -> None:
    await a_complaint(api, summary="x")
    for command in ("status", "rotate"):
        result = await call(on_database, "keys", command, "--json", keys=NEWER)
        assert result.exit_code == 1
        assert json.loads(result.stderr.splitlines()[-1])["code"] == "keys_missing"
        assert json.loads(result.stdout)["keys"][1]["in_ring"] is False


async def test_seal_says_what_is_done_and_what_is_left(
    api: Api, desk: Desk, on_database: Run, database: Database
) -> None:
    case = await a_complaint(api, narrative="x")
    await as_before(desk, database)
    with psycopg.connect(database.owner_url) as connection:
        good = connection.execute("SELECT narrative FROM complaint").fetchone()
        connection.execute("UPDATE complaint SET narrative = '\\x00'")
    result = await call(on_database, "keys", "seal", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"sealed": 0, "failed": 1, "left": 1})
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("UPDATE complaint SET narrative = %s", [good and good[0]])
    assert value(await call(on_database, "keys", "seal", "--json")) == {"sealed": 1, "failed": 0, "left": 0}
    assert (await api.get(f"/v1/complaints/{case['id']}")).json()["narrative"] == "x"


async def test_migrate_seals_what_is_left(api: Api, desk: Desk, on_database: Run, database: Database) -> None:
    await a_complaint(api, summary="canarysummary")
    await as_before(desk, database)
    assert (await call(on_database, "migrate")).exit_code == 0
    with psycopg.connect(database.owner_url) as connection:
        assert connection.execute("SELECT sealed, summary FROM complaint").fetchone() == (True, None)


async def test_a_lost_key_store_refuses_every_command_until_the_loss_is_accepted(
    api: Api, on_database: Run, tmp_path: Path
) -> None:
    await a_complaint(api, summary="x")
    value(await call(on_database, "keys", "status", "--json"))
    elsewhere = str(tmp_path / "elsewhere")
    for command in (["keys", "status"], ["migrate"], ["token", "create", "--role", "admin", "--name", "x"]):
        result = await call(on_database, *command, key_store=elsewhere)
        assert result.exit_code == 1
        assert "this one is empty" in result.stderr
    assert (await call(on_database, "keys", "accept-loss", key_store=elsewhere)).exit_code == 2
    assert (await call(on_database, "keys", "accept-loss", "--yes", key_store=elsewhere)).exit_code == 0
    assert (await call(on_database, "keys", "status", key_store=elsewhere)).exit_code == 0


def test_a_new_key_for_a_ring_of_the_operators_own_is_shown_and_not_used(run: Run) -> None:
    result = run("keys", "new", "--json", database_url="postgresql://x", master_keys=KEYS)
    assert KeyRing(value(result)["key"]).ids[0].startswith("k20")
    assert run("keys", "drop", "k1", database_url="postgresql://x", master_keys=KEYS).exit_code == 1


def test_a_new_key_of_an_embedded_installation_comes_first(run: Run, tmp_path: Path) -> None:
    made = [value(run("keys", "new", "--json"))["id"] for _ in range(3)]
    ring = KeyRing((tmp_path / "keys" / "master").read_text())
    assert ring.ids[:3] == made[::-1]
    assert len(ring.ids) == 4
    (tmp_path / "run.json").write_text(json.dumps({"pid": os.getpid(), "base_url": "http://here"}))
    assert "Stop it first" in run("keys", "new").stderr


def test_keys_and_tokens_are_locked_changed_and_unlocked(run: Run, tmp_path: Path) -> None:
    run("keys", "new")
    master, tokens = tmp_path / "keys" / "master", tmp_path / "keys" / "tokens.json"
    ring = master.read_text()
    tokens.write_text('{"staff": "vgl_canary"}')
    assert run("keys", "passphrase", new_passphrase=PHRASE).exit_code == 0
    for path in (master, tokens):
        told = json.loads(path.read_text())
        assert (told["kdf"], told["memory_kib"] >= 64 * 1024, told["passes"] >= 3) == ("argon2id", True, True)
        assert "canary" not in path.read_text()
        assert PHRASE not in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folder = Folder(tmp_path, ask=lambda: PHRASE)
    assert (folder.keys(), folder.tokens()) == (ring.strip(), {"staff": "vgl_canary"})
    wrong = run("keys", "passphrase", passphrase=OTHER, new_passphrase=OTHER)
    assert (wrong.exit_code, "does not open" in wrong.stderr) == (1, True)
    assert run("keys", "passphrase", passphrase=PHRASE, new_passphrase=OTHER).exit_code == 0
    assert Folder(tmp_path, ask=lambda: OTHER).keys() == ring.strip()
    assert run("keys", "passphrase", "--remove", passphrase=OTHER).exit_code == 0
    assert (master.read_text(), json.loads(tokens.read_text())) == (ring, {"staff": "vgl_canary"})


def test_a_running_installation_leaves_no_tokens_in_the_open(run: Run, tmp_path: Path) -> None:
    run("keys", "new")
    told = {"pid": os.getpid(), "base_url": "http://here", "tokens": {"staff": "vgl_canary"}}
    (tmp_path / "run.json").write_text(json.dumps(told))
    assert run("keys", "passphrase", new_passphrase=PHRASE).exit_code == 0
    assert json.loads((tmp_path / "run.json").read_text()) == {**told, "tokens": {}}


def test_a_passphrase_that_is_set_locks_the_keys_that_are_made(run: Run, tmp_path: Path) -> None:
    assert run("keys", "new", passphrase=PHRASE).exit_code == 0
    assert locked.is_locked((tmp_path / "keys" / "master").read_text())


def test_without_terminal_and_passphrase_it_is_refused_and_does_not_hang(run: Run) -> None:
    run("keys", "new", passphrase=PHRASE)
    for command in (["keys", "new"], ["keys", "status"], ["migrate"], ["keys", "passphrase", "--remove"]):
        result = run(*command)
        assert (result.exit_code, "VIGILANCIA_PASSPHRASE" in result.stderr) == (1, True), result.output
    assert "VIGILANCIA_NEW_PASSPHRASE" in run("keys", "passphrase", passphrase=PHRASE).stderr


def test_a_short_passphrase_is_refused(run: Run) -> None:
    run("keys", "new")
    assert "at least 12" in run("keys", "passphrase", new_passphrase="corta").stderr


def test_on_a_terminal_it_is_asked_once_and_a_new_one_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Any]] = []

    def prompt(text: str, **how: Any) -> str:
        assert how["hide_input"]
        asked.append((text, how["confirmation_prompt"]))
        return PHRASE

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(passphrases, "_on_terminal", lambda: True)
    run("keys", "new")
    run("keys", "passphrase")
    assert run("keys", "new").exit_code == 0
    assert asked == [("New passphrase", "Again"), ("Passphrase", False)]


@pytest.mark.parametrize("part", ["salt", "sealed", "memory_kib", "passes", "nonce", "kdf"])
def test_a_locked_file_that_was_changed_is_refused(part: str) -> None:
    told = json.loads(locked.lock("x", PHRASE, what="master"))
    told[part] = told[part][::-1] if isinstance(told[part], str) else 10**9
    with pytest.raises(EmbeddedError):
        locked.unlock(json.dumps(told), PHRASE, what="master", path="x")


def test_a_locked_file_serves_its_own_place_alone() -> None:
    content = locked.lock("x", PHRASE, what="master")
    assert locked.unlock(content, PHRASE, what="master", path="x") == "x"
    with pytest.raises(EmbeddedError):
        locked.unlock(content, PHRASE, what="tokens", path="x")


def test_the_ring_is_refused_when_its_file_is_gone(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    chosen = settings().model_copy(update={"data_dir": tmp_path})
    with pytest.raises(EmbeddedError, match="keys_lost"):
        folder_of(chosen).keys()
