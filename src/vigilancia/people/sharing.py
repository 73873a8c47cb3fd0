"""With whom who somebody is may be shared: those who may write in the case, and stand on no other side."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from vigilancia.access import policy
from vigilancia.complaints.models import LinkRow
from vigilancia.core.errors import Fault
from vigilancia.core.work import Work


async def faults(work: Work, complaint_id: UUID, organization_ids: Sequence[UUID]) -> list[Fault]:
    """Find which organisations cannot be told: not linked to write, ended, or adverse; and which are named twice.

    A link that is not accepted yet may be named: it opens nothing before it is.
    """
    query = (
        select(LinkRow.organization_id)
        .where(LinkRow.complaint_id == complaint_id, LinkRow.organization_id.in_(organization_ids))
        .group_by(LinkRow.organization_id)
        .having(func.bool_or(policy.link_counts(LinkRow, work.now) & (LinkRow.access == "write")))
        .having(~func.bool_or(LinkRow.adverse))
    )
    fitting = frozenset(await work.session.scalars(query))
    found = []
    for place, organization_id in enumerate(organization_ids):
        if organization_id not in fitting:
            found.append(Fault(pointer=f"/shared_with/{place}", code="not_found"))
        elif organization_id in organization_ids[:place]:
            found.append(Fault(pointer=f"/shared_with/{place}", code="duplicate"))
    return found
