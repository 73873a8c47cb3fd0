"""Keep which rungs of a run somebody muted, who, and why.

Why:       a warning that says nothing new may be silenced, on record and with a reason.
Rows:      the table begins empty.
Locks:     only what the new foreign key takes on the table it points to, for the moment of its making.
Old code:  never asks for this table; run beside it, it speaks at muted rungs.
Way back:  drops it; every rung speaks again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "escalation_mute",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["escalation_run.id"], name=op.f("fk_escalation_mute_run_id")),
        sa.PrimaryKeyConstraint("run_id", "rung", name=op.f("pk_escalation_mute")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("escalation_mute")
