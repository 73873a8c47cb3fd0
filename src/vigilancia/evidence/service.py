"""What is done to what is known of files: changed, transcribed, forgotten. The files themselves never change."""

from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import select

from vigilancia.access import audit
from vigilancia.complaints import timeline
from vigilancia.core.errors import FileMaskedError
from vigilancia.core.http import require_version
from vigilancia.core.work import Work
from vigilancia.evidence import access, custody
from vigilancia.evidence.models import EvidenceRow
from vigilancia.evidence.schemas import EvidencePatch, TranscriptIn
from vigilancia.evidence.shelf import Shelf

_SEALED = ("title", "source")
_FIELDS = tuple(EvidencePatch.__struct_fields__)
_WORDS = ("name", "title", "source", "transcript")


async def change(work: Work, complaint_id: UUID, file_id: UUID, patch: EvidencePatch, expected: int) -> None:
    """Change what is said about a file; where nothing differs, nothing is written.

    Raises:
        NotFoundError: For this caller it does not exist.
        ForbiddenError: The caller may only read it.
        FileMaskedError: The caller gets redacted copies of it only.
        GoneError: It was erased.
        StaleError: It has changed meanwhile.
    """
    row = await _hold(work, complaint_id, file_id)
    require_version(row.version, expected)
    wanted = {name: value for name in _FIELDS if (value := getattr(patch, name)) is not UNSET}
    before = {name: await _told(work, row, name) for name in wanted}
    changed = [name for name, value in wanted.items() if before[name] != value]
    if not changed:
        return
    for name in changed:
        setattr(row, name, await _sealed(work, row, name, wanted[name]) if name in _SEALED else wanted[name])
    await _renew(work, row)
    facts = {"fields": sorted(changed)}
    await custody.note(work, row, "changed", facts=facts)
    # Whoever gets redacted copies only reads the timeline too: it says what changed, not from what to what.
    told = dict.fromkeys(changed, "changed")
    await timeline.note(work, complaint_id, "file_changed", subject_id=file_id, after=told)
    await audit.note(work, "write", "file", complaint_id=complaint_id, subject_id=file_id, facts=facts)


async def transcribe(work: Work, complaint_id: UUID, file_id: UUID, data: TranscriptIn, expected: int) -> EvidenceRow:
    """Write or replace the transcript of a file.

    Args:
        work: The transaction and on whose behalf.
        complaint_id: Of which case.
        file_id: Of which file.
        data: The words.
        expected: Version of the transcript they replace; 0: there is none yet.

    Raises:
        NotFoundError: For this caller the file does not exist.
        ForbiddenError: The caller may only read it.
        FileMaskedError: The caller gets redacted copies of it only.
        GoneError: It was erased.
        StaleError: The transcript has changed meanwhile.
    """
    row = await _hold(work, complaint_id, file_id)
    require_version(row.transcript_version, expected)
    row.transcript = await _sealed(work, row, "transcript", data.text)
    row.transcript_language = data.language or row.language
    row.transcript_version += 1
    await _renew(work, row)
    facts = {"version": row.transcript_version}
    await custody.note(work, row, "transcribed", facts=facts)
    await timeline.note(work, complaint_id, "file_transcribed", subject_id=file_id, after=facts)
    await audit.note(work, "write", "transcript", complaint_id=complaint_id, subject_id=file_id, facts=facts)
    return row


async def forget(work: Work, complaint_id: UUID) -> int:
    """Erase the files of a case: their bytes and all words about them; hash and custody log stay.

    For whoever erases a case, after asking whether it may. Safe to run again: what is erased is passed over. The bytes
    go at once and do not come back should the transaction fail; then it is run again.

    Returns:
        How many files were erased.

    Raises:
        StoreError: A file could not be removed; nothing is written, and it is to be tried again.
    """
    query = select(EvidenceRow).where(EvidenceRow.complaint_id == complaint_id, EvidenceRow.state == "kept")
    rows = (await work.session.scalars(query.order_by(EvidenceRow.id).with_for_update())).all()
    shelf = Shelf(work.settings, work.vault)
    for row in rows:
        await shelf.remove(complaint_id, row.id)
        for name in _WORDS:
            setattr(row, name, None)
        row.state, row.erased_at = "erased", work.now
        await _renew(work, row)
        await custody.note(work, row, "erased")
    return len(rows)


async def _hold(work: Work, complaint_id: UUID, file_id: UUID) -> EvidenceRow:
    case = await access.open_files(work, complaint_id, to="record")
    row = await access.hold(work, complaint_id, file_id)
    if access.copies_only(work, case, row):
        raise FileMaskedError
    return row


async def _told(work: Work, row: EvidenceRow, name: str) -> Any:  # noqa: ANN401 - whatever the field holds
    value = getattr(row, name)
    if name not in _SEALED:
        return value
    return await work.vault.open(row.complaint_id, value, field=f"evidence.{name}/{row.id}")


async def _sealed(work: Work, row: EvidenceRow, name: str, text: str | None) -> bytes | None:
    if text is None:
        return None
    return await work.vault.seal(row.complaint_id, text, field=f"evidence.{name}/{row.id}")


async def _renew(work: Work, row: EvidenceRow) -> None:
    row.version += 1
    row.updated_at = work.now
    await work.session.flush()
