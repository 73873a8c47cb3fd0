"""`vigilancia up`: everything on one machine, from nothing, and cleanly gone again."""

import asyncio
import errno
import os
import signal
import socket
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from threading import Event
from time import monotonic
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg

from vigilancia.access.schemas import TokenRole
from vigilancia.cli import migrations, passphrases, programs
from vigilancia.cli.installation import Folder, checked, folder_of, open_desk, write_run
from vigilancia.cli.screen import Screen
from vigilancia.core import clock
from vigilancia.core.crypto import KeyRing
from vigilancia.core.identity import SYSTEM
from vigilancia.core.sealing import earlier
from vigilancia.core.settings import Settings
from vigilancia.demo.load import load_demo
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.embedded.lock import OwnerLock
from vigilancia.embedded.postgres import APP, OWNER, Postgres
from vigilancia.embedded.supervisor import Supervisor
from vigilancia.registry.bootstrap import ensure_demo_parties

_TEND_SECONDS = 0.25
_ALIVE_SECONDS = 120
_SWEPT_SECONDS = 10
_PORT_SECONDS = 5  # what an earlier run was asked to stop may hold the port for a moment


class Stopped(BaseException):
    """Ctrl-C or SIGTERM."""


def up(settings: Settings, screen: Screen, *, passphrase: bool = False) -> None:
    """Run the installation until it is asked to stop.

    Args:
        settings: As the environment gave them.
        screen: Says what happens.
        passphrase: Whether to put the keys on the disk under a passphrase, where they are not yet.

    Raises:
        EmbeddedError: It cannot start; the code says why.
    """
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, _stop)
    folder = folder_of(settings)
    folder.make()
    lock = OwnerLock(folder.path / "up.lock")
    lock.take()
    with ExitStack() as afterwards:
        afterwards.callback(lock.release)
        afterwards.callback(folder.run_file.unlink, missing_ok=True)
        folder.run_file.unlink(missing_ok=True)
        try:
            settings = settings.model_copy(update={"port": _port(settings)})
            if not settings.database_url and not settings.master_keys.get_secret_value():
                _lock(settings, folder, screen, wanted=passphrase)
            _run(settings, folder, screen, afterwards)
        except Stopped:
            for sig in (signal.SIGINT, signal.SIGTERM):
                signal.signal(sig, signal.SIG_IGN)  # we are stopping; a second signal must not tear it in half
            with screen.step("stopping"):
                afterwards.close()
            screen.line(screen.t("stopped", path=folder.path))


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped


def _lock(settings: Settings, folder: Folder, screen: Screen, *, wanted: bool) -> None:
    """Put the keys under a passphrase where that is asked for; where they are under none, say what that means."""
    if folder.is_locked():
        return
    if not wanted and not settings.passphrase.get_secret_value():
        screen.note(screen.t("passphrase.none"))
    elif folder.keys_file.exists():
        folder.lock(passphrases.chosen(settings))
    else:
        folder.use(passphrases.chosen(settings))


def _run(settings: Settings, folder: Folder, screen: Screen, afterwards: ExitStack) -> None:
    embedded = not settings.database_url
    with screen.step("keys"):
        own = folder.keys() if embedded and not settings.master_keys.get_secret_value() else ""
        settings = checked(settings, keys=own)
    server: Postgres | None = None
    if embedded:
        with screen.step("postgres"):
            server = Postgres(folder.database, say=screen.say)
            afterwards.callback(server.stop)
            server.start()
            server.create_roles()
        urls = {"database_url": server.url(APP), "owner_database_url": server.url(OWNER)}
        if "allow_private_targets" not in settings.model_fields_set:  # one machine: its subscribers live on it too
            settings = settings.model_copy(update={"allow_private_targets": True})
    else:
        urls = {"owner_database_url": settings.owner_database_url or settings.database_url}
    settings = settings.model_copy(update=urls)
    with screen.step("migrations"):
        migrations.upgrade(settings.owner_database_url, KeyRing(settings.master_keys.get_secret_value()))
    with screen.step("sealing"):
        asyncio.run(seal(settings))
    with screen.step("tokens"):
        tokens = asyncio.run(_tokens(settings, folder))
    started = clock.now(settings.clock_offset)
    supervisor = Supervisor(
        database=server,
        programs=programs.programs(settings),
        logs=folder.logs,
        env=programs.environment(settings, embedded=embedded),
        cwd=migrations.ROOT,
        say=screen.say,
    )
    afterwards.callback(supervisor.stop)
    with screen.step("programs"):
        supervisor.start()
    with screen.step("demo"):
        asyncio.run(_demo(settings))
    with screen.step("ready"):
        _wait_until_alive(settings, folder, supervisor, since=started.isoformat())
    told = {
        "base_url": settings.base_url,
        "pid": os.getpid(),
        "tokens": {} if folder.is_locked() else tokens,
        "database_url": settings.database_url,
        "owner_database_url": settings.owner_database_url,
    }
    write_run(folder, told)
    _announce(settings, folder, screen, tokens)
    pause = Event()
    while True:
        supervisor.tend()
        pause.wait(_TEND_SECONDS)


