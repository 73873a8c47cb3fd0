"""Pin proceedings to the rules they are computed under; keep closures of calendars, and proposals to move.

Why:       new rule files or a closure moved days of open proceedings without anybody's word.
Rows:      the tables begin empty. A proceeding is taken as pinned to the digest it carries, with no closures; rule sets
           are stored by the workers, and `seen_digest` begins empty, so that they compare every proceeding once.
           Administrators' tokens that may make tokens get the scope `calendars:write`, which they could give themselves.
Locks:     ACCESS EXCLUSIVE on proceeding and deadline for catalogue changes only (constant defaults, no rewrite); the
           check on deadline is read through once; SHARE on proceeding while its index is built.
Old code:  keeps working. It computes with its own rule files and writes their digest; it never reads the new columns.
Way back:  drops the tables with closures and proposals; days stay where they are, and follow the rule files again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCOPE = "calendars:write"


def upgrade() -> None:
    """Make the tables, pin proceedings, let administrators record closures."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "rule_set",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("mechanism", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rule_set")),
    )
    _closures()
    _proposals()
    op.add_column(
        "proceeding", sa.Column("closures_mark", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("proceeding", sa.Column("seen_digest", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("proceeding", sa.Column("seen_mark", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index("ix_proceeding_seen", "proceeding", ["mechanism", "seen_digest", "seen_mark", "id"], unique=False)
    op.add_column("deadline", sa.Column("kept_digest", sa.Text(), nullable=True))
    op.add_column("deadline", sa.Column("kept_mark", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_deadline_kept_whole"), "deadline", "(kept_digest IS NULL) = (kept_mark IS NULL)"
    )
    op.execute(
        f"UPDATE token SET scopes = array_append(scopes, '{SCOPE}') WHERE role = 'admin' AND revoked_at IS NULL"
        f" AND 'tokens:manage' = ANY(scopes) AND NOT '{SCOPE}' = ANY(scopes)"
    )


def _closures() -> None:
    op.create_table(
        "calendar_closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("labels", postgresql.JSONB(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("recorded_no", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_no", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_calendar_closure_days_in_order")),
        sa.CheckConstraint("withdrawn_no > recorded_no", name=op.f("ck_calendar_closure_numbers_in_order")),
        sa.CheckConstraint(
            "(withdrawn_no IS NULL) = (withdrawn_at IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL)",
            name=op.f("ck_calendar_closure_withdrawn_whole"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_closure")),
        sa.UniqueConstraint("recorded_no", name=op.f("uq_calendar_closure_recorded_no")),
        sa.UniqueConstraint("withdrawn_no", name=op.f("uq_calendar_closure_withdrawn_no")),
    )
    op.create_index("ix_calendar_closure_calendar", "calendar_closure", ["calendar", "starts_on", "id"], unique=False)


def _proposals() -> None:
    op.create_table(
        "rules_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proceeding_id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("mechanism", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("from_digest", sa.Text(), nullable=False),
        sa.Column("from_mark", sa.BigInteger(), nullable=False),
        sa.Column("to_digest", sa.Text(), nullable=False),
        sa.Column("to_mark", sa.BigInteger(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'accepted', 'declined', 'superseded')", name=op.f("ck_rules_proposal_status")
        ),
        sa.CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name=op.f("ck_rules_proposal_decided_whole")),
        sa.CheckConstraint(
            "status <> 'declined' OR decision_reason IS NOT NULL", name=op.f("ck_rules_proposal_declined_with_reason")
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_rules_proposal_complaint_id")),
        sa.ForeignKeyConstraint(["proceeding_id"], ["proceeding.id"], name=op.f("fk_rules_proposal_proceeding_id")),
        sa.ForeignKeyConstraint(["to_digest"], ["rule_set.digest"], name=op.f("fk_rules_proposal_to_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules_proposal")),
    )
    op.create_index(
        "uq_rules_proposal_pending",
        "rules_proposal",
        ["proceeding_id"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("ix_rules_proposal_proceeding", "rules_proposal", ["proceeding_id"], unique=False)
    op.create_index("ix_rules_proposal_complaint", "rules_proposal", ["complaint_id"], unique=False)
    op.create_index("ix_rules_proposal_status", "rules_proposal", ["status", "created_at", "id"], unique=False)


def downgrade() -> None:
    """Drop tables and columns, take the scope back."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"UPDATE token SET scopes = array_remove(scopes, '{SCOPE}') WHERE '{SCOPE}' = ANY(scopes)")
    op.drop_constraint(op.f("ck_deadline_kept_whole"), "deadline", type_="check")
    op.drop_column("deadline", "kept_mark")
    op.drop_column("deadline", "kept_digest")
    op.drop_index("ix_proceeding_seen", "proceeding")
    op.drop_column("proceeding", "seen_mark")
    op.drop_column("proceeding", "seen_digest")
    op.drop_column("proceeding", "closures_mark")
    op.drop_table("rules_proposal")
    op.drop_table("calendar_closure")
    op.drop_table("rule_set")
