"""Keep who the workers and witnesses of a complaint are, apart from the complaint.

Why:       a case is worked by pseudonyms; names, ways to reach somebody and remarks are sealed under the case's key, and
           read only with a reason. What is looked for stands beside as keyed prints.
Rows:      begins empty.
Locks:     what new foreign keys take on complaint and organization, for a moment.
Old code:  never asks for the table.
Way back:  drops it with all it holds.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

EMPTY = (
    "removed_at IS NULL OR (name IS NULL AND contact IS NULL AND contact_safe IS NULL AND notes IS NULL"
    " AND name_print IS NULL AND contact_prints = '{}' AND print_key IS NULL)"
)


def upgrade() -> None:
    """Make the table and its indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("spoken_language", sa.Text(), nullable=True),
        sa.Column("written_language", sa.Text(), nullable=True),
        sa.Column("interpreter_needed", sa.Boolean(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("contact_safe", sa.LargeBinary(), nullable=True),
        sa.Column("notes", sa.LargeBinary(), nullable=True),
        sa.Column("name_print", sa.LargeBinary(), nullable=True),
        sa.Column("contact_prints", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("print_key", sa.Text(), nullable=True),
        sa.Column("shared_with", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(EMPTY, name=op.f("ck_person_removed_is_empty")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_person_complaint_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_person_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("complaint_id", "label", name=op.f("uq_person_complaint_id_label")),
    )
    op.create_index(
        "ix_person_name_print", "person", ["name_print"], postgresql_where=sa.text("name_print IS NOT NULL")
    )
    op.create_index(
        "ix_person_print_key", "person", ["print_key", "id"], postgresql_where=sa.text("print_key IS NOT NULL")
    )
    op.create_index("ix_person_contact_prints", "person", ["contact_prints"], postgresql_using="gin")


def downgrade() -> None:
    """Drop it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("person")
