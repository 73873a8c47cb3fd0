"""The tables whose rows hold words about a case, as far as sealing needs to know them.

Named here and not by their rooms' classes, as `access/policy.py` does: sealing what earlier releases left, and wrapping
under newer keys, is one errand through all of them.
"""

from sqlalchemy import Boolean, ColumnElement, LargeBinary, TableClause, Text, Uuid, column, select, table
from sqlalchemy.dialects.postgresql import JSONB

COMPLAINT = table(
    "complaint",
    column("id", Uuid()),
    column("confidentiality", Text()),
    column("summary", Text()),
    column("summary_sealed", LargeBinary()),
    column("narrative", LargeBinary()),
    column("narrative_sealed", LargeBinary()),
    column("sealed", Boolean()),
)
LINK = table(
    "complaint_link",
    column("id", Uuid()),
    column("complaint_id", Uuid()),
    column("adverse_override", JSONB(none_as_null=True)),
    column("words", LargeBinary()),
)
ENTRY = table(
    "timeline_entry",
    column("id", Uuid()),
    column("complaint_id", Uuid()),
    column("type", Text()),
    column("before", JSONB(none_as_null=True)),
    column("after", JSONB(none_as_null=True)),
    column("words", LargeBinary()),
)
EVENT = table(
    "proceeding_event",
    column("id", Uuid()),
    column("proceeding_id", Uuid()),
    column("note", Text()),
    column("silence_rule", Text()),
    column("words", LargeBinary()),
)
REVISION = table(
    "event_revision",
    column("id", Uuid()),
    column("event_id", Uuid()),
    column("reason", Text()),
    column("was", JSONB(none_as_null=True)),
    column("words", LargeBinary()),
)
OVERRIDE = table(
    "deadline_override",
    column("id", Uuid()),
    column("proceeding_id", Uuid()),
    column("reason", Text()),
    column("withdrawn_reason", Text()),
    column("words", LargeBinary()),
)
PROPOSAL = table(
    "rules_proposal",
    column("id", Uuid()),
    column("complaint_id", Uuid()),
    column("decision_reason", Text()),
    column("words", LargeBinary()),
)
TASK = table(
    "complaint_task",
    column("id", Uuid()),
    column("complaint_id", Uuid()),
    column("title", Text()),
    column("words", LargeBinary()),
)
MUTE = table(
    "escalation_mute",
    column("run_id", Uuid()),
    column("rung", Text()),
    column("reason", Text()),
    column("words", LargeBinary()),
)
_PROCEEDING = table("proceeding", column("id", Uuid()), column("complaint_id", Uuid()))
_RUN = table("escalation_run", column("id", Uuid()), column("complaint_id", Uuid()))


def case_of(rows: TableClause) -> ColumnElement[object]:
    """Return the expression of the complaint a row hangs on."""
    if rows is COMPLAINT:
        return COMPLAINT.c.id
    if rows is MUTE:
        return select(_RUN.c.complaint_id).where(_RUN.c.id == MUTE.c.run_id).correlate(MUTE).scalar_subquery()
    if rows is REVISION:
        events = EVENT.join(_PROCEEDING, _PROCEEDING.c.id == EVENT.c.proceeding_id)
        found = select(_PROCEEDING.c.complaint_id).select_from(events).where(EVENT.c.id == REVISION.c.event_id)
        return found.correlate(REVISION).scalar_subquery()
    if rows in (EVENT, OVERRIDE):
        found = select(_PROCEEDING.c.complaint_id).where(_PROCEEDING.c.id == rows.c.proceeding_id)
        return found.correlate(rows).scalar_subquery()
    return rows.c.complaint_id
