"""The wall of the database itself: what the application's role can read and write with SQL of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier
from sqlalchemy import select

from tests.api.world import a_world
from tests.builders import a_complaint, a_contact, a_facility, a_link, an_organization
from tests.conftest import KEYS, Api, Clock, Database, People
from vigilancia.access import policy
from vigilancia.access.contacts import contact_seen
from vigilancia.complaints.models import ComplaintRow
from vigilancia.core import clock as clocks
from vigilancia.core.crypto import KeyRing
from vigilancia.core.identity import SYSTEM, Caller
from vigilancia.core.tickets import PRESENT, Asks
from vigilancia.core.work import Desk
from vigilancia.registry.models import ContactRow, FacilityRow, OrganizationRow

# Tables without any organisation's data. Everything else is under policies.
EVERYBODYS = {
    "alembic_version": "which migrations have run",
    "attempt": "counts of attempts by the hour, and digests",
    "key_store": "which key store belongs to the database",
    "receipt_salt": "the salt of all receipts",
    "calendar_closure": "days off of authorities, which everybody is told",
    "heartbeat": "when processes gave a sign of life",
    "job": "ids of what is to be done, and when; no data of a case",
    "rule_set": "rules of law, which are public",
    "ticket_key": "keys of the wall itself; the application's role has no right to it at all",
}
CARELESS = {"reason": "What the world holds of people wants a consent"}
REGISTRY = (OrganizationRow, FacilityRow, ContactRow)

Look = Callable[..., set[Any]]


def a_ticket(pid: int, caller: Caller, now: datetime, *, keys: str = KEYS) -> str:
    """Return a ticket as the application writes it."""
    return Asks(caller=caller, now=now, keys=KeyRing(keys)).ticket(pid)


@contextmanager
def asking(database: Database, caller: Caller | None, now: datetime) -> Iterator[psycopg.Connection[Any]]:
    """Open a transaction of the application's role with somebody's ticket, or with none; nothing in it is kept."""
    with psycopg.connect(database.url) as connection:
        if caller is not None:
            ticket = a_ticket(connection.info.backend_pid, caller, now)
            connection.execute(PRESENT.format("%s"), (ticket,))
        yield connection
        connection.rollback()


def ids(connection: psycopg.Connection[Any], table: str, column: str = "id") -> set[UUID]:
    """Return what is seen of a column."""
    query = SQL("SELECT {} FROM {}").format(Identifier(column), Identifier(table))
    return {row[0] for row in connection.execute(query)}


def tables(database: Database) -> dict[str, bool]:
    """Return every table, and whether it is under row-level security."""
    with psycopg.connect(database.owner_url) as connection:
        return dict(
            connection.execute(
                "SELECT relname, relrowsecurity FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            ).fetchall()
        )


def test_every_table_is_under_policies_or_said_to_be_everybodys(database: Database) -> None:
    found = tables(database)
    assert {name for name, walled in found.items() if not walled} == set(EVERYBODYS)
    with psycopg.connect(database.owner_url) as connection:
        kinds = connection.execute("SELECT tablename, array_agg(cmd ORDER BY cmd) FROM pg_policies GROUP BY 1")
        ruled: dict[str, list[str]] = dict(kinds.fetchall())
    assert ruled == {name: ["DELETE", "INSERT", "SELECT", "UPDATE"] for name, walled in found.items() if walled}, (
        "each table has one policy for each kind of statement"
    )


async def test_without_a_ticket_there_is_no_row(api: Api, desk: Desk, database: Database, clock: Clock) -> None:
    await a_world(api, desk)
    await a_complaint(api, confidentiality="public")
    with asking(database, SYSTEM, clock.now) as system, asking(database, None, clock.now) as nobody:
        filled = 0
        readable = "SELECT has_table_privilege(quote_ident(%s), 'SELECT')"
        for name in sorted(tables(database).keys() - EVERYBODYS.keys()):
            if nobody.execute(readable, (name,)).fetchone() == (False,):
                continue
            count = SQL("SELECT count(*) FROM {}").format(Identifier(name))
            filled += system.execute(count).fetchone() != (0,)
            assert nobody.execute(count).fetchone() == (0,), name
    assert filled > 20, "the world fills most tables, or the test shows little"


async def test_a_stranger_sees_only_what_is_public_or_its_own(
    api: Api, desk: Desk, people: People, database: Database, clock: Clock
) -> None:
    await a_world(api, desk, linked=False)
    public = await a_complaint(api, confidentiality="public")
    own = await a_complaint(api, role="partner", title="Own")
    with asking(database, people.partner, clock.now) as connection:
        assert ids(connection, "complaint") == {UUID(public["id"]), UUID(own["id"])}
        assert ids(connection, "timeline_entry", "complaint_id") == {UUID(public["id"]), UUID(own["id"])}
        for name in (
            *("complaint_link", "proceeding", "proceeding_event", "deadline", "escalation_run", "escalation_rung"),
            *("notice", "notice_attempt", "complaint_task", "escalation_assignment", "rules_proposal", "export"),
            *("saved_search", "calendar_feed", "webhook_endpoint", "escalation_policy"),
        ):
            assert connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(name))).fetchone() == (0,), name
        assert ids(connection, "token", "organization_id") == {people.union_id}


async def test_tables_of_a_public_case_that_are_for_its_parties_stay_theirs(
    api: Api, desk: Desk, people: People, database: Database, clock: Clock
) -> None:
    world = await a_world(api, desk, linked=False)
    case = f"/v1/complaints/{world['complaint_id']}"
    version = (await api.get(case)).json()["version"]
    answer = await api.patch(case, version=version, json={"confidentiality": "public", "consent_override": CARELESS})
    assert answer.status_code == 200, answer.text
    with asking(database, people.partner, clock.now) as connection:
        assert ids(connection, "complaint") == {UUID(world["complaint_id"])}
        assert ids(connection, "deadline")
        for name in ("alarm", "escalation_run", "escalation_rung", "notice", "complaint_task", "escalation_assignment"):
            assert connection.execute(SQL("SELECT count(*) FROM {}").format(Identifier(name))).fetchone() == (0,), name


async def test_registry_records_show_as_their_visibility_says(
    api: Api, people: People, database: Database, clock: Clock
) -> None:
    kept = {kind: (await an_organization(api, visibility=kind))["id"] for kind in ("private", "linked", "public")}
    inside = await an_organization(api, visibility="linked")
    hidden = await an_organization(api, visibility="private")
    case = await a_complaint(api)
    for one in (inside, hidden):
        await a_link(api, case["id"], one["id"], role="staff")
    link = await a_link(api, case["id"], people.union_id, access="read")
    accepted = await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner", json={})
    assert accepted.status_code == 200, accepted.text
    with asking(database, people.partner, clock.now) as connection:
        seen = ids(connection, "organization")
    assert UUID(kept["public"]) in seen
    assert UUID(inside["id"]) in seen
    assert seen.isdisjoint({UUID(kept["private"]), UUID(kept["linked"]), UUID(hidden["id"])})


@pytest.mark.parametrize("fault", ["forged", "altered", "ended", "of another connection", "empty", "words"])
async def test_a_bad_ticket_is_nobodys(
    api: Api, people: People, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Put into the setting by hand it is not believed, and presented it is refused aloud."""
    await a_complaint(api)
    with psycopg.connect(database.url) as connection:
        pid = connection.info.backend_pid
        good = a_ticket(pid, people.staff, clock.now)
        monkeypatch.setattr(clocks, "now", lambda: datetime.now(UTC) - timedelta(hours=1))
        bad = {
            "forged": a_ticket(pid, people.staff, clock.now, keys="test:" + "B" * 43 + "="),
            "altered": good.replace(str(people.centre_id), str(people.union_id)),
            "ended": a_ticket(pid, people.staff, clock.now),
            "of another connection": a_ticket(pid + 1, SYSTEM, clock.now),
            "empty": "",
            "words": "a|b|system|d|e|f|g",
        }[fault]
        connection.execute("SELECT set_config('vigilancia.ticket', %s, true)", (bad,))
        assert ids(connection, "complaint") == set()
        with pytest.raises(InsufficientPrivilege, match="ticket refused"):
            connection.execute(PRESENT.format("%s"), (bad,))
        connection.rollback()
        connection.execute(PRESENT.format("%s"), (good,))
        assert len(ids(connection, "complaint")) == 1


