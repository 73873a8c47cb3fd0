"""What the entries of a timeline are called outside, and who is told of which.

A timeline says more than an event does: of an entry only its ids and the names of the fields that changed go on.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from vigilancia.access import fields
from vigilancia.access.policy import Standing

TEST = "webhook.test"
EXPORT_READY = "export.ready"
TYPES = (
    *("complaint.created", "complaint.updated", "complaint.closed"),
    *("proceeding.opened", "event.recorded"),
    *("deadline.changed", "deadline.due", "deadline.missed"),
    *("escalation.started", "escalation.acknowledged", "escalation.unreachable"),
    EXPORT_READY,
)
EVERYTHING = "*"

_PLAIN = {
    "complaint_logged": ("complaint.created", None),
    "proceeding_opened": ("proceeding.opened", None),
    "event_recorded": ("event.recorded", "recorded"),
    "event_corrected": ("event.recorded", "corrected"),
    "event_withdrawn": ("event.recorded", "withdrawn"),
    "event_deemed": ("event.recorded", "deemed"),
    "event_deemed_withdrawn": ("event.recorded", "withdrawn"),
    "deadline_set": ("deadline.changed", "set"),
    "deadline_moved": ("deadline.changed", "moved"),
    "deadline_voided": ("deadline.changed", "voided"),
    "deadline_reopened": ("deadline.changed", "reopened"),
    "deadline_met": ("deadline.changed", "met"),
    "deadline_due": ("deadline.due", None),
    "deadline_missed": ("deadline.missed", None),
    "escalation_started": ("escalation.started", None),
    "escalation_acknowledged": ("escalation.acknowledged", None),
    "escalation_unreachable": ("escalation.unreachable", None),
    "complaint_merged": ("complaint.updated", "merged"),
    "complaint_unmerged": ("complaint.updated", "unmerged"),
}
_CHANGED = ("complaint_changed", "complaint_status_changed")
_NEW = ("complaint_logged", "proceeding_opened", "event_recorded", "event_deemed", "deadline_set")
_PROCEDURAL = ("proceeding.", "event.", "deadline.")


class Happened(Struct, frozen=True, kw_only=True):
    """An event as it is written: a type, how it came about, names of fields, and one more id."""

    type: str
    change: str | None
    changed: list[str]
    proceeding_id: UUID | None


def read_entry(
    type: str,  # noqa: A002 - the contract's word
    subject_id: UUID | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> Happened | None:
    """Return what an entry of a timeline is called outside; none where nobody outside is told of its kind.

    Args:
        type: Of the entry, such as `deadline_moved`.
        subject_id: What it is about.
        before: Changed fields as they were.
        after: Changed fields as they are, and what else the entry tells.
    """
    was, is_ = before or {}, after or {}
    if type in _CHANGED:
        closed = is_.get("status") == "closed"
        name, change = ("complaint.closed" if closed else "complaint.updated"), None
    elif type in _PLAIN:
        name, change = _PLAIN[type]
    else:
        return None
    if name.startswith("complaint."):
        changed = ["merged_into"] if change is not None else [] if type in _NEW else sorted({*was, *is_})
    else:
        changed = [] if type in _NEW or name.startswith("escalation.") else sorted(was)
    proceeding = subject_id if name == "proceeding.opened" else _id(is_.get("proceeding_id"))
    return Happened(type=name, change=change, changed=changed, proceeding_id=proceeding)


def told(standing: Standing | None, type_: str, changed: Collection[str]) -> list[str] | None:
    """Return which changed fields an organisation is told of with an event; none where it is not told at all.

    Who gets alerts is told of steps and dates. Of a public case everybody is told what its public projection shows; who
    was alerted inside is nobody else's matter.

    Args:
        standing: How the organisation stands to the case.
        type_: Of the event.
        changed: All fields that changed.
    """
    if standing in ("owner", "write", "read"):
        return list(changed)
    if standing is None or (standing == "alerts" and not type_.startswith(_PROCEDURAL)):
        return None
    if type_.startswith(_PROCEDURAL):
        return [] if type_.startswith("event.") else list(changed)
    if type_.startswith("escalation."):
        return None
    left = [name for name in changed if name not in fields.hidden("complaint", "public")]
    return None if changed and not left else left


def listens(events: Collection[str], type_: str) -> bool:
    """Tell whether an endpoint asked for events of a type; a test comes unasked."""
    return EVERYTHING in events or type_ in events or type_ == TEST


def _id(value: object) -> UUID | None:
    return UUID(str(value)) if value else None
