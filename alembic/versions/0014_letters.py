"""Let the ledger hold letters of every kind, by every channel, each naming what it repeats or stands in for.

Why:       reminders of tasks, digests, alarms and requests to confirm an address are kept like notices of deadlines: one
           ledger, one way to deliver, one key that makes each single.
Rows:      `notice.kind` is `deadline` everywhere, `subject_id` becomes the deadline's id; nothing else changes.
Locks:     ACCESS EXCLUSIVE on notice while the rows get their subject and the key is built anew: seconds for a million
           rows. Stop the workers first where there are more.
Old code:  cannot write notices afterwards (`subject_id` is wanted); it can read.
Way back:  drops what is new, and letters of other kinds with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


KINDS = "'deadline', 'task', 'alarm', 'assignment', 'digest', 'calm', 'confirm', 'endpoint', 'search'"
OLD_KEY = "uq_notice_deadline_id_revision_rung_contact_id_channel_resend"
NEW_KEY = "uq_notice_subject_id_revision_rung_contact_id_channel_resend"
CHECKS = {
    "kind": f"kind IN ({KINDS})",
    "deadline_named": "(kind = 'deadline') = (deadline_id IS NOT NULL)",
    "subject_is_deadline": "deadline_id IS NULL OR subject_id = deadline_id",
    "rung_of_a_run": "kind NOT IN ('deadline', 'task') OR run_id IS NOT NULL",
    "after_whole": "(after_id IS NULL) = (after_why IS NULL)",
    "after_why": "after_why IN ('resend', 'fallback')",
}


def upgrade() -> None:
    """Widen the ledger."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("notice", sa.Column("kind", sa.Text(), server_default=sa.text("'deadline'"), nullable=False))
    op.add_column("notice", sa.Column("subject_id", sa.Uuid(), nullable=True))
    op.add_column("notice", sa.Column("place", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("notice", sa.Column("after_id", sa.Uuid(), nullable=True))
    op.add_column("notice", sa.Column("after_why", sa.Text(), nullable=True))
    op.add_column("notice", sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notice", sa.Column("within_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE notice SET subject_id = deadline_id")
    op.alter_column("notice", "subject_id", nullable=False)
    for column in ("deadline_id", "complaint_id", "run_id"):
        op.alter_column("notice", column, nullable=True)
    op.drop_constraint(OLD_KEY, "notice")
    op.create_unique_constraint(
        NEW_KEY, "notice", ["subject_id", "revision", "rung", "contact_id", "channel", "resend"]
    )
    op.create_foreign_key(op.f("fk_notice_after_id"), "notice", "notice", ["after_id"], ["id"])
    op.create_foreign_key(op.f("fk_notice_within_id"), "notice", "notice", ["within_id"], ["id"])
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_notice_{name}"), "notice", condition)
    still_open = sa.text("status IN ('planned', 'sending')")
    op.create_index("ix_notice_contact_open", "notice", ["contact_id"], postgresql_where=still_open)
    op.create_index("ix_notice_within", "notice", ["within_id"], postgresql_where=sa.text("within_id IS NOT NULL"))
    op.create_index("ix_notice_contact", "notice", ["contact_id", "id"])


def downgrade() -> None:
    """Drop what was added, and the letters that only it can hold."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("ix_notice_contact", "ix_notice_within", "ix_notice_contact_open"):
        op.drop_index(name, table_name="notice")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_notice_{name}"), "notice")
    op.drop_constraint(op.f("fk_notice_within_id"), "notice")
    op.drop_constraint(op.f("fk_notice_after_id"), "notice")
    op.drop_constraint(NEW_KEY, "notice")
    others = "(SELECT id FROM notice WHERE kind <> 'deadline' OR channel <> 'email')"
    op.execute(f"DELETE FROM notice_attempt WHERE notice_id IN {others}")
    op.execute("DELETE FROM notice WHERE kind <> 'deadline' OR channel <> 'email'")
    op.create_unique_constraint(
        OLD_KEY, "notice", ["deadline_id", "revision", "rung", "contact_id", "channel", "resend"]
    )
    for column in ("deadline_id", "complaint_id", "run_id"):
        op.alter_column("notice", column, nullable=False)
    for column in ("within_id", "hold_until", "after_why", "after_id", "place", "subject_id", "kind"):
        op.drop_column("notice", column)