async def test_a_ticket_ends_with_its_transaction(api: Api, people: People, database: Database, clock: Clock) -> None:
    await a_complaint(api)
    with psycopg.connect(database.url) as connection:
        ticket = a_ticket(connection.info.backend_pid, people.staff, clock.now)
        connection.execute(PRESENT.format("%s"), (ticket,))
        assert len(ids(connection, "complaint")) == 1
        connection.commit()
        assert ids(connection, "complaint") == set()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM ticket_key",
        "INSERT INTO ticket_key VALUES ('x', '', '')",
        "SELECT public.ticket_told()",
        "ALTER TABLE complaint DISABLE ROW LEVEL SECURITY",
        "DROP POLICY seen ON complaint",
        "CREATE POLICY mine ON complaint USING (true)",
        "ALTER FUNCTION public.asks_system() RESET ALL",
        "CREATE FUNCTION public.asks_role(text) RETURNS text LANGUAGE sql AS $$ SELECT 'system' $$",
        "UPDATE involved_complaint SET id = gen_random_uuid()",
        "DELETE FROM seen_complaint",
        "SET ROLE vigilancia_owner",
        "TRUNCATE complaint CASCADE",
    ],
)
def test_the_wall_cannot_be_taken_down(database: Database, statement: str) -> None:
    with psycopg.connect(database.url) as connection, pytest.raises(psycopg.Error):
        connection.execute(statement.encode())


