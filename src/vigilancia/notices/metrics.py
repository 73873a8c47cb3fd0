"""The figures that name the risk: how long a due notice has waited, how many wait, how many failed."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.notices.models import NoticeRow
from vigilancia.notices.schedule import schedule

_OPEN = ("planned", "sending")


async def figures(session: AsyncSession, now: datetime) -> dict[str, tuple[str, float]]:
    """Return each figure by its name, with what it means; partial indexes serve all of them."""
    overdue_before = now - timedelta(minutes=schedule().overdue_minutes)
    waiting = select(func.min(NoticeRow.planned_at), func.count().filter(NoticeRow.planned_at <= overdue_before)).where(
        NoticeRow.status.in_(_OPEN)
    )
    oldest, overdue = (await session.execute(waiting)).one()
    failed = await session.scalar(select(func.count()).select_from(NoticeRow).where(NoticeRow.status == "failed"))
    lag = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
    return {
        "deadline_notice_lag_seconds": ("Wait of the oldest notice planned and not sent.", lag),
        "notices_overdue_unsent": ("Notices planned a while ago and not sent.", float(overdue)),
        "notices_failed": ("Notices that ended undelivered.", float(failed or 0)),
    }
