"""The programs of an installation and their command lines; `docker-compose.yml` runs the same ones."""

import os
import sys
from collections.abc import Mapping, Sequence

from vigilancia.cli.migrations import ROOT
from vigilancia.core.settings import Settings
from vigilancia.embedded.supervisor import Program

_KEPT_BACK = ("VIGILANCIA_OWNER_DATABASE_URL", "VIGILANCIA_PASSPHRASE", "VIGILANCIA_NEW_PASSPHRASE")
_WORKER_THREADS = 8  # more than there are kinds of work that wait for others, so that the sweep never does


def api(settings: Settings) -> Sequence[str]:
    """Return the command of the API server."""
    command = ["granian", "--interface", "asgi", "--factory", "--loop", "uvloop", "--workers", "1"]
    command += ["--respawn-failed-workers", "--no-ws", "--host", settings.host, "--port", str(settings.port)]
    command += ["--log-level", settings.log_level.lower(), "vigilancia.api.app:create_app"]
    return command


def worker(settings: Settings) -> Sequence[str]:
    """Return the command of a worker: it waits for mail servers and the database, so threads serve it best."""
    command = ["celery", "-A", "workers.app", "worker", "--pool", "threads", "--concurrency", str(_WORKER_THREADS)]
    return [*command, "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", settings.log_level]


def beat(settings: Settings) -> Sequence[str]:
    """Return the command of beat."""
    return ["celery", "-A", "workers.app", "beat", "--pidfile", "", "--loglevel", settings.log_level]


def programs(settings: Settings) -> list[Program]:
    """Return all of them, run by this very interpreter."""
    return [
        Program(name=name, command=[sys.executable, "-m", *command])
        for name, command in (("api", api(settings)), ("worker", worker(settings)), ("beat", beat(settings)))
    ]


def environment(settings: Settings, *, embedded: bool = False) -> Mapping[str, str]:
    """Return the environment of the programs: ours, with database and keys, without owner and passphrase.

    Args:
        settings: Of the installation.
        embedded: Whether it runs on its own database, on one machine.
    """
    env = {name: value for name, value in os.environ.items() if name not in _KEPT_BACK}
    env |= {
        "VIGILANCIA_DATA_DIR": str(settings.data_dir.absolute()),
        "VIGILANCIA_DATABASE_URL": settings.database_url,
        "VIGILANCIA_MASTER_KEYS": settings.master_keys.get_secret_value(),
        "VIGILANCIA_PORT": str(settings.port),
        "VIGILANCIA_PUBLIC_URL": settings.base_url,
        "VIGILANCIA_ALLOW_PRIVATE_TARGETS": str(settings.allow_private_targets).lower(),
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "PYTHONUNBUFFERED": "1",
    }
    if embedded:
        env.setdefault("VIGILANCIA_CONFIRM_ADDRESSES", "false")  # one office, whose own people recorded them
        env.setdefault("VIGILANCIA_SCAN", "none")  # no scanner comes along: files say that nobody scanned them
    return env
