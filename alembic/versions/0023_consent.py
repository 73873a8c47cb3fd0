"""Keep what workers consented to, which links were given without it, and letters to whoever answers for privacy.

Why:       sharing, filing and publishing want a consent for each purpose and receiver, and its withdrawal ends them.
Rows:      the table begins empty; links get an empty column; the ledger takes one more kind.
Locks:     `complaint_link` for the moment of adding a column without default; `notice` while its check is replaced, for
           which it is read once: well under a second for a million rows; else what new foreign keys take.
Grants:    of an answer the application may change no more than that it was withdrawn.
Old code:  never asks for the table; letters of the new kind wait until new code sends them.
Way back:  drops all of it with what it holds, letters of the new kind too: the cases forget who said no.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KINDS = "'deadline', 'task', 'alarm', 'assignment', 'digest', 'calm', 'confirm', 'endpoint', 'search'"
APP = "vigilancia_app"
WITHDRAWN = "withdrawn_at, withdrawn_on, withdrawn_by, withdrawn_note"


def upgrade() -> None:
    """Make the table and the column, and let the ledger take the new kind."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("receiver_country", sa.Text(), nullable=True),
        sa.Column("text_id", sa.Text(), nullable=False),
        sa.Column("text_version", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_note", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('store', 'share', 'counsel', 'file', 'publish', 'contact_again')",
            name=op.f("ck_consent_purpose"),
        ),
        sa.CheckConstraint("mode IN ('spoken', 'written', 'interpreter', 'recorded')", name=op.f("ck_consent_mode")),
        sa.CheckConstraint("answer IN ('given', 'refused')", name=op.f("ck_consent_answer")),
        sa.CheckConstraint("(answer = 'given') = (until IS NOT NULL)", name=op.f("ck_consent_until_of_given")),
        sa.CheckConstraint("until >= given_on", name=op.f("ck_consent_until_after")),
        sa.CheckConstraint("withdrawn_at IS NULL OR answer = 'given'", name=op.f("ck_consent_withdrawn_was_given")),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_on IS NULL)", name=op.f("ck_consent_withdrawn_whole")),
        sa.CheckConstraint(
            "CASE WHEN purpose IN ('share', 'counsel') THEN receiver_id IS NOT NULL AND receiver_country IS NULL"
            " WHEN purpose = 'file' THEN num_nonnulls(receiver_id, receiver_country) = 1"
            " ELSE num_nonnulls(receiver_id, receiver_country) = 0 END",
            name=op.f("ck_consent_receiver"),
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_consent_complaint_id")),
        sa.ForeignKeyConstraint(["receiver_id"], ["organization.id"], name=op.f("fk_consent_receiver_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["contact.id"], name=op.f("fk_consent_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("seq", name=op.f("uq_consent_seq")),
    )
    op.create_index("ix_consent_complaint", "consent", ["complaint_id", "id"])
    op.add_column("complaint_link", sa.Column("consent_overridden_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("ALTER TABLE notice DROP CONSTRAINT ck_notice_kind")
    op.execute(f"ALTER TABLE notice ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({KINDS}, 'privacy'))")
    if op.get_bind().execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": APP}).first():
        op.execute(f"REVOKE UPDATE ON consent FROM {APP}")
        op.execute(f"GRANT UPDATE ({WITHDRAWN}, version, updated_at) ON consent TO {APP}")


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    letters = "(SELECT id FROM notice WHERE kind = 'privacy')"
    op.execute(f"DELETE FROM notice_attempt WHERE notice_id IN {letters}")
    op.execute(f"DELETE FROM job WHERE subject_id IN {letters}")
    op.execute(f"UPDATE notice SET after_id = NULL, after_why = NULL WHERE after_id IN {letters}")
    op.execute("DELETE FROM notice WHERE kind = 'privacy'")
    op.execute("ALTER TABLE notice DROP CONSTRAINT ck_notice_kind")
    op.execute(f"ALTER TABLE notice ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({KINDS}))")
    op.drop_column("complaint_link", "consent_overridden_at")
    op.drop_table("consent")
