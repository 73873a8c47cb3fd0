"""The audit as a file of JSON Lines: a first line, a line for each place, a signed head; it proves itself offline.

What rows held before and after is not in it, only the digests: a file that is handed on must not tell a case.
"""

import json
import os
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from vigilancia.access.chain.heads import Head
from vigilancia.access.chain.models import ChainRow
from vigilancia.access.chain.rows import COLUMNS, instant, plain
from vigilancia.access.chain.sealing import keep_head, newest_head, seal
from vigilancia.access.chain.walking import Place, Report, Walk
from vigilancia.access.models import AuditRow
from vigilancia.core.errors import NotFoundError
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk, Work

FORMAT = "vigilancia-audit/1"
AT_A_TIME = 2_000
_PRIVATE = 0o600

_AUDIT, _CHAIN = AuditRow.__table__.c, ChainRow.__table__.c


class NotAnAuditError(ValueError):
    """A file of another form, or one that was cut off; carries the line."""


async def write(desk: Desk, path: Path) -> Head:
    """Write the whole audit to a file; the head it ends with is kept outside too.

    Args:
        desk: Of the process.
        path: Where; readable by its owner only.

    Raises:
        NotFoundError: There is nothing in the audit yet.
        OSError: The file cannot be written.
    """
    await seal(desk, patient=True)
    await keep_head(desk, daily=False)
    async with desk.work(SYSTEM) as work:
        head = await newest_head(work)
        if head is None:
            raise NotFoundError
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE)
        with os.fdopen(handle, "wb") as file:
            file.write(_line({"format": FORMAT, "at": instant(work.now)}))
            async for line in _stored(work, head.position):
                file.write(line)
            file.write(_line({"head": msgspec.to_builtins(head)}))
            file.flush()
            os.fsync(file.fileno())
    return head


async def _stored(work: Work, until: int) -> AsyncIterator[bytes]:
    after = 0
    while after < until:
        query = (
            select(_CHAIN.position, _CHAIN.digest, *COLUMNS)
            .join(AuditRow.__table__, _AUDIT.id == _CHAIN.audit_id)
            .where(_CHAIN.position > after, _CHAIN.position <= until)
            .order_by(_CHAIN.position)
            .limit(AT_A_TIME)
        )
        rows = (await work.session.execute(query)).all()
        for row in rows:
            yield _line({"position": row.position, "digest": row.digest.hex(), "row": plain(row)})
        after = rows[-1].position if rows else until


def verify(path: Path, *, public_keys: Collection[str], heads: Collection[Head] = ()) -> Report:
    """Verify such a file without a database and without keys that open anything.

    Args:
        path: The file.
        public_keys: Who may have signed its head; hexadecimal.
        heads: Heads kept elsewhere, of the same audit.

    Raises:
        NotAnAuditError: It is no such file, or its end is missing.
        OSError: It cannot be read.
    """
    walk = Walk(public_keys, heads)
    last: Head | None = None
    held: Place | None = None
    for line in _lines(path):
        if "head" in line:
            last = msgspec.convert(line["head"], Head)
            continue
        if held is not None:
            walk.step(held)
        held = _place(line)
    if held is None or last is None:
        raise NotAnAuditError(str(path))
    walk.step(msgspec.structs.replace(held, heads=(last,) if last.position == held.position else ()))
    return walk.end(last=last.position)


def _place(line: dict[str, Any]) -> Place:
    try:
        return Place(
            position=int(line["position"]),
            digest=bytes.fromhex(line["digest"]),
            row_id=str(line["row"]["id"]),
            row=dict(line["row"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotAnAuditError from error


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        first = _read(file.readline())
        if first.get("format") != FORMAT:
            raise NotAnAuditError(str(path))
        for line in file:
            yield _read(line)


def _read(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError as error:
        raise NotAnAuditError from error
    if not isinstance(told, dict):
        raise NotAnAuditError
    return told


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
