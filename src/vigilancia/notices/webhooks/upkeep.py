"""Forgetting events and deliveries after their time, and secrets that sign no more."""

from datetime import timedelta

from sqlalchemy import delete, update

from vigilancia.core import upkeep
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.models import EndpointRow, EventRow

_CHORE = "webhooks"


async def forget_hourly(desk: Desk) -> None:
    """Forget, at most once an hour, what is older than it is kept for; deliveries and attempts go with their event."""
    async with desk.work(SYSTEM) as work:
        if not await upkeep.hourly(work, _CHORE):
            return
        before = work.now - timedelta(days=figures().keep_days)
        await work.session.execute(delete(EventRow).where(EventRow.at < before))
        await work.session.execute(
            update(EndpointRow)
            .where(EndpointRow.previous_until <= work.now)
            .values(previous_secret=None, previous_until=None)
        )
