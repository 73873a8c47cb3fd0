"""Keep holds, warnings and erasures, and what is left of an erased case.

Why:       rules say how long a case is kept; a hold wins; an erasure goes on where it was cut short; those who saw a case
           are told that it is gone.
Rows:      five tables that begin empty.
Locks:     what new foreign keys take on `complaint` and `organization`, for the moment of their making.
Old code:  never asks for these tables; beside it an erased case answers 404 instead of 410.
Way back:  drops them with all they hold, holds too: nothing is erased by that.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make tables and indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "tombstone",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("was_public", sa.Boolean(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_in", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("subdivision", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("mechanisms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("outcomes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("workers", sa.Text(), nullable=True),
        sa.Column("deadlines", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_tombstone_owner_id")),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_tombstone")),
    )
    op.create_index("ix_tombstone_erased", "tombstone", ["erased_at", "complaint_id"])
    op.create_index("ix_tombstone_owner", "tombstone", ["owner_id"])
    op.create_table(
        "tombstone_reader",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["tombstone.complaint_id"], name=op.f("fk_tombstone_reader_complaint_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_tombstone_reader_organization_id")
        ),
        sa.PrimaryKeyConstraint("complaint_id", "organization_id", name=op.f("pk_tombstone_reader")),
    )
    op.create_index("ix_tombstone_reader_organization", "tombstone_reader", ["organization_id", "complaint_id"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_holder", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("release_reason", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(released_at IS NULL) = (release_reason IS NULL)", name=op.f("ck_legal_hold_released_whole")
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_legal_hold_complaint_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_legal_hold_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index("ix_legal_hold_complaint", "legal_hold", ["complaint_id", "id"])
    op.create_index(
        "ix_legal_hold_review", "legal_hold", ["review_on"], postgresql_where=sa.text("released_at IS NULL")
    )
    op.create_table(
        "retention_warning",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_on", sa.Date(), nullable=False),
        sa.Column("hold_noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_retention_warning_complaint_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_retention_warning_organization_id")
        ),
        sa.PrimaryKeyConstraint("complaint_id", "counted_from", name=op.f("pk_retention_warning")),
    )
    op.create_index("ix_retention_warning_organization", "retention_warning", ["organization_id"])
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("rules_version", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_holder", sa.Uuid(), nullable=True),
        sa.Column("wiped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cause IN ('request', 'retention', 'restored')", name=op.f("ck_erasure_cause")),
        sa.CheckConstraint("(cause = 'retention') = (rule IS NOT NULL)", name=op.f("ck_erasure_rule_of_retention")),
        sa.CheckConstraint("state IN ('asked', 'wiped', 'done', 'stopped')", name=op.f("ck_erasure_state")),
        sa.CheckConstraint(
            "(state IN ('wiped', 'done')) = (wiped_at IS NOT NULL)", name=op.f("ck_erasure_wiped_whole")
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'stopped')) = (ended_at IS NOT NULL)", name=op.f("ck_erasure_ended_whole")
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_erasure_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(
        "uq_erasure_running",
        "erasure",
        ["complaint_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'wiped')"),
    )
    op.create_index("ix_erasure_organization", "erasure", ["organization_id", "id"])


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("erasure", "retention_warning", "legal_hold", "tombstone_reader", "tombstone"):
        op.drop_table(name)
