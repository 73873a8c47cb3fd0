"""What an event looks like outside: ids, codes, dates, names of fields, a link.

It is made anew for each try and stored nowhere.

The fuller form adds the case's number and more of the deadline; it too holds no name and no word of a case.
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from vigilancia.notices.webhooks.events import TEST
from vigilancia.notices.webhooks.models import EventRow


class About(Struct, frozen=True, kw_only=True):
    """What is read beside an event, at the moment of sending.

    Attributes:
        changed: Names of the changed fields this organisation is told of.
        rule: Of the deadline, where the event is about one; so are the fields after it.
        full: Whether the fuller form was granted; `reference` and the last four only then.
    """

    changed: list[str]
    rule: str | None = None
    mechanism: str | None = None
    due_on: date | None = None
    revision: int | None = None
    full: bool = False
    reference: str | None = None
    latest_due_on: date | None = None
    nature: str | None = None
    actor: str | None = None
    closes_at: datetime | None = None


_FULL = ("reference", "latest_due_on", "nature", "actor", "closes_at")
_DEADLINE = ("rule", "mechanism", "due_on", "revision")


def make(event: EventRow, about: About, base_url: str) -> bytes:
    """Return the body: `{"type", "timestamp", "data"}`, and nothing in `data` that is null.

    Args:
        event: What happened.
        about: What is read beside it.
        base_url: Of this installation, for the link.
    """
    data: dict[str, Any] = {"complaint_id": event.complaint_id, "proceeding_id": event.proceeding_id}
    data |= _subject(event, is_deadline=about.rule is not None)
    data |= {"change": event.change, "changed": about.changed or None}
    data |= {name: getattr(about, name) for name in _DEADLINE}
    if about.full:
        data |= {name: getattr(about, name) for name in _FULL}
    data["link"] = base_url + _path(event, is_deadline=about.rule is not None)
    told = {name: value for name, value in data.items() if value is not None}
    return msgspec.json.encode({"type": event.type, "timestamp": event.at.astimezone(UTC), "data": told})


def _subject(event: EventRow, *, is_deadline: bool) -> dict[str, UUID | None]:
    kind = event.type.partition(".")[0]
    if is_deadline:
        return {"deadline_id": event.subject_id}
    names = {"event": "event_id", "export": "export_id", "deadline": "deadline_id", "escalation": "subject_id"}
    return {names[kind]: event.subject_id} if kind in names else {}


def _path(event: EventRow, *, is_deadline: bool) -> str:
    kind = event.type.partition(".")[0]
    if event.type == TEST:
        return f"/v1/webhook-endpoints/{event.subject_id}"
    if kind == "export":
        return f"/v1/exports/{event.subject_id}"
    if kind == "escalation":
        return f"/v1/escalations?complaint_id={event.complaint_id}"
    if is_deadline:
        return f"/v1/deadlines/{event.subject_id}"
    if event.proceeding_id is not None:
        return f"/v1/proceedings/{event.proceeding_id}"
    return f"/v1/complaints/{event.complaint_id}"
