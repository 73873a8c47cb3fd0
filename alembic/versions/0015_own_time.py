"""Keep each contact's own time, its digest, who vouched for its address, and that it wants to be told of calm weeks.

Why:       a message in the night or to a wrong address helps nobody, and silence must not be taken for peace.
Rows:      contacts have none of it at first, and want to be told of calm weeks; desks are told from the next Monday on.
           Addresses recorded before count as vouched for: whoever was warned yesterday must be warned tomorrow.
Locks:     ACCESS EXCLUSIVE on contact for catalogue changes; three small indexes, and one pass over the desks.
Old code:  neither reads nor writes the new columns, which have defaults.
Way back:  drops them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    instant = sa.DateTime(timezone=True)
    for column in (
        sa.Column("quiet_hours", postgresql.JSONB(), nullable=True),
        sa.Column("holidays", sa.Text(), nullable=True),
        sa.Column("away", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("channels_version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("verified_at", instant, nullable=True),
        sa.Column("ask_pending", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("unsubscribed_at", instant, nullable=True),
        sa.Column("digest", postgresql.JSONB(), nullable=True),
        sa.Column("digest_next_at", instant, nullable=True),
        sa.Column("calm", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("calm_next_at", instant, nullable=True),
    ):
        op.add_column("contact", column)
    op.create_check_constraint(
        op.f("ck_contact_verified_whole"), "contact", "(verified_by IS NULL) = (verified_at IS NULL)"
    )
    op.execute("UPDATE contact SET calm_next_at = date_trunc('week', now()) + interval '7 days 15 hours' WHERE desk")
    op.execute(
        "UPDATE contact SET verified_by = 'recorded before addresses were confirmed', verified_at = now()"
        " WHERE jsonb_array_length(channels) > 0"
    )
    for name, column, condition in (
        ("ix_contact_digest", "digest_next_at", "digest_next_at IS NOT NULL"),
        ("ix_contact_calm", "calm_next_at", "calm_next_at IS NOT NULL"),
        ("ix_contact_ask", "id", "ask_pending"),
    ):
        op.create_index(name, "contact", [column], postgresql_where=sa.text(condition))


def downgrade() -> None:
    """Drop columns and indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("ix_contact_ask", "ix_contact_calm", "ix_contact_digest"):
        op.drop_index(name, table_name="contact")
    op.drop_constraint(op.f("ck_contact_verified_whole"), "contact")
    for column in (
        "calm_next_at",
        "calm",
        "digest_next_at",
        "digest",
        "unsubscribed_at",
        "ask_pending",
        "verified_at",
        "verified_by",
        "channels_version",
        "away",
        "holidays",
        "quiet_hours",
    ):
        op.drop_column("contact", column)
