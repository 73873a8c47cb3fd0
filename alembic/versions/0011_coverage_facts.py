"""Keep what is known of a facility's trade and of orders that protect its workers.

Why:       whether a mechanism reaches a facility turns on facts nobody could record: trade with a country, competition
           with its goods, an enforced order of its labour authority.
Rows:      the table begins empty.
Locks:     only what the new foreign key takes on the table it points to, for the moment of its making.
Old code:  never asks for this table; run beside it, it deletes a facility with its facts.
Way back:  drops it with all it holds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and its index."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "coverage_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.CheckConstraint("fact IN ('traded', 'competing', 'enforced_order')", name=op.f("ck_coverage_fact_fact")),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_coverage_fact_facility_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_fact")),
    )
    op.create_index("ix_coverage_fact_facility", "coverage_fact", ["facility_id"], unique=False)


def downgrade() -> None:
    """Drop the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("coverage_fact")
