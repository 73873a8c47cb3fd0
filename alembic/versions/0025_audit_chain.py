"""Make the audit one that nobody can quietly edit: writes by trigger, a chain of digests, signed heads.

Why:       what was read and changed must be told truly even by who would rather it were not: the application can only
           add through functions, every row is chained to the one before, and heads are signed and kept outside too.
Rows:      `audit` gets two empty columns; what is in it is queued to be sealed. The other tables begin empty.
Locks:     `audit` for the moment of adding columns; each watched table for that of making triggers (SHARE ROW
           EXCLUSIVE: writes wait, reads do not).
Old code:  can write no audit rows of its own any more; stop it before, start the new after.
Way back:  drops triggers, functions and tables; the audit's rows stay, what they held and their chain do not.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

APP = "vigilancia_app"
DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

# Who acts in this transaction, and when: as the application said at its begin (core/actor.py). Whoever comes by
# another way is nobody, and the database says under which name it came.
ACTOR = """
CREATE FUNCTION public.audit_actor(
    said text, OUT organization_id uuid, OUT role text, OUT token_id uuid, OUT holder_id uuid, OUT at timestamptz,
    OUT facts jsonb
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text[] := string_to_array(nullif(said, ''), '|');
BEGIN
    IF cardinality(told) = 5 THEN
        organization_id := nullif(told[1], '')::uuid;
        role := nullif(told[2], '');
        token_id := nullif(told[3], '')::uuid;
        holder_id := nullif(told[4], '')::uuid;
        at := timestamptz 'epoch' + told[5]::bigint * interval '1 microsecond';
    ELSE
        at := date_trunc('milliseconds', clock_timestamp());
        facts := jsonb_build_object('database_user', session_user);
    END IF;
END $$
"""

# The case that something belongs to, by the name of the column or of the part of an address that names the thing.
CASE_OF = """
CREATE FUNCTION public.audit_case_of(way text, thing uuid) RETURNS uuid LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CASE way
        WHEN 'complaint_id', 'id' THEN RETURN thing;
        WHEN 'proceeding_id' THEN RETURN (SELECT p.complaint_id FROM public.proceeding p WHERE p.id = thing);
        WHEN 'deadline_id' THEN RETURN (SELECT d.complaint_id FROM public.deadline d WHERE d.id = thing);
        WHEN 'run_id', 'escalation_id' THEN
            RETURN (SELECT r.complaint_id FROM public.escalation_run r WHERE r.id = thing);
        WHEN 'notice_id' THEN RETURN (SELECT n.complaint_id FROM public.notice n WHERE n.id = thing);
        WHEN 'proposal_id' THEN RETURN (SELECT p.complaint_id FROM public.rules_proposal p WHERE p.id = thing);
        WHEN 'event_id' THEN RETURN (SELECT p.complaint_id FROM public.proceeding_event e
                                     JOIN public.proceeding p ON p.id = e.proceeding_id WHERE e.id = thing);
        ELSE RETURN NULL;
    END CASE;
END $$
"""

# Digest of what a row was before and after; the text is kept as it is (json, not jsonb), so that it stays the same.
CONTENT_DIGEST = """
CREATE FUNCTION public.audit_content_digest(before text, after text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(convert_to(coalesce(before, '') || chr(10) || coalesce(after, ''), 'UTF8'))
"""

# One statement changes rows, one statement tells of all of them. Arguments: the key's columns, the way to the case,
# columns that do not count, columns whose values are told nobody.
WRITE = f"""
CREATE FUNCTION public.audit_write() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE
    keys text[] := TG_ARGV[0];
    way text := TG_ARGV[1];
    unseen text[] := TG_ARGV[2];
    hidden text[] := TG_ARGV[3];
    olds jsonb[];
    news jsonb[];
    actor record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(to_jsonb(f) - unseen) INTO news FROM fresh f;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(to_jsonb(s) - unseen) INTO olds FROM stale s;
    ELSE
        SELECT array_agg(s.j), array_agg(f.j) INTO olds, news
        FROM (SELECT to_jsonb(s) - unseen AS j FROM stale s) s
        FULL JOIN (SELECT to_jsonb(f) - unseen AS j FROM fresh f) f
            ON f.j ->> keys[1] = s.j ->> keys[1]
            AND coalesce(f.j ->> keys[2], '') = coalesce(s.j ->> keys[2], '')
        WHERE s.j IS DISTINCT FROM f.j;
    END IF;
    IF olds IS NULL AND news IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO actor FROM public.audit_actor(current_setting('vigilancia.actor', true));
    WITH told AS MATERIALIZED (
        SELECT gen_random_uuid() AS id, coalesce(r.new, r.old) AS whole, c.fields,
            CASE WHEN r.old IS NULL OR r.new IS NULL THEN r.old - hidden ELSE c.before END::text AS before,
            CASE WHEN r.old IS NULL OR r.new IS NULL THEN r.new - hidden ELSE c.after END::text AS after
        FROM unnest(olds, news) AS r(old, new)
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(k ORDER BY k) AS fields,
                coalesce(jsonb_object_agg(k, r.old -> k) FILTER (WHERE k <> ALL (hidden)), '{{}}') AS before,
                coalesce(jsonb_object_agg(k, r.new -> k) FILTER (WHERE k <> ALL (hidden)), '{{}}') AS after
            FROM jsonb_object_keys(r.old) k WHERE r.old -> k IS DISTINCT FROM r.new -> k
        ) c ON r.old IS NOT NULL AND r.new IS NOT NULL
    ), said AS (
        INSERT INTO public.audit (id, at, action, what, organization_id, role, token_id, holder_id, complaint_id,
            subject_id, facts, content)
        SELECT t.id, actor.at, 'write', TG_TABLE_NAME, actor.organization_id, actor.role, actor.token_id,
            actor.holder_id,
            CASE WHEN way = '' THEN NULL ELSE public.audit_case_of(way, (t.whole ->> way)::uuid) END,
            (t.whole ->> keys[1])::uuid,
            jsonb_strip_nulls(jsonb_build_object('op', lower(TG_OP), 'fields', t.fields)) || coalesce(actor.facts, '{{}}'),
            public.audit_content_digest(t.before, t.after)
        FROM told t
    )
    INSERT INTO public.audit_content (audit_id, before, after) SELECT t.id, t.before::json, t.after::json FROM told t;
    RETURN NULL;
END $$
"""

# What the application notes itself: reads, exports, refusals. Only the system may speak for somebody else.
NOTE = f"""
CREATE FUNCTION public.audit_note(entries jsonb, spoken_for text DEFAULT NULL) RETURNS void LANGUAGE plpgsql {DEFINER}
AS $$
DECLARE
    actor record;
BEGIN
    SELECT * INTO actor FROM public.audit_actor(current_setting('vigilancia.actor', true));
    IF spoken_for IS NOT NULL THEN
        IF actor.role IS DISTINCT FROM 'system' THEN
            RAISE insufficient_privilege USING MESSAGE = 'only the system speaks for another';
        END IF;
        SELECT * INTO actor FROM public.audit_actor(spoken_for);
    END IF;
    INSERT INTO public.audit (id, at, action, what, organization_id, role, token_id, holder_id, complaint_id,
        subject_id, shown, why, facts)
    SELECT coalesce(e.id, gen_random_uuid()), actor.at, e.action, e.what, actor.organization_id, actor.role, actor.token_id,
        actor.holder_id, coalesce(e.complaint_id, public.audit_case_of(e.way, e.thing)), e.subject_id,
        coalesce(e.shown, (
            SELECT array_agg(encode(substr(u.ids, n * 16 + 1, 16), 'hex')::uuid)
            FROM decode(e.packed, 'base64') AS u(ids), generate_series(0, length(u.ids) / 16 - 1) n
        )),
        decode(e.why, 'base64'), nullif(coalesce(e.facts, '{{}}') || coalesce(actor.facts, '{{}}'), '{{}}')
    FROM jsonb_to_recordset(entries) AS e(id uuid, action text, what text, complaint_id uuid, way text,
        thing uuid, subject_id uuid, shown uuid[], packed text, why text, facts jsonb);
END $$
"""

# A token used for the first time in an hour. Who it is stands in its own row: nobody was recognised before.
LOGIN = f"""
CREATE FUNCTION public.audit_login() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
    INSERT INTO public.audit (id, at, action, what, organization_id, role, token_id, holder_id, subject_id)
    VALUES (gen_random_uuid(), NEW.last_used_at, 'login', 'token', NEW.organization_id, NEW.role, NEW.id, NEW.holder_id, NEW.id);
    RETURN NULL;
END $$
"""

# A calendar feed fetched for the first time in an hour: whoever has its address is taken for the organisation.
FEED = f"""
CREATE FUNCTION public.audit_feed() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
    INSERT INTO public.audit (id, at, action, what, organization_id, holder_id, complaint_id, subject_id)
    VALUES (gen_random_uuid(), NEW.last_read_at, 'read', 'calendar_feed', NEW.owner_id, NEW.contact_id, NEW.complaint_id, NEW.id);
    RETURN NULL;
END $$
"""

# What is new waits for the sealer, in the transaction that wrote it: so the sealer misses nothing that commits late.
QUEUE = f"""
CREATE FUNCTION public.audit_enqueue() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
    INSERT INTO public.audit_queue (seq) SELECT f.seq FROM fresh f;
    RETURN NULL;
END $$
"""

SEAL = f"""
CREATE FUNCTION public.audit_seal(
    first_position bigint, seqs bigint[], digests bytea[], sealed_at timestamptz, key bytea, signed bytea
) RETURNS void LANGUAGE plpgsql {DEFINER} AS $$
DECLARE
    sealed bigint;
BEGIN
    -- The wall (0030) knows who asks; only the system's own work comes here.
    IF NOT public.asks_system() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the system does this';
    END IF;
    IF first_position <> coalesce((SELECT max(c.position) FROM public.audit_chain c), 0) + 1 THEN
        RAISE serialization_failure USING MESSAGE = 'the chain has moved on';
    END IF;
    DELETE FROM public.audit_queue q WHERE q.seq = ANY (seqs);
    GET DIAGNOSTICS sealed = ROW_COUNT;
    IF sealed <> cardinality(seqs) OR sealed <> cardinality(digests) THEN
        RAISE serialization_failure USING MESSAGE = 'some of these rows do not wait to be sealed';
    END IF;
    INSERT INTO public.audit_chain (position, audit_id, digest)
    SELECT first_position + u.place - 1, a.id, u.digest
    FROM unnest(seqs, digests) WITH ORDINALITY AS u(seq, digest, place) JOIN public.audit a ON a.seq = u.seq;
    INSERT INTO public.audit_head (position, digest, at, public_key, signature)
    VALUES (first_position + sealed - 1, digests[sealed], sealed_at, key, signed);
END $$
"""

# Erasure takes what rows held, never the rows: their digests go on proving the chain. That it did is a row itself.
FORGET = f"""
CREATE FUNCTION public.forget_audit_content(complaint uuid) RETURNS bigint LANGUAGE plpgsql {DEFINER} AS $$
DECLARE
    forgotten bigint;
    actor record;
BEGIN
    -- The wall (0030) knows who asks; only the system's own work comes here.
    IF NOT public.asks_system() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the system does this';
    END IF;
    DELETE FROM public.audit_content c USING public.audit a WHERE a.complaint_id = complaint AND c.audit_id = a.id;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    IF forgotten > 0 THEN
        SELECT * INTO actor FROM public.audit_actor(current_setting('vigilancia.actor', true));
        INSERT INTO public.audit (id, at, action, what, organization_id, role, token_id, holder_id, complaint_id, facts)
        VALUES (gen_random_uuid(), actor.at, 'write', 'audit_content', actor.organization_id, actor.role, actor.token_id,
            actor.holder_id, complaint, jsonb_build_object('op', 'forget', 'rows', forgotten) || coalesce(actor.facts, '{{}}'));
    END IF;
    RETURN forgotten;
END $$
"""

# Whether what a row held is as it was written; the words themselves do not leave the table.
CONTENT_STATE = f"""
CREATE FUNCTION public.audit_content_state(told uuid, complaint uuid, expected bytea) RETURNS text LANGUAGE plpgsql STABLE
{DEFINER} AS $$
DECLARE
    held record;
BEGIN
    SELECT c.before::text AS before, c.after::text AS after INTO held FROM public.audit_content c WHERE c.audit_id = told;
    IF FOUND THEN
        RETURN CASE WHEN public.audit_content_digest(held.before, held.after) IS NOT DISTINCT FROM expected
            THEN 'kept' ELSE 'edited' END;
    ELSIF expected IS NULL THEN
        RETURN 'none';
    END IF;
    RETURN CASE WHEN EXISTS (SELECT FROM public.audit a WHERE a.complaint_id = complaint AND a.what = 'audit_content')
        THEN 'forgotten' ELSE 'removed' END;
END $$
"""

# Watch a table: three triggers, or fewer. For later migrations too: what is decided stands in docs/audit.md.
WATCH = """
CREATE PROCEDURE public.audit_watch(
    watched text, keys text DEFAULT '{id}', way text DEFAULT '', unseen text DEFAULT '{}', hidden text DEFAULT '{}',
    told text[] DEFAULT '{insert,update,delete}'
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind text;
    uncounted text[] := unseen::text[] || '{updated_at,version,search,trigrams}';
BEGIN
    FOREACH kind IN ARRAY told LOOP
        EXECUTE format(
            'CREATE TRIGGER audit_%s AFTER %s ON public.%I REFERENCING %s FOR EACH STATEMENT'
            ' EXECUTE FUNCTION public.audit_write(%L, %L, %L, %L)',
            kind, upper(kind), watched,
            CASE kind WHEN 'insert' THEN 'NEW TABLE AS fresh' WHEN 'delete' THEN 'OLD TABLE AS stale'
                ELSE 'OLD TABLE AS stale NEW TABLE AS fresh' END,
            keys, way, uncounted, hidden);
    END LOOP;
END $$
"""

FUNCTIONS = {
    "audit_actor(text)": ACTOR,
    "audit_case_of(text, uuid)": CASE_OF,
    "audit_content_digest(text, text)": CONTENT_DIGEST,
    "audit_write()": WRITE,
    "audit_note(jsonb, text)": NOTE,
    "audit_login()": LOGIN,
    "audit_feed()": FEED,
    "audit_enqueue()": QUEUE,
    "audit_seal(bigint, bigint[], bytea[], timestamptz, bytea, bytea)": SEAL,
    "forget_audit_content(uuid)": FORGET,
    "audit_content_state(uuid, uuid, bytea)": CONTENT_STATE,
}
FOR_THE_APP = (
    "audit_note(jsonb, text)",
    "audit_seal(bigint, bigint[], bytea[], timestamptz, bytea, bytea)",
    "forget_audit_content(uuid)",
    "audit_content_state(uuid, uuid, bytea)",
)

# Table, key's columns, way to the case, what does not count, what is told nobody; which kinds of change.
ALL = "{insert,update,delete}"
CHANGES = "{update,delete}"  # of what is written often, by itself, from what is watched
WATCHED = (
    ("acknowledgement", "{id}", "run_id", "{}", "{}", ALL),
    ("alarm", "{id}", "complaint_id", "{tell_pending,told_at}", "{}", ALL),
    ("approval", "{id}", "complaint_id", "{}", "{}", ALL),
    ("calendar_closure", "{id}", "", "{}", "{}", ALL),
    ("calendar_feed", "{id}", "complaint_id", "{last_read_at}", "{digest,name}", ALL),
    ("complaint", "{id}", "id", "{}", "{summary}", ALL),
    ("complaint_facility", "{facility_id,complaint_id}", "complaint_id", "{}", "{}", ALL),
    ("complaint_link", "{id}", "complaint_id", "{}", "{}", ALL),
    ("complaint_relation", "{related_id,complaint_id}", "complaint_id", "{}", "{}", ALL),
    ("complaint_task", "{id}", "complaint_id", "{plan_pending,revision}", "{}", ALL),
    ("contact", "{id}", "", "{digest_next_at,calm_next_at,ask_pending}", "{name,channels,verified_by}", ALL),
    ("coverage_fact", "{id}", "", "{}", "{}", ALL),
    (
        "deadline",
        "{id}",
        "complaint_id",
        "{computation,citation,warnings,kept_digest,kept_mark,plan_pending,speaks_at,created_at}",
        "{}",
        ALL,
    ),
    ("deadline_override", "{id}", "proceeding_id", "{}", "{}", ALL),
    ("deadline_revision", "{id}", "deadline_id", "{}", "{}", CHANGES),
    ("escalation_assignment", "{id}", "run_id", "{}", "{}", ALL),
    ("escalation_mute", "{run_id,rung}", "run_id", "{}", "{}", ALL),
    ("escalation_policy", "{id}", "", "{}", "{}", ALL),
    ("escalation_run", "{id}", "complaint_id", "{next_rung,next_at}", "{}", CHANGES),
    ("event_revision", "{id}", "event_id", "{}", "{}", CHANGES),
    ("export", "{id}", "", "{status,reason,rows,bytes,sha256,finished_at,expires_at}", "{purpose,filter}", ALL),
    ("facility", "{id}", "", "{}", "{}", ALL),
    ("identifier", "{id}", "", "{}", "{}", ALL),
    (
        "notice",
        "{id}",
        "complaint_id",
        "{status,reason,hold_until,within_id,after_id,after_why,late,due_at,ended_at}",
        "{}",
        CHANGES,
    ),
    ("organization", "{id}", "", "{}", "{}", ALL),
    ("privacy_alert", "{id}", "complaint_id", "{tell_pending,told_at}", "{}", ALL),
    ("proceeding", "{id}", "complaint_id", "{seen_digest,seen_mark}", "{}", ALL),
    ("proceeding_event", "{id}", "proceeding_id", "{}", "{}", ALL),
    ("rules_proposal", "{id}", "complaint_id", "{}", "{}", CHANGES),
    ("safeguard", "{organization_id}", "", "{}", "{}", ALL),
    ("saved_search", "{id}", "", "{looked_at}", "{name,filter}", ALL),
    ("suspension", "{id}", "proceeding_id", "{}", "{}", ALL),
    ("timeline_entry", "{id}", "complaint_id", "{}", "{}", CHANGES),
    ("token", "{id}", "", "{last_used_at}", "{digest}", ALL),
    (
        "webhook_endpoint",
        "{id}",
        "",
        "{first_failed_at,last_failed_at,hold_until}",
        "{url,secret,previous_secret,description}",
        ALL,
    ),
)


def upgrade() -> None:
    """Make tables, functions and triggers, and take from the application what it must not do."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("audit", sa.Column("shown", postgresql.ARRAY(sa.Uuid()), nullable=True))
    op.add_column("audit", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.create_index("ix_audit_organization", "audit", ["organization_id", "seq"])
    op.create_index("ix_audit_shown", "audit", ["shown"], postgresql_using="gin")
    op.create_index("ix_audit_reading", "audit", ["token_id", "at"], postgresql_where=sa.text("action = 'read'"))
    _tables()
    for text in FUNCTIONS.values():
        op.execute(text)
    op.execute(WATCH)
    op.execute(
        "CREATE TRIGGER audit_queue AFTER INSERT ON audit REFERENCING NEW TABLE AS fresh"
        " FOR EACH STATEMENT EXECUTE FUNCTION public.audit_enqueue()"
    )
    op.execute("INSERT INTO audit_queue (seq) SELECT seq FROM audit")
    for table, keys, way, unseen, hidden, told in WATCHED:
        op.execute(f"CALL public.audit_watch('{table}', '{keys}', '{way}', '{unseen}', '{hidden}', '{told}')")
    _uses()
    _privileges()


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER audit_login ON token")
    op.execute("DROP TRIGGER audit_read ON calendar_feed")
    op.execute("DROP TRIGGER audit_queue ON audit")
    for table, *_, told in WATCHED:
        for kind in told.strip("{}").split(","):
            op.execute(f"DROP TRIGGER audit_{kind} ON {table}")
    op.execute("DROP PROCEDURE public.audit_watch(text, text, text, text, text, text[])")
    for name in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION public.{name}")
    for name in ("audit_check", "audit_head", "audit_chain", "audit_queue", "audit_content"):
        op.drop_table(name)
    for name in ("ix_audit_reading", "ix_audit_shown", "ix_audit_organization"):
        op.drop_index(name, "audit")
    op.drop_column("audit", "content")
    op.drop_column("audit", "shown")
    op.execute(_if_there("GRANT INSERT ON audit TO vigilancia_app"))


def _tables() -> None:
    op.create_table(
        "audit_content",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("before", postgresql.JSON(), nullable=True),
        sa.Column("after", postgresql.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_content")),
    )
    op.create_table(
        "audit_queue",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_queue")),
    )
    op.create_table(
        "audit_chain",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_chain")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_chain_audit_id")),
    )
    op.create_table(
        "audit_head",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    op.create_index("ix_audit_check_at", "audit_check", ["at"])


def _uses() -> None:
    """Note the first use in an hour of a token and of a feed."""
    for trigger, table, column, function in (
        ("audit_login", "token", "last_used_at", "audit_login"),
        ("audit_read", "calendar_feed", "last_read_at", "audit_feed"),
    ):
        op.execute(f"""
            CREATE TRIGGER {trigger} AFTER UPDATE OF {column} ON {table} FOR EACH ROW WHEN (
                NEW.{column} IS NOT NULL AND date_trunc('hour', OLD.{column}, 'UTC')
                IS DISTINCT FROM date_trunc('hour', NEW.{column}, 'UTC'))
            EXECUTE FUNCTION public.{function}()
        """)


def _privileges() -> None:
    """Leave the application reading and the few functions."""
    for name in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION public.{name} FROM PUBLIC")
    op.execute("REVOKE ALL ON PROCEDURE public.audit_watch(text, text, text, text, text, text[]) FROM PUBLIC")
    tables = "audit, audit_content, audit_queue, audit_chain, audit_head, audit_check"
    granted = "; ".join(f"GRANT EXECUTE ON FUNCTION public.{name} TO {APP}" for name in FOR_THE_APP)
    op.execute(
        _if_there(
            f"REVOKE ALL ON {tables} FROM {APP}; GRANT SELECT ON audit, audit_queue, audit_chain, audit_head TO {APP};"
            f" GRANT SELECT, INSERT ON audit_check TO {APP}; {granted}"
        )
    )


def _if_there(statements: str) -> str:
    return f"""
        DO $$ BEGIN
          IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') THEN
            {statements};
          END IF;
        END $$
    """
