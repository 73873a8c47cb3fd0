"""Figures of the chain: how long a row has waited to be sealed, what the last verification found, and how long ago."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.access.chain.models import CheckRow, QueueRow
from vigilancia.access.models import AuditRow


async def figures(session: AsyncSession, now: datetime) -> dict[str, tuple[str, float]]:
    """Return each figure by its name, with what it means."""
    _audit = AuditRow.__table__.c
    first = select(func.min(QueueRow.seq)).scalar_subquery()
    oldest = await session.scalar(select(_audit.at).where(_audit.seq == first))
    query = select(CheckRow.at, CheckRow.faults).order_by(CheckRow.at.desc(), CheckRow.id.desc()).limit(1)
    check = (await session.execute(query)).one_or_none()
    return {
        "audit_seal_lag_seconds": (
            "Wait of the first row of the audit that is not sealed.",
            max((now - oldest).total_seconds(), 0.0) if oldest else 0.0,
        ),
        "audit_faults": (
            "What the last look at the audit's chain found wrong.",
            float(check.faults) if check is not None else 0.0,
        ),
        "audit_check_age_seconds": (
            "Since the audit's chain was last looked at; 0 before the first time.",
            (now - check.at).total_seconds() if check is not None else 0.0,
        ),
    }
