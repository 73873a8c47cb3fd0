"""Keep what the rooms of confidentiality share: whose token it is, safeguards, a second person's yes, audit, alerts.

Why:       an organisation chooses how careful it is; some things want a second person; what was read and refused is kept;
           whoever answers for privacy is told of what looks wrong.
Rows:      tokens get an empty column; the tables begin empty.
Locks:     `token` for the moment of adding a column without default; else what new foreign keys take.
Old code:  never asks for these tables; tokens it makes have no holder.
Way back:  drops them with all they hold, the audit too.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column, the tables and their indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("token", sa.Column("holder_id", sa.Uuid(), nullable=True))
    op.create_table(
        "safeguard",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("second_person", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("privacy_lead_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("consent IN ('people', 'always')", name=op.f("ck_safeguard_consent")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_safeguard_organization_id")),
        sa.ForeignKeyConstraint(["privacy_lead_id"], ["contact.id"], name=op.f("fk_safeguard_privacy_lead_id")),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_safeguard")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_holder", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_holder", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('identity', 'close', 'publish', 'unmask', 'export_identity')", name=op.f("ck_approval_kind")
        ),
        sa.CheckConstraint("status IN ('asked', 'granted', 'refused', 'used')", name=op.f("ck_approval_status")),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_approval_second_person")),
        sa.CheckConstraint("decided_holder <> asked_holder", name=op.f("ck_approval_second_holder")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_approval_complaint_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_approval_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index("ix_approval_organization", "approval", ["organization_id", "id"])
    op.create_index("ix_approval_subject", "approval", ["kind", "subject_id", "asked_by"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("complaint_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_seq")),
    )
    op.create_index("ix_audit_complaint", "audit", ["complaint_id", "seq"])
    op.create_table(
        "privacy_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tell_pending", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_privacy_alert_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_alert")),
        sa.UniqueConstraint(
            "organization_id",
            "cause",
            "subject_id",
            "occasion",
            name=op.f("uq_privacy_alert_organization_id_cause_subject_id_occasion"),
        ),
    )
    op.create_index("ix_privacy_alert_tell_pending", "privacy_alert", ["id"], postgresql_where=sa.text("tell_pending"))
    # What is in the audit stays: the application may add to it and read it, and nothing else.
    op.execute("""
        DO $$ BEGIN
          IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'vigilancia_app') THEN
            REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM vigilancia_app;
          END IF;
        END $$
    """)


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("privacy_alert", "audit", "approval", "safeguard"):
        op.drop_table(name)
    op.drop_column("token", "holder_id")