def _port(settings: Settings) -> int:
    """Return the port to listen on, which must be free now; 0 becomes a free one.

    Raises:
        EmbeddedError: `port_busy`, or `address_unusable`.
    """
    pause, deadline = Event(), monotonic() + _PORT_SECONDS
    while True:
        try:
            found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(found[0], socket.SOCK_STREAM) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(found[4])
                trial.listen(1)
                return int(trial.getsockname()[1])
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            if getattr(error, "errno", None) != errno.EADDRINUSE:
                raise EmbeddedError("address_unusable", host=settings.host, reason=reason) from error
            if monotonic() > deadline:
                raise EmbeddedError("port_busy", host=settings.host, port=settings.port) from error
            pause.wait(_TEND_SECONDS)


async def _tokens(settings: Settings, folder: Folder) -> dict[TokenRole, str]:
    async with open_desk(settings) as desk, desk.work(SYSTEM) as work:
        tokens = await ensure_demo_parties(work, folder.tokens())
    folder.write_tokens({str(role): token for role, token in tokens.items()})
    return tokens


async def seal(settings: Settings) -> earlier.Done:
    """Bind database and key store to each other, and seal what earlier releases left.

    Raises:
        StoreError: The key store is away.
        KeyStoreLostError: It is not the one the database was written with.
        KeyStoreForeignError: The same.
    """
    async with open_desk(settings) as desk:
        return await earlier.seal_all(desk)


async def _demo(settings: Settings) -> None:
    async with open_desk(settings) as desk:
        await load_demo(desk)


def _wait_until_alive(settings: Settings, folder: Folder, supervisor: Supervisor, *, since: str) -> None:
    """Wait for an answer of the API and a sign of life of worker and beat, looking after all of them meanwhile.

    A first sweep is waited for too, but not long: after a great import it may have much to do.
    """
    pause, deadline, missing = Event(), monotonic() + _ALIVE_SECONDS, "api"
    patient_until = monotonic() + _SWEPT_SECONDS
    while monotonic() < deadline:
        supervisor.tend()
        if not _api_answers(settings):
            missing = "api"
        else:
            with psycopg.connect(settings.database_url) as connection:
                rows = connection.execute("SELECT name FROM heartbeat WHERE at >= %s", [since]).fetchall()
            told = {str(name) for (name,) in rows}
            silent = {"worker", "beat"} - told
            if not silent and ("sweep" in told or monotonic() > patient_until):
                return
            missing = min(silent, default="worker")
        pause.wait(_TEND_SECONDS)
    raise EmbeddedError("silent", name=missing, path=str(folder.logs / f"{missing}.log"))


def _api_answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - asked, not bound
    connection = HTTPConnection(host, settings.port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200  # noqa: PLR2004 - HTTP's own number
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _announce(settings: Settings, folder: Folder, screen: Screen, tokens: dict[TokenRole, str]) -> None:
    smtp = urlsplit(settings.smtp_url.get_secret_value())
    screen.line()
    screen.line(screen.t("ready.address", base_url=settings.base_url))
    screen.line(screen.t("ready.docs", base_url=settings.base_url))
    kept = "ready.tokens_locked" if folder.is_locked() else "ready.tokens"
    screen.line(screen.t(kept, path=folder.run_file))
    for role, token in tokens.items():
        screen.line(f"  {role:<8} {token}")
    if smtp.hostname:
        screen.line(screen.t("ready.mail_server", server=f"{smtp.hostname}:{smtp.port or ''}".rstrip(":")))
    else:
        screen.line(screen.t("ready.mail_folder", path=settings.mail_dir.absolute()))
    screen.line(screen.t("ready.data", path=folder.path))
