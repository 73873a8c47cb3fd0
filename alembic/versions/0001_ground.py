"""Lay the ground: searching without accents, safe cells, jobs, idempotency keys, heartbeats.

Why:       every later table searches by `fold`, every export writes cells by `csv_safe`, all work for the workers is a
           row of `job`.
Rows:      none before; the tables begin empty.
Locks:     none that anyone waits for: everything is new.
Old code:  there is none.
Way back:  drops what it made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Accents, case and a few letters that have no accent to lose; ñ becomes n, for searching only.
_FOLD = r"""
CREATE FUNCTION public.fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  lower(translate(regexp_replace(normalize($1, NFD), '[\u0300-\u036f]', '', 'g'), 'ØøŁłĐđß', 'OoLlDds')
        COLLATE pg_c_utf8)
"""

# The words of a text: whatever is no letter or digit parts them, since the parser of PostgreSQL would keep `a/b`, `t.p.i`
# and `-2026` as one.
_TERMS = """
CREATE FUNCTION public.terms(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  regexp_replace(public.fold($1), '[^[:alnum:]]+', ' ', 'g')
"""

# The Spanish order of names: ñ after n, accents ignored.
_ES_SORT = """
CREATE FUNCTION public.es_sort(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  public.fold(replace(replace(normalize($1, NFC), 'ñ', 'n~'), 'Ñ', 'N~')) COLLATE "C"
"""

# A name without legal forms, as `terms` leaves them: `s a de c v`, `sa de cv`. Forms that are words of their own when
# nobody dots them, such as `sa` and `ac`, go only in single letters. A name that is nothing else stays.
_BARE = r"""
CREATE FUNCTION public.bare(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  btrim(coalesce(
    nullif(regexp_replace(regexp_replace(public.terms($1),
      '\m(s ?a ?p ?i( ?b)? de c ?v|s ?a( ?b)? de c ?v|s ?de r ?l( m ?i)?( de c ?v)?|s ?r ?l de c ?v|s a s|s a( b)?|s c|a c|i a p'
      '|inc|incorporated|corp|corporation|llc|l l c|ltd|limited|ltee?|limitee|ulc'
      '|gmbh|ag|s p a|spa|b v|n v|s r l|kg|plc|co)\M', ' ', 'g'), ' +', ' ', 'g'), ' '),
    public.terms($1)))
"""

# The runs of three letters of a text's words, each word with two blanks before it and one behind.
_TRIGRAMS = """
CREATE FUNCTION public.trigrams(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  ARRAY(SELECT DISTINCT substr('  ' || word || ' ', at, 3) COLLATE "C"
        FROM string_to_table(public.bare($1), ' ') AS word, generate_series(1, length(word) + 1) AS at
        WHERE word <> '' ORDER BY 1)
"""

# Those of several names, each by itself: a legal form never begins in one and ends in the next.
_TRIGRAMS_OF_NAMES = """
CREATE FUNCTION public.trigrams(text[]) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  ARRAY(SELECT DISTINCT gram COLLATE "C" FROM unnest($1) AS name, unnest(public.trigrams(name)) AS gram ORDER BY 1)
"""

# How alike the most alike of several names is to a text, 0 to 1: trigrams that both have, over all that either has. The
# text is compared with each run of as many words as it has, and one more, so that `panasonik` is like
# `Panasonic Automotive Systems`, and `goodyear` like `Good Year`.
_LIKENESS = """
CREATE FUNCTION public.likeness(names text[], wanted text[], words integer) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
DECLARE
  name text;
  parts text[];
  run text;
  common integer;
  either integer;
  best double precision := 0;
BEGIN
  FOREACH name IN ARRAY names LOOP
    CONTINUE WHEN name IS NULL;
    parts := string_to_array(public.bare(name), ' ');
    FOR size IN words .. least(words + 1, greatest(cardinality(parts), words)) LOOP
      FOR start IN 1 .. greatest(cardinality(parts) - size + 1, 1) LOOP
        run := '  ' || array_to_string(parts[start : start + size - 1], '   ') || ' ';
        common := (SELECT count(*) FROM unnest(wanted) AS gram WHERE strpos(run, gram) > 0);
        CONTINUE WHEN common <= best * cardinality(wanted);
        either := cardinality(wanted) - common + (
          SELECT count(DISTINCT substr(run, at, 3)) FROM generate_series(1, length(run) - 2) AS at
          WHERE substr(run, at + 1, 2) <> '  '  -- from one word to the next
        );
        best := greatest(best, common::double precision / either);
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN best;
END $$
"""

# A list as one text; array_to_string itself is only stable, since it serves types whose text depends on settings.
_WORDS = """
CREATE FUNCTION public.words(text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT coalesce(array_to_string($1, ' '), '') $$
"""

# A cell that a spreadsheet would run as a formula gets an apostrophe before it: the first character counts that is no
# white space, control character or byte order mark (OWASP, CSV injection).
_CSV_SAFE = r"""
CREATE FUNCTION public.csv_safe(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  CASE WHEN $1 ~ '^[\s\u0001-\u0020\u007f-\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]*[=+@|%\uff1d\uff0b\uff0d\uff20-]'
       THEN '''' || $1 ELSE $1 END
"""

_READING = (_FOLD, _TERMS, _BARE, _TRIGRAMS, _TRIGRAMS_OF_NAMES, _LIKENESS)


def upgrade() -> None:
    """Make functions and the furniture's tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*_READING, _ES_SORT, _WORDS, _CSV_SAFE):
        op.execute(statement)
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_due", "job", ["task", "run_at"], postgresql_where=sa.text("done_at IS NULL"))
    op.create_index(
        "uq_job_open", "job", ["task", "subject_id"], unique=True, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_table(
        "idempotency_key",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "key", name="pk_idempotency_key"),
    )
    op.create_index("ix_idempotency_made", "idempotency_key", ["made_at"])
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeat"),
    )
    # Tables made by later revisions come with the application's rights; it owns none and may change no table.
    op.execute("""
        DO $$ BEGIN
          IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'vigilancia_app') THEN
            GRANT USAGE ON SCHEMA public TO vigilancia_app;
            GRANT SELECT, INSERT, UPDATE, DELETE ON job, idempotency_key, heartbeat TO vigilancia_app;
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO vigilancia_app;
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO vigilancia_app;
          END IF;
        END $$
    """)


def downgrade() -> None:
    """Drop them; jobs not yet done are lost with the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        DO $$ BEGIN
          IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'vigilancia_app') THEN
            ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM vigilancia_app;
            ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM vigilancia_app;
          END IF;
        END $$
    """)
    for name in ("heartbeat", "idempotency_key", "job"):
        op.drop_table(name)
    for function in (
        "csv_safe(text)",
        "words(text[])",
        "es_sort(text)",
        "likeness(text[], text[], integer)",
        "trigrams(text[])",
        "trigrams(text)",
        "bare(text)",
        "terms(text)",
        "fold(text)",
    ):
        op.execute(f"DROP FUNCTION public.{function}")
