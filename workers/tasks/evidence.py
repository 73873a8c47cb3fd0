"""Tasks of evidence."""

from vigilancia.core.jobs import Job
from vigilancia.evidence import upkeep
from workers import runner
from workers.app import app


@app.task(name=Job.SCAN.value)
def scan() -> None:
    """Have the files scanned that wait for it.

    Safe to run twice: each file is leased to one worker, and a second scan says the same.
    """
    runner.run(upkeep.scan_due)


@app.task(name=Job.RECHECK.value)
def recheck() -> None:
    """Read files again and hold them against what was received.

    Safe to run twice: reading changes nothing, and one day's alarm is raised once.
    """
    runner.run(upkeep.recheck_due)
