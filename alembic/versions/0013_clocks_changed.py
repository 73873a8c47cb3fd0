"""Keep what stops a clock, what takes the place of a computed day, and which silences were heard.

Why:       time may stand still by order or agreement, an authority may set another day, and silence past a last day may
           count as an event; each on record, with its basis, and the computed day readable beside it.
Rows:      two tables that begin empty; `proceeding.clocks_changed` is false, and
           `proceeding_event.silence_rule` and `deadline.speaks_at` are empty everywhere:
           silences of days that passed before stay unheard until their proceeding is computed anew.
Locks:     ACCESS EXCLUSIVE on proceeding, proceeding_event and deadline for catalogue changes only; the new check is added
           NOT VALID and then validated. The index on deadline is empty, but building it reads the table once while
           writing waits: about a second for a million rows.
Old code:  never reads the tables and leaves the new columns empty.
Way back:  drops them; events that stand for silence stay as events somebody stated.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make tables, columns and indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proceeding_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("actors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_suspension_ends_after_start")),
        sa.ForeignKeyConstraint(["proceeding_id"], ["proceeding.id"], name=op.f("fk_suspension_proceeding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    op.create_index("ix_suspension_proceeding", "suspension", ["proceeding_id"])
    op.create_table(
        "deadline_override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("proceeding_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "confidence IN ('primary', 'secondary', 'practice', 'unverified')",
            name=op.f("ck_deadline_override_confidence"),
        ),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_override_deadline_id")),
        sa.ForeignKeyConstraint(["proceeding_id"], ["proceeding.id"], name=op.f("fk_deadline_override_proceeding_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_override")),
    )
    op.create_index("ix_deadline_override_proceeding", "deadline_override", ["proceeding_id"])
    op.create_index(
        "uq_deadline_override_standing",
        "deadline_override",
        ["deadline_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.add_column("proceeding_event", sa.Column("silence_rule", sa.Text(), nullable=True))
    op.execute(
        "ALTER TABLE proceeding_event ADD CONSTRAINT ck_proceeding_event_silence_is_deemed"
        " CHECK (silence_rule IS NULL OR kind = 'deemed') NOT VALID"
    )
    op.execute("ALTER TABLE proceeding_event VALIDATE CONSTRAINT ck_proceeding_event_silence_is_deemed")
    op.add_column(
        "proceeding", sa.Column("clocks_changed", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("deadline", sa.Column("speaks_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_deadline_speaks", "deadline", ["speaks_at"], postgresql_where=sa.text("speaks_at IS NOT NULL"))


def downgrade() -> None:
    """Drop what was added."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_deadline_speaks", table_name="deadline")
    op.drop_column("deadline", "speaks_at")
    op.drop_column("proceeding", "clocks_changed")
    op.drop_constraint("ck_proceeding_event_silence_is_deemed", "proceeding_event")
    op.drop_column("proceeding_event", "silence_rule")
    op.drop_table("deadline_override")
    op.drop_table("suspension")
