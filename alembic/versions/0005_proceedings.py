"""Open proceedings, keep their events with every revision, and the deadlines that follow.

Why:       dates come from events and rule files; what was computed, and from which files, is kept.
Rows:      the tables begin empty.
Locks:     only what new foreign keys take on the tables they point to, for the moment of their making.
Old code:  never asks for these tables.
Way back:  drops them with all they hold.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "proceeding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("mechanism", sa.Text(), nullable=False),
        sa.Column("rules_digest", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_proceeding_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proceeding")),
    )
    op.create_index("ix_proceeding_complaint", "proceeding", ["complaint_id"], unique=False)
    op.create_table(
        "proceeding_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proceeding_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("stated_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sources", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('happened', 'notified', 'announced', 'published', 'deemed')",
            name=op.f("ck_proceeding_event_kind"),
        ),
        sa.ForeignKeyConstraint(["proceeding_id"], ["proceeding.id"], name=op.f("fk_proceeding_event_proceeding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proceeding_event")),
    )
    op.create_index("ix_proceeding_event_proceeding", "proceeding_event", ["proceeding_id", "on"], unique=False)
    op.create_table(
        "deadline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proceeding_id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("mechanism", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("trigger_event_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("latest_due_on", sa.Date(), nullable=False),
        sa.Column("raw_due_on", sa.Date(), nullable=False),
        sa.Column("practice_on", sa.Date(), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("computation", postgresql.JSONB(), nullable=False),
        sa.Column("citation", postgresql.JSONB(), nullable=False),
        sa.Column("warnings", postgresql.JSONB(), nullable=False),
        sa.Column("plan_pending", sa.Boolean(), nullable=False),
        sa.Column("trigger_recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "nature IN ('mandatory', 'soft', 'indicative', 'not_before')", name=op.f("ck_deadline_nature")
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_deadline_complaint_id")),
        sa.ForeignKeyConstraint(["proceeding_id"], ["proceeding.id"], name=op.f("fk_deadline_proceeding_id")),
        sa.ForeignKeyConstraint(
            ["trigger_event_id"], ["proceeding_event.id"], name=op.f("fk_deadline_trigger_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
        sa.UniqueConstraint(
            "proceeding_id", "rule", "trigger_event_id", name=op.f("uq_deadline_proceeding_id_rule_trigger_event_id")
        ),
    )
    op.create_index("ix_deadline_complaint", "deadline", ["complaint_id"], unique=False)
    op.create_index("ix_deadline_due", "deadline", ["due_on", "id"], unique=False)
    op.create_index(
        "ix_deadline_plan_pending", "deadline", ["id"], unique=False, postgresql_where=sa.text("plan_pending")
    )
    op.create_index("ix_deadline_updated", "deadline", ["updated_at", "id"], unique=False)
    op.create_table(
        "event_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("was", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["proceeding_event.id"], name=op.f("fk_event_revision_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_revision")),
        sa.UniqueConstraint("event_id", "version", name=op.f("uq_event_revision_event_id_version")),
    )
    op.create_table(
        "deadline_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_revision_deadline_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_revision")),
        sa.UniqueConstraint("deadline_id", "revision", name=op.f("uq_deadline_revision_deadline_id_revision")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("deadline_revision")
    op.drop_table("deadline")
    op.drop_table("event_revision")
    op.drop_table("proceeding_event")
    op.drop_table("proceeding")
