"""Tasks of keeping and forgetting."""

from vigilancia.core.jobs import Job
from vigilancia.keeping import erasing, run
from workers import runner
from workers.app import app


@app.task(name=Job.KEEP.value)
def keep() -> None:
    """Warn of what will be erased, and begin what is due today.

    Safe to run twice, and side by side: a warning is given once for a closing, and a case has one erasure at a time,
    which unique keys promise.
    """
    runner.run(run.run)


@app.task(name=Job.ERASE.value)
def erase() -> None:
    """Carry out the erasures that were begun.

    Safe to run twice: each is leased to one worker, rows go with one transaction, and a key or file that is gone
    already is no error.
    """
    runner.run(erasing.work_off)
