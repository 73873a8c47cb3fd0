"""A dump made before an erasure and restored after it: what was sealed cannot be read, and the case goes again."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.api.world import a_world
from tests.conftest import KEYS, Api, People, application
from tests.rooms.complaints.cases import everything
from tests.rooms.keeping.cases import a_hold, erased
from vigilancia.access import audit
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_sessions, with_driver
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk, open_vault
from vigilancia.embedded.place import shipped_programs
from vigilancia.embedded.postgres import APP, OWNER, Postgres
from vigilancia.keeping import erasing, run

# Words that are sealed under the complaint's key, by the field they stand in. Whoever seals another field adds it here,
# and to `a_sealed_case`.
SEALED = {
    "legal_hold.reason": "canaryholdreason",
    "legal_hold.release_reason": "canaryrelease",
    "audit.why": "canarywhy",
    "erasure.reason": "canaryreason",
}
# Sealed under the master ring and not under the complaint's key: no dump shows them, the ring's holder can.
RINGED = ("canarynarrative",)
# What a dump made before shows in the clear: said in docs/retention.md.
PLAIN = ("canarytitle",)


async def a_sealed_case(api: Api, desk: Desk) -> dict[str, Any]:
    """Record a case with a word in every sealed field."""
    ids = await a_world(api, desk)
    path = f"/v1/complaints/{ids['complaint_id']}"
    case: dict[str, Any] = (await api.get(path)).json()
    body = everything(title=case["title"], received_on=case["received_on"])
    assert (await api.patch(path, version=case["version"], json=body)).status_code == 200
    hold = await a_hold(api, case["id"], reason=SEALED["legal_hold.reason"])
    released = await api.post(
        f"{path}/holds/{hold['id']}/release", json={"reason": SEALED["legal_hold.release_reason"]}
    )
    assert released.status_code == 200, released.text
    async with desk.work(api.people.staff) as work:
        await audit.note(work, "read", "complaint", complaint_id=UUID(case["id"]), why=SEALED["audit.why"])
    return case | {"hold_id": hold["id"]}


@pytest.fixture
def dumped(postgres: Postgres, tmp_path: Path) -> Any:
    """Return a function that dumps the test's database with the wheel's own pg_dump."""

    def dump(form: str) -> Path:
        file = tmp_path / f"dump.{form}"
        _program("pg_dump", "--dbname", postgres.dsn("vigilancia"), f"--format={form}", "--file", str(file))
        return file

    return dump


@pytest.fixture
def restored(postgres: Postgres) -> Iterator[Any]:
    """Return a function that restores a dump into a database of its own; gives the address for the application."""
    made: list[str] = []

    def restore(dump: Path) -> str:
        name = f"restored_{uuid4().hex[:8]}"
        with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0")
            connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {APP}")
        made.append(name)
        _program("pg_restore", "--dbname", postgres.dsn(name), "--exit-on-error", str(dump))
        return postgres.url(APP, name)

    yield restore
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def the_application_on(url: str, desk: Desk, people: People) -> AsyncIterator[tuple[Api, Desk]]:
    """Run the application on another database, with the same master keys and the same key store, in a new process's
    memory: nothing is remembered of any key."""
    engine = create_async_engine(with_driver(url, "asyncpg"), poolclass=NullPool)
    keys = KeyRing(KEYS)
    settings = desk.settings.model_copy(update={"database_url": url})
    other = Desk(
        sessions=make_sessions(engine),
        settings=settings,
        keys=keys,
        vault=open_vault(settings, keys),
        now=desk.now,
        wake=lambda _jobs: None,
    )
    app = application()
    before, app.state.desk = app.state.desk, other
    transport = httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://vigilancia.test") as client:
            yield Api(client, people), other
    finally:
        app.state.desk = before
        await engine.dispose()


async def test_a_dump_holds_no_word_of_a_sealed_field(api: Api, desk: Desk, dumped: Any) -> None:
    await a_sealed_case(api, desk)
    content = (await asyncio.to_thread(dumped, "plain")).read_bytes()
    for word in (*SEALED.values(), *RINGED):
        assert word.encode() not in content, word
        assert word.encode().hex().encode() not in content, word
    for word in PLAIN:  # the search would find a word if it were there
        assert word.encode() in content, word


async def test_what_was_sealed_cannot_be_read_from_a_dump_restored_after_the_erasure(
    api: Api, desk: Desk, dumped: Any, restored: Any
) -> None:
    case = await a_sealed_case(api, desk)
    dump = await asyncio.to_thread(dumped, "custom")
    receipt = await erased(api, desk, case)
    assert receipt["state"] == "done"
    url = await asyncio.to_thread(restored, dump)
    async with the_application_on(url, desk, api.people) as (again, other):
        shown = await again.get(f"/v1/complaints/{case['id']}")
        assert shown.status_code == 200, "the rows are back: the dump holds them"
        hold = (await again.get(f"/v1/complaints/{case['id']}/holds/")).json()["items"][0]
        assert (hold["reason"], hold["release_reason"]) == (None, None)
        for word in SEALED.values():
            assert word not in shown.text
        async with other.work(SYSTEM) as work:
            rows = await work.session.execute(text("SELECT id, why FROM audit WHERE why IS NOT NULL"))
            for row in rows:
                assert await work.vault.open(UUID(case["id"]), row.why, field=f"{audit.WHY}/{row.id}") is None


async def test_a_case_that_a_dump_brought_back_takes_nothing_sealed_and_is_erased_by_the_next_run(
    api: Api, desk: Desk, dumped: Any, restored: Any
) -> None:
    case = await a_sealed_case(api, desk)
    dump = await asyncio.to_thread(dumped, "custom")
    await erased(api, desk, case)
    url = await asyncio.to_thread(restored, dump)
    async with the_application_on(url, desk, api.people) as (again, other):
        body = {"reason": "de nuevo", "review_on": "2027-03-02"}
        assert (await again.post(f"/v1/complaints/{case['id']}/holds", json=body)).status_code == 410
        await run.run(other)
        await erasing.work_off(other)
        assert (await again.get(f"/v1/complaints/{case['id']}")).status_code == 410
        receipt = (await again.get("/v1/erasures")).json()["items"][0]
        assert receipt["complaint_id"] == case["id"]
        assert (receipt["cause"], receipt["state"], receipt["key_id"]) == ("restored", "done", None)


async def test_a_dump_made_after_the_erasure_shows_nothing_of_the_case(api: Api, desk: Desk, dumped: Any) -> None:
    case = await a_sealed_case(api, desk)
    await erased(api, desk, case)
    content = (await asyncio.to_thread(dumped, "plain")).read_bytes()
    for word in (*SEALED.values(), *RINGED, "canarysummary", "canarytag", "canarysource", case["reference"]):
        assert word.encode() not in content, word


def _program(name: str, *arguments: str) -> None:
    done = subprocess.run([shipped_programs() / name, *arguments], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
