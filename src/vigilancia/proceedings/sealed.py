"""Words about a proceeding, sealed under the key of its complaint: notes of events, and reasons."""

from typing import Any
from uuid import UUID

from vigilancia.core import sealing
from vigilancia.core.work import Work

NOTE = ("note",)
DECISION = ("decision_reason",)
OVERRIDE = ("reason", "withdrawn_reason")


def event_place(event_id: UUID) -> str:
    """Return where the words of an event stand."""
    return sealing.place("proceeding_event", event_id)


def revision_place(revision_id: UUID) -> str:
    """Return where the words of an earlier state of an event stand."""
    return sealing.place("event_revision", revision_id)


def proposal_place(proposal_id: UUID) -> str:
    """Return where the words of a proposal's decision stand."""
    return sealing.place("rules_proposal", proposal_id)


def override_place(override_id: UUID) -> str:
    """Return where the words of an override stand."""
    return sealing.place("deadline_override", override_id)


async def note_of(work: Work, complaint_id: UUID, event: Any) -> str | None:  # noqa: ANN401 - a mapped object or a row
    """Return the note of an event; none where it has none, or where the case was erased.

    Raises:
        StoreError: The key store is away.
    """
    said = await sealing.words_of(work.vault, complaint_id, event_place(event.id), event, NOTE)
    note: str | None = said["note"]
    return note


async def hide_note(work: Work, complaint_id: UUID, event: Any, note: str | None) -> None:  # noqa: ANN401 - a mapped object
    """Write the note of an event.

    Raises:
        StoreError: The key store is away.
    """
    event.note, event.words = None, await sealing.hide(work.vault, complaint_id, event_place(event.id), {"note": note})
