"""Which organisations a caller may bring into a case."""

from uuid import UUID

from sqlalchemy import and_, exists, or_, select

from vigilancia.access import policy
from vigilancia.access.models import TokenRow
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
    # One that keeps its own record or has a token uses this system itself: who was given its id may invite it, unless
    # it is private.
    has_token = exists().where(TokenRow.organization_id == OrganizationRow.id)
    uses_it = or_(OrganizationRow.owner_id == OrganizationRow.id, has_token)
    invited = and_(uses_it, OrganizationRow.visibility != "private")
    query = select(OrganizationRow.id).where(OrganizationRow.id == organization_id, or_(visible, invited))
    return await work.session.scalar(query) is not None
