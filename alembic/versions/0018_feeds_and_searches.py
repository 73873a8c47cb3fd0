"""Keep calendar feeds, saved searches, and which cases a search has found.

Why:       a feed is opened by a secret whose digest is kept; a search tells of each case once, which a unique key promises.
Rows:      three tables that begin empty.
Locks:     what the new foreign keys take on the tables they point to, for the moment of their making; building the index
           on complaint_link reads the table once while writing to it waits: well under a second for 100,000 links.
Old code:  never asks for these tables; run beside it, a contact with a saved search cannot be deleted by it either.
Way back:  drops them with all they hold: every feed's address answers 404, every search is forgotten.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make tables and indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("alarms", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(complaint_id, organization_id, contact_id) = 1", name=op.f("ck_calendar_feed_one_subject")
        ),
        sa.CheckConstraint(
            "organization_id IS NULL OR organization_id = owner_id", name=op.f("ck_calendar_feed_own_organization")
        ),
        sa.CheckConstraint("locale IN ('es', 'en', 'fr')", name=op.f("ck_calendar_feed_locale")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_calendar_feed_complaint_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_calendar_feed_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_calendar_feed_organization_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_calendar_feed_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("digest", name=op.f("uq_calendar_feed_digest")),
    )
    op.create_index("ix_calendar_feed_owner", "calendar_feed", ["owner_id", "id"])
    op.create_index("ix_calendar_feed_contact", "calendar_feed", ["contact_id"])
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_saved_search_contact_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_saved_search_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index("ix_saved_search_owner", "saved_search", ["owner_id", "id"])
    op.create_index("ix_saved_search_contact", "saved_search", ["contact_id"])
    op.create_index("ix_saved_search_looked", "saved_search", ["looked_at", "id"], postgresql_where=sa.text("active"))
    op.create_table(
        "saved_search_match",
        sa.Column("saved_search_id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("NOT silent OR told_at IS NULL", name=op.f("ck_saved_search_match_silent_untold")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_saved_search_match_complaint_id")),
        sa.ForeignKeyConstraint(
            ["saved_search_id"],
            ["saved_search.id"],
            name=op.f("fk_saved_search_match_saved_search_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("saved_search_id", "complaint_id", name=op.f("pk_saved_search_match")),
    )
    op.create_index(
        "ix_saved_search_match_untold",
        "saved_search_match",
        ["saved_search_id"],
        postgresql_where=sa.text("told_at IS NULL AND NOT silent"),
    )
    op.create_index("ix_complaint_link_changed", "complaint_link", ["organization_id", "updated_at"])


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_complaint_link_changed", table_name="complaint_link")
    op.drop_table("saved_search_match")
    op.drop_table("saved_search")
    op.drop_table("calendar_feed")
