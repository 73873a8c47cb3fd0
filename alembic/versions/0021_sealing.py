"""Give words about a case a sealed place, and the key store a mark.

Why:       whoever reads the database, or a dump of it, must not read what people wrote about a case.
Rows:      every table gets an empty column; what stands in plain words is sealed afterwards by `vigilancia keys seal`,
           which `up` and `migrate` run, in batches. A complaint says whether its words are sealed: of those that are, no
           summary may stand in plain unless the case is public.
Locks:     each table for the moment of adding columns, dropping NOT NULL or adding a check that is not validated.
Old code:  goes on: it writes plain words into columns that stay, to be sealed later, and reads none that are sealed.
           It cannot write a plain summary into a sealed complaint, nor take a public one that has a summary back.
Way back:  drops the sealed words for good; unseal nothing, restore a dump. Rows whose words are gone say so in words.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WITH_WORDS = (
    *("proceeding_event", "event_revision", "complaint_task", "escalation_mute", "rules_proposal"),
    *("deadline_override", "complaint_link", "timeline_entry"),
)
REASONS = ("event_revision", "escalation_mute", "deadline_override")
DECLINED = "ck_rules_proposal_declined_with_reason"


def upgrade() -> None:
    """Add the columns and the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("complaint", sa.Column("summary_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("complaint", sa.Column("narrative_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("complaint", sa.Column("sealed", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.execute(
        "ALTER TABLE complaint ADD CONSTRAINT ck_complaint_summary_sealed"
        " CHECK (NOT sealed OR confidentiality = 'public' OR summary IS NULL) NOT VALID"
    )
    for name in WITH_WORDS:
        op.add_column(name, sa.Column("words", sa.LargeBinary(), nullable=True))
    for name in REASONS:
        op.alter_column(name, "reason", nullable=True)
    op.drop_constraint(DECLINED, "rules_proposal")
    op.execute(
        f"ALTER TABLE rules_proposal ADD CONSTRAINT {DECLINED}"
        " CHECK (status <> 'declined' OR decision_reason IS NOT NULL OR words IS NOT NULL) NOT VALID"
    )
    op.create_table(
        "key_store",
        sa.Column("one", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_key_store_one")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_key_store")),
    )


def downgrade() -> None:
    """Drop them; what had to hold words holds that they are gone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("key_store")
    op.drop_constraint(DECLINED, "rules_proposal")
    op.execute(
        "UPDATE rules_proposal SET decision_reason = 'sealed' WHERE status = 'declined' AND decision_reason IS NULL"
    )
    op.execute(
        f"ALTER TABLE rules_proposal ADD CONSTRAINT {DECLINED}"
        " CHECK (status <> 'declined' OR decision_reason IS NOT NULL)"
    )
    for name in REASONS:
        op.execute(f"UPDATE {name} SET reason = 'sealed' WHERE reason IS NULL")
        op.alter_column(name, "reason", nullable=False)
    for name in reversed(WITH_WORDS):
        op.drop_column(name, "words")
    op.drop_constraint("ck_complaint_summary_sealed", "complaint")
    for name in ("sealed", "narrative_sealed", "summary_sealed"):
        op.drop_column("complaint", name)
