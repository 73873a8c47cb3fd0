"""What becomes of every table when a case is erased; a test refuses a table, or a column of words, without a decision.

Most is deleted: a row that is gone needs no judgement about which of its columns identify somebody. What is kept holds
ids, codes, instants and figures.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, TableClause, Uuid, column, select, table, union_all


@cache
def _clause(name: str, by: str) -> TableClause:
    """Return one and the same object for one table, or a statement would have it twice."""
    return table(name, *(column(each, Uuid()) for each in dict.fromkeys(("id", by))))


class Part(Struct, frozen=True, kw_only=True):
    """Rows that belong to a case.

    Attributes:
        table: Where they lie.
        by: The column that says whose they are.
        of: The table whose ids stand there; none: ids of complaints.
    """

    table: str
    by: str = "complaint_id"
    of: str | None = None

    @property
    def clause(self) -> TableClause:
        """The table, with the columns asked about."""
        return _clause(self.table, self.by)

    def belongs(self, complaint_id: UUID) -> ColumnElement[bool]:
        """Return the condition that a row belongs to a case."""
        key = self.clause.c[self.by]
        return key == complaint_id if self.of is None else key.in_(_ids(self.of, complaint_id))


# In this order: what points to other rows goes before them.
WIPED: tuple[Part, ...] = (
    Part(table="webhook_attempt", by="delivery_id", of="webhook_delivery"),
    Part(table="webhook_delivery", by="event_id", of="webhook_event"),
    Part(table="webhook_event"),
    Part(table="saved_search_match"),
    Part(table="calendar_feed"),
    Part(table="notice_attempt", by="notice_id", of="notice"),
    Part(table="notice"),
    Part(table="acknowledgement", by="run_id", of="escalation_run"),
    Part(table="escalation_assignment", by="run_id", of="escalation_run"),
    Part(table="escalation_mute", by="run_id", of="escalation_run"),
    Part(table="escalation_rung", by="run_id", of="escalation_run"),
    Part(table="escalation_run"),
    Part(table="complaint_task"),
    Part(table="deadline_override", by="proceeding_id", of="proceeding"),
    Part(table="suspension", by="proceeding_id", of="proceeding"),
    Part(table="deadline_revision", by="deadline_id", of="deadline"),
    Part(table="deadline"),
    Part(table="event_revision", by="event_id", of="proceeding_event"),
    Part(table="proceeding_event", by="proceeding_id", of="proceeding"),
    Part(table="rules_proposal"),
    Part(table="proceeding"),
    Part(table="alarm"),
    Part(table="approval"),
    Part(table="consent"),
    Part(table="person"),
    Part(table="complaint_wall"),
    Part(table="intake_message"),
    Part(table="intake_receipt"),
    Part(table="retention_warning"),
    Part(table="legal_hold"),
    Part(table="complaint_link"),
    Part(table="complaint_relation"),
    Part(table="complaint_relation", by="related_id"),
    Part(table="complaint_facility"),
    Part(table="timeline_entry"),
    Part(table="privacy_alert"),  # after the links: what goes may still raise one
    Part(table="complaint", by="id"),
)

# Rows that name any of those by its id, without a key that the database would watch.
BY_ID: tuple[Part, ...] = (
    Part(table="idempotency_key", by="resource_id"),
    Part(table="job", by="subject_id"),
    Part(table="event_outbox", by="source_id"),
)

# What knows of the case and stays, with each column that could hold words and why it holds none of the case's.
KEPT: Mapping[str, Mapping[str, str]] = {
    "tombstone": {
        "status": "code",
        "country": "code",
        "subdivision": "code of the state; nothing finer",
        "sector": "code",
        "mechanisms": "codes",
        "outcomes": "codes",
        "workers": "range",
        "deadlines": "range",
    },
    "tombstone_reader": {},
    "erasure": {
        "cause": "code",
        "rule": "id of a rule",
        "state": "code",
        "key_id": "eight digits of a hash of a key that is gone",
        "rows": "names of tables and counts",
        "files": "names that we made, and hashes",
        "digest": "hash of this row",
    },
    "audit": {
        "action": "code",
        "what": "code",
        "role": "code",
        "why": "sealed under the case's key: unreadable with it",
        "facts": "ids, codes and figures, by its own rule",
        "content": "hash of what the row held",
        "shown": "ids of cases on a page",
    },
    "evidence": {
        "kind": "code",
        "media_type": "code",
        "claimed_type": "code",
        "extension": "code",
        "sha256": "hash: a hash is no personal data, and the custody list stands on it",
        "name": "removed",
        "title": "removed",
        "source": "removed",
        "transcript": "removed",
        "transcript_language": "code",
        "language": "code",
        "metadata": "code",
        "scan_status": "code",
        "state": "code",
    },
    "custody": {
        "action": "code",
        "role": "code",
        "purpose": "sealed under the case's key: unreadable with it",
        "sha256": "hash",
        "facts": "ids, codes and figures",
    },
    "export": {
        "role": "code",
        "scopes": "codes",
        "dataset": "code",
        "format": "code",
        "filter": "what an organisation asked for; not what it got",
        "profile": "code",
        "locale": "code",
        "purpose": "why an organisation took data home: its own words, and its account of doing so",
        "status": "code",
        "reason": "code",
        "sha256": "hash of a file; that of a file with the case is removed",
    },
}

# What is of no case: records of organisations and places, settings, code lists, the machinery.
APART: Mapping[str, str] = {
    "organization": "the registry, kept by whoever records it",
    "contact": "the registry",
    "facility": "the registry; a place of work outlives a case",
    "coverage_fact": "the registry",
    "identifier": "the registry",
    "safeguard": "an organisation's choices",
    "token": "access",
    "escalation_policy": "an organisation's ladders",
    "saved_search": "what an organisation looks for",
    "webhook_endpoint": "an organisation's addresses",
    "webhook_letter": "that an endpoint fails",
    "rule_set": "law",
    "calendar_closure": "law",
    "heartbeat": "machinery",
    "attempt": "machinery: counts by the hour",
    "audit_chain": "hashes",
    "audit_check": "machinery: when the chain was last walked",
    "audit_content": "emptied for the case by a function of the database, `forget_audit_content`",
    "audit_head": "hashes and signatures",
    "audit_queue": "machinery",
    "key_store": "machinery: which key store belongs to the database",
    "ticket_key": "machinery",
    "receipt_salt": "machinery",
    "alembic_version": "machinery",
}


def ids_of(complaint_id: UUID) -> Select[Any]:
    """Return the ids of all rows that belong to a case."""
    named = [part for part in WIPED if part.table not in _WITHOUT_ID]
    every = [select(part.clause.c.id).where(part.belongs(complaint_id)) for part in named]
    return select(union_all(*every).subquery().c.id)


_WITHOUT_ID = frozenset(
    {
        *("saved_search_match", "escalation_mute", "escalation_rung", "retention_warning"),
        *("complaint_relation", "complaint_facility", "intake_receipt"),
    }
)


def _ids(name: str, complaint_id: UUID) -> Select[Any]:
    part = next(part for part in WIPED if part.table == name)
    return select(part.clause.c.id).where(part.belongs(complaint_id))
