"""Tasks of webhooks."""

from vigilancia.core.jobs import Job
from vigilancia.notices.webhooks import publishing, sending
from workers import runner
from workers.app import app


@app.task(name=Job.PUBLISH.value)
def publish() -> None:
    """Turn what happened into events, and plan their deliveries.

    Safe to run twice, and side by side: rows that one holds the others skip, and unique keys refuse a second event or
    delivery.
    """
    runner.run(publishing.publish_all)


@app.task(name=Job.POST.value)
def post() -> None:
    """Send the deliveries that are due.

    Safe to run twice: each endpoint is leased to one worker, and in one process a second call returns at once. A worker
    that dies leaves at most one event for each endpoint to be sent again, under the same id.
    """
    runner.run(sending.post_all)
