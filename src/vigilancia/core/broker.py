"""The queue: Celery's settings for every broker, the transport on the database's own queue, and waking the workers.

A message carries no data and may be lost or doubled: rows of work are the truth (`core/jobs.py`), and beat's relay
wakes the workers again.
"""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, cast
from urllib.parse import urlsplit

import psycopg
from celery import Celery
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES, pgmq
from pgmq import PGMQueue
from psycopg_pool import ConnectionPool
from sqlalchemy.engine import make_url

from vigilancia.core.jobs import Job
from vigilancia.core.settings import Settings

QUEUES: Mapping[Job, str] = {
    Job.DELIVER: "deliveries",
    Job.CALL: "calls",
    Job.POST: "webhooks",
    Job.EXPORT: "exports",
    Job.SCAN: "exports",  # files take long to read, as exports to write; neither may hold up a notice
    Job.RECHECK: "exports",
}
_DEFAULT_QUEUE = "default"
_HARD_LIMIT = 1800  # seconds a task may take
_VISIBILITY = 3600  # after which an unconfirmed message comes again; always above the hard limit
_BROKER_SECONDS = 2  # the longest a dead broker may hold anybody

logger = logging.getLogger(__name__)


class Channel(pgmq.Channel):
    """A channel of the application's role, which owns no table: queues and their wake-ups are made by a migration."""

    def _new_queue(self, queue: str, **kwargs: Any) -> None:  # noqa: ANN401 - Kombu's signature
        if not self._has_queue(queue):  # type: ignore[no-untyped-call]
            super()._new_queue(queue, **kwargs)  # type: ignore[no-untyped-call]

    def _maybe_enable_notify(self, queue: str, queue_name: str | None = None) -> None:
        register = self.connection._register_notify_queue  # type: ignore[attr-defined]  # noqa: SLF001
        register(queue_name or self._queue_name(queue))


class Transport(pgmq.Transport):
    """Kombu's pgmq transport on a libpq address as it stands: sockets, TLS options and any password survive."""

    Channel = Channel

    def _create_pgmq_client(self) -> PGMQueue:
        options = self._options
        pool = ConnectionPool(
            options["conninfo"],
            min_size=1,
            max_size=options["pool_size"],
            timeout=options["pool_timeout"],
            check=ConnectionPool.check_connection,
            kwargs={"application_name": "vigilancia-queue"},
            open=True,
        )
        return PGMQueue(pool=pool, vt=options["visibility_timeout"], init_extension=False)

    def _get_notify_waiter(self) -> Any:  # noqa: ANN401 - private class of Kombu
        if self._notify_waiter is None:
            self._notify_waiter = pgmq._NotifyWaiter(self._options["conninfo"])  # noqa: SLF001 - no other seam
        return self._notify_waiter

    @property
    def _options(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.client.transport_options)  # type: ignore[union-attr]

    def close_connection(self, connection: Any) -> None:  # noqa: ANN401 - Kombu's signature
        """Close the pool too: it was made here, so the client does not count it as its own."""
        pool = self._pgmq_client.pool if self._pgmq_client is not None else None
        super().close_connection(connection)
        if pool is not None:
            pool.close()


TRANSPORT_ALIASES["vpgmq"] = "vigilancia.core.broker:Transport"


def celery_settings(settings: Settings) -> dict[str, Any]:
    """Return Celery's settings for the broker the installation names, or for the queue on its database."""
    url = settings.broker_url or "vpgmq://database"
    scheme = urlsplit(url).scheme
    quorum = {"x-queue-type": "quorum"} if scheme.startswith("amqp") else None
    names = (_DEFAULT_QUEUE, *QUEUES.values())
    return {
        "broker_url": url,
        "broker_transport_options": _transport_options(scheme, settings.database_url),
        "broker_connection_timeout": _BROKER_SECONDS,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_queues": [Queue(name, Exchange(name), routing_key=name, queue_arguments=quorum) for name in names],
        "task_default_queue": _DEFAULT_QUEUE,
        "task_create_missing_queues": False,
        "task_routes": {job.value: {"queue": QUEUES.get(job, _DEFAULT_QUEUE)} for job in Job},
        "task_publish_retry": False,
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": _HARD_LIMIT,
        "task_soft_time_limit": _HARD_LIMIT - 60,
        "worker_prefetch_multiplier": 1,
        "worker_detect_quorum_queues": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_enable_remote_control": False,  # its reply queues would be tables nobody drops
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "enable_utc": True,
    }


def _transport_options(scheme: str, database_url: str) -> dict[str, Any]:
    if scheme.startswith("amqp"):
        return {"confirm_publish": True, "max_retries": 0, "read_timeout": 10, "write_timeout": _BROKER_SECONDS}
    if scheme.startswith("redis"):
        return {
            "visibility_timeout": _VISIBILITY,
            "socket_timeout": _BROKER_SECONDS,
            "socket_connect_timeout": _BROKER_SECONDS,
            "max_retries": 0,
        }
    return {
        "conninfo": make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False),
        "visibility_timeout": _VISIBILITY,
        "use_notify": True,
        "wait_time_seconds": 0,
        "polling_interval": 0.25,  # covers a missed wake-up
        "pool_size": 2,
        "pool_timeout": _BROKER_SECONDS,
        "max_retries": 0,
    }


class Waker:
    """Wakes the workers without holding anybody up: one thread, and calls made meanwhile become one."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; nothing is opened before the first call."""
        self._app = Celery("vigilancia-waker", set_as_current=False)
        self._app.conf.update(celery_settings(settings))
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="waker")
        self._guard = Lock()
        self._wanted: set[Job] = set()
        self._running = False

    def __call__(self, jobs: frozenset[Job]) -> None:
        """Send one message for each kind of job, soon; a broker that is away is logged, and beat's relay heals it."""
        with self._guard:
            self._wanted |= jobs
            if self._running or not self._wanted:
                return
            self._running = True
        self._thread.submit(self._send)

    def close(self) -> None:
        """Send what is left and close the connections."""
        self._thread.shutdown(wait=True)
        self._app.close()

    def _send(self) -> None:
        while True:
            with self._guard:
                wanted, self._wanted = sorted(self._wanted), set()
                if not wanted:
                    self._running = False
                    return
            for job in wanted:
                try:
                    self._app.send_task(job.value)
                except (OperationalError, OSError, psycopg.Error) as error:
                    logger.warning("queue_away job=%s error=%s", job.value, type(error).__name__)
