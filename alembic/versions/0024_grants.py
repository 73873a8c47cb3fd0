"""Let grants end, keep adverse parties and their kin out of a case, and wall persons off by name.

Why:       access lasted until somebody thought of it; a company's parent could be granted the case against its child.
Rows:      `read` and `write` links without an end get one ninety days from now, as new ones do; links of adverse
           parties and of their parents and children are marked `walled`. One table begins empty.
Locks:     ACCESS EXCLUSIVE on complaint_link for catalogue changes, then each of its rows once; SHARE on organization
           while an index reads it. About four seconds for 100,000 links.
Old code:  goes on; it does not know of walls, and shows what it showed before.
Way back:  drops all of it; ends that were given stay, grants that were revoked or rejected give access again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NEW = ("purpose", "rejected_at", "revoked_at", "end_reason", "walled")

# Whether a case is closed to an organisation: an adverse party of it is the organisation, stands above it or below it.
WALLED_OFF = """
CREATE FUNCTION public.walled_off(of_complaint uuid, of_organization uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT EXISTS (
    WITH RECURSIVE hostile (origin, id) AS (
        SELECT organization_id, organization_id FROM complaint_link WHERE complaint_id = of_complaint AND adverse
      UNION
        SELECT hostile.origin, o.parent_id FROM hostile JOIN organization o ON o.id = hostile.id
        WHERE o.parent_id IS NOT NULL
    ), above (id) AS (
        SELECT of_organization
      UNION
        SELECT o.parent_id FROM above JOIN organization o ON o.id = above.id WHERE o.parent_id IS NOT NULL
    )
    SELECT FROM hostile WHERE id = of_organization OR (origin = id AND id IN (SELECT above.id FROM above))
  )
$$
"""

# The mark cannot be written by hand. Changes of links are made side by side, changes of the tree one after the other.
MARK = """
CREATE FUNCTION public.mark_walled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(24, 0);
  NEW.walled := NEW.adverse OR walled_off(NEW.complaint_id, NEW.organization_id);
  RETURN NEW;
END
$$
"""

# The owner's privacy lead is told of a grant that a wall closed.
CLOSED = """
CREATE FUNCTION public.tell_walled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  INSERT INTO privacy_alert (id, organization_id, cause, complaint_id, subject_id, occasion, raised_at, tell_pending)
  SELECT gen_random_uuid(), c.owner_id, 'wall_closed_grant', c.id, NEW.id, NEW.version::text, now(), true
  FROM complaint c WHERE c.id = NEW.complaint_id
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$
"""

OF_CASE = """
CREATE FUNCTION public.rewall_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  UPDATE complaint_link l SET walled = NOT l.walled, version = l.version + 1, updated_at = now()
  WHERE l.complaint_id IN (OLD.complaint_id, NEW.complaint_id)
    AND l.walled <> (l.adverse OR walled_off(l.complaint_id, l.organization_id));
  RETURN NULL;
END
$$
"""

OF_FAMILY = """
CREATE FUNCTION public.rewall_family() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(24, 0);
  WITH RECURSIVE below (id) AS (
      SELECT NEW.id UNION SELECT o.id FROM organization o JOIN below ON o.parent_id = below.id
  ), above (id) AS (
      SELECT one FROM unnest(ARRAY[OLD.parent_id, NEW.parent_id]) AS one WHERE one IS NOT NULL
    UNION
      SELECT o.parent_id FROM above JOIN organization o ON o.id = above.id WHERE o.parent_id IS NOT NULL
  ), kin (id) AS (
      SELECT id FROM below UNION SELECT id FROM above
  )
  UPDATE complaint_link l SET walled = NOT l.walled, version = l.version + 1, updated_at = now()
  WHERE l.organization_id IN (SELECT id FROM kin)
    AND l.complaint_id IN (
      SELECT a.complaint_id FROM complaint_link a WHERE a.adverse AND a.organization_id IN (SELECT id FROM kin))
    AND l.walled <> (l.adverse OR walled_off(l.complaint_id, l.organization_id));
  RETURN NULL;
END
$$
"""

# What `walled_off` says of each link, for all of them at once: the tree is climbed once for each organisation.
MARK_ALL = """
WITH RECURSIVE up (origin, id) AS (
    SELECT DISTINCT organization_id, organization_id FROM complaint_link
  UNION
    SELECT up.origin, o.parent_id FROM up JOIN organization o ON o.id = up.id WHERE o.parent_id IS NOT NULL
)
UPDATE complaint_link l SET walled = true
FROM (
  SELECT DISTINCT l.id
  FROM complaint_link l
  JOIN complaint_link a ON a.complaint_id = l.complaint_id AND a.adverse
  WHERE (l.organization_id, a.organization_id) IN (SELECT origin, id FROM up)
     OR (a.organization_id, l.organization_id) IN (SELECT origin, id FROM up)
) behind
WHERE behind.id = l.id
"""

TRIGGERS = (
    """CREATE TRIGGER walled_is_kept BEFORE INSERT OR UPDATE ON complaint_link
       FOR EACH ROW EXECUTE FUNCTION public.mark_walled()""",
    """CREATE TRIGGER walls_follow_new AFTER INSERT ON complaint_link
       FOR EACH ROW WHEN (NEW.adverse) EXECUTE FUNCTION public.rewall_case()""",
    """CREATE TRIGGER walls_follow_gone AFTER DELETE ON complaint_link
       FOR EACH ROW WHEN (OLD.adverse) EXECUTE FUNCTION public.rewall_case()""",
    """CREATE TRIGGER walls_follow_changed AFTER UPDATE ON complaint_link FOR EACH ROW
       WHEN ((OLD.adverse, OLD.organization_id, OLD.complaint_id)
         IS DISTINCT FROM (NEW.adverse, NEW.organization_id, NEW.complaint_id))
       EXECUTE FUNCTION public.rewall_case()""",
    """CREATE TRIGGER walled_is_told AFTER UPDATE ON complaint_link FOR EACH ROW
       WHEN (NEW.walled AND NOT OLD.walled AND NOT NEW.adverse
         AND NEW.access <> 'none' AND NEW.adverse_override IS NULL)
       EXECUTE FUNCTION public.tell_walled()""",
    """CREATE TRIGGER walls_follow_family AFTER UPDATE OF parent_id ON organization
       FOR EACH ROW WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id)
       EXECUTE FUNCTION public.rewall_family()""",
)
FUNCTIONS = ("rewall_family()", "rewall_case()", "tell_walled()", "mark_walled()", "walled_off(uuid, uuid)")


def upgrade() -> None:
    """Make columns, table, index, functions and triggers; mark what stands."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("complaint_link", sa.Column("purpose", sa.LargeBinary(), nullable=True))
    op.add_column("complaint_link", sa.Column("rejected_at", INSTANT, nullable=True))
    op.add_column("complaint_link", sa.Column("revoked_at", INSTANT, nullable=True))
    op.add_column("complaint_link", sa.Column("end_reason", sa.LargeBinary(), nullable=True))
    op.add_column("complaint_link", sa.Column("walled", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.create_index("ix_organization_parent", "organization", ["parent_id"])
    op.create_table(
        "complaint_wall",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("num_nonnulls(contact_id, token_id) = 1", name=op.f("ck_complaint_wall_one_person")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_wall_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_wall")),
        sa.UniqueConstraint("complaint_id", "contact_id", name=op.f("uq_complaint_wall_complaint_id_contact_id")),
        sa.UniqueConstraint("complaint_id", "token_id", name=op.f("uq_complaint_wall_complaint_id_token_id")),
    )
    op.create_index("ix_complaint_wall_contact", "complaint_wall", ["contact_id", "complaint_id"])
    op.create_index("ix_complaint_wall_token", "complaint_wall", ["token_id", "complaint_id"])
    for function in (WALLED_OFF, MARK, CLOSED, OF_CASE, OF_FAMILY):
        op.execute(function)
    op.execute("REVOKE EXECUTE ON FUNCTION public.walled_off(uuid, uuid) FROM PUBLIC")  # triggers ask as its owner
    # Ninety days: what the package's `grants.yaml` says as this is written.
    op.execute(
        "UPDATE complaint_link SET expires_at = now() + interval '90 days'"
        " WHERE access IN ('read', 'write') AND expires_at IS NULL"
    )
    op.execute(MARK_ALL)
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER walls_follow_family ON organization")
    for trigger in (
        "walled_is_kept",
        "walls_follow_new",
        "walls_follow_gone",
        "walls_follow_changed",
        "walled_is_told",
    ):
        op.execute(f"DROP TRIGGER {trigger} ON complaint_link")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION public.{function}")
    op.drop_table("complaint_wall")
    op.drop_index("ix_organization_parent", "organization")
    for column in reversed(NEW):
        op.drop_column("complaint_link", column)
