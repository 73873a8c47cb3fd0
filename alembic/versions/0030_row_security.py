"""Let the database itself keep organisations apart: tickets, visibility, and policies on every table.

Why:       whoever holds the application's role, or slips SQL of his own into a query, must not read or write what is
           another organisation's. How it works is told in docs/row-security.md.
Rows:      none is touched. The keys that check tickets are written after this by `vigilancia migrate`, not here: a
           migration knows no master key.
Locks:     ACCESS EXCLUSIVE on every table under a policy, for the moment of switching it on.
Old code:  presents no ticket and sees no rows: stop it before, start the new after. It does no harm meanwhile.
Way back:  drops policies, views, functions and keys; the application's own wall stands as before.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

APP = "vigilancia_app"
NOBODY_ELSE = "SET search_path = pg_catalog, pg_temp"

# What the transaction's ticket says, or NULL: mark of the key, organisation, role, the work's instant, until when it may
# begin a transaction, process, seal. HMAC (RFC 2104) on the built-in digest; the two seals are compared by their
# digests, so that how long it takes tells nothing. Judged by when the transaction began, a ticket does not run out
# in the middle of one.
TICKET_TOLD = f"""
CREATE FUNCTION public.ticket_told() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
{NOBODY_ELSE} AS $$
DECLARE
    ticket text := current_setting('vigilancia.ticket', true);
    told text[];
    held public.ticket_key;
    seal bytea;
BEGIN
    IF ticket IS NULL OR ticket = '' THEN
        RETURN NULL;
    END IF;
    told := string_to_array(ticket, '|');
    SELECT * INTO held FROM public.ticket_key k WHERE k.mark = told[1];
    IF NOT FOUND OR cardinality(told) <> 7 THEN
        RETURN NULL;
    END IF;
    seal := sha256(held.outer_block || sha256(
        held.inner_block || convert_to(array_to_string(told[1:6], '|'), 'UTF8')));
    IF sha256(convert_to(encode(seal, 'hex'), 'UTF8')) <> sha256(convert_to(told[7], 'UTF8'))
       OR told[6]::integer <> pg_backend_pid()
       OR to_timestamp(told[5]::bigint) < transaction_timestamp() THEN
        RETURN NULL;
    END IF;
    RETURN told;
