"""Tasks of access: the audit's chain."""

from vigilancia.access.chain import sealing, verifying
from vigilancia.core.jobs import Job
from workers import runner
from workers.app import app


@app.task(name=Job.SEAL.value)
def seal() -> None:
    """Chain what was written to the audit, and look whether anybody reads more than is usual.

    Safe to run twice, and side by side: who does not get the sealer's lock leaves the work to who has it, and a sealer
    that dies has done nothing.
    """
    runner.run(sealing.seal)


@app.task(name=Job.VERIFY.value)
def verify() -> None:
    """Walk the whole chain, and keep a signed head outside the database; at most once a day.

    Safe to run twice: it only reads, and says what it found.
    """
    runner.run(verifying.verify_daily)
