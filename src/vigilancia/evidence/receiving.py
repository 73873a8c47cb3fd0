"""Taking a file in: asked whether it may be, encrypted while it comes, recorded once it is whole."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from litestar import Response
from msgspec import Struct

from vigilancia.access import audit
from vigilancia.complaints import timeline
from vigilancia.core.errors import Fault, FileMaskedError, ForbiddenError, InvalidError
from vigilancia.core.http import ApiRequest, create_once
from vigilancia.core.ids import untimed_id
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk, Work
from vigilancia.evidence import access, cleaning, custody, kinds, queries
from vigilancia.evidence.forms import MEGABYTE, Form
from vigilancia.evidence.models import EvidenceRow
from vigilancia.evidence.schemas import DerivativeIn, Evidence, EvidenceIn, Metadata
from vigilancia.evidence.shelf import HEAD, Kept, Shelf

_COLUMNS = ("kind", "held_by", "language", "obtained_on", "duration_seconds")


class _Arrived(Struct, frozen=True, kw_only=True):
    """A file that lies in the store, and of which no row speaks yet."""

    complaint_id: UUID
    file_id: UUID
    kept: Kept
    claimed: str | None
    metadata: Metadata = "original"
    facts: dict[str, Any] = {}


async def receive(request: ApiRequest, complaint_id: UUID) -> Response[Evidence]:
    """Take an original in.

    No transaction is open while the file comes: a slow line holds neither a connection nor a lock.

    Args:
        request: Its body is the form.
        complaint_id: Of which case.

    Raises:
        NotFoundError: For this caller the case has no files.
        ForbiddenError: The caller may only read them.
        ConflictError: The case is merged into another.
        FormWantedError: The body is no form.
        BrokenFormError: It breaks off.
        FileTooLargeError: The file is over the limit.
        InvalidError: Fields that do not fit, no file, or another one than the sender says.
        StoreError: The store of files or that of keys is away.
    """
    desk: Desk = request.app.state.desk
    async with desk.work(request.user, locale=request.locale) as work:
        await access.open_files(work, complaint_id, to="record")
    form = Form(request, desk.settings.max_file_mb * MEGABYTE)
    shelf, file_id = Shelf(desk.settings, desk.vault), untimed_id()
    kept = await shelf.put(complaint_id, file_id, form.file())
    async with _unless_recorded(shelf, complaint_id, file_id) as recorded:
        data = form.fields(EvidenceIn, kept.sha256)
        fields = {name: getattr(data, name) for name in _COLUMNS}
        words = {"title": data.title, "source": data.source, "name": form.file_name}

        async def record(work: Work) -> UUID:
            await access.open_files(work, complaint_id, to="record")
            arrived = _Arrived(complaint_id=complaint_id, file_id=file_id, kept=kept, claimed=form.claimed_type)
            made = await _record(work, arrived, words, fields)
            recorded.add(file_id)
            return made

        return await _answer(request, complaint_id, form.signature(kept.sha256), record)


async def receive_copy(request: ApiRequest, complaint_id: UUID, original_id: UUID) -> Response[Evidence]:
    """Take in a redacted copy of a file; what it says about its making is removed where its type can be cleaned.

    For that it is whole in memory, and nowhere else.

    Raises:
        NotFoundError: For this caller the case or the file does not exist.
        ForbiddenError: The caller may only read the case's files.
        FileMaskedError: The caller gets redacted copies of it only: it cannot have made one.
        GoneError: The original was erased.
        InvalidError: As for an original; or the file cannot be cleaned, or the original is itself a copy.
    """
    desk: Desk = request.app.state.desk
    async with desk.work(request.user, locale=request.locale) as work:
        await _may_copy(work, complaint_id, original_id)
    form = Form(request, desk.settings.max_file_mb * MEGABYTE)
    whole = bytearray()
    async for part in form.file():
        whole += part
    sent = hashlib.sha256(whole).hexdigest()
    data, signature = form.fields(DerivativeIn, sent), form.signature(sent)
    clean = await cleaning.clean(bytes(whole), kinds.tell(bytes(whole[:HEAD])).media_type)
    whole.clear()
    shelf, file_id = Shelf(desk.settings, desk.vault), untimed_id()
    kept = await shelf.put(complaint_id, file_id, _once(clean.data))
    async with _unless_recorded(shelf, complaint_id, file_id) as recorded:

        async def record(work: Work) -> UUID:
            original = await _may_copy(work, complaint_id, original_id)
            words = {"title": data.title, "name": form.file_name}
            fields = {name: getattr(original, name) for name in _COLUMNS}
            fields |= {"language": data.language or original.language, "original_id": original_id}
            arrived = _Arrived(
                complaint_id=complaint_id,
                file_id=file_id,
                kept=kept,
                claimed=form.claimed_type,
                metadata=clean.metadata,
                facts={"metadata": clean.metadata, "sent_sha256": sent},
            )
            made = await _record(work, arrived, words, fields)
            recorded.add(file_id)
            return made

        return await _answer(request, complaint_id, signature, record)


async def _may_copy(work: Work, complaint_id: UUID, original_id: UUID) -> EvidenceRow:
    case = await access.open_files(work, complaint_id, to="record")
    original = await access.hold(work, complaint_id, original_id)
    if original.original_id is not None:
        raise InvalidError(faults=[Fault(pointer="/file", code="copy_of_copy")])
    if access.copies_only(work, case, original):
        raise FileMaskedError
    return original


@asynccontextmanager
async def _unless_recorded(shelf: Shelf, complaint_id: UUID, file_id: UUID) -> AsyncIterator[set[UUID]]:
    """Remove a file that no row came to speak of; where a commit is in doubt it stays, and `upkeep` looks again."""
    recorded: set[UUID] = set()
    try:
        yield recorded
    finally:
        if not recorded:
            await shelf.remove(complaint_id, file_id)


async def _answer(
    request: ApiRequest, complaint_id: UUID, signature: bytes, record: Callable[[Work], Awaitable[UUID]]
) -> Response[Evidence]:
    desk: Desk = request.app.state.desk
    async with desk.work(request.user, locale=request.locale) as work:
        return await create_once(
            request,
            work,
            lambda: record(work),
            lambda made: queries.read(work, complaint_id, made),
            body=signature,
        )


async def _record(work: Work, arrived: _Arrived, words: Mapping[str, str | None], fields: Mapping[str, Any]) -> UUID:
    file_id, complaint_id, giver = arrived.file_id, arrived.complaint_id, work.caller.organization_id
    if giver is None:
        raise ForbiddenError
    kind = kinds.tell(arrived.kept.head)
    scanned = work.settings.scan not in ("", "none")
    sealed = {
        name: await work.vault.seal(complaint_id, text, field=f"evidence.{name}/{file_id}")
        for name, text in words.items()
        if text is not None
    }
    row = EvidenceRow(
        id=file_id,
        complaint_id=complaint_id,
        organization_id=giver,
        media_type=kind.media_type,
        claimed_type=arrived.claimed if kinds.contradicts(arrived.claimed, kind.media_type) else None,
        extension=kind.extension,
        size=arrived.kept.size,
        sha256=arrived.kept.sha256,
        metadata_=arrived.metadata,
        transcript_version=0,
        scan_status="pending" if scanned else "unscanned",
        state="kept",
        received_at=work.now,
        version=1,
        updated_at=work.now,
        **sealed,
        **fields,
    )
    work.session.add(row)
    await work.session.flush()
    if scanned:
        await work.enqueue(Job.SCAN, file_id)
    told = {"kind": row.kind} | ({"original_id": str(row.original_id)} if row.original_id else {})
    facts = told | {"media_type": row.media_type, "size": row.size} | arrived.facts
    await custody.note(work, row, "redacted" if row.original_id else "received", facts=facts)
    note = "file_redacted" if row.original_id else "file_received"
    await timeline.note(work, complaint_id, note, subject_id=file_id, after=told)
    await audit.note(work, "write", "file", complaint_id=complaint_id, subject_id=file_id, facts=facts)
    return file_id


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
