"""Events of one organisation that are on no timeline, such as an export that is ready."""

from uuid import UUID

from sqlalchemy import insert, literal, select
from sqlalchemy.types import DateTime, Text, Uuid

from vigilancia.core.ids import new_id
from vigilancia.core.jobs import Job
from vigilancia.core.tables import OutboxRow
from vigilancia.core.work import Work
from vigilancia.notices.webhooks.models import EndpointRow


async def announce(work: Work, type_: str, organization_id: UUID, subject_id: UUID) -> None:
    """Put an event into the outbox, where the organisation has an endpoint; nobody else is ever told of it.

    Args:
        work: The transaction; the event stands or falls with it.
        type_: Such as `export.ready`.
        organization_id: Whose alone it is.
        subject_id: What it is about.
    """
    listening = (
        select(EndpointRow.id)
        .where(EndpointRow.organization_id == organization_id)  # a disabled one too, which may ask later
        .exists()
    )
    row = select(
        literal(new_id(), Uuid()),
        literal(type_, Text()),
        literal(organization_id, Uuid()),
        literal(subject_id, Uuid()),
        literal(work.now, DateTime(timezone=True)),
    ).where(listening)
    await work.session.execute(
        insert(OutboxRow).from_select(["source_id", "type", "organization_id", "subject_id", "at"], row)
    )
    work.wakes.add(Job.PUBLISH)