def test_the_applications_role_owns_nothing_and_is_bound(database: Database) -> None:
    with psycopg.connect(database.owner_url) as connection:
        owned = connection.execute("SELECT relname FROM pg_class WHERE relowner = 'vigilancia_app'::regrole").fetchall()
        bound = connection.execute(
            "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'vigilancia_app'"
        ).fetchone()
        loose = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
            " AND NOT coalesce(proconfig::text LIKE '%search_path=pg_catalog, %pg_temp%', false)"
        ).fetchall()
    assert (owned, bound, loose) == ([], (False, False), [])


WRITES = {
    "a case": "UPDATE complaint SET title = 'x' WHERE id = %(complaint_id)s",
    "whose a case is": "UPDATE complaint SET owner_id = %(union)s WHERE id = %(complaint_id)s",
    "a proceeding": "UPDATE proceeding SET version = 9 WHERE id = %(proceeding_id)s",
    "a deadline": "DELETE FROM deadline WHERE id = %(deadline_id)s",
    "a deadline moved": "UPDATE deadline SET complaint_id = %(own)s WHERE id = %(deadline_id)s",
    "an entry": "INSERT INTO timeline_entry (id, complaint_id, at, type)"
    " VALUES (gen_random_uuid(), %(complaint_id)s, now(), 'x')",
    "a link of one's own": "INSERT INTO complaint_link (id, complaint_id, organization_id, role, access, adverse,"
    " version, created_at, updated_at)"
    " VALUES (gen_random_uuid(), %(complaint_id)s, %(union)s, 'counsel', 'read', false, 1, now(), now())",
    "an organisation": "UPDATE organization SET name = 'x' WHERE id = %(organization_id)s",
    "a contact": "UPDATE contact SET owner_id = %(union)s WHERE id = %(contact_id)s",
    "a facility": "UPDATE facility SET owner_id = %(union)s WHERE id = %(facility_id)s",
    "a token": "INSERT INTO token"
    " SELECT gen_random_uuid(), %(union)s, 'admin', 'x', '{}', 'x', now(), now(), null, null, 1",
    "an endpoint": "UPDATE webhook_endpoint SET url = 'https://example.org/x' WHERE id = %(endpoint_id)s",
    "a search": "DELETE FROM saved_search WHERE id = %(search_id)s",
    "a feed": "UPDATE calendar_feed SET owner_id = %(union)s WHERE id = %(feed_id)s",
}


