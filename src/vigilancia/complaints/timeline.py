"""The timeline of a case: one typed entry for every write that touches it, never edited, never removed.

Whoever changes something notes it in the same transaction: what kind of thing, on what, and the fields as they were
and as they are. The narrative never stands here, only that it changed.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert

from vigilancia.complaints.models import TimelineRow
from vigilancia.core.ids import untimed_id
from vigilancia.core.work import Work

# Entries of these kinds tell of steps and dates; all others stay with those who read the case itself.
PROCEDURAL = ("proceeding_", "event_", "suspension_", "deadline_")
PEOPLE = "person_"  # of these kinds only those are told who may record in the case: for others there is nobody
MERGED, UNMERGED = "complaint_merged", "complaint_unmerged"  # noted in the case that is merged
RECEIVED, GIVEN_BACK = "complaint_received_merge", "complaint_gave_back_merge"  # in the one that goes on


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is noted about one thing that happened.

    Attributes:
        type: Such as `complaint_logged`, `link_accepted`, `event_recorded`, `deadline_moved`; those about steps and
            dates begin with one of `PROCEDURAL`.
        subject_id: The link, event, deadline or notice it is about.
        before: Changed fields as they were; ids, codes and dates become text.
        after: Changed fields as they are.
    """

    type: str
    subject_id: UUID | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


async def note(
    work: Work,
    complaint_id: UUID,
    type: str,  # noqa: A002 - the contract's word for it
    *,
    subject_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note one thing that happened to a case; see `Note` for what the arguments mean."""
    await note_all(work, complaint_id, [Note(type=type, subject_id=subject_id, before=before, after=after)])


async def note_all(work: Work, complaint_id: UUID, notes: Sequence[Note]) -> None:
    """Note several things at once, in their order, with one statement."""
    await note_each(work, [(complaint_id, entry) for entry in notes])


async def note_each(work: Work, notes: Sequence[tuple[UUID, Note]]) -> None:
    """Note things that happened to several cases, in their order, with one statement."""
    if not notes:
        return
    rows = [
        {
            "id": untimed_id(),  # analysts see entries by the month; their ids must not tell the instant
            "complaint_id": complaint_id,
            "at": work.now,
            "type": entry.type,
            "organization_id": work.caller.organization_id,
            "token_id": work.caller.token_id,
            "subject_id": entry.subject_id,
            "before": _plain(entry.before),
            "after": _plain(entry.after),
        }
        for complaint_id, entry in notes
    ]
    await work.session.execute(insert(TimelineRow), rows)


def _plain(fields: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if fields is None:
        return None
    safe = {name: "changed" if name == "narrative" else value for name, value in fields.items()}
    plain: dict[str, Any] = msgspec.to_builtins(safe)
    return plain
