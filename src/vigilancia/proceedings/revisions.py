"""Keeping an event as it stood, before it is changed."""

from typing import Any
from uuid import UUID

from vigilancia.core import sealing
from vigilancia.core.ids import untimed_id
from vigilancia.core.work import Work
from vigilancia.proceedings import sealed
from vigilancia.proceedings.models import EventRevisionRow, EventRow


async def keep_event(
    work: Work, complaint_id: UUID, row: EventRow, was: dict[str, Any], reason: str, *, by: UUID | None
) -> None:
    """Keep an event as it stood, and raise its version.

    Somebody's reason is sealed, with the note that stood there. Our own, where silence was heard or is over, are words
    of this program about no one, and stay plain: silence must be heard also while the key store is away.

    Args:
        work: The transaction.
        complaint_id: Whose key seals the words.
        row: The event, changed already or not.
        was: What it said, as `values.event_state` gives it.
        reason: Why it is changed.
        by: The token of who changes it; none: nobody, silence was heard or is over.

    Raises:
        StoreError: The key store is away, and somebody gave the reason.
    """
    made = untimed_id()
    ours = row.silence_rule is not None
    said = {} if ours else {"reason": reason, "note": was["note"]}
    work.session.add(
        EventRevisionRow(
            id=made,
            event_id=row.id,
            version=row.version,
            replaced_at=work.now,
            reason=reason if ours else None,
            words=await sealing.hide(work.vault, complaint_id, sealed.revision_place(made), said),
            token_id=by,
            was=was if ours else {**was, "note": None},
        )
    )
    row.version += 1
    row.updated_at = work.now
