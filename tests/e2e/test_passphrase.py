"""An installation whose keys lie under a passphrase, from outside."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.installation import data_folder, environment, installation, vigilancia
from vigilancia.core.crypto import KeyRing

PHRASE = "cuatro palabras bien elegidas"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Return a data folder of one's own."""
    with data_folder() as folder:
        yield folder


def test_keys_and_tokens_are_never_on_the_disk_and_every_command_wants_the_passphrase(data_dir: Path) -> None:
    with installation(data_dir, passphrase=PHRASE, locale="en") as running:
        screen = running.screen.read_text()
        tokens = [
            line.split()[1] for line in screen.splitlines() if line.split()[1:] and line.split()[1].startswith("vgl_")
        ]
        assert len(tokens) == 4
        assert running.told["tokens"] == {}
        files = [path for path in data_dir.rglob("*") if path.is_file() and "postgres" not in path.parts]
        kept = b"".join(path.read_bytes() for path in files)
        assert not any(token.encode() in kept for token in tokens)
        assert PHRASE.encode() not in kept
        for process in running.family:
            assert "VIGILANCIA_PASSPHRASE" not in process.environ()
        answer = httpx.get(
            f"{running.told['base_url']}/v1/complaints", headers={"Authorization": f"Bearer {tokens[0]}"}
        )
        assert answer.status_code == httpx.codes.OK
        without = vigilancia("keys", "status", env=environment(data_dir, locale="en"))
        assert (without.returncode, "VIGILANCIA_PASSPHRASE" in without.stderr) == (1, True)
        wrong = vigilancia("keys", "status", env=environment(data_dir, locale="en", passphrase="otra frase muy larga"))
        assert (wrong.returncode, "does not open" in wrong.stderr) == (1, True)
        status = vigilancia("keys", "status", "--json", env=environment(data_dir, passphrase=PHRASE))
        assert (status.returncode, json.loads(status.stdout)["unsealed"]) == (0, 0)
    refused = vigilancia("up", env=environment(data_dir, locale="en"))
    assert (refused.returncode, "VIGILANCIA_PASSPHRASE" in refused.stderr) == (1, True)
    assert vigilancia("keys", "new", env=environment(data_dir, passphrase=PHRASE)).returncode == 0
    with installation(data_dir, passphrase=PHRASE, locale="en") as again:
        assert all(token in again.screen.read_text() for token in tokens)
        rotated = vigilancia("keys", "rotate", "--json", env=environment(data_dir, passphrase=PHRASE))
        assert rotated.returncode == 0, rotated.stderr
        (old,) = json.loads(rotated.stdout)["unneeded"]
        running_now = vigilancia("keys", "drop", old, env=environment(data_dir, passphrase=PHRASE, locale="en"))
        assert "Stop it first" in running_now.stderr
    dropped = vigilancia("keys", "drop", old, env=environment(data_dir, passphrase=PHRASE))
    assert dropped.returncode == 0, dropped.stderr
    assert vigilancia("keys", "passphrase", "--remove", env=environment(data_dir, passphrase=PHRASE)).returncode == 0
    assert old not in KeyRing((data_dir / "keys" / "master").read_text()).ids


def test_without_one_the_start_says_what_a_stolen_computer_means(data_dir: Path) -> None:
    with installation(data_dir, locale="en") as running:
        assert "reads every case" in running.screen.read_text()
