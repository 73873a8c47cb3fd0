"""Have the audit watch the tables of people, consent, walls, files, holds and erasures.

Why:       what is done to them is evidence like everything else; they came after the audit's own triggers.
Rows:      none.
Locks:     each table for the moment of making its triggers.
Old code:  writes as before; the triggers note it.
Way back:  drops the triggers; what was noted stays.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ALL = "{insert,update,delete}"
# Table, key's columns, way to the case, what does not count, what is told nobody: as in 0025.
WATCHED = (
    ("person", "{id}", "complaint_id", "{}", "{name,contact,contact_safe,notes,name_print,contact_prints}"),
    ("consent", "{id}", "complaint_id", "{}", "{note}"),
    ("complaint_wall", "{id}", "complaint_id", "{}", "{reason}"),
    ("evidence", "{id}", "complaint_id", "{}", "{name,title,source,transcript}"),
    ("legal_hold", "{id}", "complaint_id", "{}", "{}"),
    ("erasure", "{id}", "complaint_id", "{state,rows,files}", "{}"),
    ("intake_message", "{id}", "complaint_id", "{}", "{text}"),
)


def upgrade() -> None:
    """Make the triggers."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, keys, way, unseen, hidden in WATCHED:
        op.execute(f"CALL public.audit_watch('{table}', '{keys}', '{way}', '{unseen}', '{hidden}', '{ALL}')")


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, *_ in WATCHED:
        for kind in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER audit_{kind} ON {table}")
