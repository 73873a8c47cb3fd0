"""Keep what is known of the files of a case, and who had them in hand.

Why:       a case stands on its papers; what was received, and who took it for what, has to be shown years later.
Rows:      both tables begin empty; the bytes of files are not in the database.
Locks:     what new foreign keys take on complaint and organization for a moment.
Old code:  never asks for them.
Way back:  drops both with all they hold; the files stay in their store and cannot be told apart any more.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_UNSCANNED = "state = 'kept' AND scan_status IN ('unscanned', 'failed')"
_SCANS = "scan_status IN ('unscanned', 'pending', 'clean', 'infected', 'failed')"


def upgrade() -> None:
    """Make both tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("claimed_type", sa.Text(), nullable=True),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("title", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.Column("transcript", sa.LargeBinary(), nullable=True),
        sa.Column("transcript_version", sa.BigInteger(), nullable=False),
        sa.Column("transcript_language", sa.Text(), nullable=True),
        sa.Column("held_by", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("obtained_on", sa.Date(), nullable=True),
        sa.Column("duration_seconds", sa.BigInteger(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("scan_status", sa.Text(), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("damaged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('kept', 'erased')", name=op.f("ck_evidence_state")),
        sa.CheckConstraint("(state = 'erased') = (erased_at IS NOT NULL)", name=op.f("ck_evidence_erased_whole")),
        sa.CheckConstraint("metadata IN ('original', 'stripped', 'kept')", name=op.f("ck_evidence_metadata")),
        sa.CheckConstraint("(original_id IS NULL) = (metadata = 'original')", name=op.f("ck_evidence_copy")),
        sa.CheckConstraint(_SCANS, name=op.f("ck_evidence_scan_status")),
        sa.CheckConstraint("held_by > 0", name=op.f("ck_evidence_held_by")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_evidence_organization_id")),
        sa.ForeignKeyConstraint(["original_id"], ["evidence.id"], name=op.f("fk_evidence_original_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_complaint", "evidence", ["complaint_id", "received_at", "id"])
    op.create_index(
        "ix_evidence_original",
        "evidence",
        ["original_id", "received_at"],
        postgresql_where=sa.text("original_id IS NOT NULL"),
    )
    op.create_index("ix_evidence_checked", "evidence", ["checked_at"], postgresql_where=sa.text("state = 'kept'"))
    op.create_index("ix_evidence_unscanned", "evidence", ["id"], postgresql_where=sa.text(_UNSCANNED))
    op.create_table(
        "custody",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_custody_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody")),
        sa.UniqueConstraint("seq", name=op.f("uq_custody_seq")),
    )
    op.create_index("ix_custody_evidence", "custody", ["evidence_id", "seq"])
    op.create_index("ix_custody_complaint", "custody", ["complaint_id", "seq"])
    # What stands in the custody log stays: the application may add to it and read it, and nothing else.
    op.execute("""
        DO $$ BEGIN
          IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'vigilancia_app') THEN
            REVOKE UPDATE, DELETE, TRUNCATE ON custody FROM vigilancia_app;
          END IF;
        END $$
    """)


def downgrade() -> None:
    """Drop both."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("custody")
    op.drop_table("evidence")
