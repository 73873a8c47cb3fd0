"""Figures of the climb: how long a due rung or an alarm has waited, and how often nobody could be reached."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.complaints.models import AlarmRow
from vigilancia.escalation.models import RungRow, RunRow


async def figures(session: AsyncSession, now: datetime) -> dict[str, tuple[str, float]]:
    """Return each figure by its name, with what it means; partial indexes serve both."""
    oldest = await session.scalar(select(func.min(RunRow.next_at)).where(RunRow.next_at <= now))
    untold = await session.scalar(select(func.min(AlarmRow.raised_at)).where(AlarmRow.tell_pending))
    nobody = await session.scalar(select(func.count()).select_from(RungRow).where(RungRow.result == "unreachable"))
    return {
        "escalation_lag_seconds": (
            "Wait of the oldest rung that is due and was not climbed.",
            (now - oldest).total_seconds() if oldest else 0.0,
        ),
        "alarm_lag_seconds": (
            "Wait of the oldest alarm that was raised and not told.",
            (now - untold).total_seconds() if untold else 0.0,
        ),
        "escalation_unreachable": ("Rungs at which nobody had an address.", float(nobody or 0)),
    }