END $$
"""

PRESENT_TICKET = f"""
CREATE FUNCTION public.present_ticket(ticket text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
{NOBODY_ELSE} AS $$
BEGIN
    PERFORM set_config('vigilancia.ticket', ticket, true);
    IF public.ticket_told() IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'ticket refused',
            HINT = 'Run `vigilancia migrate` with the master keys of this installation, and compare the clocks.';
    END IF;
END $$
"""

_ASKS = f"LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED {NOBODY_ELSE} AS"
ASKS = {
    "asks_organization": f"""
        CREATE FUNCTION public.asks_organization() RETURNS uuid {_ASKS}
        $$ BEGIN RETURN nullif((public.ticket_told())[2], '')::uuid; END $$""",
    "asks_role": f"""
        CREATE FUNCTION public.asks_role() RETURNS text {_ASKS} $$ BEGIN RETURN (public.ticket_told())[3]; END $$""",
    "asks_now": f"""
        CREATE FUNCTION public.asks_now() RETURNS timestamptz {_ASKS}
        $$ BEGIN RETURN timestamptz 'epoch' + (public.ticket_told())[4]::bigint * interval '1 microsecond'; END $$""",
    # Whoever does not even claim it is spared the digest.
    "asks_system": f"""
        CREATE FUNCTION public.asks_system() RETURNS boolean {_ASKS} $$ BEGIN
            RETURN split_part(coalesce(current_setting('vigilancia.ticket', true), ''), '|', 3) = 'system'
                AND public.ticket_told() IS NOT NULL;
        END $$""",
}

ME = "(SELECT public.asks_organization())"
SYSTEM = "(SELECT public.asks_system())"
ADMIN = "(SELECT public.asks_role()) = 'admin'"
ANALYST = "(SELECT public.asks_role()) = 'analyst'"
PUBLIC = f"confidentiality = 'public' AND {ME} IS NOT NULL"

# Cases that links open to the asker, all or those it reads in full, as a set that a statement gathers once; and whether
# it takes part in a case, or owns it, for the few rows that are written. Both are closed to the planner on purpose:
# policies that named the table of links would be unfolded into each other until a statement had a thousand parts.
# ALERTED is access.policy.ALERT_ROLES.
ALERTED = "ARRAY['petitioner', 'co_petitioner', 'representative', 'challenger_union', 'counsel', 'supporter']"
IN_FULL = "l.access IN ('read', 'write') AND l.accepted_at IS NOT NULL"
COUNTS = "(NOT l.walled OR l.adverse_override IS NOT NULL) AND l.revoked_at IS NULL AND l.rejected_at IS NULL"
CLOSED = f"LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED {NOBODY_ELSE}"
LINKS = {
    "owns_case(uuid)": f"""
        CREATE FUNCTION public.owns_case(case_id uuid) RETURNS boolean {CLOSED} COST 1000 AS $$
        DECLARE
            me uuid := public.asks_organization();
        BEGIN
            RETURN EXISTS (SELECT FROM public.complaint c WHERE c.id = case_id AND c.owner_id = me);
        END $$""",
    "takes_part(uuid)": f"""
        CREATE FUNCTION public.takes_part(case_id uuid) RETURNS boolean {CLOSED} COST 1000 AS $$
        DECLARE
            me uuid := public.asks_organization();
        BEGIN
            RETURN EXISTS (SELECT FROM public.complaint c WHERE c.id = case_id AND c.owner_id = me) OR EXISTS (
                SELECT FROM public.complaint_link l WHERE l.complaint_id = case_id AND l.organization_id = me
                AND {COUNTS} AND (l.expires_at IS NULL OR l.expires_at >= public.asks_now()));
        END $$""",
    "linked_cases(boolean)": f"""
        CREATE FUNCTION public.linked_cases(in_full boolean) RETURNS SETOF uuid {CLOSED} ROWS 100 AS $$
        DECLARE
            me uuid := public.asks_organization();
            instant timestamptz := public.asks_now();
        BEGIN
            RETURN QUERY SELECT l.complaint_id FROM public.complaint_link l
            WHERE l.organization_id = me AND {COUNTS} AND (l.expires_at IS NULL OR l.expires_at > instant)
            AND ({IN_FULL} OR NOT in_full AND l.access <> 'none'
                 AND (l.role = ANY ({ALERTED}) OR l.alerts_approved_by IS NOT NULL));
        END $$""",
}
LINKED = "{} IN (SELECT public.linked_cases(false))"
WORKED_ON = f"(c.owner_id = {ME} OR c.id IN (SELECT public.linked_cases(true)))"

# Visibility as views that only ever tell of the asker: they belong to the owner, whom policies do not bind, so that
# policies can ask of each other's tables, and yet they are planned like any table, index and all. A barrier keeps other
# people's conditions behind their own. The system sees nothing by them: policies ask for it first.
VIEWS = {
    "seen_complaint": f"""
        SELECT c.id FROM public.complaint c
        WHERE c.owner_id = {ME} OR (c.{PUBLIC}) OR {LINKED.format("c.id")}""",
    "involved_complaint": f"""
        SELECT c.id FROM public.complaint c WHERE c.owner_id = {ME} OR {LINKED.format("c.id")}""",
    "worked_complaint": f"SELECT c.id FROM public.complaint c WHERE {WORKED_ON}",
    "known_party": f"""
        SELECT l.organization_id FROM public.complaint_link l JOIN public.complaint c ON c.id = l.complaint_id
        WHERE (c.{PUBLIC}) OR {WORKED_ON}""",
    "known_plant": f"""
        SELECT p.facility_id, {WORKED_ON} AS worked_on
        FROM public.complaint_facility p JOIN public.complaint c ON c.id = p.complaint_id
        WHERE (c.{PUBLIC}) OR {WORKED_ON}""",
}


def _within(view: str, column: str) -> str:
    return f"EXISTS (SELECT FROM public.{view} s WHERE s.id = {column})"


def _below(parent: str, column: str) -> str:
    """Return the condition that the row above exists for the asker: its own policy is asked."""
    return f"EXISTS (SELECT FROM public.{parent} p WHERE p.id = {column})"


def _part_below(parent: str, column: str) -> str:
    return f"public.takes_part((SELECT p.complaint_id FROM public.{parent} p WHERE p.id = {column}))"


# Who sees a row, and who may add, change or remove it.
_CASE = {table: f"{table}.complaint_id" for table in (
    *("complaint_facility", "complaint_relation", "proceeding", "deadline", "rules_proposal", "timeline_entry"),
)}  # fmt: skip
_INNER = {table: f"{table}.complaint_id" for table in ("alarm", "escalation_run")}
_OWN = {
    **dict.fromkeys(("calendar_feed", "saved_search", "escalation_policy"), f"owner_id = {ME}"),
    **dict.fromkeys(("webhook_endpoint", "export"), f"organization_id = {ME}"),
}
_MINE_BELOW = {
    "webhook_delivery": ("webhook_endpoint", "endpoint_id"),
    "webhook_letter": ("webhook_endpoint", "endpoint_id"),
    "webhook_attempt": ("webhook_delivery", "delivery_id"),
    "saved_search_match": ("saved_search", "saved_search_id"),
}
_CASE_BELOW = {
    "proceeding_event": ("proceeding", "proceeding_id"),
    "suspension": ("proceeding", "proceeding_id"),
    "deadline_override": ("proceeding", "proceeding_id"),
    "deadline_revision": ("deadline", "deadline_id"),
    "acknowledgement": ("escalation_run", "run_id"),
    "escalation_assignment": ("escalation_run", "run_id"),
    "escalation_mute": ("escalation_run", "run_id"),
    "escalation_rung": ("escalation_run", "run_id"),
}
_RECORD = f"owner_id = {ME} OR visibility = 'public' AND {ME} IS NOT NULL OR visibility <> 'private' AND {ADMIN}"
_PARTY = "visibility = 'linked' AND EXISTS (SELECT FROM public.known_party k WHERE k.organization_id = {})"
# A report names its places to whoever works on the case (complaints/views.FACILITIES_SHOWN), kept as private or not.
_PLANT = (
    "EXISTS (SELECT FROM public.known_plant k"
    " WHERE k.facility_id = facility.id AND (visibility = 'linked' OR k.worked_on))"
)
_ADDRESSED = f"organization_id = {ME}"
_SOMEBODY = f"{ME} IS NOT NULL"
_EVENTS_CASE = (
    "(SELECT p.complaint_id FROM public.proceeding_event e JOIN public.proceeding p ON p.id = e.proceeding_id"
    " WHERE e.id = event_revision.event_id)"
)


def _rules() -> Iterator[tuple[str, str, str]]:
    """Yield each table with the condition to see a row and the one to write it."""
    sees = f"owner_id = {ME} OR ({PUBLIC}) OR {LINKED.format('id')}"
    yield "complaint", sees, f"owner_id = {ME} OR public.takes_part(id)"
    sees = f"{_ADDRESSED} OR {_within('seen_complaint', 'complaint_link.complaint_id')}"
    yield "complaint_link", sees, "public.owns_case(complaint_id)"
    for table, column in _CASE.items():
        yield table, _within("seen_complaint", column), f"public.takes_part({column})"
    for table, column in _INNER.items():
        yield table, _within("involved_complaint", column), f"public.takes_part({column})"
    for table in ("notice", "complaint_task"):
        column = f"{table}.complaint_id"
        yield (
            table,
            *(
                f"{_ADDRESSED} OR {_within('involved_complaint', column)}",
                f"{_ADDRESSED} OR public.takes_part({column})",
            ),
        )
    yield "notice_attempt", _below("notice", "notice_id"), _below("notice", "notice_id")
    for table, (parent, column) in _CASE_BELOW.items():
        yield table, _below(parent, f"{table}.{column}"), _part_below(parent, f"{table}.{column}")
    yield "event_revision", _below("proceeding_event", "event_id"), f"public.takes_part({_EVENTS_CASE})"
    for table, own in _OWN.items():
        yield table, own, own
    for table, (parent, column) in _MINE_BELOW.items():
        yield table, _below(parent, f"{table}.{column}"), _below(parent, f"{table}.{column}")
    yield (
        "webhook_event",
        *(
            f"{_ADDRESSED} OR EXISTS (SELECT FROM public.webhook_delivery d WHERE d.event_id = webhook_event.id)",
            _ADDRESSED,
        ),
    )
    yield "event_outbox", _ADDRESSED, _ADDRESSED
    yield "organization", f"{_RECORD} OR id = {ME} OR {_PARTY.format('organization.id')}", f"{ME} IN (owner_id, id)"
    kept = f"(visibility <> 'private' OR owner_id = {ME}) AND (desk OR {ANALYST} IS FALSE)"
    yield (
        "contact",
        *(
            f"({_RECORD} OR {_ADDRESSED} OR {_PARTY.format('contact.organization_id')}) AND {kept}",
            f"owner_id = {ME} OR {_ADDRESSED} AND visibility <> 'private'",
        ),
    )
    yield "facility", f"{_RECORD} OR {_PLANT}", f"owner_id = {ME}"
    subject = f"{_below('organization', 'organization_id')} OR {_below('facility', 'facility_id')}"
    yield "identifier", f"owner_id = {ME} OR {subject}", f"owner_id = {ME}"
    kept_plant = f"EXISTS (SELECT FROM public.facility f WHERE f.id = coverage_fact.facility_id AND f.owner_id = {ME})"
    yield "coverage_fact", _below("facility", "coverage_fact.facility_id"), kept_plant
    yield "token", f"{_ADDRESSED} OR {ADMIN}", ADMIN
    yield from _confidential()
    mine = f"EXISTS (SELECT FROM public.token t WHERE t.id = idempotency_key.token_id AND t.organization_id = {ME})"
    yield "idempotency_key", mine, mine


def _confidential() -> Iterator[tuple[str, str, str]]:
    """Yield the tables of the rooms of confidentiality."""
    for table in ("person", "evidence", "custody", "consent", "intake_message", "intake_receipt"):
        worked = _within("worked_complaint", f"{table}.complaint_id")  # its owner, who accepted to read or write it
        yield table, worked, worked
    worked = f"{_ADDRESSED} OR {_within('worked_complaint', 'approval.complaint_id')}"
    yield "approval", worked, worked
    # Whoever might see a case must be able to find out that a wall stands in the way.
    yield "complaint_wall", _within("seen_complaint", "complaint_wall.complaint_id"), "public.owns_case(complaint_id)"
    yield "safeguard", _SOMEBODY, _ADDRESSED  # who works on another's case is bound by what its owner chose
    yield "privacy_alert", _ADDRESSED, _SOMEBODY  # told to one organisation, caused by any
    near = f"EXISTS (SELECT FROM public.complaint c WHERE c.id = audit.complaint_id AND c.owner_id = {ME})"
    yield "audit", f"{_ADDRESSED} OR {near}", "false"
    yield "audit_head", _SOMEBODY, "false"
    for table in ("audit_content", "audit_queue", "audit_chain", "audit_check"):
        yield table, "false", "false"  # the system's alone
    reader = (
        "EXISTS (SELECT FROM public.tombstone_reader r"
        f" WHERE r.complaint_id = tombstone.complaint_id AND r.organization_id = {ME})"
    )
    yield "tombstone", f"owner_id = {ME} OR was_public AND {_SOMEBODY} OR {reader}", f"owner_id = {ME}"
    yield "tombstone_reader", _ADDRESSED, "false"
    for table in ("retention_warning", "legal_hold", "erasure"):
        yield table, _ADDRESSED, _ADDRESSED


# Before there is anybody: whose token it is. Whoever asks must hold the token's digest, and the use is noted.
TOKEN_OF = f"""
CREATE FUNCTION public.token_of(wanted bytea, instant timestamptz, grain interval)
RETURNS TABLE (id uuid, organization_id uuid, holder_id uuid, role text, scopes text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER {NOBODY_ELSE} AS $$
DECLARE
    used timestamptz;
BEGIN
    SELECT t.id, t.organization_id, t.holder_id, t.role, t.scopes, t.last_used_at
    INTO id, organization_id, holder_id, role, scopes, used
    FROM public.token t WHERE t.digest = wanted AND t.revoked_at IS NULL AND t.expires_at > instant;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF used IS NULL OR used <= instant - grain THEN
        UPDATE public.token k SET last_used_at = instant WHERE k.id = (
            SELECT f.id FROM public.token f WHERE f.id = token_of.id FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
    RETURN NEXT;
END $$
"""

# Whether an organisation uses this installation: it keeps its own record, or has a token. Yes or no, and only to somebody.
USES_IT = f"""
CREATE FUNCTION public.uses_installation(party uuid, hidden boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER {NOBODY_ELSE} AS $$ BEGIN
    RETURN public.asks_role() IS NOT NULL AND EXISTS (
        SELECT FROM public.organization o WHERE o.id = party AND (hidden OR o.visibility <> 'private')
        AND (o.owner_id = o.id OR EXISTS (SELECT FROM public.token t WHERE t.organization_id = o.id)));
END $$
"""

# In whose civil days something is counted: the zone of an organisation's seat, and nothing else of it.
ZONE_OF = f"""
CREATE FUNCTION public.zone_of_organization(party uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER {NOBODY_ELSE} AS $$ BEGIN
    RETURN (SELECT o.timezone FROM public.organization o WHERE o.id = party AND public.asks_role() IS NOT NULL);
END $$
"""

# Whether a wall of 0024 stands between an organisation and a case: for the system, which tells nobody.
BEHIND = f"""
CREATE FUNCTION public.behind_a_wall(of_complaint uuid, of_organization uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER {NOBODY_ELSE} AS $$ BEGIN
    RETURN public.asks_system() AND public.walled_off(of_complaint, of_organization);
END $$
"""

# Conditions that PostgreSQL does not hold to be leakproof (full text, arrays) are asked after a policy, row by row, and
# never of their index. These ask the index as the owner and return what the asker sees, so that no more is told by them.
SEARCHES = {
    "complaint_saying": ("tsquery", "search @@ $1"),
    "organization_saying": ("tsquery", "search @@ $1"),
    "organization_like": ("text[]", "trigrams && $1"),
    "facility_saying": ("tsquery", "search @@ $1"),
    "facility_like": ("text[]", "trigrams && $1"),
}


def _search(name: str) -> str:
    kind, condition = SEARCHES[name]
    table = name.partition("_")[0]
    sees = next(sees for ruled, sees, _ in _rules() if ruled == table)
    return (
        f"CREATE FUNCTION public.{name}({kind}) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER"
        f" PARALLEL RESTRICTED ROWS 50 {NOBODY_ELSE} AS $$ SELECT {table}.id FROM public.{table}"
        f" WHERE {condition} AND ({SYSTEM} OR {sees}) $$"
    )


# Rows of these tables are locked by people who see them and may not change them: for a record that must not vanish
# meanwhile, or to be told 403 and not 404. PostgreSQL asks the policy of UPDATE for a lock too, so that one lets see, and
# its check lets write; a trigger keeps the columns by which the check is passed. Whose a case is, and who else sees it,
# is the owner's to say: no party makes itself an owner or a reader.
KEPT = {
    "complaint": ("owner_id", "confidentiality"),
    "organization": ("id", "owner_id"),
    "contact": ("owner_id", "organization_id"),
    "facility": ("owner_id",),
    "complaint_link": (
        *("complaint_id", "organization_id", "role", "access", "adverse", "adverse_override", "alerts_approved_by"),
        *("valid_from", "expires_at", "revoked_at"),
    ),
}
GUARDS = {
    "keep_owner": f"""
        CREATE FUNCTION public.keep_owner() RETURNS trigger LANGUAGE plpgsql {NOBODY_ELSE} AS $$ BEGIN
            IF session_user = '{APP}' AND NOT public.asks_system() AND (NEW.owner_id <> OLD.owner_id
               OR OLD.owner_id IS DISTINCT FROM public.asks_organization()) THEN
                RAISE insufficient_privilege USING MESSAGE = 'only the owner decides this';
            END IF;
            RETURN NEW;
        END $$""",
    "keep_link": f"""
        CREATE FUNCTION public.keep_link() RETURNS trigger LANGUAGE plpgsql {NOBODY_ELSE} AS $$ BEGIN
            IF session_user = '{APP}' AND NOT public.asks_system() AND NOT public.owns_case(OLD.complaint_id) THEN
                RAISE insufficient_privilege USING MESSAGE = 'only the owner decides this';
            END IF;
            RETURN NEW;
        END $$""",
}
GRANTED = (
    *("present_ticket(text)", "asks_organization()", "asks_role()", "asks_now()", "asks_system()", *LINKS),
    *("token_of(bytea, timestamptz, interval)", "uses_installation(uuid, boolean)", "zone_of_organization(uuid)"),
    "behind_a_wall(uuid, uuid)",
    *(f"{name}({kind})" for name, (kind, _) in SEARCHES.items()),
)


def upgrade() -> None:
    """Make tickets, visibility, and the policies that ask for them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "ticket_key",
        sa.Column("mark", sa.Text(), primary_key=True),
        sa.Column("inner_block", sa.LargeBinary(), nullable=False),
        sa.Column("outer_block", sa.LargeBinary(), nullable=False),
    )
    for function in (TICKET_TOLD, PRESENT_TICKET, *ASKS.values(), *LINKS.values(), TOKEN_OF, USES_IT, ZONE_OF, BEHIND):
        op.execute(function)
    for view, query in VIEWS.items():
        op.execute(f"CREATE VIEW public.{view} WITH (security_barrier) AS {query}")
    for function in (*map(_search, SEARCHES), *GUARDS.values()):
        op.execute(function)
    _guard()
    for table, sees, writes in _rules():
        _switch_on(table, sees, writes)
    op.execute("ALTER FUNCTION public.timeline_outbox() SECURITY DEFINER SET search_path = pg_catalog, pg_temp")
    _grant()


def _guard() -> None:
    for table, columns in KEPT.items():
        differs = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
        guard = "keep_link" if table == "complaint_link" else "keep_owner"
        op.execute(
            f"CREATE TRIGGER {guard} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({differs})"
            f" EXECUTE FUNCTION public.{guard}()"
        )


def _switch_on(table: str, sees: str, writes: str) -> None:
    op.execute(f'ALTER TABLE public."{table}" ENABLE ROW LEVEL SECURITY')
    held = sees if table in KEPT else writes
    changes = f"{_ADDRESSED} OR {writes}" if table == "complaint_link" else writes  # a party accepts its own
    for name, clause in (
        ("seen", f"FOR SELECT USING ({SYSTEM} OR {sees})"),
        ("added", f"FOR INSERT WITH CHECK ({SYSTEM} OR {writes})"),
        ("changed", f"FOR UPDATE USING ({SYSTEM} OR {held}) WITH CHECK ({SYSTEM} OR {changes})"),
        ("removed", f"FOR DELETE USING ({SYSTEM} OR {writes})"),
    ):
        op.execute(f'CREATE POLICY {name} ON public."{table}" {clause}')


def _grant() -> None:
    functions = ("ticket_told()", *GRANTED)
    op.execute("REVOKE EXECUTE ON FUNCTION " + ", ".join(f"public.{each}" for each in functions) + " FROM PUBLIC")
    if op.get_bind().execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :app"), {"app": APP}).scalar():
        op.execute(f"REVOKE ALL ON public.ticket_key FROM {APP}")
        views = ", ".join(f"public.{view}" for view in VIEWS)
        op.execute(f"REVOKE ALL ON {views} FROM {APP}")  # a view of the owner's would be written through as the owner
        op.execute(f"GRANT SELECT ON {views} TO {APP}")
        op.execute("GRANT EXECUTE ON FUNCTION " + ", ".join(f"public.{each}" for each in GRANTED) + f" TO {APP}")


def downgrade() -> None:
    """Drop all of it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER FUNCTION public.timeline_outbox() SECURITY INVOKER RESET search_path")
    for table, _, _ in _rules():
        for name in ("seen", "added", "changed", "removed"):
            op.execute(f'DROP POLICY {name} ON public."{table}"')
        op.execute(f'ALTER TABLE public."{table}" DISABLE ROW LEVEL SECURITY')
    for table in KEPT:
        op.execute(f"DROP TRIGGER {'keep_link' if table == 'complaint_link' else 'keep_owner'} ON {table}")
    for guard in GUARDS:
        op.execute(f"DROP FUNCTION public.{guard}()")
    for function in reversed(GRANTED[-len(SEARCHES) :]):
        op.execute(f"DROP FUNCTION public.{function}")
    for view in reversed(VIEWS):
        op.execute(f"DROP VIEW public.{view}")
    for function in (*reversed(GRANTED[: -len(SEARCHES)]), "ticket_told()"):
        op.execute(f"DROP FUNCTION public.{function}")
    op.drop_table("ticket_key")
