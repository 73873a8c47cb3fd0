"""Unusual reading: looked for behind the requests, among what was just sealed, and told to who answers for privacy."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import Uuid, column, or_, select, table

from vigilancia.access import privacy
from vigilancia.access.models import AuditRow
from vigilancia.core.strictyaml import parse
from vigilancia.core.work import Work

READING, ELSEWHERE = "unusual_reading", "identity_elsewhere"
PERSON = "person"
WINDOW = timedelta(hours=1)

_AUDIT = AuditRow.__table__.c
_complaint = table("complaint", column("id", Uuid()), column("owner_id", Uuid()))


class Figures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`data/unusual.yaml`, which says what each figure means."""

    cases_an_hour: Annotated[int, Meta(ge=1)]
    listed_an_hour: Annotated[int, Meta(ge=1)]


@cache
def figures() -> Figures:
    """Return the figures, read once for each process.

    Raises:
        DataFileError: The file does not fit.
    """
    file = files("vigilancia.access") / "data" / "unusual.yaml"
    return parse(file.read_text("utf-8"), Figures, name=file.name)


async def look(work: Work, fresh: Sequence[Any]) -> None:
    """Look at rows just sealed, and raise alerts: one for each token, cause and hour.

    Args:
        work: The system's, within the transaction that seals.
        fresh: Rows with all columns of the audit.
    """
    reads = [row for row in fresh if row.action == "read" and row.token_id is not None]
    await _many_cases(work, [row for row in reads if row.complaint_id is not None or row.shown])
    await _identities(work, [row for row in reads if row.what == PERSON and row.complaint_id is not None])


def crossings(seen: Iterable[tuple[datetime, UUID]], most: int) -> set[str]:
    """Return the hours in which more different cases than `most` had been seen within the sixty minutes before.

    Args:
        seen: When which case, in order of time.
        most: How many are usual.
    """
    window: deque[tuple[datetime, UUID]] = deque()
    counts: Counter[UUID] = Counter()
    hours = set()
    for moment, case in seen:
        window.append((moment, case))
        counts[case] += 1
        while window[0][0] <= moment - WINDOW:
            _, gone = window.popleft()
            counts[gone] -= 1
            if not counts[gone]:
                del counts[gone]
        if len(counts) > most:
            hours.add(_hour(moment))
    return hours


async def _many_cases(work: Work, reads: Sequence[Any]) -> None:
    owners = {row.token_id: row.organization_id for row in reads if row.organization_id is not None}
    if not owners:
        return
    first = min(row.at for row in reads) - WINDOW
    last = max(row.at for row in reads)
    query = (
        select(_AUDIT.token_id, _AUDIT.at, _AUDIT.complaint_id, _AUDIT.shown)
        .where(_AUDIT.action == "read", _AUDIT.token_id.in_(owners), _AUDIT.at > first, _AUDIT.at <= last)
        .where(or_(_AUDIT.complaint_id.is_not(None), _AUDIT.shown.is_not(None)))
        .order_by(_AUDIT.at)
    )
    rows = (await work.session.execute(query)).all()
    for token_id, organization_id in owners.items():
        opened = ((row.at, row.complaint_id) for row in rows if row.token_id == token_id and row.complaint_id)
        listed = ((row.at, case) for row in rows if row.token_id == token_id for case in row.shown or ())
        hours = crossings(opened, figures().cases_an_hour) | crossings(listed, figures().listed_an_hour)
        for hour in sorted(hours):
            await privacy.raise_alert(work, organization_id, READING, token_id, occasion=hour)


async def _identities(work: Work, reads: Sequence[Any]) -> None:
    """Tell both of identities read outside one's own cases: whose token it was, and whose case."""
    if not reads:
        return
    query = select(_complaint.c.id, _complaint.c.owner_id)
    query = query.where(_complaint.c.id.in_({row.complaint_id for row in reads}))
    owners = {row.id: row.owner_id for row in await work.session.execute(query)}
    told = set()
    for row in reads:
        owner = owners.get(row.complaint_id)
        for organization_id in (row.organization_id, owner):
            mark = (organization_id, row.token_id, _hour(row.at))
            if owner is None or organization_id is None or owner == row.organization_id or mark in told:
                continue
            told.add(mark)
            await privacy.raise_alert(
                work,
                organization_id,
                ELSEWHERE,
                row.token_id,
                complaint_id=row.complaint_id,
                occasion=_hour(row.at),
            )


def _hour(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H")
