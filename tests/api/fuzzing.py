"""Bodies as nobody would send them by mistake: each text of a body that fits, replaced by something hostile."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import psycopg
from hypothesis import strategies as st

from tests.conftest import Database

# What is hostile about each stands beside it; `texts` mixes them with words of its own making.
HOSTILE = (
    "\x00",  # ends a text in C, and no text of PostgreSQL may hold it
    "a\x00b",
    "\u202e\u2066gnp.exe\u2069",  # reads backwards
    "\u200f\u200e\u061c",  # marks of direction alone
    "\ufeff=1+1",  # a formula behind a byte order mark
    "=cmd|'/c calc'!A1",
    "'; DROP TABLE complaint; --",
    "' OR '1'='1",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}#{7*7}%s%n",
    "../../../../etc/passwd",
    "\r\nX-Injected: yes",
    "\ud7ff\ue000\U0010ffff",
    "e\u0301" * 50,  # accents apart from their letters
    "\U0001f9ba" * 100,
    " \t\n\u00a0\u3000",  # nothing but blanks
    "9" * 400,
    "-1",
    "1e400",
    "NaN",
    "0000-00-00",
    "9999-12-31T23:59:59-23:59",
    "00000000-0000-0000-0000-000000000000",
    "x" * 300_000,
)
OTHER_KINDS: tuple[Any, ...] = (None, True, 0, -1, 10**30, 1.5, [], {}, [[]], {"": ""}, ["a"] * 2_000)
BROKEN = (
    b"",
    b"{",
    b"\xff\xfe{}",
    b'{"a": "\xc3\x28"}',
    b'{"a": "\\ud800"}',
    b"\x00",
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b'{"a": 1e999999}',
    b"nul",
    "{}".encode("utf-16"),
    b'{"a": 1, "a": 2}',
)
TWENTY_MB = b'{"title": "' + b"x" * 20_000_000 + b'"}'


def texts() -> st.SearchStrategy[str]:
    """Return hostile texts, by themselves and between words."""
    words = st.text(st.characters(codec="utf-8"), max_size=20)
    return st.one_of(st.sampled_from(HOSTILE), words, st.tuples(words, st.sampled_from(HOSTILE), words).map("".join))


def values() -> st.SearchStrategy[Any]:
    """Return hostile values of any kind."""
    return st.one_of(texts(), st.sampled_from(OTHER_KINDS))


def places(body: Any, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Walk the ways to all values of a body."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inner:
        yield (*here, name)
        yield from places(value, (*here, name))


def spoiled(body: Any, place: tuple[str | int, ...], value: Any) -> bytes:
    """Return a body with one value replaced, as bytes; a lone surrogate goes out escaped."""
    made = deepcopy(body)
    part = made
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    return json.dumps(made).encode()


class Counter:
    """Counts the rows of all tables but those that keep attempts, refusals and reads."""

    KEPT_OF_REFUSALS = ("attempt", "audit", "audit_content", "audit_chain", "audit_queue", "privacy_alert")

    def __init__(self, database: Database) -> None:
        """Connect as the owner."""
        self._connection = psycopg.connect(database.owner_url, autocommit=True)
        names = self._connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchall()
        counted = sorted(name for (name,) in names if name not in self.KEPT_OF_REFUSALS)
        each = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in counted)
        self._query = f"{each} ORDER BY 1"

    def rows(self) -> list[Any]:
        """Return how many rows each table has."""
        return self._connection.execute(self._query).fetchall()

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()