@pytest.mark.parametrize("confidentiality", ["restricted", "public"])
async def test_nothing_is_written_into_what_is_anothers(
    api: Api, desk: Desk, people: People, database: Database, clock: Clock, confidentiality: str
) -> None:
    """Neither where the case is hidden from the asker nor where all the world may read it."""
    world: dict[str, Any] = {**await a_world(api, desk, linked=False), "union": people.union_id}
    world["own"] = (await a_complaint(api, role="partner"))["id"]
    case = f"/v1/complaints/{world['complaint_id']}"
    version = (await api.get(case)).json()["version"]
    answer = await api.patch(
        case, version=version, json={"confidentiality": confidentiality, "consent_override": CARELESS}
    )
    assert answer.json()["confidentiality"] == confidentiality
    for name, statement in WRITES.items():
        with asking(database, people.partner, clock.now) as connection:
            try:
                written = connection.execute(statement.encode(), world).rowcount
            except InsufficientPrivilege:
                written = 0
            assert written == 0, name


async def test_a_party_makes_itself_no_more_than_it_is(
    api: Api, people: People, database: Database, clock: Clock
) -> None:
    case = await a_complaint(api)
    await a_link(api, case["id"], people.union_id)
    for statement in (
        "UPDATE complaint_link SET access = 'write', accepted_at = now()",
        "UPDATE complaint SET owner_id = %(union)s",
        "UPDATE complaint SET confidentiality = 'public'",
    ):
        with asking(database, people.partner, clock.now) as connection, pytest.raises(InsufficientPrivilege):
            connection.execute(statement.encode(), {"union": people.union_id})
    with asking(database, people.partner, clock.now) as connection:
        accepted = connection.execute("UPDATE complaint_link SET accepted_at = now()").rowcount
    assert accepted == 1, "what it was offered it may accept"


async def test_a_function_of_the_askers_own_sees_no_hidden_row(
    api: Api, people: People, database: Database, clock: Clock
) -> None:
    """A condition that leaks, as cheap as it claims to be, is asked only of rows that are seen, in our views too."""
    await a_link(api, (await a_complaint(api))["id"], people.union_id, access="none")
    hidden = await a_complaint(api)
    heard: list[str] = []
    with asking(database, people.partner, clock.now) as connection:
        connection.add_notice_handler(lambda notice: heard.append(str(notice.message_primary)))
        connection.execute(
            "CREATE FUNCTION pg_temp.tell(anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
            " $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"
        )
        for name in ("complaint", "seen_complaint", "involved_complaint", "worked_complaint"):
            connection.execute(SQL("SELECT FROM {} WHERE pg_temp.tell(id)").format(Identifier(name)))
    assert hidden["id"] not in heard


