"""Tasks of notices."""

from vigilancia.core.jobs import Job
from vigilancia.notices import delivery
from workers import runner
from workers.app import app


@app.task(name=Job.DELIVER.value)
def deliver() -> None:
    """Deliver the notices that are due.

    Safe to run twice: each notice is leased to one worker, and in one process a second call returns at once. A worker
    that dies leaves at most the one message it was sending to be sent again.
    """
    runner.run(delivery.deliver_all)


@app.task(name=Job.CALL.value)
def call() -> None:
    """Deliver the notices that are due to services and web addresses, a few at once.

    Safe to run twice, as the other is. A service that hangs holds up neither mail nor, for long, its neighbours.
    """
    runner.run(delivery.call_all)
