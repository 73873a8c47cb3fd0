"""Install the queue (pgmq) and make its three queues; the application reads and writes them and owns nothing."""

from alembic import op
from pgmq.install import get_embedded_install_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

QUEUES = ("default", "deliveries", "exports")
APP = "vigilancia_app"


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    # Straight to the driver: the script holds percent signs and colons, which are no parameters.
    cursor = connection.connection.cursor()
    if cursor.execute("SELECT to_regnamespace('pgmq') IS NULL").fetchone()[0]:
        cursor.execute(get_embedded_install_sql())
    # pgmq's own wake-up keeps its throttle in an unlogged table, which a crash empties: then nobody is woken any more.
    cursor.execute("""
        CREATE FUNCTION public.queue_wake() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('pgmq.' || TG_TABLE_NAME || '.INSERT', NULL);
            RETURN NULL;
        END $$
    """)
    for queue in QUEUES:
        cursor.execute("SELECT pgmq.create(%s)", [queue])
        cursor.execute(
            f"CREATE TRIGGER queue_wake AFTER INSERT ON pgmq.q_{queue} FOR EACH STATEMENT "
            "EXECUTE FUNCTION public.queue_wake()"
        )
    if cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
        cursor.execute(f"GRANT USAGE ON SCHEMA pgmq TO {APP}")
        cursor.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgmq TO {APP}")
        cursor.execute(f"GRANT SELECT ON pgmq.meta TO {APP}")
        for queue in QUEUES:
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON pgmq.q_{queue} TO {APP}")
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA pgmq TO {APP}")


def downgrade() -> None:
    """Take back; the messages in the queues are only wake-ups."""
    op.execute("DROP SCHEMA pgmq CASCADE")
    op.execute("DROP FUNCTION public.queue_wake()")
