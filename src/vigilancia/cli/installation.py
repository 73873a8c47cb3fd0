"""What an installation keeps in its data folder, and how any command reaches its database."""

import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from vigilancia.cli import locked, passphrases
from vigilancia.core import clock
from vigilancia.core.crypto import KeyRing, KeyRingError
from vigilancia.core.db import make_engine
from vigilancia.core.jobs import Job
from vigilancia.core.sealing import mark
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk, make_desk
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.embedded.place import Say
from vigilancia.embedded.postgres import APP, OWNER, Postgres

_PRIVATE = 0o600
_POOL = 2
_MASTER, _TOKENS = "master", "tokens"  # what is in a locked file


class Folder:
    """The data folder: keys, tokens, `run.json`."""

    def __init__(self, path: Path, ask: Callable[[], str] | None = None) -> None:
        """Name it; nothing is written.

        Args:
            path: Where.
            ask: Returns the passphrase, if one is in force.
        """
        self._ask = ask
        self._passphrase: str | None = None  # of this process, so that it is asked once
        self.path = path.absolute()
        self.run_file = self.path / "run.json"
        self.keys_file = self.path / "keys" / "master"
        self.tokens_file = self.path / "keys" / "tokens.json"
        self.database = self.path / "postgres"
        self.logs = self.path / "log"

    def make(self) -> None:
        """Make the folder. Root's database user must be able to pass through it; nobody else reads anything in it.

        Raises:
            EmbeddedError: `not_ours` or `cannot_write`.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
            self.keys_file.parent.mkdir(exist_ok=True, mode=0o700)
        except PermissionError as error:
            raise EmbeddedError("not_ours", path=str(self.path)) from error
        except OSError as error:
            raise EmbeddedError("cannot_write", path=str(self.path), reason=error.strerror or "") from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise EmbeddedError("not_ours", path=str(self.path))

    def keys(self) -> str:
        """Return the installation's own key ring, made at the first start.

        Raises:
            EmbeddedError: `keys_lost`: there is a database, but not the keys it was written with.
        """
        if self.keys_file.exists():
            content = self.keys_file.read_text()
            if locked.is_locked(content):
                content = self._opened(content, _MASTER, self.keys_file)
            return content.strip()
        if (self.database / "data").exists() or (self.database / "moved-to").exists():
            raise EmbeddedError("keys_lost", path=str(self.keys_file))
        ring = KeyRing.make(f"k{clock.now():%Y%m%d}")
        self.write_keys(ring)
        return ring

    def write_keys(self, ring: str) -> None:
        """Write the key ring, under the passphrase if one is in force."""
        text = ring + "\n"
        write_private(self.keys_file, locked.lock(text, self._passphrase, what=_MASTER) if self._passphrase else text)

    def is_locked(self) -> bool:
        """Tell whether the key ring is under a passphrase."""
        return self.keys_file.exists() and locked.is_locked(self.keys_file.read_text())

    def lock(self, passphrase: str | None) -> None:
        """Put key ring and tokens under a passphrase, or under none any more.

        Raises:
            EmbeddedError: The one in force is wrong, or was not given.
        """
        ring, tokens = self.keys(), self.tokens()
        self._passphrase = passphrase
        self.write_keys(ring)
        if self.tokens_file.exists():
            self.write_tokens(tokens)

    def use(self, passphrase: str) -> None:
        """Put a key ring that is yet to be made under a passphrase."""
        self._passphrase = passphrase

    def run(self) -> dict[str, Any] | None:
        """Return `run.json` while the process it names lives."""
        try:
            told = json.loads(self.run_file.read_text())
            os.kill(int(told["pid"]), 0)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return dict(told)

    def tokens(self) -> dict[str, str]:
        """Return the tokens kept from an earlier start."""
        try:
            content = self.tokens_file.read_text()
            if locked.is_locked(content):
                content = self._opened(content, _TOKENS, self.tokens_file)
            return {str(role): str(token) for role, token in json.loads(content).items()}
        except (OSError, ValueError):
            return {}

    def write_tokens(self, tokens: Mapping[str, str]) -> None:
        """Keep tokens for the next start, under the passphrase if one is in force."""
        text = json.dumps(dict(tokens)) + "\n"
        write_private(self.tokens_file, locked.lock(text, self._passphrase, what=_TOKENS) if self._passphrase else text)

    def _opened(self, content: str, what: str, path: Path) -> str:
        passphrase = self._passphrase if self._passphrase is not None else self._asked()
        text = locked.unlock(content, passphrase, what=what, path=str(path))
        self._passphrase = passphrase
        return text

    def _asked(self) -> str:
        if self._ask is None:
            raise EmbeddedError("passphrase_needed", variable="VIGILANCIA_PASSPHRASE")
        return self._ask()


def folder_of(settings: Settings) -> Folder:
    """Return the data folder of an installation, which asks for a passphrase where it needs one.

    A key ring that is yet to be made is put under the passphrase that is set.
    """
    folder = Folder(settings.data_dir, ask=partial(passphrases.present, settings))
    if settings.passphrase.get_secret_value() and not folder.keys_file.exists():
        folder.use(passphrases.chosen(settings))
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
    with os.fdopen(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # a new ring seals at once: its name must not be lost when the power goes
    finally:
        os.close(folder)


def write_run(folder: Folder, told: Mapping[str, Any]) -> None:
    """Write `run.json`: where the installation answers, for who runs it and for other commands."""
    write_private(folder.run_file, json.dumps(dict(told), indent=1) + "\n")


def checked(settings: Settings, *, keys: str) -> Settings:
    """Return the settings with keys in them.

    Raises:
        EmbeddedError: `no_keys` or `bad_keys`.
    """
    ring = settings.master_keys.get_secret_value() or keys
    if not ring:
        raise EmbeddedError("no_keys")
    try:
        KeyRing(ring)
    except KeyRingError as error:
        raise EmbeddedError("bad_keys") from error
    return settings.model_copy(update={"master_keys": SecretStr(ring)})


@contextmanager
def reach(settings: Settings, say: Say) -> Iterator[Settings]:
    """Reach the database of an installation: the operator's, that of a running `up`, or the embedded one for a moment.

    Args:
        settings: As the environment gave them.
        say: Told what happens.

    Yields:
        Settings whose `database_url`, `owner_database_url` and `master_keys` are all set.

    Raises:
        EmbeddedError: There is none, or it cannot be reached.
    """
    if settings.database_url:
        owner = settings.owner_database_url or settings.database_url
        yield checked(settings, keys="").model_copy(update={"owner_database_url": owner})
        return
    folder = folder_of(settings)
    told = folder.run()
    if told is not None:
        urls = {name: told[name] for name in ("database_url", "owner_database_url")}
        yield checked(settings, keys=folder.keys()).model_copy(update=urls)
        return
    folder.make()
    ready = checked(settings, keys=folder.keys() if not settings.master_keys.get_secret_value() else "")
    with Postgres(folder.database, say=say) as server:
        server.create_roles()
        yield ready.model_copy(update={"database_url": server.url(APP), "owner_database_url": server.url(OWNER)})


@asynccontextmanager
async def open_desk(settings: Settings, *, any_store: bool = False) -> AsyncIterator[Desk]:
    """Open what services need, for one command; the workers are woken by beat's relay, not from here.

    Args:
        settings: With database and keys.
        any_store: Whether to go on with a key store that is lost or another database's, to look at it or mend it.

    Raises:
        KeyStoreLostError: The key store is not the one the database was written with.
        KeyStoreForeignError: The same.
        StoreError: It is away.
    """
    engine = make_engine(settings.database_url, pool_size=_POOL)
    try:
        desk = make_desk(settings, engine, _leave_it_to_the_relay)
        if not any_store:
            await mark.settle(desk)
        yield desk
    finally:
        await engine.dispose()


def _leave_it_to_the_relay(_jobs: frozenset[Job]) -> None:
    """Wake nobody: a command is over before a broker that is away would be noticed."""
