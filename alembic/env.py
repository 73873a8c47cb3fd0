"""Runs migrations as the owner role: one at a time, in one transaction, never waiting long for a lock."""

import warnings
from importlib import import_module
from pkgutil import walk_packages

from alembic import context
from alembic.operations.ops import MigrationScript
from sqlalchemy import create_engine, pool, text

import vigilancia
from vigilancia.core import jobs, tables
from vigilancia.core.db import Base, with_driver
from vigilancia.core.settings import settings

# Two migrations at once wait for each other on this lock (any number will do; it must not change).
ONE_AT_A_TIME = 8_240_601

# Generated columns are compared by nobody: PostgreSQL writes their expressions its own way.
warnings.filterwarnings("ignore", message="Computed default on")

config = context.config
assert jobs.JobRow.metadata is tables.HeartbeatRow.metadata  # noqa: S101 - both modules are here for their tables
for module in walk_packages(vigilancia.__path__, "vigilancia."):
    if module.name.endswith(".models"):
        import_module(module.name)


def url() -> str:
    """Return the owner's address: given by the caller, else the environment's."""
    given = config.attributes.get("url") or settings().owner_database_url or settings().database_url
    if not given:
        msg = "set VIGILANCIA_OWNER_DATABASE_URL, or let `vigilancia up` migrate the embedded database"
        raise SystemExit(msg)
    return str(given)


def drop_empty(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    """Write no file when nothing differs."""
    wanted = directives[0].upgrade_ops
    if getattr(config.cmd_opts, "autogenerate", False) and wanted is not None and wanted.is_empty():
        directives.clear()


def run_online() -> None:
    """Migrate over a connection."""
    engine = create_engine(with_driver(url(), "psycopg"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            compare_server_default=True,
            process_revision_directives=drop_empty,
        )
        with context.begin_transaction():
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
            context.run_migrations()
    engine.dispose()


def run_offline() -> None:
    """Print the SQL instead of running it."""
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
