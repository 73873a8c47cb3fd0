"""The timeline of a case: one typed entry for every write that touches it, never edited, never removed.

Whoever changes something notes it in the same transaction: what kind of thing, on what, and the fields as they were
and as they are. Words about a case never stand here in plain: that summary or narrative changed, and no more; reasons
and what an override says are sealed in `words`, and stand here as `changed`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert

from vigilancia.complaints.models import TimelineRow
from vigilancia.core import sealing
from vigilancia.core.ids import untimed_id
from vigilancia.core.work import Work

# Entries of these kinds tell of steps and dates; all others stay with those who read the case itself.
PROCEDURAL = ("proceeding_", "event_", "suspension_", "deadline_")
PEOPLE = "person_"  # of these kinds only those are told who may record in the case: for others there is nobody
MERGED, UNMERGED = "complaint_merged", "complaint_unmerged"  # noted in the case that is merged
CHANGED = "changed"  # stands for words
_UNTOLD = ("summary", "narrative")
_SEALED = ("reason", "adverse_override")
_CODES = ("notice_",)  # entries of these kinds give a code as the reason
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
    rows = []
    for complaint_id, entry in notes:
        made = untimed_id()  # analysts see entries by the month; their ids must not tell the instant
        sides = {"before": _plain(entry.before), "after": _plain(entry.after)}
        row = {
            "id": made,
            "complaint_id": complaint_id,
            "at": work.now,
            "type": entry.type,
            "organization_id": work.caller.organization_id,
            "token_id": work.caller.token_id,
            "subject_id": entry.subject_id,
            **{name: _without(entry.type, side) for name, side in sides.items()},
            "words": await sealing.hide(work.vault, complaint_id, place(made), _words(entry.type, sides)),
        }
        rows.append(row)
    await work.session.execute(insert(TimelineRow), rows)


def place(entry_id: UUID) -> str:
    """Return where the words of an entry stand."""
    return sealing.place("timeline_entry", entry_id)


async def opened(work: Work, row: Any) -> dict[str, dict[str, Any] | None]:  # noqa: ANN401 - a row of the table
    """Return both sides of an entry with their words; those of an erased case stand as none.

    Raises:
        StoreError: The key store is away.
    """
    words = await sealing.show(work.vault, row.complaint_id, place(row.id), row.words)
    return {name: _with(row.type, getattr(row, name), words.get(name, {})) for name in ("before", "after")}


def _plain(fields: Mapping[str, Any] | None) -> dict[str, Any] | None:
    plain: dict[str, Any] | None = msgspec.to_builtins(fields)
    return plain


def _sealed(type_: str, side: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields of a side that are words to be sealed."""
    return [name for name in _SEALED if side.get(name) is not None and not type_.startswith(_CODES)]


def _words(type_: str, sides: Mapping[str, dict[str, Any] | None]) -> dict[str, Any]:
    found = {at: {name: side[name] for name in _sealed(type_, side)} for at, side in sides.items() if side}
    return {at: words for at, words in found.items() if words}


def _without(type_: str, side: dict[str, Any] | None) -> dict[str, Any] | None:
    if side is None:
        return None
    hidden = {*_UNTOLD, *_sealed(type_, side)}
    return {name: CHANGED if name in hidden and value is not None else value for name, value in side.items()}


def _with(type_: str, side: dict[str, Any] | None, words: Mapping[str, Any]) -> dict[str, Any] | None:
    if side is None:
        return None
    lost = {name: None for name in _sealed(type_, side) if side[name] == CHANGED}
    return {**side, **lost, **words}
