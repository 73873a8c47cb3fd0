"""The sweep: beat wakes it every minute; it tells alarms and privacy leads, hears silence, plans and climbs.

Once in a while it tidies up.
"""

from collections.abc import Awaitable, Callable

from vigilancia.core import upkeep
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk, Work
from vigilancia.escalation import alarms, privacy
from vigilancia.escalation.climb import climb_due
from vigilancia.escalation.plan import plan_pending
from vigilancia.notices.rounds import calm, confirmations, digests
from vigilancia.notices.searches.changed import match_changed
from vigilancia.notices.searches.telling import tell_found
from vigilancia.proceedings import silence


async def sweep(desk: Desk) -> None:
    """Do everything that time alone brings; each batch is a transaction of its own.

    Any number may run at once, and each again: rows decide what is done. What it costs depends on what is due, not on
    what exists.
    """
    await _all(desk, alarms.tell_pending)
    await _all(desk, privacy.tell_pending)
    await _all(desk, silence.hear_due)
    await _all(desk, plan_pending)
    await _all(desk, _climb)
    await _all(desk, digests.plan_due)
    await _all(desk, calm.plan_due)
    await _all(desk, confirmations.ask_due)
    await _all(desk, digests.take_up_strays)
    desk.wake(frozenset({Job.DELIVER, Job.CALL}))
    await _all(desk, match_changed)  # after the warnings of deadlines, which it must never hold up
    await _all(desk, tell_found)
    async with desk.work(SYSTEM) as work:
        await upkeep.tidy(work)


async def _climb(work: Work) -> int:
    """Climb one batch, and sign for it last: one that fails, or is stuck in planning, warns nobody and must show."""
    climbed = await climb_due(work)
    await upkeep.swept(work)
    return climbed


async def _all(desk: Desk, batch: Callable[[Work], Awaitable[int]]) -> None:
    """Work through batches until none is left."""
    more = True
    while more:
        async with desk.work(SYSTEM) as work:
            more = await batch(work) > 0
