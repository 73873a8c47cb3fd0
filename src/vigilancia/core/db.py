"""The database: declarative base, engine, and the column types every room uses."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from vigilancia.core.tickets import WalledSession

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Mapped classes of every room: text without limits, instants with a zone, lists and objects as JSON or arrays."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        list[str]: ARRAY(Text()),
        list[UUID]: ARRAY(Uuid()),
        dict[str, Any]: JSONB(none_as_null=True),  # absent is NULL, which conditions can ask for
        list[dict[str, Any]]: JSONB(none_as_null=True),
    }


def with_driver(url: str, driver: str) -> URL:
    """Return a `postgresql://` address with the driver named, its query kept.

    Args:
        url: `postgresql://user:password@host/db`, or with `?host=/socket/folder`.
        driver: `asyncpg` or `psycopg`.
    """
    return make_url(url).set(drivername=f"postgresql+{driver}")


def make_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """Make the engine of one process.

    Args:
        url: Address without a driver.
        pool_size: Connections kept; there is no overflow, so this is the most the process takes.
    """
    return create_async_engine(
        with_driver(url, "asyncpg"),
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,  # an error of the database must not carry a row's words into a log
        connect_args={"server_settings": {"application_name": "vigilancia", "timezone": "UTC", "jit": "off"}},
    )


def make_sessions(engine: AsyncEngine) -> "async_sessionmaker[Any]":
    """Return the factory of sessions; objects stay readable after a commit. Until told who asks, they see no rows."""
    return async_sessionmaker(engine, sync_session_class=WalledSession, expire_on_commit=False, autoflush=False)
