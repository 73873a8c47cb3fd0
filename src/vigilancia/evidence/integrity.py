"""What happens when a file is found not to be any more what was received."""

from typing import Any
from uuid import UUID

from sqlalchemy import update

from vigilancia.access import privacy
from vigilancia.core.errors import IntegrityError
from vigilancia.core.identity import SYSTEM, Caller
from vigilancia.core.work import Desk
from vigilancia.evidence import custody
from vigilancia.evidence.access import FILE, find
from vigilancia.evidence.ciphering import DamagedError
from vigilancia.evidence.models import EvidenceRow
from vigilancia.evidence.shelf import Place, Shelf

CAUSE = "file_changed"


async def require_whole(desk: Desk, place: Place, owner_id: UUID, *, by: Caller = SYSTEM) -> None:
    """Read a whole file and hold it against its SHA-256; where it fails, raise the alarm and refuse.

    Args:
        desk: To write the alarm with, in a transaction of its own: the refusal must not take it back.
        place: Which file.
        owner_id: Whose case it is: who is told.
        by: Who wanted to read it.

    Raises:
        IntegrityError: It is not what was received; the custody log says so, and the owner's privacy lead is told.
        GoneError: The case was erased.
        StoreError: The store is away; nothing is said about the file.
    """
    try:
        await Shelf(desk.settings, desk.vault).verify(place)
    except DamagedError as error:
        async with desk.work(SYSTEM) as work:
            row = await find(work, place.complaint_id, place.file_id)
            changed = update(EvidenceRow).where(FILE.id == row.id).values(damaged_at=work.now)
            await work.session.execute(changed.execution_options(synchronize_session=False))
            await custody.note(work, row, "integrity_failed", by=by)
            occasion = work.today().isoformat()
            await privacy.raise_alert(work, owner_id, CAUSE, row.id, complaint_id=row.complaint_id, occasion=occasion)
        raise IntegrityError from error


def place_of(row: Any) -> Place:  # noqa: ANN401 - a row of the table
    """Return where the file of a row lies."""
    return Place(complaint_id=row.complaint_id, file_id=row.id, size=row.size, sha256=row.sha256)
