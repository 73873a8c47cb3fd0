"""An endpoint that fails: when its owner is told, and when it is disabled.

A run of failures begins with the first failed try and ends with a success; a try that fails long after the last one
begins a new run, because nobody asked in between.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from vigilancia.core.work import Work
from vigilancia.notices.webhooks.figures import figures
from vigilancia.notices.webhooks.letters import owner_letter
from vigilancia.notices.webhooks.models import DeliveryRow, EndpointRow


async def mend(work: Work, endpoint_id: UUID) -> None:
    """Note a success: a run of failures ends."""
    await work.session.execute(
        update(EndpointRow)
        .where(EndpointRow.id == endpoint_id, EndpointRow.first_failed_at.is_not(None))
        .values(
            first_failed_at=None,
            last_failed_at=None,
            hold_until=None,
            version=EndpointRow.version + 1,
            updated_at=work.now,
        )
        .execution_options(synchronize_session=False)
    )


async def note(work: Work, endpoint_id: UUID, *, hold_until: datetime | None) -> None:
    """Note a failed try; after a day of them the owner is told, after some days the endpoint is disabled.

    Args:
        work: The transaction.
        endpoint_id: Which one.
        hold_until: When it asked to be called again.
    """
    row = await locked(work, endpoint_id)
    if row is None or row.disabled_at is not None:
        return
    gap = timedelta(hours=figures().run_gap_hours)
    if row.first_failed_at is None or (row.last_failed_at is not None and row.last_failed_at < work.now - gap):
        row.first_failed_at = work.now
        row.version += 1
        row.updated_at = work.now
    row.last_failed_at, row.hold_until = work.now, hold_until
    failed_for = work.now - row.first_failed_at
    await work.session.flush()
    if failed_for >= timedelta(hours=figures().disable_after_hours):
        await disable(work, endpoint_id, "failing")
    elif failed_for >= timedelta(hours=figures().tell_after_hours):
        await owner_letter(work, row, "failing")


async def disable(work: Work, endpoint_id: UUID, reason: str) -> None:
    """Disable an endpoint, suppress what waits for it, and tell its owner, unless it was disabled by hand.

    What is being sent this moment still ends by its answer.

    Args:
        work: The transaction.
        endpoint_id: Which one.
        reason: `gone`, `failing` or `manual`.
    """
    row = await locked(work, endpoint_id)
    if row is None or row.disabled_at is not None:
        return
    row.disabled_at, row.disabled_reason = work.now, reason
    row.version += 1
    row.updated_at = work.now
    await work.session.flush()
    await work.session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.endpoint_id == endpoint_id, DeliveryRow.status == "planned")
        .values(status="suppressed", reason="endpoint_disabled", ended_at=work.now, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    if reason != "manual":
        await owner_letter(work, row, "disabled")


async def locked(work: Work, endpoint_id: UUID) -> EndpointRow | None:
    """Return an endpoint as it is this moment, locked; taken before its deliveries by all who change both."""
    query = select(EndpointRow).where(EndpointRow.id == endpoint_id).with_for_update()
    return (await work.session.scalars(query.execution_options(populate_existing=True))).one_or_none()
