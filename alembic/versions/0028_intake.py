"""Take complaints without a name: receipts, messages; count attempts; tell which token followed which.

Why:       whoever fears for the job must be able to tell it without an account, and come back for an answer.
Rows:      tokens get an empty column; the tables begin empty.
Locks:     `token` for the moment of adding a column without default; what new foreign keys take on `complaint`.
Old code:  never asks for these.
Way back:  drops them; receipts and what was said under them are lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column, the tables and their indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("token", sa.Column("replaces_id", sa.Uuid(), nullable=True))
    op.create_table(
        "attempt",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "hour", name=op.f("pk_attempt")),
    )
    op.create_table(
        "receipt_salt",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_receipt_salt")),
    )
    op.create_table(
        "intake_receipt",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("last_return_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_intake_receipt_complaint_id")),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_intake_receipt")),
        sa.UniqueConstraint("digest", name=op.f("uq_intake_receipt_digest")),
    )
    op.create_table(
        "intake_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_intake_message_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_message")),
        sa.UniqueConstraint("seq", name=op.f("uq_intake_message_seq")),
    )
    op.create_index("ix_intake_message_complaint", "intake_message", ["complaint_id", "seq"])


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("intake_message", "intake_receipt", "receipt_salt", "attempt"):
        op.drop_table(name)
    op.drop_column("token", "replaces_id")
