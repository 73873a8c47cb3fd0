"""Keep the ledger of notices and every attempt to deliver.

Why:       the unique key makes a notice single.
Rows:      the tables begin empty.
Locks:     only what new foreign keys take on the tables they point to, for the moment of their making.
Old code:  never asks for these tables.
Way back:  drops them with all they hold.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("resend", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status IN ('planned', 'sending')) = (ended_at IS NULL)", name=op.f("ck_notice_ended_whole")
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'sending', 'delivered', 'stored', 'failed', 'suppressed')",
            name=op.f("ck_notice_status"),
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_notice_complaint_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_notice_contact_id")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_notice_deadline_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_notice_organization_id")),
        sa.ForeignKeyConstraint(["run_id"], ["escalation_run.id"], name=op.f("fk_notice_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "deadline_id",
            "revision",
            "rung",
            "contact_id",
            "channel",
            "resend",
            name=op.f("uq_notice_deadline_id_revision_rung_contact_id_channel_resend"),
        ),
    )
    op.create_index("ix_notice_complaint", "notice", ["complaint_id", "id"], unique=False)
    op.create_index(
        "ix_notice_open",
        "notice",
        ["planned_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('planned', 'sending')"),
    )
    op.create_index(
        "ix_notice_failed", "notice", ["ended_at"], unique=False, postgresql_where=sa.text("status = 'failed'")
    )
    op.create_index("ix_notice_run", "notice", ["run_id", "organization_id"], unique=False)
    op.create_index("ix_notice_organization", "notice", ["organization_id", "id"], unique=False)
    op.create_table(
        "notice_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_attempt_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_attempt")),
        sa.UniqueConstraint("notice_id", "number", name=op.f("uq_notice_attempt_notice_id_number")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("notice_attempt")
    op.drop_table("notice")
