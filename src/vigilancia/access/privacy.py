"""What whoever answers for privacy in an organisation has to be told: rooms leave a mark here, the sweep tells it."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from vigilancia.access.models import PrivacyAlertRow
from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job
from vigilancia.core.work import Work


async def raise_alert(
    work: Work,
    organization_id: UUID,
    cause: str,
    subject_id: UUID,
    *,
    complaint_id: UUID | None = None,
    occasion: str = "",
) -> None:
    """Leave the mark; the same occasion leaves it once.

    Args:
        work: The transaction.
        organization_id: Whose privacy lead.
        cause: A code, such as `consent_overridden`; its words are `privacy.causes.<code>`.
        subject_id: What it is about.
        complaint_id: The case, if one.
        occasion: What sets this occasion apart from another with the same subject, such as an hour.
    """
    await work.session.execute(
        insert(PrivacyAlertRow)
        .values(
            id=new_id(),
            organization_id=organization_id,
            cause=cause,
            complaint_id=complaint_id,
            subject_id=subject_id,
            occasion=occasion,
            raised_at=work.now,
            tell_pending=True,
        )
        .on_conflict_do_nothing()
    )
    work.wakes.add(Job.SWEEP)
