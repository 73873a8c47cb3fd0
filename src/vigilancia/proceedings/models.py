"""Tables of proceedings: a procedure under one mechanism, what happened in it, and the deadlines that follow."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vigilancia.core.db import Base


class ProceedingRow(Base):
    """A procedure opened for a complaint under one mechanism, and the pin it is computed under.

    The pin is a rule set and a mark: closures count as they stood when the act of that number had been recorded. The
    two `seen` fields say against which rule set and mark the proceeding was last compared; where they are not those of
    today it is behind, and looked at (`proposing`).
    """

    __tablename__ = "proceeding"
    __table_args__ = (
        Index("ix_proceeding_complaint", "complaint_id"),
        Index("ix_proceeding_seen", "mechanism", "seen_digest", "seen_mark", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    mechanism: Mapped[str]
    rules_digest: Mapped[str]  # the rule set the deadlines are computed from
    closures_mark: Mapped[int] = mapped_column(server_default=text("0"))
    seen_digest: Mapped[str] = mapped_column(server_default=text("''"))
    seen_mark: Mapped[int] = mapped_column(server_default=text("0"))
    clocks_changed: Mapped[bool] = mapped_column(
        server_default=text("false")
    )  # a suspension or an override was recorded
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]


class EventRow(Base):
    """A dated act or fact of a proceeding."""

    __tablename__ = "proceeding_event"
    __table_args__ = (
        CheckConstraint("kind IN ('happened', 'notified', 'announced', 'published', 'deemed')", name="kind"),
        CheckConstraint("silence_rule IS NULL OR kind = 'deemed'", name="silence_is_deemed"),
        Index("ix_proceeding_event_proceeding", "proceeding_id", "on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proceeding_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding.id"))
    type: Mapped[str]
    on: Mapped[date]
    kind: Mapped[str]
    due_on: Mapped[date | None]
    rule: Mapped[str | None]  # of an extension: the rule whose day it moves
    stated_by: Mapped[str | None]
    note: Mapped[str | None]  # of earlier releases
    words: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed: note
    sources: Mapped[list[str]]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int]
    silence_rule: Mapped[str | None]  # nobody stated it: silence past this rule's last day counts as it


class EventRevisionRow(Base):
    """An event as it stood before a correction or a withdrawal, with the reason."""

    __tablename__ = "event_revision"
    __table_args__ = (UniqueConstraint("event_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding_event.id"))
    version: Mapped[int]  # the version that was replaced
    replaced_at: Mapped[datetime]
    reason: Mapped[str | None]  # of earlier releases
    words: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed: reason, and the note it had
    token_id: Mapped[UUID | None]
    was: Mapped[dict[str, Any]]


class DeadlineRow(Base):
    """A deadline as the rules fix it now; earlier states are its revisions.

    What is stored is what the law's engine computed; whether it is met, missed or void is derived
    (`proceedings/status.py`).
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("proceeding_id", "rule", "trigger_event_id"),
        CheckConstraint("nature IN ('mandatory', 'soft', 'indicative', 'not_before')", name="nature"),
        CheckConstraint("(kept_digest IS NULL) = (kept_mark IS NULL)", name="kept_whole"),
        Index("ix_deadline_due", "due_on", "id"),
        Index("ix_deadline_complaint", "complaint_id"),
        Index("ix_deadline_updated", "updated_at", "id"),
        Index("ix_deadline_plan_pending", "id", postgresql_where=text("plan_pending")),
        Index("ix_deadline_speaks", "speaks_at", postgresql_where=text("speaks_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proceeding_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding.id"))
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    mechanism: Mapped[str]
    rule: Mapped[str]
    trigger_event_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding_event.id"))
    revision: Mapped[int]
    actor: Mapped[str]
    nature: Mapped[str]
    due_on: Mapped[date]
    latest_due_on: Mapped[date]
    raw_due_on: Mapped[date]
    practice_on: Mapped[date | None]
    closes_at: Mapped[datetime]  # first instant too late, UTC
    zone: Mapped[str]  # of the actor's authority
    met: Mapped[bool]
    met_on: Mapped[date | None]
    void: Mapped[bool]
    void_reason: Mapped[str | None]
    confidence: Mapped[str]
    rule_version: Mapped[str]
    computation: Mapped[dict[str, Any]]
    citation: Mapped[list[dict[str, Any]]]
    warnings: Mapped[list[dict[str, Any]]]
    kept_digest: Mapped[str | None]  # met or ended before the proceeding's pin moved: the pin it stays under
    kept_mark: Mapped[int | None]
    plan_pending: Mapped[bool]  # its ladder must be planned anew: set at every change, cleared by the escalation room
    speaks_at: Mapped[datetime | None]  # when silence begins to count as an event; none: it never does, or has done so
    trigger_recorded_at: Mapped[datetime]  # of the current revision's trigger: tells history from news
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DeadlineRevisionRow(Base):
    """A deadline as it stood before it was recomputed."""

    __tablename__ = "deadline_revision"
    __table_args__ = (UniqueConstraint("deadline_id", "revision"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"))
    revision: Mapped[int]
    replaced_at: Mapped[datetime]
    was: Mapped[dict[str, Any]]


class RuleSetRow(Base):
    """A mechanism as its rule files said it once, whole: what proceedings are pinned to."""

    __tablename__ = "rule_set"

    digest: Mapped[str] = mapped_column(primary_key=True)
    mechanism: Mapped[str]
    content: Mapped[str]  # JSON of law.mechanism.Mechanism; text, for the order of its keys means something
    recorded_at: Mapped[datetime]


class ClosureRow(Base):
    """Days on which an office was closed, declared since its calendar was frozen; withdrawn, never edited.

    Recording and withdrawing are numbered in one row of numbers, drawn under a lock that is held to the commit: who
    sees a number sees every act before it.
    """

    __tablename__ = "calendar_closure"
    __table_args__ = (
        UniqueConstraint("recorded_no"),
        UniqueConstraint("withdrawn_no"),
        CheckConstraint("starts_on <= ends_on", name="days_in_order"),
        CheckConstraint("withdrawn_no > recorded_no", name="numbers_in_order"),
        CheckConstraint(
            "(withdrawn_no IS NULL) = (withdrawn_at IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL)",
            name="withdrawn_whole",
        ),
        Index("ix_calendar_closure_calendar", "calendar", "starts_on", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    calendar: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # the last day closed
    labels: Mapped[dict[str, Any]]  # es, en, fr
    source: Mapped[str]
    source_url: Mapped[str | None]
    recorded_no: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]  # token
    withdrawn_no: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    version: Mapped[int]


class ProposalRow(Base):
    """What another rule set or other closures would change in a proceeding, for a person to decide."""

    __tablename__ = "rules_proposal"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'accepted', 'declined', 'superseded')", name="status"),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided_whole"),
        CheckConstraint(
            "status <> 'declined' OR decision_reason IS NOT NULL OR words IS NOT NULL", name="declined_with_reason"
        ),
        Index("uq_rules_proposal_pending", "proceeding_id", unique=True, postgresql_where=text("status = 'pending'")),
        Index("ix_rules_proposal_proceeding", "proceeding_id"),
        Index("ix_rules_proposal_complaint", "complaint_id"),
        Index("ix_rules_proposal_status", "status", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proceeding_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding.id"))
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaint.id"))
    mechanism: Mapped[str]
    status: Mapped[str]
    from_digest: Mapped[str]
    from_mark: Mapped[int]
    to_digest: Mapped[str] = mapped_column(ForeignKey("rule_set.digest"))
    to_mark: Mapped[int]
    reasons: Mapped[list[dict[str, Any]]]  # {code, closure_id}
    changes: Mapped[list[dict[str, Any]]]  # as `following.Change`
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]  # token; none: the system, which supersedes
    decision_reason: Mapped[str | None]  # of earlier releases
    words: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed: decision_reason
    version: Mapped[int]


class SuspensionRow(Base):
    """Days on which time does not run in a proceeding, as somebody recorded them with a legal basis."""

    __tablename__ = "suspension"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        Index("ix_suspension_proceeding", "proceeding_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proceeding_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]  # the last day suspended; none: still going on
    basis: Mapped[str]  # code of suspension_basis
    citation: Mapped[str]
    source_url: Mapped[str | None]
    actors: Mapped[list[str]]
    rules: Mapped[list[str]]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int]


class OverrideRow(Base):
    """A day that somebody with authority set in place of a computed one; one at a time stands for a deadline."""

    __tablename__ = "deadline_override"
    __table_args__ = (
        CheckConstraint("confidence IN ('primary', 'secondary', 'practice', 'unverified')", name="confidence"),
        Index(
            "uq_deadline_override_standing", "deadline_id", unique=True, postgresql_where=text("withdrawn_at IS NULL")
        ),
        Index("ix_deadline_override_proceeding", "proceeding_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"))
    proceeding_id: Mapped[UUID] = mapped_column(ForeignKey("proceeding.id"))
    due_on: Mapped[date]
    authority: Mapped[str]
    reason: Mapped[str | None]  # of earlier releases
    confidence: Mapped[str]
    token_id: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]  # of earlier releases; `replaced` is a code
    words: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed: reason, withdrawn_reason
