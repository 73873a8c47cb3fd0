"""The Celery app: `celery -A workers.app worker` works, `celery -A workers.app beat` keeps time."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from celery import Celery
from celery.signals import (
    beat_init,
    celeryd_init,
    setup_logging,
    task_success,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
)

from vigilancia.core.broker import celery_settings
from vigilancia.core.jobs import Job
from vigilancia.core.settings import settings
from workers import gate, runner, signs, tasks

BEAT = {
    "relay": {"task": Job.RELAY.value, "schedule": 5.0},  # wakes the workers for rows whose message was lost
    "sweep": {"task": Job.SWEEP.value, "schedule": 60.0},  # climbs the ladders
    "propose": {"task": Job.PROPOSE.value, "schedule": 300.0},  # compares open proceedings with today's rules
    "seal": {"task": Job.SEAL.value, "schedule": 5.0},  # chains what was written to the audit
    "verify": {"task": Job.VERIFY.value, "schedule": 3600.0},  # walks the audit's chain, once a day
    "keep": {"task": Job.KEEP.value, "schedule": 86_400.0},  # warns of erasures, and begins those that are due
}

app = Celery("vigilancia")
app.conf.update(celery_settings(settings()))
app.conf.update(beat_schedule=BEAT, beat_scheduler="workers.beat:OneBeat", beat_max_loop_interval=5)
app.set_default()
for module in iter_modules(tasks.__path__, f"{tasks.__name__}."):
    import_module(module.name)


@setup_logging.connect
def _log(**_: Any) -> None:  # noqa: ANN401 - Celery's signals carry what they like
    """Set logging up ourselves; a connected receiver keeps Celery from doing it."""
    signs.set_up_logging(settings().log_level)


@celeryd_init.connect
@beat_init.connect
def _gate(**_: Any) -> None:  # noqa: ANN401
    """Start with the right keys or not at all."""
    gate.require(settings())


@worker_ready.connect
@task_success.connect
def _alive(**_: Any) -> None:  # noqa: ANN401
    """Leave a sign of life: at the start and, at most every few seconds, whenever a task is done."""
    runner.run(signs.worker_alive)


@worker_shutdown.connect
@worker_process_shutdown.connect
def _close(**_: Any) -> None:  # noqa: ANN401
    """Close the connections of this process."""
    runner.close()
