"""The outbox: what happened and is still to be told outside. Rows leave it once they were looked at.

Entries of the timeline come here by a trigger of the database, in the transaction that writes them and without a
statement of its own, and only where somebody outside wants to know.
"""

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from vigilancia.core.tables import OutboxRow


async def waiting(session: AsyncSession) -> bool:
    """Tell whether anything waits."""
    return bool(await session.scalar(select(exists().select_from(OutboxRow))))
