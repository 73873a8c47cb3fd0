"""Tasks of escalation, and the relay that wakes the workers for whatever waits."""

from contextlib import suppress

from vigilancia.core import deadman, upkeep
from vigilancia.core.jobs import Job
from vigilancia.core.sealing import earlier, orphans
from vigilancia.core.stores import StoreError
from vigilancia.escalation import sweep as escalation
from vigilancia.evidence import upkeep as evidence
from vigilancia.notices.webhooks import upkeep as webhooks
from vigilancia.reports import service as reports
from workers import runner
from workers.app import app


@app.task(name=Job.SWEEP.value)
def sweep() -> None:
    """Plan what changed and climb what is due, and say outside that we live; then, once an hour, forget what expired.

    Once a day it plans which files are read again. Safe to run twice, and side by side: rows that one sweep holds the
    others skip, and the ledger's unique key refuses a second notice.
    """
    runner.run(escalation.sweep)
    runner.run(deadman.call)
    runner.run(reports.purge_hourly)
    runner.run(webhooks.forget_hourly)
    with suppress(StoreError):  # it is away: what people are told does not wait for it, and tomorrow is another day
        runner.run(orphans.sweep_daily)
        runner.run(earlier.seal_daily)
    runner.run(evidence.nightly)


@app.task(name=Job.RELAY.value)
def relay() -> None:
    """Wake the workers for every kind of work that waits; a doubled wake-up finds nothing to claim."""
    runner.run(upkeep.relay)
