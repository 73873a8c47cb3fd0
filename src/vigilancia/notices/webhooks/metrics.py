"""The figures that name the risk: how many calls fail, how long the oldest event has waited, who is cut off."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.notices.webhooks.models import AttemptRow, DeliveryRow, EndpointRow
from vigilancia.notices.webhooks.waking import OPEN

_BACK = timedelta(hours=1)


async def figures(session: AsyncSession, now: datetime) -> dict[str, tuple[str, float]]:
    """Return each figure by its name, with what it means; indexes serve all of them."""
    tried = select(func.count(), func.count().filter(AttemptRow.delivered.is_(False))).where(
        AttemptRow.ended_at > now - _BACK
    )
    calls, failed = (await session.execute(tried)).one()
    oldest = await session.scalar(select(func.min(DeliveryRow.planned_at)).where(DeliveryRow.status.in_(OPEN)))
    disabled = select(func.count()).select_from(EndpointRow).where(EndpointRow.disabled_reason.in_(("gone", "failing")))
    return {
        "webhook_failure_ratio": (
            "Share of webhook calls of the last hour that failed.",
            failed / calls if calls else 0.0,
        ),
        "webhook_oldest_waiting_seconds": (
            "Since the oldest webhook delivery that has not ended was planned.",
            max((now - oldest).total_seconds(), 0.0) if oldest else 0.0,
        ),
        "webhook_endpoints_disabled": (
            "Webhook endpoints disabled because they failed.",
            float(await session.scalar(disabled) or 0),
        ),
    }
