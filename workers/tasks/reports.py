"""Tasks of reports."""

from vigilancia.core.jobs import Job
from vigilancia.reports import service
from workers import runner
from workers.app import app


@app.task(name=Job.EXPORT.value)
def export() -> None:
    """Make the exports that wait.

    Safe to run twice: each export is leased to one worker, and a row that is done stays as it is.
    """
    runner.run(service.make_due)
