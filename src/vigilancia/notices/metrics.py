"""The figures that name the risk: how long a due notice has waited, how many wait, how many failed."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.notices.addresses import CHANNELS
from vigilancia.notices.ending import waiting_since
from vigilancia.notices.models import OPEN, NoticeRow
from vigilancia.notices.schedule import schedule

_RATIO = "notice_failure_ratio"
_FAILED = "notices_failed_last_hour"


async def figures(session: AsyncSession, now: datetime) -> dict[str, tuple[str, float]]:
    """Return each figure by its name, with what it means; partial indexes serve all of them."""
    overdue_before = now - timedelta(minutes=schedule().overdue_minutes)
    waiting = select(func.min(waiting_since), func.count().filter(waiting_since <= overdue_before)).where(
        NoticeRow.status.in_(OPEN), NoticeRow.planned_at <= now, waiting_since <= now
    )
    oldest, overdue = (await session.execute(waiting)).one()
    failed = await session.scalar(select(func.count()).select_from(NoticeRow).where(NoticeRow.status == "failed"))
    lag = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
    return {
        "deadline_notice_lag_seconds": ("Wait of the oldest notice that should have been sent and was not.", lag),
        "notices_overdue_unsent": ("Notices planned a while ago and not sent.", float(overdue)),
        "notices_failed": ("Notices that ended undelivered.", float(failed or 0)),
    }


async def by_channel(session: AsyncSession, now: datetime) -> dict[str, tuple[str, dict[str, float]]]:
    """Return each figure of the last hour by its name, with what it means and its value for each channel.

    Two partial indexes over the instant of ending serve them; what is older is not read.
    """
    since = now - timedelta(hours=1)
    counts: dict[str, dict[str, int]] = {}
    for name, ended_so in (
        ("failed", NoticeRow.status == "failed"),
        ("sent", NoticeRow.status.in_(("delivered", "stored"))),
    ):
        query = select(NoticeRow.channel, func.count()).where(ended_so, NoticeRow.ended_at > since)
        counts[name] = {row[0]: row[1] for row in await session.execute(query.group_by(NoticeRow.channel))}
    failed = {channel: counts["failed"].get(channel, 0) for channel in CHANNELS}
    ended = {channel: failed[channel] + counts["sent"].get(channel, 0) for channel in CHANNELS}
    return {
        _FAILED: ("Notices of the last hour that ended undelivered.", {one: float(failed[one]) for one in CHANNELS}),
        _RATIO: (
            "Of the notices that ended in the last hour, the part that failed; 0 where none ended.",
            {one: failed[one] / ended[one] if ended[one] else 0.0 for one in CHANNELS},
        ),
    }
