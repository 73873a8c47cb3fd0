"""What a look at the chain found: noted, and where something was wrong, told to those who run the installation."""

from sqlalchemy import insert, select

from vigilancia.access import privacy
from vigilancia.access.chain.models import CheckRow
from vigilancia.access.models import TokenRow
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work

BROKEN = "audit_broken"


async def note_check(work: Work, *, rows: int, faults: int) -> None:
    """Note that the chain was looked at; a fault is told to every organisation that runs the installation, once a day.

    Args:
        work: The system's.
        rows: Places looked at.
        faults: What did not hold.
    """
    await work.session.execute(insert(CheckRow).values(id=new_id(), at=work.now, rows=rows, faults=faults))
    if not faults:
        return
    query = select(TokenRow.organization_id).where(TokenRow.role == "admin", TokenRow.revoked_at.is_(None)).distinct()
    for organization_id in (await work.session.scalars(query)).all():
        await privacy.raise_alert(work, organization_id, BROKEN, organization_id, occasion=work.now.date().isoformat())
