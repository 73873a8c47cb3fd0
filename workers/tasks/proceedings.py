"""Tasks of proceedings."""

from vigilancia.core.jobs import Job
from vigilancia.proceedings.proposals import proposing
from workers import runner
from workers.app import app


@app.task(name=Job.PROPOSE.value)
def propose() -> None:
    """Propose what new rules or closures would change in open proceedings.

    Safe to run twice, and side by side: what one holds the others skip, and a proceeding has one pending proposal at
    most, which a unique index promises.
    """
    runner.run(proposing.propose)
