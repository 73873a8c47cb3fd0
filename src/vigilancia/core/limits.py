"""Limits on attempts: counted by the hour in the database, so that all processes count together.

What is counted is a kind and a digest; never an address, never a user agent.
"""

from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Literal

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from vigilancia.core.errors import TooManyError
from vigilancia.core.strictyaml import parse
from vigilancia.core.tables import AttemptRow
from vigilancia.core.work import Work

Kind = Literal["reports_of_organization", "reports_in_all", "uses_of_receipt", "wrong_receipts", "wrong_tokens"]
_WINDOW = timedelta(hours=1)


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often within an hour; see the file for whose figures they are."""

    reports_of_organization: int
    reports_in_all: int
    uses_of_receipt: int
    wrong_receipts: int
    longest_wait: int
    wrong_tokens: int


@cache
def limits() -> Limits:
    """Return the limits as the installation's data says."""
    file = files("vigilancia.core") / "data" / "limits.yaml"
    return parse(file.read_text("utf-8"), Limits, name=file.name)


async def count(work: Work, kind: Kind, subject: bytes = b"") -> int:
    """Count one attempt more, and return how many there were in this hour with it.

    Args:
        work: The transaction; the count stands only if it is committed.
        kind: What is tried.
        subject: On what; only its digest is kept.
    """
    row = {"kind": kind, "subject": sha256(subject).digest(), "hour": _hour(work.now), "count": 1}
    made = insert(AttemptRow).values(row)
    again = made.on_conflict_do_update(
        index_elements=["kind", "subject", "hour"], set_={"count": AttemptRow.count + 1}
    ).returning(AttemptRow.count)
    return (await work.session.scalars(again)).one()


async def counted(work: Work, kind: Kind, subject: bytes = b"") -> int:
    """Return how many attempts there were in this hour."""
    query = select(AttemptRow.count).where(
        AttemptRow.kind == kind, AttemptRow.subject == sha256(subject).digest(), AttemptRow.hour == _hour(work.now)
    )
    return int(await work.session.scalar(query) or 0)


async def admit(work: Work, kind: Kind, subject: bytes = b"") -> None:
    """Count an attempt, and refuse it where the hour has had its share.

    Raises:
        TooManyError: With the seconds until the hour is over.
    """
    if await count(work, kind, subject) > getattr(limits(), kind):
        raise too_many(work.now)


def too_many(now: datetime) -> TooManyError:
    """Return the refusal, with the seconds until the hour is over."""
    rest = _hour(now) + _WINDOW - now
    return TooManyError(headers={"Retry-After": str(int(rest.total_seconds()) + 1)})


def wait_before(wrong: int) -> float:
    """Return how many seconds to wait before a receipt is looked at, by how many wrong ones this hour has had."""
    beyond = wrong - limits().wrong_receipts
    return 0.0 if beyond < 0 else float(min(2.0**beyond, limits().longest_wait))


async def forget(work: Work) -> None:
    """Forget the counts of hours that are over."""
    await work.session.execute(delete(AttemptRow).where(AttemptRow.hour < _hour(work.now)))


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
