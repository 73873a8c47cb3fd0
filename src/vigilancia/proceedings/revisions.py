"""Keeping an event as it stood, before it is changed."""

from typing import Any
from uuid import UUID

from vigilancia.core.ids import untimed_id
from vigilancia.core.work import Work
from vigilancia.proceedings.models import EventRevisionRow, EventRow


def keep_event(work: Work, row: EventRow, was: dict[str, Any], reason: str, *, by: UUID | None) -> None:
    """Keep an event as it stood, and raise its version.

    Args:
        work: The transaction.
        row: The event, changed already or not.
        was: What it said, as `values.event_state` gives it.
        reason: Why it is changed.
        by: The token of who changes it; none: nobody, silence was heard or is over.
    """
    work.session.add(
        EventRevisionRow(
            id=untimed_id(),
            event_id=row.id,
            version=row.version,
            replaced_at=work.now,
            reason=reason,
            token_id=by,
            was=was,
        )
    )
    row.version += 1
    row.updated_at = work.now
