"""Beat, once: any number may be started, the one that holds a lock of the database keeps time, the others stand by."""

import logging
from contextlib import suppress
from typing import Any

import psycopg
from celery.beat import ScheduleEntry, Scheduler, SchedulingError
from kombu import Connection
from kombu.exceptions import OperationalError
from sqlalchemy.engine import make_url

from vigilancia.core import clock
from vigilancia.core.settings import settings
from workers.signs import BEAT, SIGN_OF_LIFE

LOCK = 8_240_602  # any number will do; it must not change
_STAND_BY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class OneBeat(Scheduler):
    """A schedule in memory that ticks only while its own connection holds the lock.

    The lock lives as long as the connection: a beat that dies gives it up at once, and one whose connection broke
    stops ticking until it holds the lock again. Rows of work make even a doubled tick harmless.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Celery's signature
        """Start without a connection."""
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._holding = False
        self._said: bool | None = None
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Make everything due at the start: what was missed while no beat ran is looked at now."""
        self.install_default_entries(self.schedule)
        self.merge_inplace(self.app.conf.beat_schedule)
        for entry in self.schedule.values():
            entry.last_run_at = clock.now().replace(year=2000)

    def tick(self, *args: Any, **kwargs: Any) -> float:  # noqa: ANN401 - Celery's signature
        """Send what is due and return the seconds to wait; standing by, only wait."""
        try:
            holds = self._hold()
        except (psycopg.Error, OSError) as error:
            logger.warning("beat_without_database error=%s", type(error).__name__)
            self._drop()
            return _STAND_BY_SECONDS
        return float(super().tick(*args, **kwargs)) if holds and self._reaches_queue() else _STAND_BY_SECONDS

    def apply_async(
        self,
        entry: ScheduleEntry,
        producer: Any = None,  # noqa: ANN401 - Celery's signature
        advance: bool = True,  # noqa: FBT001, FBT002
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Send one entry; over a fresh connection where the old one broke, which Celery would go on using for ever.

        Raises:
            SchedulingError: The queue is away; the entry comes again at its next turn.
            OperationalError: The same, told by another layer.
        """
        try:
            return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        except SchedulingError as error:
            logger.warning("beat_lost_queue entry=%s error=%s", entry.name, type(error.__cause__ or error).__name__)
            self._hang_up()
        try:
            return super().apply_async(entry, producer=self.producer, advance=False, **kwargs)
        except SchedulingError:
            self._hang_up()
            raise

    def close(self) -> None:
        """Give the lock up."""
        self._drop()
        super().close()

    def _hold(self) -> bool:
        """Hold the lock, or still hold it, and leave a sign of life."""
        if self._connection is None:
            url = make_url(settings().database_url).set(drivername="postgresql")
            self._connection = psycopg.connect(
                url.render_as_string(hide_password=False),
                autocommit=True,
                connect_timeout=5,
                application_name="vigilancia-beat",
            )
            self._connection.execute("SET timezone = 'UTC'")
            self._holding = False
        if not self._holding:
            told = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
            self._holding = bool(told and told[0])
            if self._said != self._holding:
                self._said = self._holding
                logger.info("beat_keeps_time" if self._holding else "beat_stands_by")
        if self._holding:
            self._connection.execute(SIGN_OF_LIFE, [BEAT, clock.now(settings().clock_offset)])
        return self._holding

    def _reaches_queue(self) -> bool:
        """Open the connection to the queue if none is; Celery's tick would drop an entry for good that met none."""
        try:
            self.producer  # noqa: B018 - opened at the first access
        except (OperationalError, OSError, psycopg.Error) as error:
            logger.warning("beat_without_queue error=%s", type(error).__name__)
            self._hang_up()
            return False
        return True

    def _ensure_connected(self) -> Connection:
        """Try once: waiting here until the queue is back would hold the lock without a sign of life."""
        return self.connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)

    def _hang_up(self) -> None:
        """Forget the connection to the queue; the next access opens another."""
        self.__dict__.pop("producer", None)
        connection = self.__dict__.pop("connection", None)
        if connection is not None:
            with suppress(Exception):  # it is broken already: whatever it says at the end
                connection.release()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
