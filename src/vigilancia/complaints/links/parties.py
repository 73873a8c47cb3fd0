"""Which organisations a caller may bring into a case."""

from uuid import UUID

from sqlalchemy import exists, select

from vigilancia.access import policy
from vigilancia.access.service import uses_installation
from vigilancia.core.work import Work
from vigilancia.registry.models import OrganizationRow


async def is_known(work: Work, organization_id: UUID) -> bool:
    """Tell whether the caller may name an organisation as a party or a receiver."""
    visible = policy.record_seen(
        work.caller,
        work.now,
        owner_id=OrganizationRow.owner_id,
        visibility=OrganizationRow.visibility,
        organization_id=OrganizationRow.id,
    )
    if await work.session.scalar(select(exists().where(OrganizationRow.id == organization_id, visible))):
        return True
    # Who was given the id of one that uses this system itself may invite it, unless it is private.
    return await uses_installation(work, organization_id, hidden=False)
