"""Exports that hold an erased case: files that were made before it went."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, or_, select, update

from vigilancia.access.pseudonyms import Pseudonyms
from vigilancia.core.work import Work
from vigilancia.keeping.forgetting import Gone
from vigilancia.reports import places
from vigilancia.reports.models import ExportRow

ROOM = "exports"
_CHUNK = 1_000_000


async def being_made(work: Work, wiped_at: datetime) -> bool:
    """Tell whether an export is being written that may have begun before the rows went."""
    query = select(func.count()).where(ExportRow.status == "running", ExportRow.created_at <= wiped_at)
    return bool(await work.session.scalar(query))


async def remove(work: Work, complaint_id: UUID, wiped_at: datetime) -> list[Gone]:
    """Remove the finished exports whose file names the case, by its id or its pseudonym; every row of one does.

    What cannot be read is removed too, for it cannot be shown to be without the case; and so is the row of a file that
    is not there, which an attempt cut short leaves. Rows say `expired`.

    Raises:
        OSError: A file could not be removed; to be tried again.
    """
    needles = [str(complaint_id).encode(), *(name.encode() for name in Pseudonyms(work.keys).all_of_case(complaint_id))]
    done = ExportRow.status == "done"
    begun = or_(ExportRow.created_at <= wiped_at, ExportRow.finished_at <= wiped_at)
    query = select(ExportRow.id, ExportRow.format, ExportRow.sha256).where(done, begun).order_by(ExportRow.id)
    found: list[Gone] = []
    folder = work.settings.exports_dir
    for row in (await work.session.execute(query.with_for_update())).all():
        file = places.file_of(folder, row.id, row.format)
        if not await asyncio.to_thread(_names, file, needles):
            continue
        await asyncio.to_thread(places.forget, folder, row.id, row.format)
        found.append(Gone(room=ROOM, name=file.name, sha256=row.sha256))
        await work.session.execute(update(ExportRow).where(ExportRow.id == row.id).values(status="expired"))
    return found


def _names(file: Path, needles: Sequence[bytes]) -> bool:
    """Tell whether a file holds one of some short texts, also across two pieces of it."""
    overlap = max(len(needle) for needle in needles) - 1
    tail = b""
    try:
        with file.open("rb") as source:
            while piece := source.read(_CHUNK):
                text = tail + piece
                if any(needle in text for needle in needles):
                    return True
                tail = text[-overlap:]
    except OSError:
        return True
    return False
