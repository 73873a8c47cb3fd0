"""What every test stands on: a real PostgreSQL, migrated from the first revision, empty for each test."""

import functools
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import psycopg
import pytest
from alembic import command
from alembic.config import Config
from litestar import Litestar
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from vigilancia.core import tickets
from vigilancia.core.crypto import KeyRing
from vigilancia.core.db import make_sessions, with_driver
from vigilancia.core.identity import SYSTEM, Caller
from vigilancia.core.jobs import Job
from vigilancia.core.settings import Settings
from vigilancia.core.work import Desk, open_vault
from vigilancia.embedded.postgres import Postgres

ROOT = Path(__file__).parent.parent
MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
KEYS = "test:" + "A" * 43 + "="


@dataclass(frozen=True)
class Database:
    """One migrated database."""

    url: str  # the application's role
    owner_url: str


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = MONDAY

    def set(self, instant: datetime) -> None:
        """Move to an instant."""
        self.now = instant

    def advance(self, by: timedelta) -> None:
        """Move forward."""
        self.now += by

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


@dataclass
class People:
    """Who uses the system in a test: a worker centre, and a union of its own organisation."""

    centre_id: UUID
    union_id: UUID
    tokens: dict[str, str]
    callers: dict[str, Caller] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Caller:
        """Return the caller of a role."""
        try:
            return self.callers[name]
        except KeyError:
            raise AttributeError(name) from None


def alembic_config(owner_url: str) -> Config:
    """Return Alembic's settings for one database."""
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = owner_url
    return config


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run coroutines on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of our own for the run."""
    with Postgres.scratch() as server:
        server.create_roles()
        yield server


@pytest.fixture(scope="session")
def database(postgres: Postgres) -> Database:
    """The run's database, migrated from the first revision."""
    found = Database(url=postgres.url("vigilancia_app"), owner_url=postgres.url("vigilancia_owner"))
    command.upgrade(alembic_config(found.owner_url), "head")
    tickets.install(found.owner_url, KeyRing(KEYS))
    return found


@pytest.fixture
def empty(postgres: Postgres, database: Database) -> Database:
    """The database without a row."""
    with psycopg.connect(postgres.dsn("vigilancia"), autocommit=True) as connection:
        names = connection.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' AND relname NOT IN ('alembic_version', 'ticket_key')"
        ).fetchall()
        wipe = "; ".join(f"DELETE FROM {name}" for (name,) in names)
        connection.execute(f"SET session_replication_role = replica; {wipe}")
        queues = connection.execute("SELECT queue_name FROM pgmq.meta").fetchall()
        for (queue,) in queues:
            connection.execute("SELECT pgmq.purge_queue(%s)", (queue,))
    return database


@pytest.fixture
async def engine(empty: Database) -> AsyncIterator[AsyncEngine]:
    """An engine of the application's role."""
    made = create_async_engine(with_driver(empty.url, "asyncpg"), poolclass=NullPool, hide_parameters=True)
    yield made
    await made.dispose()


@pytest.fixture
def clock() -> Clock:
    """The test's clock: Monday 2 March 2026, 15:00 UTC, until moved."""
    return Clock()


@pytest.fixture
def settings(empty: Database, tmp_path: Path) -> Settings:
    """Settings of a test: nothing of the environment, everything below a folder of its own."""
    return Settings.model_construct(
        **{
            **{name: info.default for name, info in Settings.model_fields.items()},
            "data_dir": tmp_path,
            "database_url": empty.url,
            "owner_database_url": empty.owner_url,
            "public_url": "http://vigilancia.test",
            "confirm_addresses": False,
        }
    )


@pytest.fixture
def woken() -> list[frozenset[Job]]:
    """The kinds of job the workers were woken for, in order."""
    return []


@pytest.fixture
def desk(engine: AsyncEngine, settings: Settings, clock: Clock, woken: list[frozenset[Job]]) -> Desk:
    """A desk on the test's database and clock; wake-ups are noted instead of sent."""
    keys = KeyRing(KEYS)
    return Desk(
        sessions=make_sessions(engine),
        settings=settings,
        keys=keys,
        vault=open_vault(settings, keys),
        now=clock,
        wake=woken.append,
    )


@asynccontextmanager
async def looking(desk: Desk) -> AsyncIterator[Any]:
    """A session that sees every row, as the system does: for tests that look behind the application's answers.

    What is written in it is kept where the test commits.
    """
    async with desk.begin(SYSTEM).session as session:
        yield session


@pytest.fixture
async def people(desk: Desk) -> People:
    """A worker centre with admin, staff and analyst, and a union with a partner."""
    from tests.builders import settle_people

    return await settle_people(desk)


class Api:
    """The application, called as a client would."""

    def __init__(self, client: httpx.AsyncClient, people: People) -> None:
        """Keep client and tokens."""
        self.client = client
        self.people = people

    async def request(
        self,
        method: str,
        path: str,
        *,
        role: str | None = "staff",
        headers: Mapping[str, str] | None = None,
        version: int | None = None,
        **rest: Any,
    ) -> httpx.Response:
        """Send one request with a role's token."""
        sent = dict(headers or {})
        if role is not None:
            sent.setdefault("Authorization", f"Bearer {self.people.tokens[role]}")
        if version is not None:
            sent["If-Match"] = f'"v{version}"'
        return await self.client.request(method, path, headers=sent, **rest)

    async def get(self, path: str, **rest: Any) -> httpx.Response:
        """GET."""
        return await self.request("GET", path, **rest)

    async def post(self, path: str, **rest: Any) -> httpx.Response:
        """POST."""
        return await self.request("POST", path, **rest)

    async def patch(self, path: str, **rest: Any) -> httpx.Response:
        """PATCH."""
        return await self.request("PATCH", path, **rest)

    async def delete(self, path: str, **rest: Any) -> httpx.Response:
        """DELETE."""
        return await self.request("DELETE", path, **rest)


@functools.cache
def application() -> Litestar:
    """The application, put together once for the run; each test lends it its own desk."""
    from vigilancia.api.app import build

    return build(cast("Desk", None))


@pytest.fixture
async def api(desk: Desk, people: People) -> AsyncIterator[Api]:
    """The application with a token for each role."""
    app = application()
    app.state.desk = desk
    transport = httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://vigilancia.test") as client:
        yield Api(client, people)


@dataclass
class Statements:
    """SQL statements sent."""

    sent: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        """Count them."""
        return len(self.sent)


@pytest.fixture
def statements(engine: AsyncEngine) -> Any:
    """Return a context manager that gathers the statements sent inside it, but for the ticket of each transaction."""

    @contextmanager
    def gather() -> Iterator[Statements]:
        found = Statements()

        def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if "present_ticket" not in statement:
                found.sent.append(statement)

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            event.remove(engine.sync_engine, "before_cursor_execute", note)

    return gather


def pytest_report_header() -> str:
    """Say which brokers this machine lacks: their tests are left out, not skipped."""
    from tests.faults import brokers

    missing = brokers.left_out()
    return f"brokers tested: {', '.join(brokers.present())}" + (f"; left out: {', '.join(missing)}" if missing else "")
