"""Make the queue of calls, and let the ratio of failures be read without reading the ledger.

Why:       a service or web address that hangs must not hold up mail: such notices have a queue of their own.
Rows:      one queue that begins empty.
Locks:     SHARE on notice while a partial index over what was delivered is built: about a second for a million rows.
Old code:  goes on; it neither reads nor writes the queue.
Way back:  drops both; the messages in the queue are only wake-ups.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

QUEUE = "calls"
APP = "vigilancia_app"


def upgrade() -> None:
    """Make both."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_notice_sent", "notice", ["ended_at"], postgresql_where=sa.text("status IN ('delivered', 'stored')")
    )
    op.execute(f"SELECT pgmq.create('{QUEUE}')")
    op.execute(
        f"CREATE TRIGGER queue_wake AFTER INSERT ON pgmq.q_{QUEUE} FOR EACH STATEMENT "
        "EXECUTE FUNCTION public.queue_wake()"
    )
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": APP}).first():
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON pgmq.q_{QUEUE} TO {APP}")
        op.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA pgmq TO {APP}")


def downgrade() -> None:
    """Drop both."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"SELECT pgmq.drop_queue('{QUEUE}')")
    op.drop_index("ix_notice_sent", table_name="notice")
