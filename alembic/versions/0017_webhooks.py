"""Keep webhook endpoints, events, deliveries and attempts, and an outbox that the timeline fills by itself.

Why:       organisations are told of events at addresses of their own; a trigger carries the ids of timeline entries into
           the outbox in the transaction that writes them, so that none is lost and no request asks one statement more.
Rows:      the tables begin empty; the trigger writes nothing before there is an endpoint. A queue for wake-ups is made.
Locks:     SHARE ROW EXCLUSIVE on timeline_entry while the trigger is made, and what new foreign keys take on the tables
           they point to, for the moment of their making.
Old code:  never asks for these tables; entries it writes come into the outbox like all others.
Way back:  drops them with all they hold, the trigger and the queue; what was not sent yet is lost.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

QUEUE = "webhooks"
APP = "vigilancia_app"
# Replaced whole by a migration that adds another reason to listen. A disabled endpoint counts too: whoever enables it
# again asks for what it missed.
OUTBOX = """
CREATE FUNCTION public.timeline_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.webhook_endpoint) THEN
        INSERT INTO public.event_outbox (source_id) SELECT id FROM fresh ORDER BY seq;
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Make tables, trigger and queue."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _endpoints()
    _events()
    _deliveries()
    op.create_table(
        "event_outbox",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event_outbox")),
        sa.UniqueConstraint("source_id", name=op.f("uq_event_outbox_source_id")),
    )
    op.execute(OUTBOX)
    op.execute(
        "CREATE TRIGGER timeline_outbox AFTER INSERT ON timeline_entry REFERENCING NEW TABLE AS fresh"
        " FOR EACH STATEMENT EXECUTE FUNCTION public.timeline_outbox()"
    )
    op.execute(f"SELECT pgmq.create('{QUEUE}')")
    op.execute(
        f"CREATE TRIGGER queue_wake AFTER INSERT ON pgmq.q_{QUEUE} FOR EACH STATEMENT"
        " EXECUTE FUNCTION public.queue_wake()"
    )
    if op.get_bind().execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :app"), {"app": APP}).scalar():
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON pgmq.q_{QUEUE} TO {APP}")
        op.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA pgmq TO {APP}")


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("full_payload", sa.Boolean(), nullable=False),
        sa.Column("full_granted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("full_granted_by", sa.Uuid(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("first_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(disabled_at IS NULL) = (disabled_reason IS NULL)", name=op.f("ck_webhook_endpoint_disabled_whole")
        ),
        sa.CheckConstraint(
            "disabled_reason IN ('gone', 'failing', 'manual')", name=op.f("ck_webhook_endpoint_disabled_reason")
        ),
        sa.CheckConstraint(
            "(previous_secret IS NULL) = (previous_until IS NULL)", name=op.f("ck_webhook_endpoint_previous_whole")
        ),
        sa.CheckConstraint(
            "full_payload = (full_granted_at IS NOT NULL)", name=op.f("ck_webhook_endpoint_grant_whole")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_webhook_endpoint_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_index("ix_webhook_endpoint_organization", "webhook_endpoint", ["organization_id", "id"])
    op.create_table(
        "webhook_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("run_began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("occasion IN ('failing', 'disabled')", name=op.f("ck_webhook_letter_occasion")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_webhook_letter_endpoint_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_letter")),
        sa.UniqueConstraint(
            "endpoint_id", "run_began_at", "occasion", name=op.f("uq_webhook_letter_endpoint_id_run_began_at_occasion")
        ),
    )


def _events() -> None:
    op.create_table(
        "webhook_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=True),
        sa.Column("changed", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("proceeding_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(complaint_id IS NULL) = (organization_id IS NOT NULL)",
            name=op.f("ck_webhook_event_of_case_or_organization"),
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_webhook_event_complaint_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_webhook_event_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_event")),
        sa.UniqueConstraint("source_id", name=op.f("uq_webhook_event_source_id")),
    )
    op.create_index("ix_webhook_event_at", "webhook_event", ["at", "id"])


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("replay", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('planned', 'sending', 'delivered', 'failed', 'suppressed')",
            name=op.f("ck_webhook_delivery_status"),
        ),
        sa.CheckConstraint(
            "(status IN ('planned', 'sending')) = (ended_at IS NULL)", name=op.f("ck_webhook_delivery_ended_whole")
        ),
        sa.CheckConstraint(
            "(status IN ('failed', 'suppressed')) = (reason IS NOT NULL)",
            name=op.f("ck_webhook_delivery_reason_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["webhook_event.id"], name=op.f("fk_webhook_delivery_event_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_webhook_delivery_endpoint_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint(
            "event_id", "endpoint_id", "replay", name=op.f("uq_webhook_delivery_event_id_endpoint_id_replay")
        ),
    )
    still_open = sa.text("status IN ('planned', 'sending')")
    op.create_index("ix_webhook_delivery_endpoint", "webhook_delivery", ["endpoint_id", "id"])
    op.create_index(
        "ix_webhook_delivery_due", "webhook_delivery", ["endpoint_id", "next_at", "id"], postgresql_where=still_open
    )
    op.create_index("ix_webhook_delivery_open", "webhook_delivery", ["planned_at"], postgresql_where=still_open)
    op.create_index("ix_webhook_delivery_planned", "webhook_delivery", ["planned_at"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status_code", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("delivered", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_delivery.id"], name=op.f("fk_webhook_attempt_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempt")),
        sa.UniqueConstraint("delivery_id", "number", name=op.f("uq_webhook_attempt_delivery_id_number")),
    )
    op.create_index("ix_webhook_attempt_ended", "webhook_attempt", ["ended_at"])


def downgrade() -> None:
    """Drop what was made."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"SELECT pgmq.drop_queue('{QUEUE}')")
    op.execute("DROP TRIGGER timeline_outbox ON timeline_entry")
    op.execute("DROP FUNCTION public.timeline_outbox()")
    for table in (
        *("event_outbox", "webhook_attempt", "webhook_delivery", "webhook_letter", "webhook_event", "webhook_endpoint"),
    ):
        op.drop_table(table)
