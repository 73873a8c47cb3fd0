"""The hour at which silence speaks: proceedings whose last day has passed are computed anew."""

import logging

from vigilancia.core.work import Work
from vigilancia.law.errors import LawError
from vigilancia.proceedings.hearing import due_proceedings, listened
from vigilancia.proceedings.proposals import service as proposals
from vigilancia.proceedings.recompute import recompute

logger = logging.getLogger(__name__)


async def hear_due(work: Work) -> int:
    """Hear silence in one batch of proceedings; found through a partial index, so that it costs what is due.

    Any number may run at once, and each again: what one holds the others skip, and an event heard twice has one id.

    Returns:
        How many proceedings were computed; 0 when none is left.
    """
    proceedings = await due_proceedings(work)
    for proceeding in proceedings:
        try:
            async with work.session.begin_nested():
                proceeding.updated_at = work.now
                proceeding.version += 1
                await recompute(work, proceeding, cause={})
                await proposals.review(work, proceeding)
        except LawError as error:
            logger.warning("silence_unheard proceeding=%s error=%s", proceeding.id, error.code)
    if proceedings:
        await work.session.flush()
        await listened(work, proceedings)
    return len(proceedings)
