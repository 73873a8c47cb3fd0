"""Record complaints, the parties and places in them, their kin and their timeline.

Why:       this is what the rest hangs on.
Rows:      the tables begin empty.
Locks:     only what new foreign keys take on the tables they point to, for the moment of their making.
Old code:  never asks for these tables.
Way back:  drops them with all they hold.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("narrative", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("incidents", postgresql.JSONB(), nullable=False),
        sa.Column("allegations", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("affected_min", sa.BigInteger(), nullable=True),
        sa.Column("affected_max", sa.BigInteger(), nullable=True),
        sa.Column("groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("interpreter_needed", sa.Boolean(), nullable=True),
        sa.Column("risk_level", sa.Text(), nullable=True),
        sa.Column("confidentiality", sa.Text(), nullable=False),
        sa.Column("external_ids", postgresql.JSONB(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("source_urls", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("outcomes", postgresql.JSONB(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('spanish', public.terms(title || ' ' || coalesce(summary, ''))) || to_tsvector('simple', public.terms(reference || ' ' || title || ' ' || coalesce(summary, '')))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "confidentiality IN ('restricted', 'partners', 'public')", name=op.f("ck_complaint_confidentiality")
        ),
        sa.CheckConstraint("status IN ('intake', 'open', 'closed')", name=op.f("ck_complaint_status")),
        sa.CheckConstraint("merged_into <> id", name=op.f("ck_complaint_merged_into_another")),
        sa.CheckConstraint("merged_into IS NULL OR status = 'closed'", name=op.f("ck_complaint_merged_is_closed")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_complaint_facility_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["contact.id"], name=op.f("fk_complaint_handler_id")),
        sa.ForeignKeyConstraint(["merged_into"], ["complaint.id"], name=op.f("fk_complaint_merged_into")),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_complaint_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("reference", name=op.f("uq_complaint_reference")),
    )
    op.create_index("ix_complaint_facility", "complaint", ["facility_id"], unique=False)
    op.create_index(
        "ix_complaint_merged_into",
        "complaint",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index("ix_complaint_owner", "complaint", ["owner_id", "updated_at", "id"], unique=False)
    op.create_index("ix_complaint_received", "complaint", ["received_on", "id"], unique=False)
    op.create_index("ix_complaint_search", "complaint", ["search"], unique=False, postgresql_using="gin")
    op.create_index("ix_complaint_updated", "complaint", ["updated_at", "id"], unique=False)
    op.create_table(
        "complaint_facility",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_facility_complaint_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_complaint_facility_facility_id")),
        sa.PrimaryKeyConstraint("complaint_id", "facility_id", name=op.f("pk_complaint_facility")),
    )
    op.create_index(
        "ix_complaint_facility_facility", "complaint_facility", ["facility_id", "complaint_id"], unique=False
    )
    op.create_table(
        "complaint_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("adverse", sa.Boolean(), nullable=False),
        sa.Column("adverse_override", postgresql.JSONB(), nullable=True),
        sa.Column("alerts_approved_by", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT adverse OR access = 'none' OR adverse_override IS NOT NULL",
            name=op.f("ck_complaint_link_adverse_sees_nothing"),
        ),
        sa.CheckConstraint("access IN ('none', 'alerts', 'read', 'write')", name=op.f("ck_complaint_link_access")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_link_complaint_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_complaint_link_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_link")),
        sa.UniqueConstraint(
            "complaint_id", "organization_id", "role", name=op.f("uq_complaint_link_complaint_id_organization_id_role")
        ),
    )
    op.create_index(
        "ix_complaint_link_organization", "complaint_link", ["organization_id", "complaint_id"], unique=False
    )
    op.create_table(
        "complaint_relation",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("related_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('same_facility', 'born_of', 'same_question')", name=op.f("ck_complaint_relation_kind")
        ),
        sa.CheckConstraint("complaint_id <> related_id", name=op.f("ck_complaint_relation_another")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_relation_complaint_id")),
        sa.ForeignKeyConstraint(["related_id"], ["complaint.id"], name=op.f("fk_complaint_relation_related_id")),
        sa.PrimaryKeyConstraint("complaint_id", "related_id", "kind", name=op.f("pk_complaint_relation")),
    )
    op.create_table(
        "timeline_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_timeline_entry_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_entry")),
        sa.UniqueConstraint("seq", name=op.f("uq_timeline_entry_seq")),
    )
    op.create_index("ix_timeline_complaint", "timeline_entry", ["complaint_id", "seq"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("timeline_entry")
    op.drop_table("complaint_link")
    op.drop_table("complaint_relation")
    op.drop_table("complaint_facility")
    op.drop_table("complaint")