async def test_application_and_database_agree_on_every_case(
    api: Api, desk: Desk, people: People, database: Database, clock: Clock
) -> None:
    """For each way to stand to a case, what `policy.seen` finds is what the database shows without being asked to."""
    await a_complaint(api, confidentiality="public")
    await a_complaint(api, role="partner")
    ends = (clock.now + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    override = {"by": "Ana", "reason": "Agreed"}
    links: tuple[dict[str, Any], ...] = (
        *({"access": access} for access in ("none", "alerts", "read", "write")),
        {"access": "read", "role": "election_observer"},
        {"access": "alerts", "expires_at": ends},
        {"access": "none", "role": "accused"},
        {"access": "read", "role": "accused", "adverse_override": override},
        {"access": "alerts", "role": "election_observer", "alerts_approved_by": "Ana"},
    )
    for link in links:
        for accepted in (False, True):
            case = await a_complaint(api)
            body = {"organization_id": str(people.union_id), "role": "petitioner", **link}
            made = await api.post(f"/v1/complaints/{case['id']}/links", json=body)
            assert made.status_code == 201, made.text
            if accepted and link["access"] in ("read", "write"):
                path = f"/v1/complaints/{case['id']}/links/{made.json()['id']}/accept"
                assert (await api.post(path, role="partner", json={})).status_code == 200
    stranger = Caller(organization_id=uuid4(), role="staff", scopes=frozenset())
    sizes = set()
    for caller in (people.staff, people.partner, people.admin, people.analyst, stranger, SYSTEM):
        for instant in (clock.now, clock.now + timedelta(days=2)):
            condition = policy.seen(
                caller,
                instant,
                complaint_id=ComplaintRow.id,
                owner_id=ComplaintRow.owner_id,
                confidentiality=ComplaintRow.confidentiality,
            )
            async with desk.begin(SYSTEM).session as session:
                ours = set(await session.scalars(select(ComplaintRow.id).where(condition)))
            with asking(database, caller, instant) as connection:
                assert ids(connection, "complaint") == ours
                assert ids(connection, "seen_complaint") == (set() if caller is SYSTEM else ours)
            sizes.add(len(ours))
    assert len(sizes) > 3, "the callers see different cases, or the test shows little"


async def test_application_and_database_agree_on_the_registry(
    api: Api, desk: Desk, people: People, database: Database, clock: Clock
) -> None:
    """Whatever exists for a caller by the application's rules is what the database shows."""
    for role in ("staff", "partner"):
        for visibility in ("private", "linked", "public"):
            plant = await a_facility(api, role=role, visibility=visibility)
            organization = await an_organization(api, role=role, visibility=visibility)
            for kept in ("private", "linked"):
                await a_contact(api, organization["id"], role=role, visibility=kept, desk=False)
            await a_complaint(api, role=role, facility_id=plant["id"])
    shared = await a_complaint(api, facility_id=(await a_facility(api, visibility="linked"))["id"])
    link = await a_link(api, shared["id"], people.union_id, access="read")
    await api.post(f"/v1/complaints/{shared['id']}/links/{link['id']}/accept", role="partner", json={})
    for caller in (people.staff, people.partner, people.admin, people.analyst, SYSTEM):
        for table in REGISTRY:
            condition = _exists_for(caller, clock.now, table)
            async with desk.begin(SYSTEM).session as session:
                ours = set(await session.scalars(select(table.id).where(condition)))
            with asking(database, caller, clock.now) as connection:
                assert ids(connection, table.__tablename__) == ours, (caller.role, table.__tablename__)


async def test_a_plant_kept_as_private_is_told_to_those_who_work_on_its_case(
    api: Api, people: People, database: Database, clock: Clock
) -> None:
    """A report names the places of a case to whoever reads it in full; the record itself stays its keeper's."""
    plant = await a_facility(api, visibility="private")
    case = await a_complaint(api, facility_id=plant["id"])
    link = await a_link(api, case["id"], people.union_id, access="read")
    with asking(database, people.partner, clock.now) as connection:
        assert ids(connection, "facility") == set()
    await api.post(f"/v1/complaints/{case['id']}/links/{link['id']}/accept", role="partner", json={})
    with asking(database, people.partner, clock.now) as connection:
        assert ids(connection, "facility") == {UUID(plant["id"])}
    assert (await api.get(f"/v1/facilities/{plant['id']}", role="partner")).status_code == 404


def _exists_for(caller: Caller, now: datetime, table: Any) -> Any:
    keys = {"owner_id": table.owner_id, "visibility": table.visibility}
    if table is ContactRow:
        return contact_seen(caller, now, organization_id=table.organization_id, desk=table.desk, **keys)
    if table is OrganizationRow:
        return policy.record_seen(caller, now, organization_id=table.id, **keys)
    return policy.record_seen(caller, now, facility_id=table.id, **keys)
